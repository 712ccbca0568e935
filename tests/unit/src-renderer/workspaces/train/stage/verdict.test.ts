import { describe, expect, it } from 'vitest';
import { LaneSeries } from '../../../../../../src-renderer/series/lane-series';
import { bestLoss, leaderOf } from '../../../../../../src-renderer/workspaces/train/stage/leader';
import { isFalling, timesLeader, verdictOf } from '../../../../../../src-renderer/workspaces/train/stage/verdict';
import { epochPoint, experimentSummary, laneSummary } from '../summaries';

const good = laneSummary('lane-2', { learningRate: 0.1, best: epochPoint(5, 0.3, 0.2) });
const slow = laneSummary('lane-1', { learningRate: 0.001, best: epochPoint(5, 0.9, 0.8) });
const gone = laneSummary('lane-3', {
  learningRate: 100,
  state: 'diverged',
  health: 'diverged',
  best: epochPoint(0, 0.1, 0.01),
  divergedAt: { step: 3, epoch: 0, cause: 'grown', loss: 1e9 },
});

describe('leaderOf', () => {
  it('is the lane with the lowest best validation loss that did not diverge', () => {
    expect(leaderOf(experimentSummary([slow, good, gone]))).toEqual({
      lane: 'lane-2',
      loss: 0.2,
      epoch: 5,
      split: 'validation',
    });
  });

  it('compares training losses where there is no validation', () => {
    const a = laneSummary('a', { best: epochPoint(5, 0.5, null) });
    const b = laneSummary('b', { best: epochPoint(5, 0.4, null) });
    expect(leaderOf(experimentSummary([a, b]))).toMatchObject({ lane: 'b', split: 'training' });
  });

  it('is nobody before the first epoch, alone, or when all diverged', () => {
    const fresh = [slow, good].map((lane) => ({ ...lane, epoch: 0 }));
    expect(leaderOf(experimentSummary(fresh))).toBeNull();
    expect(leaderOf(experimentSummary([good]))).toBeNull();
    expect(leaderOf(experimentSummary([gone, { ...gone, id: 'x' }]))).toBeNull();
  });

  it('ignores a loss that is no number', () => {
    expect(bestLoss(laneSummary('a', { best: epochPoint(1, NaN, NaN) }))).toBeNull();
  });
});

describe('verdictOf', () => {
  const by = leaderOf(experimentSummary([slow, good, gone]));
  if (!by) throw new Error('the race has a leader');
  const leader = { lane: good, by };

  it.each([
    ['the leader', verdictOf(good, leader, true), { kind: 'leads' }],
    ['a smaller rate still on its way', verdictOf(slow, leader, true), { kind: 'slow' }],
    ['a smaller rate that stopped falling', verdictOf(slow, leader, false), { kind: 'stuck' }],
    ['a larger rate still on its way', verdictOf({ ...slow, learningRate: 1 }, leader, true), { kind: 'behind' }],
    ['a jumping curve', verdictOf({ ...slow, health: 'oscillating' }, leader, true), { kind: 'oscillates' }],
    ['an overfitting lane', verdictOf({ ...slow, health: 'overfitting' }, leader, true), { kind: 'overfits' }],
    ['a diverged lane', verdictOf(gone, leader, true), { kind: 'grown', step: 3, epoch: 0 }],
    [
      'a lane as good as the leader',
      verdictOf({ ...slow, best: epochPoint(5, 1, 0.203) }, leader, true),
      { kind: 'level' },
    ],
    ['a lane before its first epoch', verdictOf({ ...slow, epoch: 0 }, leader, true), { kind: 'waiting' }],
    ['a lane without rivals', verdictOf(slow, null, true), { kind: 'single' }],
  ])('%s', (_, verdict, expected) => {
    expect(verdict).toEqual(expected);
  });

  it('says how far behind a lane is', () => {
    expect(timesLeader(slow, by)).toBeCloseTo(4, 12);
    expect(timesLeader(good, by)).toBe(1);
  });
});

describe('isFalling', () => {
  const seriesOf = (losses: number[]): LaneSeries => {
    const series = new LaneSeries();
    series.append(losses.map((loss, epoch) => epochPoint(epoch, loss)));
    return series;
  };

  it('tells a falling curve from a flat one', () => {
    expect(isFalling(seriesOf(Array.from({ length: 100 }, (_, i) => Math.exp(-i / 50))))).toBe(true);
    expect(isFalling(seriesOf(Array.from({ length: 100 }, () => 0.5)))).toBe(false);
  });
});
