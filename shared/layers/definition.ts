import type { AttributeValue, GraphNode, Initializer } from '../network/graph';
import type { Text } from '../text';
import type { ErrorCode, ErrorDetails } from '../errors';
import type { LossName } from '../training/settings';

/** Dimensions of one sample, without the batch: [4] for a table row, [1, 28, 28] for a grey image. */
export type Shape = readonly number[];

export type LayerCategory = 'endpoint' | 'linear' | 'activation' | 'shape' | 'combine';

/** One parameter of a layer, as the property panel, the checker and the documentation need it. */
export type ParameterDefinition = {
  name: string;
  label: Text;
  help: Text;
  /** Shown under "More" in the property panel. */
  advanced?: boolean;
} & (
  | { type: 'integer' | 'number'; default: number; minimum?: number; maximum?: number; step?: number }
  | { type: 'boolean'; default: boolean }
  | { type: 'choice'; default: string; choices: { value: string; label: Text }[] }
  /** `automatic` says what an empty list means; without it a list may not be empty. `inferred` allows one -1 ("the rest"). */
  | { type: 'shape'; default: number[]; automatic?: Text; inferred?: boolean }
);

export type ParameterValues = Record<string, number | string | boolean | number[]>;

/** How the values of a weight are drawn at the start. `fanIn` is needed by the schemes that scale with it. */
export interface WeightDefinition {
  /** Last part of the initializer's name: weight, bias. */
  name: string;
  dims: number[];
  initialiser: InitialiserName;
  fanIn: number;
  fanOut: number;
}

export type InitialiserName =
  | 'pytorch-uniform'
  | 'zeros'
  | 'ones'
  | 'normal'
  | 'xavier-uniform'
  | 'xavier-normal'
  | 'kaiming-uniform'
  | 'kaiming-normal';

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
  /** Adds a node; `suffix` makes the name unique where a layer is several nodes. */
  node(
    opType: string,
    inputs: string[],
    output: string,
    attributes?: Record<string, AttributeValue>,
    suffix?: string,
  ): void;
}

/** What would put an issue right, as data: the page shows a button, shared/network/fix.ts applies it. */
export type LayerFix =
  | { kind: 'set-parameter'; parameter: string; value: number | string | boolean | number[] | null }
  | { kind: 'insert-before'; insert: string; port: number };

/** A shape rule that does not hold. Stands on the layer it concerns. */
export interface LayerIssue {
  code: ErrorCode;
  details: ErrorDetails;
  fix?: LayerFix;
}

export interface LayerCost {
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
  cost(parameters: ParameterValues, inputs: Shape[], output: Shape): LayerCost;
  emit?(context: EmitContext): void;
  /** Parameters for an ONNX node this layer stands for, or null. */
  recognise?(node: GraphNode, initializer: (name: string) => Initializer | undefined): ParameterValues | null;
}

export function isLayerIssue(result: Shape | LayerIssue): result is LayerIssue {
  return !Array.isArray(result);
}
