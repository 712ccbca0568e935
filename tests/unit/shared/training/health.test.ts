import { describe, expect, it } from 'vitest';
import type { EpochPoint } from '../../../../shared/api/experiments';
import { laneHealth } from '../../../../shared/training/health';
import { Generator } from '../../../../shared/random/generator';

function curve(training: number[], validation: number[] = training): EpochPoint[] {
  return training.map((loss, epoch) => ({
    epoch,
    step: epoch * 10,
    learningRate: 0.1,
    training: { loss, metrics: {} },
    validation: { loss: validation[epoch] ?? NaN, metrics: {} },
  }));
}

const points = (count: number, loss: (epoch: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => loss(i));
const noise = new Generator(1).randn(200);

describe('laneHealth', () => {
  it.each([
    ['an exponential fall', curve(points(60, (i) => Math.exp(-i / 30))), 'improving'],
    ['a noisy fall', curve(points(60, (i) => Math.exp(-i / 30) * (1 + 0.02 * noise[i]!))), 'improving'],
    ['a slow start', curve(points(60, (i) => 1 - 0.005 * i)), 'improving'],
    ['a flat curve', curve(points(60, () => 0.7)), 'plateau'],
    ['a flat curve with little noise', curve(points(60, (i) => 0.7 + 0.002 * noise[i]!)), 'plateau'],
    ['a loss of zero', curve(points(60, () => 0)), 'plateau'],
    ['a saw', curve(points(60, (i) => 0.5 + (i % 2 === 0 ? 0.2 : -0.2))), 'oscillating'],
    ['a growing saw', curve(points(60, (i) => 1 + 0.02 * i * (i % 2 === 0 ? 1 : -0.8))), 'oscillating'],
    [
      'a rising validation loss under a falling training loss',
      curve(
        points(60, (i) => Math.exp(-i / 20)),
        points(60, (i) => (i < 20 ? Math.exp(-i / 20) : 0.37 + 0.02 * (i - 20))),
      ),
      'overfitting',
    ],
    ['too few points', curve([1, 0.9, 0.8]), 'waiting'],
    ['none', [], 'waiting'],
  ] as const)('%s', (_, series, verdict) => {
    expect(laneHealth(series, 'running')).toBe(verdict);
  });

  it('does not depend on the unit of the target', () => {
    for (const losses of [points(60, (i) => Math.exp(-i / 30)), points(60, (i) => 0.5 + (i % 2 === 0 ? 0.2 : -0.2))]) {
      const verdict = laneHealth(curve(losses), 'running');
      for (const unit of [1e-6, 1e6])
        expect(laneHealth(curve(losses.map((loss) => loss * unit)), 'running')).toBe(verdict);
    }
  });

  it('judges by the latest epochs: a curve that fell long ago is flat now', () => {
    expect(laneHealth(curve(points(200, (i) => Math.max(0.1, 1 - i / 50))), 'running')).toBe('plateau');
  });

  it('says diverged whatever the curve, and keeps what was wrong with an ended lane', () => {
    const falling = curve(points(60, (i) => Math.exp(-i / 30)));
    expect(laneHealth(falling, 'diverged')).toBe('diverged');
    expect(laneHealth(falling, 'finished')).toBe('done');
    expect(laneHealth(curve(points(60, () => 0.7)), 'finished')).toBe('plateau');
  });

  it('remembers a best epoch that has left the window', () => {
    const training = points(60, (i) => Math.exp(-i / 20));
    const validation = points(60, () => 0.5);
    const best = curve([0.3])[0]!;
    expect(laneHealth(curve(training, validation), 'running')).not.toBe('overfitting');
    expect(laneHealth(curve(training, validation), 'running', best)).toBe('overfitting');
  });
});
