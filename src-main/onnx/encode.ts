import {
  type AttributeValue,
  type Graph,
  type GraphNode,
  type GraphValue,
  type Initializer,
  isNumberList,
} from '../../shared/network/graph';
import { attributeTypes, elementTypes, modelType } from './schema';

export interface EncodeOptions {
  /** Operator set the file asks for. */
  opset?: number;
  /** Who wrote it, for people who look into the file. */
  producer?: string;
  producerVersion?: string;
  metadata?: Record<string, string>;
}

/** What shared/network/graph.ts means: GroupNormalization per channel is from 21, Gelu from 20, Mish from 18. */
export const defaultOpset = 21;

/** Where a file remembers which float initializers are constants, not weights. */
export const frozenKey = 'deltalab.frozen';

const recurrentFloats = ['activation_alpha', 'activation_beta', 'clip'];

/**
 * Attributes that are floats even where their value is whole (alpha = 1); ONNX files name the type and runtimes insist on it.
 * All other numbers of our operators are integers.
 */
const floatAttributes: Record<string, readonly string[]> = {
  BatchNormalization: ['epsilon', 'momentum'],
  Celu: ['alpha'],
  Elu: ['alpha'],
  Gemm: ['alpha', 'beta'],
  GroupNormalization: ['epsilon'],
  GRU: recurrentFloats,
  HardSigmoid: ['alpha', 'beta'],
  InstanceNormalization: ['epsilon'],
  LayerNormalization: ['epsilon'],
  LeakyRelu: ['alpha'],
  LRN: ['alpha', 'beta', 'bias'],
  Resize: ['cubic_coeff_a', 'extrapolation_value'],
  LSTM: recurrentFloats,
  RNN: recurrentFloats,
  Selu: ['alpha', 'gamma'],
  ThresholdedRelu: ['alpha'],
};

/** The oldest file format that knows the operator set. */
const irVersionOf = (opset: number): number => (opset <= 18 ? 8 : opset <= 20 ? 9 : opset <= 22 ? 10 : 11);

/**
 * An ONNX file. The same graph and options give the same bytes: nothing of the time, the machine or the order of an object's
 * keys goes in.
 */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const opset = options.opset ?? defaultOpset;
  const frozen = graph.initializers.filter((item) => item.frozen && item.data instanceof Float32Array);
  const metadata = { ...options.metadata };
  if (frozen.length > 0) metadata[frozenKey] = JSON.stringify(frozen.map(({ name }) => name));

  const types = otherIntegerTypes(graph.nodes);
  const message = modelType.create({
    irVersion: irVersionOf(opset),
    producerName: options.producer ?? 'deltalab',
    producerVersion: options.producerVersion ?? '',
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.keys(metadata)
      .sort()
      .map((key) => ({ key, value: metadata[key] })),
    graph: {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      initializer: graph.initializers.map((initializer) => encodeInitializer(initializer, types.get(initializer.name))),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    },
  });
  return modelType.encode(message).finish();
}

function encodeNode(node: GraphNode): Record<string, unknown> {
  return {
    name: node.name,
    opType: node.opType,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.keys(node.attributes)
      .sort()
      .map((name) => encodeAttribute(node.opType, name, node.attributes[name] ?? 0)),
  };
}

function encodeAttribute(opType: string, name: string, value: AttributeValue): Record<string, unknown> {
  if (typeof value === 'string') return { name, type: attributeTypes.string, s: Buffer.from(value, 'utf8') };
  const isFloat = floatAttributes[opType]?.includes(name) ?? false;
  if (Array.isArray(value) && !isNumberList(value))
    return { name, type: attributeTypes.strings, strings: value.map((text) => Buffer.from(text, 'utf8')) };
  if (Array.isArray(value)) {
    return isFloat || value.some((item) => !Number.isInteger(item))
      ? { name, type: attributeTypes.floats, floats: value }
      : { name, type: attributeTypes.ints, ints: value };
  }
  return isFloat || !Number.isInteger(value)
    ? { name, type: attributeTypes.float, f: value }
    : { name, type: attributeTypes.int, i: value };
}

type OtherInteger = 'int32' | 'bool';

/** Inputs (by their place) that ONNX wants as whole numbers other than int64, the one kind a Graph has. */
const otherIntegers: Record<string, Readonly<Record<number, OtherInteger>>> = {
  And: { 0: 'bool', 1: 'bool' },
  Dropout: { 2: 'bool' },
  GRU: { 4: 'int32' },
  LSTM: { 4: 'int32' },
  Not: { 0: 'bool' },
  Or: { 0: 'bool', 1: 'bool' },
  RNN: { 4: 'int32' },
  Where: { 0: 'bool' },
  Xor: { 0: 'bool', 1: 'bool' },
};

/** The type of the initializers that such inputs name. */
function otherIntegerTypes(nodes: readonly GraphNode[]): Map<string, OtherInteger> {
  const types = new Map<string, OtherInteger>();
  for (const { opType, inputs } of nodes) {
    for (const [place, type] of Object.entries(otherIntegers[opType] ?? {})) {
      const name = inputs[Number(place)];
      if (name) types.set(name, type);
    }
  }
  return types;
}

function encodeInitializer({ name, dims, data }: Initializer, other?: OtherInteger): Record<string, unknown> {
  // Little-endian by definition; so is every processor Electron and Node's addons run on.
  const rawData = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  if (data instanceof Float32Array) return { name, dims, dataType: elementTypes.float32, rawData: rawData(data) };
  if (!other) return { name, dims, dataType: elementTypes.int64, rawData: rawData(data) };
  const values = Array.from(data, Number);
  const written =
    other === 'bool' ? Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) : Int32Array.from(values);
  return { name, dims, dataType: elementTypes[other], rawData: rawData(written) };
}

function encodeValue({ name, dims }: GraphValue): Record<string, unknown> {
  const dim = dims.map((size) => (size === -1 ? { dimParam: 'batch' } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes.float32, shape: { dim } } } };
}
