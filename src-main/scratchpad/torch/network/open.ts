import type { NetworkSource } from '../../../../shared/api/scratchpad';
import type { Graph } from '../../../../shared/network/graph';
import { Generator } from '../../../../shared/random/generator';
import type { NativeEngine, Tensor as EngineTensor } from '../../../engine/native';
import { closeTo } from '../../../onnx/import/sizes';
import type { CallContext } from '../../language/host';
import { typeName } from '../../language/type-names';
import type { PyInstance, Value } from '../../language/values';
import { float32 } from '../tensor/dtype';
import { elementCount } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';
import type { Torch as Notebook } from '../torch';
import { recordModule, type ModuleInput } from './record-module';
import { inputLeaves, recordTensor } from './record-tensor';
import { NetworkRefusal } from './refusal';
import { asWritten } from './regression';
import { toGraph } from './to-graph';

/** Numbers of samples that are prime to each other: what follows from them is told from what happens to be equal. */
const batches = [2, 3] as const;

type Torch = Pick<Notebook, 'session' | 'networks'>;

/** What the user says about it. */
export interface NetworkChoice {
  /** Of one sample, for a module that was never called. */
  shape: readonly number[] | null;
  /** Names of the tensors that are inputs, for a tensor; null: all that may be. */
  inputs: readonly string[] | null;
}

export type Variables = readonly (readonly [string, Value])[];

/** Whether a value is something that can be opened as a network, as far as can be told at a glance. */
export function mayBeNetwork({ networks }: Torch, value: Value): boolean {
  // Without a parameter it is a loss, or nothing to train.
  if (networks.isModule(value)) return networks.tensors(value, 'parameters').length > 0;
  return isTensor(value) && value.requiresGrad && !value.isLeaf && value.shape.length > 0;
}

/** What has to be asked before a variable is opened as a network. Throws NetworkRefusal. */
export function networkSource(torch: Torch, name: string, variables: Variables): NetworkSource {
  const value = found(torch, name, variables);
  if (!isTensor(value)) {
    const called = torch.networks.lastCall(value);
    return {
      kind: 'module',
      inputs: called?.map(({ shape }) => sampleOf(shape)) ?? null,
      guess: guessed(torch, value),
    };
  }
  const leaves = inputLeaves(value, variables);
  if (leaves.length === 0) throw new NetworkRefusal('scratchpad.network-no-input', { name });
  return { kind: 'tensor', leaves: leaves.map((leaf) => ({ name: leaf.name, shape: [...leaf.shape] })) };
}

/** A variable as a graph that answers as it does. Throws NetworkRefusal. */
export function networkGraph(
  torch: Torch,
  name: string,
  variables: Variables,
  choice: NetworkChoice,
  context: CallContext,
): Graph {
  const value = found(torch, name, variables);
  if (isTensor(value)) return graphOfTensor(value, name, variables, choice);
  return graphOfModule(torch, value, name, choice, context);
}

function graphOfModule(
  torch: Torch,
  module: PyInstance,
  name: string,
  choice: NetworkChoice,
  context: CallContext,
): Graph {
  const inputs = moduleInputs(torch, module, choice.shape);
  if (!inputs) throw new NetworkRefusal('scratchpad.network-shape', { name });
  const [first, second] = [
    recordModule(torch, module, inputs, batches[0], context),
    recordModule(torch, module, inputs, batches[1], context),
  ];
  const [one, two] = [
    { recording: first.recording, batch: batches[0] },
    { recording: second.recording, batch: batches[1] },
  ];
  const graph = toGraph(name, one, two);
  const { engine } = torch.session.tape;
  const given = new Map(graph.inputs.map((port, at) => [port.name, engineTensor(first.inputs[at] as Tensor)]));
  const difference = closeTo(run(engine, name, graph, given), engineTensor(first.output));
  if (difference !== null) throw new NetworkRefusal('scratchpad.network-differs', { name, difference });
  return checked(engine, name, asWritten(graph));
}

