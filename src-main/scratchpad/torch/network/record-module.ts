import { Generator } from '../../../../shared/random/generator';
import { PythonError } from '../../language/errors';
import type { CallContext } from '../../language/host';
import { typeName } from '../../language/type-names';
import type { PyInstance } from '../../language/values';
import { Variable } from '../autograd/variable';
import type { Form, Modules } from '../nn/module';
import type { Session } from '../session';
import { elementCount } from '../tensor/shape';
import { isTensor, Tensor } from '../tensor/tensor';
import { Recorder } from './recorder';
import type { Recording } from './recording';
import { NetworkRefusal } from './refusal';

export interface ModuleInput {
  name: string;
  /** Of one sample. */
  shape: readonly number[];
  dtype: Form['dtype'];
}

export interface ModuleCall {
  recording: Recording;
  inputs: Tensor[];
  output: Tensor;
}

/**
 * Calls a module on a batch of random samples and records what it runs, as it runs when it is used (eval). The program's random numbers
 * go on afterwards as if nothing had been.
 */
export function recordModule(
  { session, networks }: { session: Session; networks: Modules },
  module: PyInstance,
  inputs: readonly ModuleInput[],
  batch: number,
  context: CallContext,
): ModuleCall {
  const { tape } = session;
  const recorder = new Recorder(tape.trace, context, namesOf(networks, module));
  const random = new Generator(batch);
  const device = networks.tensors(module, 'parameters')[0]?.[1].device;
  const given = inputs.map(({ name, shape, dtype }) => {
    const full = [batch, ...shape];
    // Zero is a word of every vocabulary.
    const values = dtype.kind === 'float' ? random.randn(elementCount(full)) : [];
    const array = dtype.array(elementCount(full));
    array.set(values);
    const input = new Tensor(session, Variable.of(array, full, dtype), null, device);
    recorder.addInput(input.variable, name);
    return input;
  });

  const { generator } = session;
  const { listener, context: before } = tape;
  const modes = [...networks.walk(module)].map(([, inner]) => [inner, inner.attributes.get('training')] as const);
  for (const [inner] of modes) inner.attributes.set('training', false);
  session.generator = new Generator(batch);
  try {
    tape.context = context;
    tape.listener = recorder;
    const output = session.withoutRecording(() => context.call(module, given));
    if (!isTensor(output)) throw new NetworkRefusal('scratchpad.network-output', { type: typeName(output) });
    return { recording: recorder.finish(output.variable), inputs: given, output };
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const line = (error.position ?? context.position).line;
    const details = { kind: error.kind, reason: error.message, line };
    throw new NetworkRefusal('scratchpad.network-failed', details);
  } finally {
    tape.listener = listener;
    tape.context = before;
    session.generator = generator;
    for (const [inner, training] of modes) inner.attributes.set('training', training ?? true);
  }
}

function namesOf(networks: Modules, module: PyInstance): ConstructorParameters<typeof Recorder>[2] {
  const tensors = [...networks.tensors(module, 'parameters'), ...networks.tensors(module, 'buffers')];
  return {
    tensors: new Map(tensors.map(([name, { variable }]) => [variable.buffer, name])),
    layers: new Map([...networks.walk(module)].map(([path, inner]) => [inner, path])),
  };
}
