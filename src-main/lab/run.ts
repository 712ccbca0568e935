import type { EpochPoint, ExperimentProgress } from '../../shared/api/experiments';
import { LabError, toErrorRecord } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import { secondsLeft, smoothRate } from '../../shared/training/estimate';
import { healthWindow, laneHealth } from '../../shared/training/health';
import type { EngineLauncher } from '../engine/launcher';
import type { TrainPlan } from '../engine/native';
import type { EngineCheckpoint, EngineProgress } from '../engine/protocol';
import { EngineSupervisor, type EngineCause } from '../engine/supervisor';
import { writeState, type SavedState } from './checkpoint';
import type { ExperimentFolder, ExperimentStatus, FrozenExperiment } from './experiment-files';
import { writeFileAtomic } from './files';
import { encodeWeights } from './model-files';

const statusMilliseconds = 1000;
/** How long a stop waits for the step in hand and the last checkpoint. */
const stopMilliseconds = 15_000;

export interface RunParts {
  project: string;
  frozen: FrozenExperiment;
  folder: ExperimentFolder;
  status: ExperimentStatus;
  /** With the weights every lane starts from. */
  graph: Graph;
  launch: EngineLauncher;
  onProgress(progress: ExperimentProgress): void;
  /** The state changed; `status` has been written. */
  onChange(): void;
}

/**
 * An experiment with a living engine process. What the engine reports is written to disk first and then told to the page, in
 * the order it came: nothing that was shown can be lost.
 */
export class ExperimentRun {
  readonly status: ExperimentStatus;
  private readonly supervisor: EngineSupervisor;
  private readonly recent: EpochPoint[][];
  private queue: Promise<void> = Promise.resolve();
  private statusWritten = 0;
  private samplesPerSecond: number | null = null;
  /** Its points are emptied once they were told. */
  private lastProgress: EngineProgress | null = null;
  private over = false;
  private speed: number | null = null;
  private opening: Promise<void> = Promise.resolve();
  private ended: () => void = () => undefined;
  /** Resolves when the process is gone and the last state is on disk. */
  readonly end = new Promise<void>((resolve) => (this.ended = resolve));

  constructor(private readonly parts: RunParts) {
    this.status = parts.status;
    this.recent = parts.status.lanes.map((lane) => (lane.last ? [lane.last] : []));
    this.supervisor = new EngineSupervisor(parts.launch, {
      onProgress: (progress) => this.enqueue(() => this.take(progress)),
      onCheckpoint: (checkpoint) => this.enqueue(() => this.save(checkpoint)),
      onBroken: (error) =>
        this.enqueue(() => (error.code === 'device.failed' ? this.loseCard(error) : this.fail(error))),
      onDeath: (cause) => this.enqueue(() => this.die(cause)),
    });
  }

  get pid(): number | undefined {
    return this.supervisor.pid;
  }

  /** Starts the process, from the beginning or from a checkpoint. Throws what the engine has against the plan. */
  open(plan: TrainPlan, saved: SavedState | null, paused: boolean): Promise<void> {
    const opened = this.openIn(plan, saved, paused);
    // A stop waits for it; whoever opens hears of a failure.
    this.opening = opened.catch(() => undefined);
    return opened;
  }

  private async openIn(plan: TrainPlan, saved: SavedState | null, paused: boolean): Promise<void> {
    try {
      const { settings } = this.parts.frozen;
      await this.supervisor.start();
      await this.supervisor.call('open', {
        plan,
        state: saved?.state ?? null,
        best: saved?.best ?? [],
        checkpointEvery: settings.checkpointEvery,
        paused,
      });
    } catch (error) {
      this.enqueue(() => this.fail(error));
      await this.end;
      throw error;
    }
  }

  async resume(): Promise<void> {
    await this.supervisor.call('run', null);
  }

  async pause(): Promise<void> {
    await this.supervisor.call('pause', null);
    await this.settled();
  }

