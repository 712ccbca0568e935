import type { Graph } from '../../shared/network/graph';
import type { ModelPort } from './ports';
import type { PartialShape } from './shapes';

export interface DecodedModel {
  graph: Graph;
  metadata: Record<string, string>;
  opset: number;
  producer: string;
}

/** A file as it says it is: nodes with the meaning of its own operator set, dimensions as far as they are given. */
export interface ParsedModel extends DecodedModel {
  /** For messages. */
  file: string;
  /** Without those that are weights, too (files of before 2019 list them twice). */
  inputs: ModelPort[];
  outputs: ModelPort[];
  /** Weights that the file itself calls constants. */
  frozen: ReadonlySet<string>;
  /** What the file tells about the values in between. */
  shapes: ReadonlyMap<string, PartialShape>;
}
