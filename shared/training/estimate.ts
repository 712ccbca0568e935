/** Where a run stands and how fast it goes; samples are counted over all lanes together. */
export interface RunPosition {
  epoch: number;
  epochs: number;
  sampleInEpoch: number;
  samplesPerEpoch: number;
  runningLanes: number;
  samplesPerSecond: number;
}

/** Seconds until the last epoch at the present rate; null while there is no rate to go by. */
export function secondsLeft(run: RunPosition): number | null {
  const samples = ((run.epochs - run.epoch) * run.samplesPerEpoch - run.sampleInEpoch) * run.runningLanes;
  if (samples <= 0) return 0;
  return run.samplesPerSecond > 0 ? samples / run.samplesPerSecond : null;
}

/** Follows a measured rate without jumping with every slice. */
export function smoothRate(previous: number | null, measured: number, weight = 0.3): number {
  return previous === null || previous === 0 ? measured : previous + weight * (measured - previous);
}
