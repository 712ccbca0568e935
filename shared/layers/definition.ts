import type { AttributeValue, GraphNode, Initializer } from '../network/graph';
import type { Text } from '../text';
import type { ErrorCode, ErrorDetails } from '../errors';
import type { LossName } from '../training/settings';
import type { LayerBlock, LayerGuess } from './block';

/** Dimensions of one sample, without the batch: [4] for a table row, [1, 28, 28] for a grey image. */
export type Shape = readonly number[];

export type LayerCategory =
  | 'endpoint'
  | 'linear'
  | 'convolution'
  | 'pooling'
  | 'normalisation'
  | 'regularisation'
  | 'activation'
  | 'sequence'
  | 'shape'
  | 'combine'
  | 'math';

/** One parameter of a layer, as the property panel, the checker and the documentation need it. */
export type ParameterDefinition = {
  name: string;
  label: Text;
  help: Text;
  /** Shown under "More" in the property panel. */
  advanced?: boolean;
  /** Of use only while another parameter has one of these values; the property panel hides it otherwise. */
  when?: { parameter: string; is: readonly (string | boolean)[] };
} & (
  | { type: 'integer' | 'number'; default: number; minimum?: number; maximum?: number; step?: number }
  | { type: 'boolean'; default: boolean }
  | { type: 'choice'; default: string; choices: { value: string; label: Text }[] }
  /**
   * A list of whole numbers from `minimum` (1 unless told), at most `maximumLength` (6) of them. `automatic` says what an empty
   * list means; without it a list may not be empty. `inferred` allows one -1 ("the rest").
   */
  | { type: 'shape'; default: number[]; automatic?: Text; inferred?: boolean; minimum?: number; maximumLength?: number }
  /** Shown, not edited: what an import found. */
  | { type: 'text'; default: string }
);

export type ParameterValues = Record<string, number | string | boolean | number[]>;

/** How values are drawn at the start. The fans are needed by the schemes that scale with them. */
export interface Initialisation {
  initialiser: InitialiserName;
  /** For the schemes that take numbers. */
  settings?: InitialiserSettings;
  fanIn: number;
  fanOut: number;
}

export type InitialiserName =
  | 'pytorch-uniform'
  | 'zeros'
  | 'ones'
  | 'constant'
  | 'uniform'
  | 'normal'
  | 'xavier-uniform'
  | 'xavier-normal'
  | 'kaiming-uniform'
  | 'kaiming-normal'
  | 'orthogonal';

export interface InitialiserSettings {
  /** constant: every value; 0 unless told. */
  value?: number;
  /** uniform: from `low` (-1) to `high` (1). */
  low?: number;
  high?: number;
  /** normal: the standard deviation; 1 unless told. The mean is 0. */
  deviation?: number;
  /** orthogonal: what the rows are multiplied by; 1 unless told. */
  gain?: number;
}

/** A weight: an initializer of the graph, `<layer>.<name>`. */
export interface WeightDefinition extends Initialisation {
  /** Last part of the initializer's name: weight, bias. */
  name: string;
  dims: number[];
  /** Training keeps it up to date without a gradient (running mean and variance); it counts as no parameter. */
  running?: true;
}

/**
 * Values drawn in one go for a part of some weights, where ONNX lays them out otherwise than PyTorch draws them: other gates
 * first, transposed, several in one. A seed then still gives PyTorch's network.
 */
export interface WeightDraw extends Initialisation {
  /** As PyTorch has them. */
  dims: number[];
  /** Puts the values into the layer's weights, by name. Null: drawn and dropped, where PyTorch overwrites what it drew. */
  place: ((values: Float32Array, weights: ReadonlyMap<string, Float32Array>) => void) | null;
}

/** A value of an imported model: an initializer of the graph, `<layer>.<name>`. */
export interface StoredValue {
  name: string;
  dims: number[];
  /** weight: trained. constant: floats that stay as they are. integers: sizes, axes and the like. */
  kind: 'weight' | 'constant' | 'integers';
}

