import { describe, expect, it } from 'vitest';
import { secondsLeft, smoothRate } from '../../../../shared/training/estimate';

const run = { epoch: 3, epochs: 10, sampleInEpoch: 50, samplesPerEpoch: 100, runningLanes: 2, samplesPerSecond: 130 };

describe('secondsLeft', () => {
  it('counts the samples of all lanes that still run', () => {
    expect(secondsLeft(run)).toBe(10);
    expect(secondsLeft({ ...run, runningLanes: 1 })).toBe(5);
  });
  it('knows nothing without a rate, and nothing is left at the end', () => {
    expect(secondsLeft({ ...run, samplesPerSecond: 0 })).toBeNull();
    expect(secondsLeft({ ...run, epoch: 10, sampleInEpoch: 0, samplesPerSecond: 0 })).toBe(0);
  });
});

describe('smoothRate', () => {
  it('starts with the first measure and approaches a new level', () => {
    expect(smoothRate(null, 100)).toBe(100);
    let rate = 100;
    for (let count = 0; count < 20; count++) rate = smoothRate(rate, 200);
    expect(rate).toBeGreaterThan(199);
    expect(smoothRate(100, 200)).toBeCloseTo(130);
  });
});
