import { isLoggedEpoch } from '../../shared/training/logging';
import type { EngineInput, EngineProgress, Report } from './protocol';
import { EpochRecords } from './epoch-records';
import type { AdvanceReport, EpochRecord, NativeEngine, NativeTrainer, TrainPlan } from './native';

/** A slice of training: commands wait this long at most (or one step, where a step takes longer). */
const sliceMilliseconds = 40;
/** At most 20 progress messages a second. */
const progressMilliseconds = 50;
const normsMilliseconds = 250;
const checkpointMilliseconds = { atLeastEvery: 5000, notMoreOftenThan: 1000 };

type Point = EngineProgress['lanes'][number]['points'][number];
type Phase = EngineProgress['phase'];
type Goal = { unit: 'steps' | 'epochs'; until: number };

interface LaneTrack {
  points: Point[];
  best: Point | null;
  norms: EngineProgress['lanes'][number]['norms'];
}

/**
 * One experiment's training: slices of `advance`, and between them whatever the host asked for. Slicing never changes a
 * result: the trainer's state is the same wherever a slice ends.
 */
export class Training {
  readonly trainer: NativeTrainer;
  private phase: Phase = 'starting';
  private goal: Goal | null = null;
  private report: AdvanceReport | null = null;
  private readonly lanes: LaneTrack[];
  private readonly commands: (() => void)[] = [];
  private wake: (() => void) | null = null;

  private epochsPerSecond: number | null = null;
  private speedFrom = { time: 0, epoch: 0 };

  private lastProgress = 0;
  private lastNorms = 0;
  private rate = { time: performance.now(), samples: 0, perSecond: 0 };

  private lastCheckpoint = { time: performance.now(), epoch: 0, step: -1 };
  private checkpointInFlight = false;
  private readonly checkpointEvery: number;
  private readonly plan: Pick<TrainPlan, 'metrics' | 'validation'>;
  private readonly startsPaused: boolean;

  constructor(
    native: NativeEngine,
    input: EngineInput<'open'>,
    private readonly send: (report: Report) => void,
  ) {
    this.trainer = native.createTrainer(input.plan);
    if (input.state) this.trainer.loadState(input.state);
    this.checkpointEvery = input.checkpointEvery;
    this.plan = input.plan;
    this.startsPaused = input.paused;
    this.lanes = input.plan.lanes.map((_, lane) => ({ points: [], best: input.best[lane] ?? null, norms: [] }));
  }

  /** Runs a command between slices, in the order they came. */
  command<Result>(task: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.commands.push(() => {
        try {
          resolve(task());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      this.wake?.();
    });
  }

  run(): void {
    if (this.phase === 'finished' || this.phase === 'stopped') return;
    this.goal = null;
    this.setPhase('running');
  }

  step(unit: Goal['unit'], count: number): void {
    if (this.phase === 'finished' || this.phase === 'stopped' || !this.report) return;
    const base = this.goal?.unit === unit ? this.goal.until : this.report[unit === 'steps' ? 'step' : 'epoch'];
    this.goal = { unit, until: base + count };
    this.setPhase('running');
  }

  pause(): void {
    if (this.phase === 'running') this.halt('paused');
  }

  stop(): void {
    if (this.phase === 'running' || this.phase === 'paused') this.halt('stopped');
  }

  setSpeed(epochsPerSecond: number | null): void {
    this.epochsPerSecond = epochsPerSecond;
    this.restartClock();
  }

  checkpointWritten(): void {
    this.checkpointInFlight = false;
  }

  /** Goes on serving commands after the end of training; ends with the process. */
  async loop(): Promise<never> {
    // Nothing is trained yet; the first call reports the state before training (epoch 0).
    this.absorb(await this.trainer.advance({ steps: 0 }));
    this.sendCheckpoint();
    this.setPhase(this.startsPaused ? 'paused' : 'running');
    for (;;) {
      for (const task of this.commands.splice(0)) task();
      const limit = this.phase === 'running' ? this.nextLimit() : null;
      if (limit === null || typeof limit === 'number') {
        await this.sleep(limit);
        continue;
      }
      const report = await this.trainer.advance({ ...limit, milliseconds: sliceMilliseconds });
      this.absorb(report);
      if (report.reason === 'finished') this.halt('finished');
      else if (this.goal && this.reached(this.goal)) this.halt('paused');
      else this.tell();
    }
  }

  /** The limit of the next slice, milliseconds to wait for it, or null: nothing to do until a command comes. */
  private nextLimit(): { steps?: number; epochs?: number } | number | null {
    const report = this.report;
    if (!report) return null;
    if (this.goal?.unit === 'steps') return { steps: this.goal.until - report.step };
    if (this.goal?.unit === 'epochs') return { epochs: this.goal.until - report.epoch };
    if (this.epochsPerSecond === null) return {};
    const due = this.speedFrom.epoch + ((performance.now() - this.speedFrom.time) / 1000) * this.epochsPerSecond;
    const epochs = Math.floor(due) - report.epoch;
    if (epochs >= 1) return { epochs };
    return Math.min(1000, (1000 * (report.epoch + 1 - due)) / this.epochsPerSecond);
  }

  private reached(goal: Goal): boolean {
    const report = this.report;
    // An epoch whose validation is under way is not over.
    if (!report || report.sampleInEpoch === report.samplesPerEpoch) return false;
    return report[goal.unit === 'steps' ? 'step' : 'epoch'] >= goal.until;
  }

  private sleep(milliseconds: number | null): Promise<void> {
    if (this.commands.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = milliseconds === null ? null : setTimeout(resolve, milliseconds);
      this.wake = () => {
        if (timer) clearTimeout(timer);
        this.wake = null;
        resolve();
      };
    });
  }