/** Given to `emit`: names for the values of the graph. */
export interface EmitContext {
  parameters: ParameterValues;
  inputs: Shape[];
  output: Shape;
  /** Graph value names of the inputs, by port. */
  inputNames: string[];
  /** The value name the layer must produce. */
  outputName: string;
  /** Name of a weight's initializer: `<layer>.<weight>`. */
  weightName(weight: string): string;
  /** Adds an int64 or float constant and returns its value name. */
  constant(name: string, initializer: Omit<Initializer, 'name'>): string;
  /** Adds a node; `suffix` makes the name unique where a layer is several nodes. Of several outputs '' is one left out. */
  node(
    opType: string,
    inputs: string[],
    output: string | string[],
    attributes?: Record<string, AttributeValue>,
    suffix?: string,
  ): void;
}

/** What would put an issue right, as data: the page shows a button, shared/network/fix.ts applies it. */
export type LayerFix =
  | { kind: 'set-parameter'; parameter: string; value: number | string | boolean | number[] | null }
  | { kind: 'insert-before'; insert: string; port: number; parameters?: ParameterValues };

/** A shape rule that does not hold. Stands on the layer it concerns. */
export interface LayerIssue {
  code: ErrorCode;
  details: ErrorDetails;
  fix?: LayerFix;
}

export interface LayerCost {
  /** Trainable numbers, whether or not the layer is frozen. */
  parameters: number;
  /** Of one forward pass of one sample. */
  multiplyAdds: number;
  /** Bytes of the output of one sample. */
  activationBytes: number;
}

/**
 * A layer of the catalogue. Palette, property panel, checker, summary, importer and exporter read this object and nothing else,
 * so that adding a layer is adding one of these.
 */
export interface LayerDefinition {
  kind: string;
  category: LayerCategory;
  label: Text;
  /** Two sentences: what it does and when to use it. */
  help: Text;
  /** KaTeX. */
  formula?: string;
  /** Name of an icon of the page's icon set. */
  icon: string;
  parameters: ParameterDefinition[];
  /** Number of input ports; `[2, 8]` for layers that take several. */
  inputs: readonly [minimum: number, maximum: number];
  hasOutput: boolean;
  /** Where the data come in and where the answer leaves; a network has one of each. Absent: a layer between them. */
  role?: 'input' | 'output';
  /** False for a step: it cannot be trained through. Absent: true. */
  differentiable?: boolean;
  /** The parameter that sets the size of the output, so that "make the output fit the target" knows what to change. */
  sizeParameter?: string;
  /** This loss applies the layer's function itself; the layer before it would apply it twice. */
  containedInLoss?: LossName;
  /** The function of one number a layer applies to every value: drawn as its glyph and in the property panel. */
  curve?(x: number, parameters: ParameterValues): number;
  /** An input layer receives the shape of the data as its only input, or nothing while there are no data. */
  shape(parameters: ParameterValues, inputs: Shape[]): Shape | LayerIssue;
  /** In the order in which their values are drawn from the generator. */
  weights?(parameters: ParameterValues, inputs: Shape[]): WeightDefinition[];
  /** Drawn after the weights' own initialisers and put into them; for weights that can't be drawn whole and in order. */
  draws?(parameters: ParameterValues, inputs: Shape[]): WeightDraw[];
  /** Values that nothing can draw: they come from the network's weights file, which an import writes. */
  stored?(parameters: ParameterValues): StoredValue[];
  cost(parameters: ParameterValues, inputs: Shape[], output: Shape): LayerCost;
  emit?(context: EmitContext): void;
  /**
   * Parameters for an ONNX node this layer stands for, or null. Where a layer is several nodes this is one that tells it apart (the
   * LSTM between its Transposes); shared/network/match.ts finds the others, and tries both values of a switch left out here.
   */
  recognise?(node: GraphNode, initializer: (name: string) => Initializer | undefined): ParameterValues | null;
  /** For a layer of one input that other programs write as other nodes than `emit` does. */
  disguises?: LayerDisguises[];
}

export interface LayerDisguises {
  /** A node that such a block of nodes has inside. */
  key(node: GraphNode, initializer: (name: string) => Initializer | undefined): boolean;
  /** The key's weight is read by several nodes, and the block may be as long as a sequence. */
  unrolled?: true;
  guess(block: LayerBlock): LayerGuess[];
}

export function isLayerIssue(result: Shape | LayerIssue): result is LayerIssue {
  return !Array.isArray(result);
}
