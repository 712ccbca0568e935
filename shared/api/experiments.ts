import type { ErrorRecord } from '../errors';
import type { Precision } from '../training/precision';
import type { LaneSettings, LossName, TrainingSettings } from '../training/settings';
import type { ComputedOn } from './computed-on';

export type ExperimentState =
  | 'starting'
  | 'running'
  | 'paused'
  | 'finished'
  /** By the user. */
  | 'stopped'
  /** The engine process ended; the last checkpoint can be resumed. */
  | 'interrupted'
  | 'failed';

/** What a training will take of a graphics card's memory beside what is free there, in bytes. */
export interface CardMemory {
  id: string;
  name: string;
  needed: number;
  free: number;
  total: number;
}

export interface ExperimentSummary {
  id: string;
  createdAt: string;
  state: ExperimentState;
  note: string;
  settings: TrainingSettings;
  /** What `auto` came to. */
  loss: LossName;
  metrics: string[];
  /** Device and instruction set used (one after another where it went on elsewhere), and the engine's version. The device says a precision other than float32, too. */
  device: string;
  precision: Precision;
  engine: string;
  /** To which a run is slowed down while it is live; null: full speed. */
  epochsPerSecond: number | null;
  epoch: number;
  step: number;
  /** Epoch of the last checkpoint on disk, null before the first. */
  checkpointEpoch: number | null;
  lanes: LaneSummary[];
  /** Why it failed or was interrupted. */
  error: ErrorRecord | null;
}

export interface LaneSummary {
  /** Also the name of its folder: lane-1, lane-2, … */
  id: string;
  settings: LaneSettings;
  state: 'running' | 'finished' | 'diverged' | 'stopped' | 'target-reached' | 'no-improvement' | 'time-up';
  health: LaneHealth;
  learningRate: number;
  epoch: number;
  last: EpochPoint | null;
  bestEpoch: number | null;
  best: EpochPoint | null;
  /** For diverged. */
  divergedAt: { step: number; epoch: number; cause: 'not-finite' | 'grown'; loss: number } | null;
}

/** What the curve is doing, derived from the losses (shared/training/health). */
export type LaneHealth = 'waiting' | 'improving' | 'oscillating' | 'plateau' | 'overfitting' | 'diverged' | 'done';

/** One line of metrics.jsonl. A value that is not finite is null in files. */
export interface EpochPoint {
  epoch: number;
  step: number;
  learningRate: number;
  training: Measurement;
  validation: Measurement | null;
}

export interface Measurement {
  loss: number;
  metrics: Record<string, number>;
}

/** Sent at most 20 times a second while an experiment runs, and once at its end. */
export interface ExperimentProgress {
  project: string;
  experiment: string;
  state: ExperimentState;
  step: number;
  epoch: number;
  sampleInEpoch: number;
  samplesPerEpoch: number;
  /** All lanes together. */
  samplesPerSecond: number;
  secondsLeft: number | null;
  lanes: {
    id: string;
    state: LaneSummary['state'];
    health: LaneHealth;
    learningRate: number;
    batchLoss: number | null;
    divergedAt: LaneSummary['divergedAt'];
    bestEpoch: number | null;
    /** Epochs completed since the last message. */
    points: EpochPoint[];
    norms: { name: string; weight: number; update: number }[];
  }[];
  error: ErrorRecord | null;
}

/** What each lane has learnt, drawn in its column; the kind follows from the data. Raw units throughout. */
export type LaneView =
  | {
      kind: 'fit';
      x: number[];
      lanes: { id: string; y: number[] }[];
    }
  | {
      kind: 'map';
      xRange: [number, number];
      yRange: [number, number];
      /** Cells per side; row 0 is the lowest y. */
      resolution: number;
      /** Per cell: classes: index × 256 + confidence 0..255; numbers: the value within `valueRange` as 0..65535. */
      lanes: { id: string; cells: number[] }[];
      classes: string[] | null;
      valueRange: [number, number] | null;
    }
  | {
      kind: 'samples';
      /** The same validation rows for every lane. */
      rows: { row: number; label: string; pixels: Uint8Array | null; height: number; width: number }[];
      lanes: { id: string; predictions: { label: string; confidence: number | null; right: boolean | null }[] }[];
    };

/** Networks with at most this many parameters are shown weight by weight. */
export const fewParameters = 16;

/** One initializer of a small network, flattened: where it started and where it is. */
export interface ParameterValues {
  /** `<layer>.<weight>` */
  name: string;
  initial: number[];
  now: number[];
}

export interface Evaluation {
  split: string;
  count: number;
  computedOn: ComputedOn;
  loss: number;
  metrics: Record<string, number>;
  /** rows: truth, columns: prediction; classes only. */
  confusion: { classes: string[]; counts: number[][] } | null;
  /** Numbers only: at most 2,000 pairs. */
  pairs: { target: number; prediction: number }[] | null;
}

export interface ExportReport {
  path: string;
  bytes: number;
  opset: number;
  /** For the browser: fetched from `/download/<id>`. */
  downloadId: string;
  verification: {
    rows: number;
    /** Largest |onnxruntime - engine| over all outputs, as a share of the largest |engine| of the same output column. */
    largestDifference: number;
    limit: number;
    onnxruntime: string;
  };
}
