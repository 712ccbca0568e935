import type { CardMemory, ExperimentProgress, ExperimentSummary } from '../../shared/api/experiments';
import { megabytes } from './devices';
import type { FinalLine } from './report';

const linesWithoutTerminal = 10;

/** Progress for a person: one line that renews itself in a terminal, ten lines where there is none. */
export class HumanReport {
  private epochs = 1;
  private shownTenth = -1;
  private readonly losses = new Map<string, number | undefined>();
  private readonly diverged = new Set<string>();

  constructor(
    private readonly out: NodeJS.WriteStream,
    /** What it takes of graphics cards. */
    private readonly memory: readonly CardMemory[],
  ) {}

  started(summary: ExperimentSummary): void {
    this.epochs = summary.settings.epochs;
    const rates = summary.lanes.map((lane) => lane.learningRate).join(', ');
    const lanes =
      summary.lanes.length === 1 ? '1 lane, learning rate' : `${summary.lanes.length} lanes, learning rates`;
    this.print(`Experiment ${summary.id}: ${lanes} ${rates}, ${summary.device}`);
    const cards = this.memory.map(
      ({ id, needed, free }) => `${id}: ${megabytes(needed, 'up')} of ${megabytes(free)} MB free`,
    );
    if (cards.length > 0) this.print(`Memory needed on ${cards.join('; on ')}`);
  }

  progress(progress: ExperimentProgress): void {
    for (const { id, divergedAt, learningRate } of progress.lanes) {
      if (!divergedAt || this.diverged.has(id)) continue;
      this.diverged.add(id);
      this.print(
        `${id} (learning rate ${learningRate}) diverged at step ${divergedAt.step}, epoch ${divergedAt.epoch}`,
      );
    }
    for (const { id, points } of progress.lanes)
      this.losses.set(id, points.at(-1)?.training.loss ?? this.losses.get(id));
    const losses = progress.lanes.map(({ id }) => this.losses.get(id)?.toPrecision(4) ?? '–');
    const left = progress.secondsLeft === null ? '' : `, ${duration(progress.secondsLeft)} left`;
    const share = Math.floor((100 * progress.epoch) / this.epochs);
    const text = `epoch ${progress.epoch} of ${this.epochs} (${share} %)${left}, loss ${losses.join('  ')}`;
    if (this.out.isTTY) {
      this.out.write(`\r\u001b[K${text.slice(0, (this.out.columns || 80) - 1)}`);
      return;
    }
    const tenth = Math.floor((linesWithoutTerminal * progress.epoch) / this.epochs);
    if (tenth === this.shownTenth) return;
    this.shownTenth = tenth;
    this.print(text);
  }

  finished(summary: ExperimentSummary, lines: FinalLine[]): void {
    this.print(`${summary.state} at epoch ${summary.epoch}`);
    for (const line of lines) {
      const measured = [named('train', line.train), named('validation', line.validation)].filter((text) => text !== '');
      this.print(`${line.lane}  learning rate ${line.learningRate}  ${line.status}  ${measured.join('; ')}`);
      if (line.models) this.print(`        ${line.models.best}`);
    }
    if (summary.state !== 'finished' && summary.checkpointEpoch !== null)
      this.print(`Go on from epoch ${summary.checkpointEpoch} with: deltalab resume <project> ${summary.id}`);
  }

  private print(text: string): void {
    this.out.write(this.out.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
  }
}

/** 75 s → "1 min 15 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function named(split: string, values: Record<string, number> | null): string {
  if (!values) return '';
  const parts = Object.entries(values).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return `${split}: ${parts.join(', ')}`;
}
