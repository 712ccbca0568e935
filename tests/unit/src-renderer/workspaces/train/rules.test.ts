import { describe, expect, it } from 'vitest';
import type { DataSummary } from '../../../../../shared/api/data';
import { dataSchema } from '../../../../../shared/project/data';
import { projectSchema } from '../../../../../shared/project/document';
import { LaneSeries } from '../../../../../src-renderer/series/lane-series';
import { canResume } from '../../../../../src-renderer/workspaces/train/can-resume';
import { hasProbabilities, oneHotInputs } from '../../../../../src-renderer/workspaces/train/export-limits';
import { laneName } from '../../../../../src-renderer/workspaces/train/lane-names';
import { laneLines } from '../../../../../src-renderer/workspaces/train/race-lines';
import { obstaclesOf } from '../../../../../src-renderer/workspaces/train/readiness';
import { epochPoint, experimentSummary, laneSummary } from './summaries';

const texts = { best: 'best', diverged: 'diverged', rate: 'rate', validation: 'valid' };

describe('laneName', () => {
  const name = (lanes: Parameters<typeof laneName>[1], index: number): string =>
    laneName(lanes[index]!, lanes, String, (on) => (on ? 'Nesterov' : 'no Nesterov'));

  it('names the rate and whatever else differs', () => {
    expect(name([{ learningRate: 0.1 }, { learningRate: 1 }], 1)).toBe('η 1');
    const compared = [
      { learningRate: 0.1, momentum: 0, nesterov: false },
      { learningRate: 0.1, momentum: 0.9, nesterov: true },
    ];
    expect(name(compared, 0)).toBe('η 0.1 μ 0 no Nesterov');
    expect(name(compared, 1)).toBe('η 0.1 μ 0.9 Nesterov');
  });
});

describe('laneLines', () => {
  function raceLane(change: Parameters<typeof laneSummary>[1], rates = [0.1, 0.1, 0.1]) {
    const series = new LaneSeries();
    series.append(rates.map((learningRate, epoch) => ({ ...epochPoint(epoch, 1, 0.5), learningRate })));
    const summary = laneSummary('lane-1', change);
    return {
      index: 0,
      summary,
      name: 'η 0.1',
      style: { colour: '#123456', dash: [] },
      verdict: { kind: 'single' as const },
      series,
    };
  }

  it('draws training solid and validation dashed, and marks the best epoch on what it was chosen by', () => {
    const lines = laneLines(raceLane({ bestEpoch: 1 }), 'loss', ['training', 'validation'], texts);
    expect(lines.map((line) => [line.label, line.dash.length > 0, line.marks])).toEqual([
      ['η 0.1', false, []],
      ['η 0.1 · valid', true, [{ index: 1, kind: 'best', label: 'best' }]],
    ]);
  });

  it('marks a changed rate and where a lane diverged, and keeps it from stretching the axis', () => {
    const [line] = laneLines(
      raceLane({ state: 'diverged', divergedAt: { step: 25, epoch: 2, cause: 'grown', loss: 1e9 } }, [0.1, 0.2, 0.2]),
      'loss',
      ['training'],
      texts,
    );
    expect(line?.marks.map((mark) => [mark.kind, mark.index])).toEqual([
      ['rate', 1],
      ['diverged', 2],
    ]);
    expect(line?.outlier).toBe(true);
  });
});

describe('canResume', () => {
  it.each([
    ['stopped', 40, true],
    ['interrupted', 40, true],
    ['interrupted', null, false],
    ['stopped', 100, false],
    ['finished', 40, false],
    ['running', 40, false],
  ] as const)('%s with a checkpoint at %s: %s', (state, checkpointEpoch, expected) => {
    expect(canResume(experimentSummary([laneSummary('a')], { state, checkpointEpoch }))).toBe(expected);
  });
});

describe('export limits', () => {
  const column = (name: string, type: 'number' | 'text'): DataSummary['columns'][number] => ({
    name,
    type,
    blanks: 0,
    distinct: 3,
    minimum: null,
    maximum: null,
    mean: null,
    median: null,
    deviation: null,
    histogram: null,
    frequent: null,
  });
  const summary: DataSummary = {
    kind: 'table',
    rows: 10,
    columns: [column('size', 'number'), column('colour', 'text'), column('kind', 'text')],
    report: {
      file: 'a.csv',
      bytes: 1,
      separator: ',',
      decimal: '.',
      encoding: 'utf-8',
      quote: null,
      header: true,
      rejectedCount: 0,
      rejected: [],
      notes: [],
    },
    splits: { training: 8, validation: 2, test: 0 },
    inputShape: [4],
    inputNames: [],
    target: {
      kind: 'classes',
      classes: ['a', 'b'],
      balance: { training: [4, 4], validation: [1, 1], test: [0, 0] },
      suggestedLoss: 'cross-entropy',
    },
    issues: [],
  };
  const recipe = (encoding: string) =>
    dataSchema.parse({
      kind: 'table',
      path: 'a.csv',
      columns: [
        { name: 'size', role: 'input', encoding },
        { name: 'colour', role: 'input' },
        { name: 'kind', role: 'target' },
      ],
    });

  it('names text inputs, which have no raw number to bake', () => {
    expect(oneHotInputs(recipe('auto'), summary)).toEqual(['colour']);
    expect(oneHotInputs(recipe('one-hot'), summary)).toEqual(['size', 'colour']);
    expect(oneHotInputs(dataSchema.parse({ kind: 'none' }), null)).toEqual([]);
  });

  it('offers probabilities for losses on logits', () => {
    expect([hasProbabilities('cross-entropy'), hasProbabilities('mse')]).toEqual([true, false]);
  });

  it('lists what stands before a race: first the data, then the network', () => {
    const document = projectSchema.parse({
      format: 1,
      name: 'p',
      data: { kind: 'none' },
      network: { layers: [], edges: [] },
      training: {},
    });
    const broken = { ...summary, issues: [{ code: 'data.no-target' as const, details: {} }] };
    const obstacles = obstaclesOf(document, broken);
    expect(obstacles[0]).toEqual({ page: 'data', code: 'data.no-target', details: {} });
    expect(obstacles.slice(1).map((obstacle) => obstacle.page)).toEqual(obstacles.slice(1).map(() => 'design'));
    expect(obstacles.length).toBeGreaterThan(1);
  });
});