  private absorb(report: AdvanceReport): void {
    this.report = report;
    const records = new EpochRecords(report.epochs, this.plan);
    const last = new Map<number, number>();
    if (report.reason === 'finished') for (let i = 0; i < records.length; i++) last.set(records.lane(i), i);
    for (let i = 0; i < records.length; i++) {
      const index = records.lane(i);
      const epoch = records.epoch(i);
      const isBest = epoch === report.lanes[index]?.bestEpoch;
      const isShown = isLoggedEpoch(epoch) || last.get(index) === i;
      const lane = this.lanes[index];
      if (!lane || !(isBest || isShown)) continue;
      const point = toPoint(records.at(i));
      if (isBest) lane.best = point;
      if (isShown) lane.points.push(point);
    }
  }

  private setPhase(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.restartClock();
    this.sendProgress();
  }

  /** Pauses or ends: checkpoint first, so that whoever hears of the new phase finds the files. */
  private halt(phase: Phase): void {
    this.goal = null;
    if (this.hasPoints()) this.sendProgress();
    this.sendCheckpoint();
    this.phase = phase;
    this.sendProgress();
  }

  private restartClock(): void {
    const { epoch } = this.report ?? { epoch: 0 };
    this.speedFrom = { time: performance.now(), epoch };
    this.rate = { time: performance.now(), samples: this.samplesDone(), perSecond: this.rate.perSecond };
  }

  private tell(): void {
    const now = performance.now();
    if (now - this.lastProgress >= progressMilliseconds) this.sendProgress();
    if (this.checkpointInFlight || !this.report) return;
    const sinceLast = now - this.lastCheckpoint.time;
    const due =
      sinceLast >= checkpointMilliseconds.atLeastEvery ||
      (sinceLast >= checkpointMilliseconds.notMoreOftenThan &&
        this.report.epoch - this.lastCheckpoint.epoch >= this.checkpointEvery);
    if (due) this.sendCheckpoint();
  }

  private sendCheckpoint(): void {
    const report = this.report;
    if (!report || report.step === this.lastCheckpoint.step) return;
    // What was trained up to here is reported before it is saved: the log never lags behind the checkpoint.
    if (this.hasPoints()) this.sendProgress();
    this.lastCheckpoint = { time: performance.now(), epoch: report.epoch, step: report.step };
    this.checkpointInFlight = true;
    this.send({
      kind: 'checkpoint',
      ...position(report),
      state: this.trainer.saveState(),
      lanes: this.lanes.map(({ best }, lane) => ({
        last: this.trainer.weights(lane),
        best: this.trainer.bestWeights(lane),
        bestPoint: best,
      })),
    });
  }

  private hasPoints(): boolean {
    return this.lanes.some((lane) => lane.points.length > 0);
  }

  private sendProgress(): void {
    const report = this.report;
    if (!report) return;
    const now = performance.now();
    this.lastProgress = now;
    if (now - this.lastNorms >= normsMilliseconds || this.phase !== 'running') {
      this.lastNorms = now;
      this.lanes.forEach((lane, index) => (lane.norms = this.trainer.norms(index)));
    }
    this.send({
      kind: 'progress',
      ...position(report),
      phase: this.phase,
      samplesPerSecond: this.measureRate(now),
      lanes: this.lanes.map((lane, index) => {
        const status = report.lanes[index];
        if (!status) throw new Error(`the trainer reported no lane ${index}`);
        return {
          status,
          batchLoss: report.batchLoss[index] ?? NaN,
          points: lane.points.splice(0),
          best: lane.best,
          norms: lane.norms,
        };
      }),
    });
  }

  private measureRate(now: number): number {
    const seconds = (now - this.rate.time) / 1000;
    if (this.phase === 'running' && seconds < 0.25) return this.rate.perSecond;
    const samples = this.samplesDone();
    const perSecond = seconds > 0.001 ? Math.max(0, samples - this.rate.samples) / seconds : this.rate.perSecond;
    this.rate = { time: now, samples, perSecond };
    return perSecond;
  }

  /** All lanes together, counted as if those that still run had run from the start. */
  private samplesDone(): number {
    const report = this.report;
    if (!report) return 0;
    const running = report.lanes.filter((lane) => lane.state === 'running').length || report.lanes.length;
    return (report.epoch * report.samplesPerEpoch + report.sampleInEpoch) * running;
  }
}

function position({ step, epoch, sampleInEpoch, samplesPerEpoch }: AdvanceReport) {
  return { step, epoch, sampleInEpoch, samplesPerEpoch };
}

function toPoint({ epoch, step, learningRate, training, validation }: EpochRecord): Point {
  return { epoch, step, learningRate, training, validation };
}
