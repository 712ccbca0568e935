import type {
  CellOutcome,
  CellOutput,
  Drawing,
  NetworkSource,
  Suggestion,
  ValueView,
  VariableInfo,
} from '../../shared/api/scratchpad';
import type { ErrorCode, ErrorDetails } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { HostLineData } from './host-line';
import type { RecordedGraph } from '../../shared/recorded-graph/recorded-graph';
import type { NetworkChoice } from './torch/network/open';

/** Between the main thread of a notebook's process and the thread that runs its cells; both are ours, in one program. */
export interface KernelData {
  /** Int32Array of one element: not 0 ends the running cell. */
  stop: SharedArrayBuffer;
  host: HostLineData;
}

export type KernelRequest =
  | { id: number; call: 'run'; code: string }
  | { id: number; call: 'variables' }
  | { id: number; call: 'graph'; name: string }
  | { id: number; call: 'view'; name: string; as: ValueView }
  | { id: number; call: 'networkSource'; name: string }
  | { id: number; call: 'network'; name: string; choice: NetworkChoice }
  | { id: number; call: 'complete'; code: string; line: number; column: number };

export type GraphAnswer =
  { graph: RecordedGraph } | { refused: 'no-variable' | 'no-tensor' | 'too-large'; nodes: number };

/** Why a variable is no network. */
export interface Refused {
  refused: { code: ErrorCode; details: ErrorDetails };
}
export type NetworkSourceAnswer = { source: NetworkSource } | Refused;
export type NetworkAnswer = { graph: Graph } | Refused;

export type KernelReply = { kind: 'output'; pieces: CellOutput[] } | { kind: 'answer'; id: number; value: Answer };

type Answer =
  CellOutcome | VariableInfo[] | GraphAnswer | NetworkSourceAnswer | NetworkAnswer | Drawing | null | Suggestion[];
