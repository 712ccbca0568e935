import type { EagerArray, NativeEngine } from '../../engine/native';
import { Generator } from '../../../shared/random/generator';
import { typeError } from '../language/errors';
import { HostFunction, type CallContext } from '../language/host';
import type { Host } from '../host-line';
import { typeName } from '../language/type-names';
import type { TensorProtocol } from './tensor/protocol';
import { PyClass, PySlice, type Value } from '../language/values';
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
  /** Devices that compute on the processor but count as GPUs, to show what operands on two devices lead to. Default: none. */
  simulatedGpus?: number;
  /** Who has the data of the project. Default: nobody. */
  host?: Host;
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
  /** The CPU first. */
  devices: readonly Device[] = [cpu];
  /** A whole dimension, as `:` takes it. */
  readonly fullSlice = new PySlice(null, null, null);

  protocol!: TensorProtocol;

  constructor(engine: NativeEngine, { threads = 1, simulatedGpus = 0 }: TorchOptions = {}) {
    this.tape = new Tape(engine, threads);
    this.simulateGpus(simulatedGpus);
  }

  /** From now on there are so many devices that compute on the processor but count as GPUs. */
  simulateGpus(count: number): void {
    this.devices = [cpu, ...Array.from({ length: count }, (_, i) => new Device('cuda', i))];
  }

  /** What Python's syntax does with tensors, on behalf of a call. */
  enter(context: CallContext): TensorProtocol {
    this.tape.context = context;
    return this.protocol;
  }

  /** A tensor of its own memory, on the device of its operands and of their kind. */
  wrap(variable: Variable, operands: readonly Tensor[] = []): Tensor {
    const device = operands.length > 0 ? commonDevice(operands.map((operand) => operand.device)) : cpu;
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
