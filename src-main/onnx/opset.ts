import { LabError } from '../../shared/errors';
import {
  type AttributeValue,
  type Graph,
  type GraphNode,
  type Initializer,
  isNumberList,
} from '../../shared/network/graph';
import type { ParsedModel } from './model';
import { foldSizes } from './fold';
import { inferShapes, type PartialShape } from './shapes';

/**
 * ONNX operators keep their names and change their meaning from one operator set to the next. The engine has one meaning for each, the
 * newest (operator set 21 and up); the rules here write a node of an older set in today's form. A rule names the first operator set
 * that needs it no more. What cannot be said today is refused with the node's name.
 */

/** By operator. A file may name an operator anything, "constructor" included. */
const table = <Entry>(entries: Record<string, Entry>): ReadonlyMap<string, Entry> => new Map(Object.entries(entries));

/** What a rule sees and may add to the graph. */
class Rewriter {
  readonly #names: Set<string>;
  readonly added: Initializer[] = [];

  constructor(
    private readonly model: Pick<ParsedModel, 'file' | 'opset'>,
    nodes: readonly GraphNode[],
    private readonly shapes: ReadonlyMap<string, PartialShape>,
    private readonly initializers: Map<string, Initializer>,
    private readonly used: ReadonlySet<string>,
  ) {
    this.#names = new Set([...shapes.keys(), ...nodes.flatMap(({ name, outputs }) => [name, ...outputs])]);
  }

  get opset(): number {
    return this.model.opset;
  }

  /** Of a value; undefined where not even the number of its dimensions is known. */
  shape(value: string | undefined): PartialShape | undefined {
    return this.shapes.get(value ?? '');
  }

  constant(value: string | undefined): Initializer | undefined {
    return this.initializers.get(value ?? '');
  }

  /** Whether anything reads a value. */
  isUsed(value: string): boolean {
    return value !== '' && this.used.has(value);
  }

  name(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#names.has(name); number += 1) name = `${wanted}-${number}`;
    this.#names.add(name);
    return name;
  }

  integers(node: GraphNode, suffix: string, values: readonly number[]): string {
    return this.#add(node, suffix, { dims: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  float(node: GraphNode, suffix: string, value: number): string {
    return this.#add(node, suffix, { dims: [], data: Float32Array.of(value) });
  }

  /** `like`: what these values were before, which says whether they are trained. */
  floats(node: GraphNode, suffix: string, data: Float32Array, like?: Initializer): string {
    return this.#add(node, suffix, { dims: [data.length], data }, like === undefined || like.frozen === true);
  }

  #add(node: GraphNode, suffix: string, values: Pick<Initializer, 'dims' | 'data'>, frozen = true): string {
    const constant = { name: this.name(`${node.name}.${suffix}`), ...values, ...(frozen ? { frozen } : {}) };
    this.added.push(constant);
    this.initializers.set(constant.name, constant);
    return constant.name;
  }

  refuse(node: GraphNode, form: string): never {
    const { file, opset } = this.model;
    throw new LabError('model.old-form', { file, node: node.name, operator: node.opType, opset, form });
  }
}

type Rule = (node: GraphNode, rewriter: Rewriter) => GraphNode | GraphNode[];
/** Needed by files of an operator set below `before`. */
type Step = { before: number; rule: Rule };

const whole = (value: AttributeValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;
const list = (value: AttributeValue | undefined): number[] => (isNumberList(value) ? value : []);

function without(node: GraphNode, ...names: string[]): GraphNode {
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));
  return { ...node, attributes };
}

/** An input at its place; places skipped before it stay empty. */
function withInput(node: GraphNode, place: number, value: string): GraphNode {
  const inputs = Array.from({ length: Math.max(place + 1, node.inputs.length) }, (_, at) => node.inputs[at] ?? '');
  inputs[place] = value;
  return { ...node, inputs };
}

/** A list of whole numbers that was an attribute and is an input now. */
const listToInput =
  (attribute: string, place: number): Rule =>
  (node, rewriter) => {
    const values = node.attributes[attribute];
    if (values === undefined) return node;
    return withInput(without(node, attribute), place, rewriter.integers(node, attribute, list(values)));
  };

const dropAttributes =
  (...names: string[]): Rule =>
  (node) =>
    without(node, ...names);

