import type { ErrorRecord } from '../errors';

/** Which device answered a question about a network. Named as in ExperimentSummary.device: "cpu (avx512)", "cuda:0 (name of the card)". */
export interface ComputedOn {
  device: string;
  /** What it was trained on; null: it was not. */
  trained: string | null;
  /** What was the matter with the card it was trained on; null: nothing. */
  reason: ErrorRecord | null;
}
