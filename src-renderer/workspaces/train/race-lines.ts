import type { ChartLine, ChartMark } from '../../components/charts/chart-line';
import type { CurveSplit, Quantity } from '../../series/lane-series';
import type { RaceLane } from './use-race';

export interface LineTexts {
  best: string;
  diverged: string;
  rate: string;
  validation: string;
}

const validationDash = [3, 3];

/** Curves of one lane: training solid, validation dashed and thinner, with the points that must never get lost. */
export function laneLines(
  lane: RaceLane,
  quantity: Quantity,
  splits: readonly CurveSplit[],
  texts: LineTexts,
  strong = false,
): ChartLine[] {
  const { series, summary, style } = lane;
  const bestSplit: CurveSplit = series.values('validation', 'loss') ? 'validation' : 'training';
  const lines: ChartLine[] = [];
  for (const split of splits) {
    const y = series.values(split, quantity);
    if (!y) continue;
    const validation = split === 'validation';
    const marks: ChartMark[] = [];
    const marksHere = split === bestSplit || !splits.includes(bestSplit);
    if (marksHere && summary.bestEpoch !== null && summary.state !== 'diverged') {
      push(marks, series.indexOf(summary.bestEpoch), 'best', texts.best);
    }
    if (split === splits[0]) {
      for (const index of series.rateJumps()) push(marks, index, 'rate', texts.rate);
      if (summary.divergedAt) push(marks, series.length - 1, 'diverged', texts.diverged);
    }
    lines.push({
      id: `${summary.id}.${split}.${quantity}`,
      group: summary.id,
      label: validation ? `${lane.name} · ${texts.validation}` : lane.name,
      colour: style.colour,
      dash: validation ? validationDash : style.dash,
      width: (validation ? 1.5 : 2) + (strong ? 1 : 0),
      x: series.epochs,
      y,
      marks,
      outlier: summary.state === 'diverged',
    });
  }
  return lines;
}

function push(marks: ChartMark[], index: number, kind: ChartMark['kind'], label: string): void {
  if (index >= 0) marks.push({ index, kind, label });
}
