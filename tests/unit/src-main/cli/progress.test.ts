import { describe, expect, it } from 'vitest';
import type { ExperimentProgress, ExperimentSummary } from '../../../../shared/api/experiments';
import { systemLanguage } from '../../../../src-main/cli/outcome';
import { duration, HumanReport } from '../../../../src-main/cli/progress';

describe('duration', () => {
  it.each([
    [0.2, '0 s'],
    [59.4, '59 s'],
    [75, '1 min 15 s'],
    [3661, '1 h 1 min'],
  ])('%d s reads "%s"', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('systemLanguage', () => {
  it('goes by the first locale variable that is set', () => {
    expect(systemLanguage({ LANG: 'ru_RU.UTF-8' })).toBe('ru');
    expect(systemLanguage({ LC_ALL: 'C', LANG: 'ru_RU.UTF-8' })).toBe('en');
    expect(systemLanguage({})).toBe('en');
  });
});

describe('HumanReport', () => {
  const summary = {
    id: '004',
    device: 'cpu (avx2)',
    settings: { epochs: 200 },
    lanes: [{ learningRate: 0.1 }],
  } as unknown as ExperimentSummary;
  const progress = (epoch: number): ExperimentProgress =>
    ({
      epoch,
      secondsLeft: 75,
      lanes: [{ id: 'lane-1', divergedAt: null, learningRate: 0.1, points: [{ training: { loss: 0.123456 } }] }],
    }) as unknown as ExperimentProgress;

  function written(isTTY: boolean): { text: string; report: HumanReport } {
    const sink = { text: '', isTTY, columns: 80, write: (part: string) => ((sink.text += part), true) };
    const report = new HumanReport(sink as unknown as NodeJS.WriteStream, []);
    return Object.assign(sink, { report });
  }

  it('renews one line in a terminal', () => {
    const out = written(true);
    out.report.started(summary);
    out.report.progress(progress(20));
    out.report.progress(progress(21));
    expect(out.text.split('\n')).toHaveLength(2);
    expect(out.text).toContain('epoch 21 of 200 (10 %), 1 min 15 s left, loss 0.1235');
  });

  it('writes ten lines and no control characters elsewhere', () => {
    const out = written(false);
    out.report.started(summary);
    for (let epoch = 1; epoch <= 199; epoch++) out.report.progress(progress(epoch));
    expect(out.text.trim().split('\n')).toHaveLength(11);
    for (const control of ['\r', '\u001b']) expect(out.text).not.toContain(control);
  });
});