/** Before 7, broadcasting had to be asked for; aligned at the end it meant what it always means now. */
const oldBroadcast: Rule = (node, rewriter) => {
  const rank = rewriter.shape(node.inputs[0])?.length;
  const other = rewriter.shape(node.inputs[1])?.length;
  const axis = whole(node.attributes.axis, -1);
  const aligned = axis === -1 || (rank !== undefined && other !== undefined && axis + other === rank);
  if (!aligned) rewriter.refuse(node, `axis = ${axis}`);
  return without(node, 'axis', 'broadcast');
};

/** Before 7, a slope for each channel; now an array that is broadcast. */
const oldSlope: Rule = (node, rewriter) => {
  const rank = rewriter.shape(node.inputs[0])?.length;
  const slope = rewriter.shape(node.inputs[1]);
  if (slope && (slope.length !== 1 || slope[0] === 1)) return node;
  if (rank === undefined || !slope) return rewriter.refuse(node, 'slope per channel');
  const shaped = rewriter.name(`${node.name}.slope`);
  const sizes = rewriter.integers(node, 'slope-shape', [-1, ...Array.from({ length: Math.max(0, rank - 2) }, () => 1)]);
  return [
    { name: shaped, opType: 'Reshape', inputs: [node.inputs[1] ?? '', sizes], outputs: [shaped], attributes: {} },
    { ...node, inputs: [node.inputs[0] ?? '', shaped] },
  ];
};

/**
 * Before 13, Softmax took all dimensions from its axis (default 1) on together. For the last axis that is today's meaning; otherwise
 * it is written out: exp(x - max) / Σ, or x - max - ln Σ, over these dimensions.
 */
const jointSoftmax: Rule = (node, rewriter) => {
  const axis = whole(node.attributes.axis, 1);
  const rank = rewriter.shape(node.inputs[0])?.length ?? rewriter.shape(node.outputs[0])?.length;
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return { ...node, attributes: { axis: -1 } };
  if (rank === undefined) return rewriter.refuse(node, `axis = ${axis}`);
  const first = axis < 0 ? axis + rank : axis;
  const axes = rewriter.integers(
    node,
    'axes',
    Array.from({ length: rank - first }, (_, index) => first + index),
  );
  const step = (opType: string, suffix: string, inputs: string[], attributes: GraphNode['attributes'] = {}) => {
    const name = rewriter.name(`${node.name}.${suffix}`);
    return { name, opType, inputs, outputs: [name], attributes };
  };
  const [input = ''] = node.inputs;
  const max = step('ReduceMax', 'max', [input, axes], { keepdims: 1 });
  const shifted = step('Sub', 'shifted', [input, max.name]);
  const exponentials = step('Exp', 'exp', [shifted.name]);
  const total = step('ReduceSum', 'sum', [exponentials.name, axes], { keepdims: 1 });
  const before = [max, shifted, exponentials, total];
  const { name, outputs } = node;
  if (node.opType === 'Softmax')
    return [...before, { name, opType: 'Div', inputs: [exponentials.name, total.name], outputs, attributes: {} }];
  const log = step('Log', 'log', [total.name]);
  return [...before, log, { name, opType: 'Sub', inputs: [shifted.name, log.name], outputs, attributes: {} }];
};

const oldBatchNormalization: Rule = (node, rewriter) => {
  if (node.attributes.spatial === 0) rewriter.refuse(node, 'spatial = 0');
  if (rewriter.opset < 7 && node.attributes.is_test !== 1) rewriter.refuse(node, 'is_test = 0');
  const [output = '', ...others] = node.outputs;
  if (others.some((name) => rewriter.isUsed(name))) rewriter.refuse(node, 'mean and variance as outputs');
  return { ...without(node, 'spatial', 'is_test', 'consumed_inputs'), outputs: [output] };
};

/** 18 had a scale and a bias for each group, 21 has them for each channel. */
const scalePerGroup: Rule = (node, rewriter) => {
  const channels = rewriter.shape(node.inputs[0])?.[1];
  const groups = whole(node.attributes.num_groups, 0);
  const inputs = node.inputs.map((name, place) => {
    const values = rewriter.constant(name);
    if (place === 0) return name;
    if (!channels || channels < 1 || groups < 1 || channels % groups !== 0 || !(values?.data instanceof Float32Array))
      return rewriter.refuse(node, 'scale per group');
    const { data } = values;
    const each = Float32Array.from({ length: channels }, (_, at) => data[Math.floor(at / (channels / groups))] ?? 0);
    return rewriter.floats(node, place === 1 ? 'scale' : 'bias', each, values);
  });
  return { ...node, inputs };
};

