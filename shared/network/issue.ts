import type { ErrorCode, ErrorDetails } from '../errors';
import type { Edge, Layer, ParameterValue } from './document';

/** A change that puts an issue right, as data: the page offers it as a button, `applyFix` carries it out. */
export type NetworkFix =
  /** null: back to the default. */
  | { kind: 'set-parameter'; layer: string; parameter: string; value: ParameterValue | null }
  | { kind: 'insert-on-edge'; insert: string; edge: Edge; parameters?: Layer['parameters'] }
  | { kind: 'remove-edge'; index: number }
  /** Removes a layer and joins what was before it to what was after it. */
  | { kind: 'bypass-layer'; layer: string }
  | { kind: 'unfreeze-layers'; layers: string[] }
  /** Gives a layer a weight of its own again. */
  | { kind: 'untie-weight'; layer: string; weight: string }
  | { kind: 'remove-layer'; layer: string }
  | { kind: 'replace-kind'; layer: string; replacement: string }
  /** Adds an input before the first free layer, or an output after the last. */
  | { kind: 'add-end'; role: 'input' | 'output' };

export interface NetworkIssue {
  /** The layer it stands on; null where it concerns the whole network. */
  layer: string | null;
  severity: 'error' | 'warning';
  code: ErrorCode;
  /** `layer` holds the name to show; `layerId` is not among them. */
  details: ErrorDetails;
  fix?: NetworkFix;
}
