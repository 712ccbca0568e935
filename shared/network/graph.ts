/**
 * The one representation of a model that can be computed: an ONNX graph as plain data.
 * The editor's layers compile to it, the engine trains it, inference runs it, export writes it.
 *
 * Node operators, attribute names and semantics are ONNX's, opset 21.
 */
export interface Graph {
  name: string;
  nodes: GraphNode[];
  /** Weights and constants, by value. Float initializers are trainable unless `frozen`. */
  initializers: Initializer[];
  inputs: GraphValue[];
  outputs: GraphValue[];
}

export interface GraphNode {
  /** Unique in the graph; the editor's layer id where the node came from a layer. */
  name: string;
  opType: string;
  /** Value names; an empty string is an omitted optional input. */
  inputs: string[];
  /** Value names; an empty string is an optional output left out. */
  outputs: string[];
  attributes: Record<string, AttributeValue>;
}

export type AttributeValue = number | string | number[] | string[];

/** A list of numbers; an empty list counts as one. */
export const isNumberList = (value: AttributeValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

export interface Initializer {
  name: string;
  /** Row-major dimensions. */
  dims: number[];
  /** float32 weights, or int64 constants such as the shape of a Reshape. */
  data: Float32Array | BigInt64Array;
  /** Present and true: the trainer leaves it as it is. */
  frozen?: boolean;
}

export interface GraphValue {
  name: string;
  /** -1 is the batch dimension, always the first. */
  dims: number[];
}