const oldClip: Rule = (node, rewriter) => {
  let result = without(node, 'min', 'max', 'consumed_inputs');
  for (const [place, bound] of [
    [1, 'min'],
    [2, 'max'],
  ] as const) {
    const value = node.attributes[bound];
    // The old defaults are the ends of float32: no bound at all.
    if (typeof value === 'number') result = withInput(result, place, rewriter.float(node, bound, value));
  }
  return result;
};

const oldDropout: Rule = (node, rewriter) =>
  withInput(
    without(node, 'ratio', 'is_test', 'consumed_inputs'),
    1,
    rewriter.float(node, 'ratio', whole(node.attributes.ratio, 0.5)),
  );

const oldPad: Rule = (node, rewriter) => {
  if (node.attributes.paddings !== undefined) rewriter.refuse(node, 'paddings');
  const sized = withInput(
    without(node, 'pads', 'value'),
    1,
    rewriter.integers(node, 'pads', list(node.attributes.pads)),
  );
  const value = whole(node.attributes.value, 0);
  return value === 0 ? sized : withInput(sized, 2, rewriter.float(node, 'value', value));
};

const oldSlice: Rule = (node, rewriter) => {
  const ends = (['starts', 'ends'] as const).map((name) => rewriter.integers(node, name, list(node.attributes[name])));
  const axes = node.attributes.axes === undefined ? [] : [rewriter.integers(node, 'axes', list(node.attributes.axes))];
  return { ...without(node, 'starts', 'ends', 'axes'), inputs: [node.inputs[0] ?? '', ...ends, ...axes] };
};

/** Before 18, the number of equal parts was that of the outputs. */
const equalParts: Rule = (node) =>
  node.inputs[1] ? node : { ...node, attributes: { ...node.attributes, num_outputs: node.outputs.length } };

const withDefaults =
  (defaults: Record<string, AttributeValue>): Rule =>
  (node) => ({ ...node, attributes: { ...defaults, ...node.attributes } });

/** Before 11 pixels had no extent: value 0 of the new picture is value 0 of the old. */
const oldResize: Rule = (node, rewriter) => {
  const [input = '', scales = ''] = node.inputs;
  const attributes = {
    mode: node.attributes.mode ?? 'nearest',
    coordinate_transformation_mode: 'asymmetric',
    nearest_mode: 'floor',
  };
  if (!rewriter.constant(scales)) rewriter.refuse(node, 'computed scales');
  return { ...node, opType: 'Resize', inputs: [input, '', scales], attributes };
};

/** Resize by another name, until 10. */
const upsample: Rule = (node, rewriter) => {
  const scales = Array.isArray(node.attributes.scales) ? Float32Array.from(node.attributes.scales, Number) : null;
  const named = scales ? withInput(node, 1, rewriter.floats(node, 'scales', scales)) : node;
  return oldResize(
    node.attributes.mode === 'bilinear' ? { ...named, attributes: { mode: 'linear' } } : named,
    rewriter,
  );
};

/** All but ReduceSum got their axes as an input in 18. */
const reductions = [
  ...['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum'],
  'ReduceLogSumExp',
];

const axesToInput: Step[] = [{ before: 13, rule: listToInput('axes', 1) }];
const reducedAxes: Step[] = [{ before: 18, rule: listToInput('axes', 1) }];
const arithmetic: Step[] = [{ before: 7, rule: oldBroadcast }];
const recurrent: Step[] = [{ before: 7, rule: dropAttributes('output_sequence') }];
const softmax: Step[] = [{ before: 13, rule: jointSoftmax }];

const rules = table<readonly Step[]>({
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Pow: arithmetic,
  PRelu: [{ before: 7, rule: oldSlope }],
  Gemm: [{ before: 7, rule: dropAttributes('broadcast') }],
  BatchNormalization: [{ before: 14, rule: oldBatchNormalization }],
  GroupNormalization: [{ before: 21, rule: scalePerGroup }],
  Dropout: [{ before: 12, rule: oldDropout }],
  Selu: [{ before: 6, rule: withDefaults({ alpha: 1.6732, gamma: 1.0507 }) }],
  Clip: [{ before: 11, rule: oldClip }],
  Pad: [{ before: 11, rule: oldPad }],
  Slice: [{ before: 10, rule: oldSlice }],
  Concat: [{ before: 4, rule: withDefaults({ axis: 1 }) }],
  Reshape: [{ before: 5, rule: listToInput('shape', 1) }],
  Squeeze: axesToInput,
  Unsqueeze: axesToInput,
  Split: [
    { before: 13, rule: listToInput('split', 1) },
    { before: 18, rule: equalParts },
  ],
  Softmax: softmax,
  LogSoftmax: softmax,
  ReduceSum: axesToInput,
  ...Object.fromEntries(reductions.map((name) => [name, reducedAxes])),
  Resize: [{ before: 11, rule: oldResize }],
  Upsample: [{ before: 10, rule: upsample }],
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
});

