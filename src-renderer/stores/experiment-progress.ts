import type { ExperimentProgress, ExperimentSummary, LaneSummary } from '../../shared/api/experiments';

/** What only the running experiment has, from its newest message. */
export interface LiveRun {
  experiment: string;
  samplesPerSecond: number;
  secondsLeft: number | null;
  /** 0..1 of the epoch in hand. */
  fractionOfEpoch: number;
  sampleInEpoch: number;
  samplesPerEpoch: number;
  lanes: Map<string, LiveLane>;
}

export interface LiveLane {
  batchLoss: number | null;
  norms: { name: string; weight: number; update: number }[];
}

export function liveOf(progress: ExperimentProgress): LiveRun {
  return {
    experiment: progress.experiment,
    samplesPerSecond: progress.samplesPerSecond,
    secondsLeft: progress.secondsLeft,
    fractionOfEpoch: progress.samplesPerEpoch > 0 ? progress.sampleInEpoch / progress.samplesPerEpoch : 0,
    sampleInEpoch: progress.sampleInEpoch,
    samplesPerEpoch: progress.samplesPerEpoch,
    lanes: new Map(progress.lanes.map(({ id, batchLoss, norms }) => [id, { batchLoss, norms }])),
  };
}

/** The summary brought up to date by one progress message. */
export function withProgress(summary: ExperimentSummary, progress: ExperimentProgress): ExperimentSummary {
  const news = new Map(progress.lanes.map((lane) => [lane.id, lane]));
  return {
    ...summary,
    state: progress.state,
    epoch: progress.epoch,
    step: progress.step,
    error: progress.error,
    lanes: summary.lanes.map((lane) => {
      const update = news.get(lane.id);
      return update ? laneWithProgress(lane, update) : lane;
    }),
  };
}

function laneWithProgress(lane: LaneSummary, update: ExperimentProgress['lanes'][number]): LaneSummary {
  const last = update.points.at(-1) ?? lane.last;
  const best = update.points.find((point) => point.epoch === update.bestEpoch);
  return {
    ...lane,
    state: update.state,
    health: update.health,
    learningRate: update.learningRate,
    divergedAt: update.divergedAt,
    epoch: last?.epoch ?? lane.epoch,
    last,
    bestEpoch: update.bestEpoch,
    best: best ?? (lane.best?.epoch === update.bestEpoch ? lane.best : null),
  };
}
