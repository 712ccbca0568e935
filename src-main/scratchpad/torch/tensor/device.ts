import { HostObject, HostFunction } from '../../language/host';
import { PythonError } from '../../language/errors';
import { PyClass, type Value } from '../../language/values';
import type { Card } from '../autograd/card';
import type { Session } from '../session';
import type { Shape } from './shape';

const deviceClass = new PyClass('device', null, [], { module: 'torch' });

/** torch.device. One of kind cuda without a card is simulated: it computes on the processor. */
export class Device extends HostObject {
  readonly type = deviceClass;

  constructor(
    readonly kind: 'cpu' | 'cuda',
    readonly index: number | null = null,
    readonly card: Card | null = null,
  ) {
    super();
  }

  get name(): string {
    return this.index === null ? this.kind : `${this.kind}:${this.index}`;
  }

  override attribute(name: string): Value | undefined {
    if (name === 'type') return this.kind;
    if (name === 'index') return this.index === null ? null : BigInt(this.index);
    return undefined;
  }

  override attributeNames(): Iterable<string> {
    return ['type', 'index'];
  }

  override compare(operator: string, other: Value): Value | undefined {
    if (!(other instanceof Device)) return undefined;
    if (operator === '==') return other.name === this.name;
    return operator === '!=' ? other.name !== this.name : undefined;
  }

  repr(): string {
    return this.index === null ? `device(type='${this.kind}')` : `device(type='${this.kind}', index=${this.index})`;
  }

  override str(): string {
    return this.name;
  }
}

export const cpu = new Device('cpu');

/** 'cpu', 'cuda', 'cuda:0', a device, or None (that of torch.set_default_device). Throws RuntimeError for what the notebook does not have. */
export function toDevice(session: Session, value: Value): Device {
  if (value === null) return session.defaultDevice;
  const name = value instanceof Device ? value.name : typeof value === 'bigint' ? `cuda:${value}` : value;
  if (typeof name !== 'string' || !/^(cpu|cuda|mps)(:\d+)?$/.test(name))
    throw new PythonError(
      'RuntimeError',
      `Expected one of cpu, cuda device type at start of device string: ${String(name)}`,
    );
  if (name === 'cpu' || name === 'cpu:0') return cpu;
  const found = session.devices.find((device) => device.name === (name === 'cuda' ? 'cuda:0' : name));
  if (found) return found;
  throw new PythonError(
    'RuntimeError',
    `There is no device ${name} here. Write device = 'cuda' if torch.cuda.is_available() else 'cpu', and use device everywhere.`,
  );
}

/** The one device of all operands; a number on the CPU goes with any. Throws RuntimeError naming two devices and the way out. */
export function commonDevice(operands: readonly { device: Device; shape: Shape }[]): Device {
  const devices = operands
    .filter(({ device, shape }) => device !== cpu || shape.length > 0)
    .map(({ device }) => device);
  const first = devices[0] ?? cpu;
  const other = devices.find((device) => device.name !== first.name);
  if (!other) return first;
  throw new PythonError(
    'RuntimeError',
    `Expected all tensors to be on the same device, but found at least two devices, ${first.name} and ${other.name}! Move one of them first: x.to('${first.name}') brings a tensor x to ${first.name}, x.to('${other.name}') to ${other.name}.`,
  );
}

/** torch.device as a function of the module. */
export const deviceFunction = (session: Session): HostFunction =>
  new HostFunction(
    'device',
    'type, index=None',
    ([type = null, index = null]) =>
      toDevice(session, typeof type === 'string' && index !== null ? `${type}:${String(index)}` : type),
    'Where tensors are kept: torch.device("cpu").',
  );