  async step(unit: 'steps' | 'epochs', count: number): Promise<void> {
    await this.supervisor.call('step', { unit, count });
  }

  async setLearningRate(lane: number, learningRate: number): Promise<void> {
    await this.supervisor.call('setLearningRate', { lane, learningRate });
  }

  /** To which it is slowed down; null: full speed. */
  get epochsPerSecond(): number | null {
    return this.speed;
  }

  async setSpeed(epochsPerSecond: number | null): Promise<void> {
    await this.supervisor.call('setSpeed', epochsPerSecond);
    this.speed = epochsPerSecond;
  }

  predict(lane: number, inputs: Float32Array, count: number): Promise<Float32Array> {
    return this.supervisor.call('predict', { lane, inputs, count });
  }

  weights(lane: number) {
    return this.supervisor.call('weights', lane);
  }

  /** Ends training with a last checkpoint. A process that does not manage that in time is ended without. */
  async stop(): Promise<void> {
    if (this.over) return this.end;
    const timer = setTimeout(() => this.enqueue(() => this.finish('stopped')), stopMilliseconds);
    await Promise.race([this.opening, this.end]);
    // When the process dies instead, `end` comes all the same, with the state "interrupted".
    this.supervisor.call('stop', null).catch(() => undefined);
    await this.end;
    clearTimeout(timer);
  }

  /** Ends the process without a checkpoint: the experiment is about to be deleted. */
  async discard(): Promise<void> {
    this.over = true;
    await this.supervisor.stop();
    await this.settled();
    this.ended();
  }

  /** Until everything reported so far is on disk. */
  settled(): Promise<void> {
    return this.queue;
  }

  setNote(note: string): Promise<void> {
    this.status.note = note;
    this.enqueue(() => this.parts.folder.writeStatus(this.status));
    return this.queue;
  }

