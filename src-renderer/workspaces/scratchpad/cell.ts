import { shallowReactive } from 'vue';
import type { CellOutcome, CellOutput } from '../../../shared/api/scratchpad';
import type { LabError } from '../../../shared/errors';

/** A cell as the page shows it. What it wrote and how it ended are of its last run. */
export interface Cell {
  readonly id: string;
  code: string;
  state: 'idle' | 'waiting' | 'running';
  /** Text that follows text is one piece. */
  outputs: readonly CellOutput[];
  outcome: CellOutcome | null;
  /** Why it could not be run at all. */
  failure: LabError | null;
  /** How many cells had been run when it was; null: not since the notebook was started. */
  count: number | null;
  /** The code that was run last: an error stays marked in it for as long as it is the same. */
  ran: string | null;
}

export function makeCell(code = ''): Cell {
  const id = crypto.randomUUID();
  return shallowReactive<Cell>({
    id,
    code,
    state: 'idle',
    outputs: [],
    outcome: null,
    failure: null,
    count: null,
    ran: null,
  });
}

/** Adds what a cell has written, so that a thousand lines are one piece. */
export function withOutputs(before: readonly CellOutput[], pieces: readonly CellOutput[]): CellOutput[] {
  const outputs = [...before];
  for (const piece of pieces) {
    const last = outputs.at(-1);
    if (piece.kind === 'text' && last?.kind === 'text')
      outputs[outputs.length - 1] = { kind: 'text', text: last.text + piece.text };
    else outputs.push(piece);
  }
  return outputs;
}

/** The error of the last run, where the code is still what was run. */
export function errorOf(cell: Cell) {
  return cell.outcome?.status === 'failed' && cell.ran === cell.code ? cell.outcome.error : null;
}
