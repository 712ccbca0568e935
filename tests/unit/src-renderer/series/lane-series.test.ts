import { describe, expect, it } from 'vitest';
import type { EpochPoint } from '../../../../shared/api/experiments';
import { LaneSeries } from '../../../../src-renderer/series/lane-series';

function point(epoch: number, loss: number, extra: Partial<EpochPoint> = {}): EpochPoint {
  return {
    epoch,
    step: epoch * 5,
    learningRate: 0.1,
    training: { loss, metrics: { accuracy: 1 - loss } },
    validation: { loss: loss * 2, metrics: { accuracy: 0.5 } },
    ...extra,
  };
}

const range = (from: number, to: number): EpochPoint[] =>
  Array.from({ length: to - from + 1 }, (_, i) => point(from + i, 1 / (from + i + 1)));

describe('LaneSeries', () => {
  it('grows past its first capacity without losing a value', () => {
    const series = new LaneSeries();
    series.append(range(0, 999));
    expect(series.length).toBe(1000);
    expect([...series.epochs]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(series.at('training', 'loss', 999)).toBe(1 / 1000);
    expect(series.at('validation', 'loss', 500)).toBe(2 / 501);
    expect(series.last('training', 'accuracy')).toBe(1 - 1 / 1000);
  });

  it('turns what is not finite into a gap', () => {
    const series = new LaneSeries();
    const fromFile = JSON.parse('{"loss":null,"metrics":{}}') as EpochPoint['training'];
    series.append([point(0, 1), point(1, Infinity), point(2, 1, { training: fromFile })]);
    expect([...(series.values('training', 'loss') ?? [])]).toEqual([1, NaN, NaN]);
  });

  it('has no curve for what was never logged, and gaps before a quantity first appears', () => {
    const series = new LaneSeries();
    series.append([point(0, 1, { validation: null }), point(1, 0.5)]);
    expect(series.values('training', 'mae')).toBeNull();
    expect([...(series.values('validation', 'loss') ?? [])]).toEqual([NaN, 1]);
  });

  it('rewinds when a resumed run repeats epochs', () => {
    const series = new LaneSeries();
    series.append(range(0, 10));
    series.append([point(6, 0.25), point(7, 0.2)]);
    expect([...series.epochs]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(series.at('training', 'loss', 6)).toBe(0.25);
  });

  it('puts loaded history before what streamed in meanwhile', () => {
    const series = new LaneSeries();
    series.append(range(40, 60));
    series.load(range(0, 50));
    expect([...series.epochs]).toEqual(Array.from({ length: 61 }, (_, i) => i));
    expect(series.at('validation', 'loss', 60)).toBe(2 / 61);
  });

  it('marks where the learning rate changed', () => {
    const series = new LaneSeries();
    series.append([point(0, 1), point(1, 1), point(2, 1, { learningRate: 0.01 }), point(3, 1, { learningRate: 0.01 })]);
    expect(series.rateChanges()).toEqual([2]);
    expect(series.rateJumps()).toEqual([2]);
    expect(series.indexOf(2)).toBe(2);
    expect(series.indexOf(9)).toBe(-1);
  });

  it('marks no epoch of a schedule that changes the rate in each of them, but a jump after it', () => {
    const series = new LaneSeries();
    const rates = [1, 1, 0.5, 0.25, 0.125, 0.125, 0.125, 0.01, 0.01];
    series.append(rates.map((learningRate, epoch) => point(epoch, 1, { learningRate })));
    expect(series.rateChanges()).toEqual([2, 3, 4, 7]);
    expect(series.rateJumps()).toEqual([7]);
  });
});