  private enqueue(task: () => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      try {
        await task();
      } catch (error) {
        // Writing failed (a full disk): training on would only lose more.
        await this.fail(error);
      }
    });
  }

  private async take(progress: EngineProgress): Promise<void> {
    if (this.over) return;
    const { folder } = this.parts;
    this.lastProgress = progress;
    await Promise.all(
      progress.lanes.map(({ points }, index) => folder.appendPoints(this.status.lanes[index]?.id ?? '', points)),
    );
    this.update(progress);
    const { phase } = progress;
    if (phase === 'finished' || phase === 'stopped') return this.finish(phase);
    const changed = this.status.state !== phase;
    this.status.state = phase;
    if (changed || performance.now() - this.statusWritten > statusMilliseconds) await this.writeStatus();
    this.parts.onProgress(this.describe(progress));
    this.lastProgress = { ...progress, lanes: progress.lanes.map((lane) => ({ ...lane, points: [] })) };
    if (changed) this.parts.onChange();
  }

  private update(progress: EngineProgress): void {
    const { status } = this;
    status.epoch = progress.epoch;
    status.step = progress.step;
    progress.lanes.forEach((report, index) => {
      const lane = status.lanes[index];
      const recent = this.recent[index];
      if (!lane || !recent) return;
      const engine = report.status;
      recent.push(...report.points.slice(-healthWindow));
      recent.splice(0, Math.max(0, recent.length - healthWindow));
      lane.state = engine.state;
      lane.learningRate = engine.learningRate;
      lane.epoch = engine.state === 'running' ? progress.epoch : (engine.epoch ?? progress.epoch);
      lane.last = report.points.at(-1) ?? lane.last;
      lane.bestEpoch = engine.bestEpoch;
      lane.best = report.best;
      lane.health = laneHealth(recent, lane.state, lane.best);
      if (engine.state === 'diverged' && engine.step !== null && engine.epoch !== null)
        lane.divergedAt = {
          step: engine.step,
          epoch: engine.epoch,
          cause: engine.cause ?? 'not-finite',
          loss: engine.loss ?? NaN,
        };
    });
    const measured = progress.samplesPerSecond;
    this.samplesPerSecond = progress.phase === 'running' ? smoothRate(this.samplesPerSecond, measured) : measured;
  }

  private describe(progress: EngineProgress): ExperimentProgress {
    const { status } = this;
    const { epochs } = this.parts.frozen.settings;
    const samplesPerSecond = this.samplesPerSecond ?? 0;
    const runningLanes = status.lanes.filter((lane) => lane.state === 'running').length;
    const { epoch, sampleInEpoch, samplesPerEpoch } = progress;
    return {
      project: this.parts.project,
      experiment: this.parts.frozen.id,
      state: status.state,
      step: progress.step,
      epoch,
      sampleInEpoch,
      samplesPerEpoch,
      samplesPerSecond,
      secondsLeft:
        status.state === 'running'
          ? secondsLeft({ epoch, epochs, sampleInEpoch, samplesPerEpoch, runningLanes, samplesPerSecond })
          : null,
      lanes: status.lanes.map((lane, index) => {
        const report = progress.lanes[index];
        const batchLoss = report?.batchLoss ?? NaN;
        return {
          id: lane.id,
          state: lane.state,
          health: lane.health,
          learningRate: lane.learningRate,
          batchLoss: Number.isNaN(batchLoss) ? null : batchLoss,
          divergedAt: lane.divergedAt,
          bestEpoch: lane.bestEpoch,
          points: report?.points ?? [],
          norms: report?.norms ?? [],
        };
      }),
      error: status.error,
    };
  }

  private async save(checkpoint: EngineCheckpoint): Promise<void> {
    if (this.over) return;
    const { folder, graph, frozen } = this.parts;
    for (const [index, { last, best }] of checkpoint.lanes.entries()) {
      const lane = this.status.lanes[index]?.id ?? '';
      await writeFileAtomic(folder.lanePath(lane, 'last.onnx'), encodeWeights(graph, last, frozen));
      await writeFileAtomic(folder.lanePath(lane, 'best.onnx'), encodeWeights(graph, best ?? last, frozen));
    }
    // Last, since resuming goes by this one: models that are newer do no harm.
    await writeState(folder.statePath, checkpoint);
    this.status.checkpointEpoch = checkpoint.epoch;
    await this.writeStatus();
    // It may have ended meanwhile; then nobody waits for this.
    this.supervisor.call('checkpointWritten', null).catch(() => undefined);
  }

  private async writeStatus(): Promise<void> {
    this.statusWritten = performance.now();
    await this.parts.folder.writeStatus(this.status);
  }

  private async die(cause: EngineCause): Promise<void> {
    const epoch = this.status.checkpointEpoch;
    const error =
      epoch === null
        ? new LabError('engine.died-before-checkpoint', cause)
        : new LabError('engine.died', { ...cause, epoch });
    await this.close('interrupted', error);
  }

  /** After a fault the card answers this process no more: it ends, and the run can go on from its checkpoint in another. */
  private loseCard({ details: { call, reason } }: LabError): Promise<void> {
    return this.die({ cause: 'card-failed', call: call ?? '', why: reason ?? '' });
  }

  private async fail(error: unknown): Promise<void> {
    await this.close('failed', error);
  }

  private async finish(state: 'finished' | 'stopped'): Promise<void> {
    await this.close(state, null);
  }

  private async close(state: ExperimentStatus['state'], error: unknown): Promise<void> {
    if (this.over) return;
    this.over = true;
    await this.supervisor.stop();
    this.status.state = state;
    this.status.error = error === null ? null : toErrorRecord(error);
    try {
      await this.writeStatus();
    } catch (writing) {
      // The page hears of the first cause; without a status file the experiment reads as interrupted later.
      this.status.error ??= toErrorRecord(writing);
    }
    if (this.lastProgress) this.parts.onProgress(this.describe(this.lastProgress));
    this.ended();
    this.parts.onChange();
  }
}
