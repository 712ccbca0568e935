import { LabError } from '../../shared/errors';
import type { Graph, GraphNode, GraphValue, Initializer } from '../../shared/network/graph';
import type { Preprocessing } from '../../shared/project/preprocessing';
import { softmax } from '../../shared/training/evaluate';
import { lossNames, losses } from '../../shared/training/losses';

export interface BakeOptions {
  /** Scaling of the inputs and, for numbers, of the answers as nodes. Absent: true. */
  scaling?: boolean;
  /** Softmax (or Sigmoid) at the end, for classes. */
  probabilities?: boolean;
  /** A model trained with bce-logits has one independent probability for each output. */
  loss?: string;
}

/** Offset and scale of each value of a sample, or one pair for all: network = (raw - offset) / scale. */
interface Scaling {
  offsets: number[];
  scales: number[];
  /** The one pair stands for every value. */
  uniform: boolean;
}

/**
 * The graph with its preprocessing as nodes, for programs that know nothing of Deltalab: raw numbers in, answers out. Names of
 * inputs and outputs stay. Inputs: (x - offset) / scale. Numeric answers: y · scale + offset.
 */
export function bakePreprocessing(graph: Graph, preprocessing: Preprocessing, options: BakeOptions = {}): Graph {
  const { scaling = true, probabilities = false } = options;
  let result = graph;
  if (scaling) {
    result = bakeInput(result, inputScaling(preprocessing));
    if (preprocessing.target.kind === 'numbers')
      result = bakeOutput(result, targetScaling(preprocessing.target.columns));
  }
  if (probabilities) {
    const operator = probabilityOperator(graph, preprocessing, options.loss);
    if (operator) result = appendNode(result, operator);
  }
  return result;
}

/** Null where the graph ends in probabilities already. */
export function probabilityOperator(
  graph: Graph,
  preprocessing: Preprocessing,
  loss?: string,
): 'Softmax' | 'Sigmoid' | null {
  if (preprocessing.target.kind !== 'classes') throw new LabError('model.no-probabilities');
  // Errors train towards 0 and 1 already, and a hinge towards scores that no function turns into probabilities.
  const known = lossNames.find((name) => name === loss);
  if (known && losses[known].contains === null) return null;
  const output = onlyOutput(graph);
  const last = graph.nodes.find((node) => node.outputs.includes(output.name));
  if (last?.opType === 'Softmax' || last?.opType === 'Sigmoid') return null;
  return loss === 'bce-logits' || output.dims.at(-1) === 1 ? 'Sigmoid' : 'Softmax';
}

/** Raw inputs whose preprocessing gives `values` (rows of one sample each). Text columns can't be undone. */
export function rawInputs(values: Float32Array, preprocessing: Preprocessing): Float32Array {
  return undoScaling(values, inputScaling(preprocessing));
}

/**
 * What a baked model must answer where the bare network answers `values` (rows of `width`), computed in double: the expectation
 * its check is made against.
 */
export function bakedOutputs(
  values: Float32Array,
  width: number,
  graph: Graph,
  preprocessing: Preprocessing,
  options: BakeOptions = {},
): Float32Array {
  const { scaling = true, probabilities = false } = options;
  let result = values;
  if (scaling && preprocessing.target.kind === 'numbers')
    result = undoScaling(result, targetScaling(preprocessing.target.columns));
  const operator = probabilities ? probabilityOperator(graph, preprocessing, options.loss) : null;
  if (operator === 'Sigmoid') return result.map((value) => 1 / (1 + Math.exp(-value)));
  return operator === 'Softmax' ? softmaxRows(result, width) : result;
}

function inputScaling({ input }: Preprocessing): Scaling {
  if (input.kind === 'image') return { offsets: [input.offset], scales: [input.scale], uniform: true };
  const scaling: Scaling = { offsets: [], scales: [], uniform: false };
  for (const column of input.columns) {
    if (column.encoding === 'one-hot') throw new LabError('model.bake-text-column', { column: column.column });
    scaling.offsets.push(column.offset);
    scaling.scales.push(column.scale);
  }
  return scaling;
}

function targetScaling(columns: readonly { offset: number; scale: number }[]): Scaling {
  return { offsets: columns.map(({ offset }) => offset), scales: columns.map(({ scale }) => scale), uniform: false };
}

function undoScaling(values: Float32Array, { offsets, scales }: Scaling): Float32Array {
  const count = offsets.length;
  return values.map((value, index) => value * (scales[index % count] ?? 1) + (offsets[index % count] ?? 0));
}