function graphOfTensor(result: Tensor, name: string, variables: Variables, { inputs }: NetworkChoice): Graph {
  const leaves = inputLeaves(result, variables);
  const chosen = leaves.filter((leaf) => inputs?.includes(leaf.name) ?? true);
  if (chosen.length === 0) {
    const names = leaves.map((leaf) => leaf.name);
    if (names.length === 0) throw new NetworkRefusal('scratchpad.network-no-input', { name });
    throw new NetworkRefusal('scratchpad.network-inputs', { name, leaves: names });
  }
  const recording = recordTensor(result, variables, chosen);
  const graph = toGraph(name, { recording, batch: result.shape[0] ?? 1 }, null);
  return checked(result.session.tape.engine, name, asWritten(graph));
}

/** A network answers every sample by itself: batches that are normalised or averaged are no such thing. */
function checked(engine: NativeEngine, name: string, graph: Graph): Graph {
  const random = new Generator(1);
  const draw = (dims: readonly number[]): EngineTensor => {
    const full = [batches[1], ...dims.slice(1)];
    return { dims: full, data: random.randn(elementCount(full)) };
  };
  const whole = reads(graph);
  const all = new Map(
    graph.inputs.map((port) => {
      const drawn = draw(port.dims);
      return [port.name, whole.has(port.name) ? { ...drawn, data: new Float32Array(drawn.data.length) } : drawn];
    }),
  );
  const together = run(engine, name, graph, all);
  const firstRow = ({ dims: [, ...rest], data }: EngineTensor): EngineTensor => ({
    dims: [1, ...rest],
    data: data.slice(0, elementCount(rest)) as Float32Array,
  });
  const alone = run(engine, name, graph, new Map([...all].map(([port, tensor]) => [port, firstRow(tensor)])));
  if (closeTo(alone, firstRow(together)) !== null) throw new NetworkRefusal('scratchpad.network-mixes', { name });
  return graph;
}

/** Inputs that are read as whole numbers. */
const reads = ({ nodes }: Graph): Set<string> =>
  new Set(nodes.flatMap(({ opType, inputs: [input = ''] }) => (opType === 'Cast' ? [input] : [])));

/** Throws NetworkRefusal where the engine cannot compute it for so many samples. */
function run(
  engine: NativeEngine,
  name: string,
  graph: Graph,
  inputs: ReadonlyMap<string, EngineTensor>,
): EngineTensor {
  const [output] = graph.outputs;
  try {
    const { [output?.name ?? '']: answer } = engine.infer(graph, Object.fromEntries(inputs));
    return answer ?? { dims: [], data: new Float32Array() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NetworkRefusal('scratchpad.network-samples', { name, reason });
  }
}

const engineTensor = ({ shape, array }: Tensor): EngineTensor => ({
  dims: [...shape],
  data: Float32Array.from(array),
});

function found({ networks }: Torch, name: string, variables: Variables): Tensor | PyInstance {
  const entry = variables.find(([known]) => known === name);
  if (!entry) throw new NetworkRefusal('scratchpad.network-no-variable', { name });
  const [, value] = entry;
  if (networks.isModule(value)) return value;
  if (isTensor(value) && value.requiresGrad && !value.isLeaf) return value;
  throw new NetworkRefusal('scratchpad.network-none', { name, type: typeName(value) });
}

/** One size alone is a sample without a batch. */
const sampleOf = (shape: readonly number[]): number[] => (shape.length < 2 ? [...shape] : shape.slice(1));

/** Null: not known. What the user says counts for a module of one input. */
function moduleInputs({ networks }: Torch, module: PyInstance, given: readonly number[] | null): ModuleInput[] | null {
  const called = networks.lastCall(module);
  const alone = called === null || called.length === 1;
  if (given && alone) return [{ name: 'input', shape: given, dtype: called?.[0]?.dtype ?? float32 }];
  if (!called || called.length === 0) return null;
  const named = (at: number): string => (called.length === 1 ? 'input' : `input-${at + 1}`);
  return called.map(({ shape, dtype }, at) => ({ name: named(at), shape: sampleOf(shape), dtype }));
}

/** A linear layer at the beginning tells the shape of the input. Null: there is none. */
function guessed({ networks }: Torch, module: PyInstance): number[] | null {
  const layers = [...networks.walk(module)].map(([, inner]) => inner);
  const first = layers.find((inner) => networks.children(inner).length === 0);
  const features = first?.type.name === 'Linear' ? first.attributes.get('in_features') : null;
  return typeof features === 'bigint' ? [Number(features)] : null;
}
