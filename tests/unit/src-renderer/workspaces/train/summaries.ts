import type { EpochPoint, ExperimentSummary, LaneSummary } from '../../../../../shared/api/experiments';
import { trainingSchema } from '../../../../../shared/training/settings';

/** Builders for the tests of the Train page: only what a test is about has to be named. */
export function epochPoint(epoch: number, training: number, validation: number | null = training): EpochPoint {
  return {
    epoch,
    step: epoch * 10,
    learningRate: 0.1,
    training: { loss: training, metrics: {} },
    validation: validation === null ? null : { loss: validation, metrics: {} },
  };
}

export function laneSummary(id: string, change: Partial<LaneSummary> = {}): LaneSummary {
  return {
    id,
    settings: { learningRate: change.learningRate ?? 0.1 },
    state: 'running',
    health: 'improving',
    learningRate: 0.1,
    epoch: 5,
    last: epochPoint(5, 1),
    bestEpoch: 5,
    best: epochPoint(5, 1),
    divergedAt: null,
    ...change,
  };
}

export function experimentSummary(lanes: LaneSummary[], change: Partial<ExperimentSummary> = {}): ExperimentSummary {
  return {
    id: '001',
    createdAt: '2026-01-01T10:00:00.000Z',
    state: 'running',
    note: '',
    settings: trainingSchema.parse({ lanes: lanes.map((lane) => lane.settings), epochs: 100 }),
    loss: 'mse',
    metrics: [],
    device: 'cpu',
    precision: 'float32',
    engine: 'test',
    epochsPerSecond: null,
    epoch: 5,
    step: 50,
    checkpointEpoch: null,
    lanes,
    error: null,
    ...change,
  };
}