function softmaxRows(values: Float32Array, width: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    result.set(softmax(values.subarray(start, start + width)), start);
  }
  return result;
}

function onlyOutput(graph: Graph): GraphValue {
  const [output] = graph.outputs;
  if (!output) throw new LabError('model.preprocessing-mismatch', { port: 'output', expected: 1, actual: 0 });
  return output;
}

function checkFits(port: 'input' | 'output', { dims }: GraphValue, { offsets, uniform }: Scaling): void {
  const actual = dims.slice(1).reduce((product, size) => product * size, 1);
  if (!uniform && offsets.length !== actual)
    throw new LabError('model.preprocessing-mismatch', { port, expected: offsets.length, actual });
}

function constant(name: string, values: readonly number[]): Initializer {
  return { name, dims: [values.length], data: Float32Array.from(values), frozen: true };
}

/** What rounding to float32 loses of a value. */
const roundingRest = (value: number): number => value - Math.fround(value);

function bakeInput(graph: Graph, scaling: Scaling): Graph {
  const { offsets, scales } = scaling;
  const [input] = graph.inputs;
  if (!input)
    throw new LabError('model.preprocessing-mismatch', { port: 'input', expected: offsets.length, actual: 0 });
  checkFits('input', input, scaling);

  const nodes: GraphNode[] = [];
  const initializers: Initializer[] = [];
  let current = input.name;
  const step = (opType: string, suffix: string, values: readonly number[]): void => {
    const name = unusedName(graph, `${input.name}.${suffix}`);
    initializers.push(constant(`${name}.values`, values));
    nodes.push({ name, opType, inputs: [current, `${name}.values`], outputs: [name], attributes: {} });
    current = name;
  };
  if (offsets.some((offset) => offset !== 0)) step('Sub', 'centred', offsets);
  // A large offset (a year, an amount) loses digits as float32 that matter beside a small scale: take them off, too.
  const rests = offsets.map(roundingRest);
  if (rests.some((rest, index) => Math.abs(rest) > 1e-7 * Math.abs(scales[index] ?? 1)))
    step('Sub', 'centred-finely', rests);
  if (scales.some((scale) => scale !== 1)) step('Div', 'scaled', scales);
  return {
    ...graph,
    nodes: [...nodes, ...graph.nodes.map((node) => renameInputs(node, input.name, current))],
    initializers: [...graph.initializers, ...initializers],
  };
}

function bakeOutput(graph: Graph, scaling: Scaling): Graph {
  const { offsets, scales } = scaling;
  checkFits('output', onlyOutput(graph), scaling);
  let result = graph;
  if (scales.some((scale) => scale !== 1)) result = appendNode(result, 'Mul', scales);
  if (offsets.some((offset) => offset !== 0)) result = appendNode(result, 'Add', offsets);
  return result;
}

/** One more node at the output, which keeps its name: what computed it before writes another value. */
function appendNode(graph: Graph, opType: 'Mul' | 'Add' | 'Softmax' | 'Sigmoid', values?: readonly number[]): Graph {
  const output = onlyOutput(graph);
  const inner = unusedName(graph, `${output.name}.before-${opType.toLowerCase()}`);
  const name = unusedName(graph, `${output.name}.${opType.toLowerCase()}`);
  const node: GraphNode = {
    name,
    opType,
    inputs: values ? [inner, `${name}.values`] : [inner],
    outputs: [output.name],
    attributes: opType === 'Softmax' ? { axis: -1 } : {},
  };
  return {
    ...graph,
    nodes: [
      ...graph.nodes.map((item) => renameOutputs(renameInputs(item, output.name, inner), output.name, inner)),
      node,
    ],
    initializers: values ? [...graph.initializers, constant(`${name}.values`, values)] : graph.initializers,
  };
}

function renameInputs(node: GraphNode, from: string, to: string): GraphNode {
  return { ...node, inputs: node.inputs.map((name) => (name === from ? to : name)) };
}

function renameOutputs(node: GraphNode, from: string, to: string): GraphNode {
  return { ...node, outputs: node.outputs.map((name) => (name === from ? to : name)) };
}

/** Baking a baked file, or a user's layer called "input.scaled", must not make two values of one name. */
function unusedName(graph: Graph, wanted: string): string {
  const used = new Set<string>([
    ...graph.nodes.flatMap((node) => [node.name, ...node.outputs]),
    ...graph.initializers.map(({ name }) => name),
  ]);
  let name = wanted;
  for (let suffix = 2; used.has(name) || used.has(`${name}.values`); suffix += 1) name = `${wanted}-${suffix}`;
  return name;
}