/** Operators whose rules remove these hints of the first operator sets themselves, or none. */
const forgotten: Step = { before: 6, rule: dropAttributes('consumed_inputs') };

/**
 * Forms that are allowed in every operator set and that the engine knows one way: empty lists of axes, whole numbers as the exponent of
 * a power, and switches that say what an inference does anyway.
 */
const plainForms = table<Rule>({
  ReduceSum: emptyAxes,
  ...Object.fromEntries(reductions.map((name) => [name, emptyAxes])),
  Pow: (node, rewriter) => {
    const exponent = rewriter.constant(node.inputs[1]);
    if (!(exponent?.data instanceof BigInt64Array)) return node;
    const numbers = Float32Array.from(exponent.data, Number);
    if (exponent.dims.length === 0) return withInput(node, 1, rewriter.float(node, 'exponent', numbers[0] ?? 1));
    if (exponent.dims.length === 1) return withInput(node, 1, rewriter.floats(node, 'exponent', numbers));
    return rewriter.refuse(node, 'whole numbers of several dimensions as exponent');
  },
  // An input without values is one left out; the region is of a form that is refused.
  Resize: (node, rewriter) => {
    const inputs = node.inputs.map((name, place) =>
      place === 1 || rewriter.constant(name)?.data.length === 0 ? '' : name,
    );
    return { ...node, inputs: trimmed(inputs) };
  },
  Dropout: (node, rewriter) => {
    const training = rewriter.constant(node.inputs[2]);
    const ratio = rewriter.constant(node.inputs[1]);
    if (training && Number(training.data[0]) !== 0 && Number(ratio?.data[0] ?? 0.5) !== 0)
      rewriter.refuse(node, 'training_mode = true');
    return { ...node, inputs: trimmed(training ? node.inputs.slice(0, 2) : node.inputs) };
  },
});

function emptyAxes(node: GraphNode, rewriter: Rewriter): GraphNode {
  const { noop_with_empty_axes: noop = 0 } = node.attributes;
  const given = rewriter.constant(node.inputs[1]);
  if (given && given.data.length > 0) return without(node, 'noop_with_empty_axes');
  if (node.inputs[1] && !given) return node;
  const [input = ''] = node.inputs;
  if (noop === 1) return { ...node, opType: 'Identity', inputs: [input], attributes: {} };
  return { ...without(node, 'noop_with_empty_axes'), inputs: [input] };
}

/** Without omitted inputs at the end. */
function trimmed(inputs: readonly string[]): string[] {
  return inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1);
}

/** The graph with today's operators. Its values keep their names. */
export function modernise(model: ParsedModel): Graph {
  const { opset } = model;
  const graph = foldSizes(model.graph, model.shapes);
  const initializers = new Map(graph.initializers.map((item) => [item.name, item]));
  const used = new Set([...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const rewriter = new Rewriter(model, graph.nodes, inferShapes(graph, model.shapes), initializers, used);
  const nodes = graph.nodes.flatMap((node) => {
    const steps = [forgotten, ...(rules.get(node.opType) ?? [])].filter(({ before }) => opset < before);
    const plain = plainForms.get(node.opType);
    let result: GraphNode[] = [{ ...node, inputs: trimmed(node.inputs) }];
    for (const rule of [...steps.map((step) => step.rule), ...(plain ? [plain] : [])])
      result = result.flatMap((item) => (item.opType === node.opType ? rule(item, rewriter) : item));
    return result;
  });
  // A constant that has become part of its node is nobody's any more; one that nothing ever read is none of our business.
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const kept = graph.initializers.filter(({ name }) => read.has(name) || !used.has(name));
  return { ...graph, nodes, initializers: [...kept, ...rewriter.added.filter(({ name }) => read.has(name))] };
}
