import type { EagerArray, NativeEngine } from '../../engine/native';
import { Generator } from '../../../shared/random/generator';
import { typeError } from '../language/errors';
import { HostFunction, type CallContext } from '../language/host';
import type { Host } from '../host-line';
import { noHost, stepsOfWaiting } from './ask-host';
import { typeName } from '../language/type-names';
import type { TensorProtocol } from './tensor/protocol';
import { PyClass, PySlice, type Value } from '../language/values';
import { Card } from './autograd/card';
import { Tape } from './autograd/tape';
import { choose } from './math/pointwise';
import { Variable } from './autograd/variable';
import { commonDevice, cpu, Device } from './tensor/device';
import { float32, type DType } from './tensor/dtype';
import { elementCount, type Shape } from './tensor/shape';
import { Tensor } from './tensor/tensor';

export interface TorchOptions {
  /** Of large operations; changes no result. Default: 1. */
  threads?: number;
  /** Who has the data of the project, and knows the cards. Default: nobody. */
  host?: Host;
  /** CardOptions.collectGarbage. */
  collectGarbage?(young: boolean): void;
}

/** What the tensors of a notebook share. */
export class Session {
  readonly tape: Tape;
  /** torch.manual_seed starts it anew. */
  generator = new Generator(initialSeed());
  readonly tensorClass = new PyClass('Tensor', null, [], {
    module: 'torch',
    construct: new HostFunction('Tensor', '*data', ([data = null], context) =>
      this.enter(context).construct(data, context),
    ),
  });
  readonly parameterClass = new PyClass('Parameter', this.tensorClass, [], {
    module: 'torch.nn.parameter',
    construct: new HostFunction('Parameter', 'data, requires_grad: bool=True', ([data, requires]) =>
      this.parameter(data ?? null, requires === true),
    ),
  });
  /** Of NumPy's arrays, which are tensors under other manners. */
  readonly arrayClass = new PyClass('ndarray', this.tensorClass, [], { module: 'numpy' });
  /** Where new tensors are made: torch.set_default_device. */
  defaultDevice = cpu;
  private cards: readonly Device[] | null = null;
  private simulated: readonly Device[] = [];
  /** A whole dimension, as `:` takes it. */
  readonly fullSlice = new PySlice(null, null, null);

  protocol!: TensorProtocol;

  constructor(
    private readonly engine: NativeEngine,
    private readonly options: TorchOptions = {},
  ) {
    this.tape = new Tape(engine, options.threads ?? 1);
  }

  /** The CPU, the cards, which are looked for when they are first asked for, and behind them those that are simulated. */
  get devices(): readonly Device[] {
    this.cards ??= this.findCards();
    return [cpu, ...this.cards, ...this.simulated];
  }

  /** From now on there are so many devices that compute on the processor but count as GPUs. */
  simulateGpus(count: number): void {
    const before = this.devices.length - 1 - this.simulated.length;
    this.simulated = Array.from({ length: count }, (_, i) => new Device('cuda', before + i));
  }

  private findCards(): Device[] {
    const { host = noHost, collectGarbage } = this.options;
    const hostArray = (length: number): Float32Array => this.tape.allocate(length, float32) as Float32Array;
    const { context } = this.tape;
    const found = host.ask('cards', null, () => context?.charge(stepsOfWaiting));
    return found.map(
      ({ plan, ...facts }, i) =>
        new Device('cuda', i, new Card(this.engine, plan, facts, { hostArray, collectGarbage })),
    );
  }

  /** What Python's syntax does with tensors, on behalf of a call. */
  enter(context: CallContext): TensorProtocol {
    this.tape.context = context;
    return this.protocol;
  }

  /** A tensor of its own memory, on the device of its operands and of their kind. */
  wrap(variable: Variable, operands: readonly Tensor[] = []): Tensor {
    const device = commonDevice(operands);
    const arrays = operands.length > 0 && operands.every((operand) => operand.type === this.arrayClass);
    return new Tensor(this, variable, null, device, arrays ? this.arrayClass : this.tensorClass);
  }

  /** One float32. */
  number(value: number): Variable {
    return Variable.of(Float32Array.of(value), [], float32);
  }

  /** nn.Parameter: a tensor that modules count among what they train. */
  parameter(data: Value, requiresGrad: boolean): Tensor {
    if (!(data instanceof Tensor)) throw typeError(`torch.nn.Parameter needs a tensor, not ${typeName(data)}`);
    const made = new Tensor(this, data.variable.alias(data.shape, null), null, data.device, this.parameterClass);
    made.setRequiresGrad(requiresGrad);
    return made;
  }

  zeros(shape: Shape, dtype: DType): Variable {
    return Variable.of(this.tape.allocate(elementCount(shape), dtype), shape, dtype);
  }

  /** Values where the mask is not 0, and 0 elsewhere. */
  kept(x: Variable, mask: EagerArray, name: string): Variable {
    return choose(this.tape, mask, x, Variable.of(x.dtype.array(mask.length), x.shape, x.dtype), name);
  }

  /** f with nothing recorded. */
  withoutRecording<T>(f: () => T): T {
    return this.withRecording(false, f);
  }

  withRecording<T>(recording: boolean, f: () => T): T {
    const before = this.tape.recording;
    this.tape.recording = recording;
    try {
      return f();
    } finally {
      this.tape.recording = before;
    }
  }
}

/** As PyTorch, which starts with another seed each time. */
const initialSeed = (): number => Math.floor(Math.random() * 2 ** 32);
