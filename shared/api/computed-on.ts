import type { ErrorRecord } from '../errors';
import type { Precision } from '../training/precision';

/** Which device answered a question about a network. Named as in ExperimentSummary.device: "cpu (avx512)", "cuda:0 (name of the card), TF32". */
export interface ComputedOn {
  device: string;
  /** In which numbers it multiplied. */
  precision: Precision;
  /** What it was trained on; null: it was not. */
  trained: string | null;
  /** What was the matter with the card it was trained on; null: nothing. */
  reason: ErrorRecord | null;
}
