import { join } from 'node:path';
import type { ExperimentSummary } from '../../shared/api/experiments';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { ProjectDocument } from '../../shared/project/document';
import type { LabContext } from './context';
import { readState } from './checkpoint';
import type { PreparedData } from '../data/dataset';
import type { ChosenDevice } from './devices';
import {
  deviceOf,
  ExperimentFolder,
  listExperimentIds,
  nextExperimentId,
  summarise,
  summariseDamaged,
  type ExperimentStatus,
  type FrozenExperiment,
} from './experiment-files';
import { readBytesIfThere, writeFileAtomic } from './files';
import { encodeWeights, readLaneModel, readModelFile, withWeights } from './model-files';
import { networkWeights } from './network-weights';
import { buildPlan, hashOf, laneId, precisionOn, prepareTraining } from './plan';
import { ExperimentRun } from './run';
import type { ProjectSession } from './session';

export interface Experiment {
  frozen: FrozenExperiment;
  status: ExperimentStatus;
  folder: ExperimentFolder;
  /** Null when nothing of it runs. */
  run: ExperimentRun | null;
}

/** How far an experiment may have got by itself: anything else has an end. */
const unfinished: readonly ExperimentStatus['state'][] = ['starting', 'running', 'paused'];

/** Experiments of all open projects: those on disk, and of each project the one that runs. */
export class ExperimentRegistry {
  /** By project handle. */
  private readonly running = new Map<string, { id: string; run: ExperimentRun; frozen: FrozenExperiment }>();
  /** Projects in which one is being started or resumed right now, by handle; closing a project gives that up. */
  private readonly starting = new Map<string, { done: Promise<unknown>; closing: AbortController }>();

  constructor(private readonly context: LabContext) {}

  async list(session: ProjectSession): Promise<ExperimentSummary[]> {
    const ids = await listExperimentIds(session.path);
    return Promise.all(ids.map((id) => this.summary(session, id)));
  }

  /** One whose files are damaged stands in the list with the reason, so that it can be deleted; the others are not held up. */
  private async summary(session: ProjectSession, id: string): Promise<ExperimentSummary> {
    try {
      return summaryOf(await this.get(session, id));
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== 'experiment.invalid-file') throw error;
      return summariseDamaged(id, await this.folder(session, id).changedAt(), error.toRecord());
    }
  }

  async get(session: ProjectSession, id: string): Promise<Experiment> {
    const folder = this.folder(session, id);
    const live = this.running.get(session.id);
    if (live?.id === id) return { frozen: live.frozen, status: live.run.status, folder, run: live.run };
    if (!(await listExperimentIds(session.path)).includes(id))
      throw new LabError('experiment.not-found', { experiment: id });
    const frozen = await folder.readFrozen();
    const status = await folder.readStatus();
    // Nothing runs it here; when nobody else may either, whatever ran it is gone.
    const orphaned =
      unfinished.includes(status.state) && !session.describe().readOnly && !this.starting.has(session.id);
    return { frozen, status: orphaned ? interrupted(status) : status, folder, run: null };
  }

  /** The one that runs (or stands still) under this name; a clear refusal otherwise. */
  async live(session: ProjectSession, id: string): Promise<Experiment & { run: ExperimentRun }> {
    const experiment = await this.get(session, id);
    if (!experiment.run)
      throw new LabError('experiment.not-running', { experiment: id, state: experiment.status.state });
    return { ...experiment, run: experiment.run };
  }

  /** Position of a lane in its experiment. */
  laneIndex(experiment: Experiment, lane: string): number {
    const known = experiment.status.lanes.map(({ id }) => id);
    const index = known.indexOf(lane);
    if (index < 0) throw new LabError('experiment.lane-not-found', { experiment: experiment.frozen.id, lane, known });
    return index;
  }

  /** The graph with a lane's weights: those of this moment where it runs, saved ones otherwise. */
  async laneGraph(experiment: Experiment, lane: string, which: 'last' | 'best'): Promise<Graph> {
    const index = this.laneIndex(experiment, lane);
    const { folder, run, frozen } = experiment;
    const saved = () => readLaneModel(folder.lanePath(lane, `${which}.onnx`), frozen.id, lane);
    if (!run) return saved();
    try {
      const { last, best } = await run.weights(index);
      return withWeights(await readModelFile(folder.initialPath), which === 'best' ? (best ?? last) : last);
    } catch (error) {
      // The run came to its end between the question and the answer: what it wrote is what it had.
      if (error instanceof LabError && error.code === 'engine.call-lost') return saved();
      throw error;
    }
  }

  start(session: ProjectSession, document: ProjectDocument, paused: boolean): Promise<ExperimentSummary> {
    return this.exclusively(session, (closing) => this.startFrom(session, document, paused, null, closing));
  }

  continueWith(
    session: ProjectSession,
    from: { experiment: string; lane: string; which: 'last' | 'best' },
    paused: boolean,
  ): Promise<ExperimentSummary> {
    return this.exclusively(session, async (closing) => {
      const source = await this.get(session, from.experiment);
      const graph = await this.laneGraph(source, from.lane, from.which);
      const { network, data, dataHash } = source.frozen;
      return this.startFrom(
        session,
        { ...session.document, network, data },
        paused,
        { ...from, graph, dataHash },
        closing,
      );
    });
  }

  /** From the last checkpoint on disk, in a new process; `device`: elsewhere than where it was. */
  resume(session: ProjectSession, id: string, device?: string): Promise<void> {
    return this.exclusively(session, async (closing) => {
      const { frozen, status, folder } = await this.get(session, id);
      if (status.state === 'finished')
        throw new LabError('experiment.not-resumable', { experiment: id, reason: 'last-epoch-reached' });
      if (status.checkpointEpoch === null || (await readBytesIfThere(folder.statePath)) === null)
        throw new LabError('experiment.not-resumable', { experiment: id, reason: 'no-checkpoint' });
      const saved = await readState(folder.statePath);
      const reading = this.context.datasets.use(session, frozen.data, (dataset) => dataset.tensors());
      const data = await unlessClosing(closing, reading);
      if (hashOf(data) !== frozen.dataHash) throw new LabError('experiment.data-changed', { experiment: id });
      const graph = await readModelFile(folder.initialPath);
      const { description, cards } = await this.deviceToGoOn({ frozen, status }, device, graph, data);
      for (const lane of status.lanes) {
        await folder.dropPointsAfter(lane.id, saved.epoch);
        lane.last = (await folder.readPoints(lane.id)).at(-1) ?? null;
      }
      assertOpen(closing);
      const { movedTo } = status;
      const restarted: ExperimentStatus = {
        ...status,
        movedTo: description === deviceOf(frozen, status) ? movedTo : [...movedTo, description],
        state: 'starting',
        error: null,
      };
      await this.launch(session, { frozen, status: restarted, folder, run: null }, graph, (run) =>
        run.open(buildPlan(frozen, graph, data, cards), saved, false),
      );
    });
  }

  async remove(session: ProjectSession, id: string): Promise<void> {
    session.assertWritable();
    const folder = this.folder(session, id);
    const live = this.running.get(session.id);
    if (live?.id === id) {
      this.running.delete(session.id);
      await live.run.discard();
    } else if (!(await listExperimentIds(session.path)).includes(id))
      throw new LabError('experiment.not-found', { experiment: id });
    await folder.remove();
    this.context.emit('experiment.changed', { project: session.id, experiment: id, summary: null });
  }

  async setNote(session: ProjectSession, id: string, note: string): Promise<void> {
    session.assertWritable();
    const experiment = await this.get(session, id);
    if (experiment.run) await experiment.run.setNote(note);
    else await experiment.folder.writeStatus({ ...experiment.status, note });
    await this.changed(session, id);
  }

  /** Whether something in the project goes on by itself. A paused race does not: nobody is there to let it go on. */
  isBusy(session: ProjectSession): boolean {
    const live = this.running.get(session.id);
    return this.starting.has(session.id) || (live !== undefined && live.run.status.state !== 'paused');
  }

  /** Gives up what is being prepared, and stops what runs, with a checkpoint. */
  async stopAll(session: ProjectSession): Promise<void> {
    const start = this.starting.get(session.id);
    start?.closing.abort();
    // Whoever asked for it hears why; here it only has to be over.
    await start?.done.catch(() => undefined);
    await this.running.get(session.id)?.run.stop();
  }

  /** Where it was, whatever "auto" would come to now; or on `device`, in the precision of its state. */
  private async deviceToGoOn(
    { frozen, status }: Pick<Experiment, 'frozen' | 'status'>,
    device: string | undefined,
    graph: Graph,
    { splits }: PreparedData,
  ): Promise<ChosenDevice> {
    const { devices } = this.context;
    const description = deviceOf(frozen, status);
    const { precision } = frozen;
    if (device === undefined) return { description, cards: await devices.again(description, precision) };
    await devices.assertUsable({ device, precision });
    const chosen = await devices.choose({ ...frozen.settings, device, precision }, graph, splits.training.count);
    if (chosen.cards.length === 0) await devices.assertUsable({ device: 'cpu', precision });
    return chosen;
  }

  private async startFrom(
    session: ProjectSession,
    document: ProjectDocument,
    paused: boolean,
    source: { experiment: string; lane: string; which: 'last' | 'best'; graph: Graph; dataHash: string } | null,
    closing: AbortSignal,
  ): Promise<ExperimentSummary> {
    await this.context.devices.assertUsable(document.training);
    const weights = await networkWeights(session.path, document.network);
    const preparing = this.context.datasets.use(session, document.data, (dataset) =>
      prepareTraining(document, dataset, weights),
    );
    const prepared = await unlessClosing(closing, preparing);
    const { loss, metrics, data, dataHash } = prepared;
    // Weights that learnt other data, or the same in other units, would start from nonsense.
    if (source && source.dataHash !== dataHash)
      throw new LabError('experiment.data-changed', { experiment: source.experiment });
    const graph = source?.graph ?? prepared.graph;
    const chosen = await this.context.devices.choose(document.training, graph, data.splits.training.count);
    const build = await this.context.compute.info();
    const id = await nextExperimentId(session.path);
    assertOpen(closing);
    const frozen: FrozenExperiment = {
      format: 1,
      id,
      createdAt: new Date().toISOString(),
      project: document.name,
      settings: document.training,
      loss,
      metrics,
      startedFrom: source && { experiment: source.experiment, lane: source.lane, which: source.which },
      network: document.network,
      data: document.data,
      dataHash,
      preprocessing: data.preprocessing,
      device: chosen.description,
      precision: precisionOn(chosen.cards, document.training),
      engine: `${build.version} (${build.compiler})`,
    };
    const folder = this.folder(session, id);
    const status = freshStatus(frozen);
    await folder.create(frozen, status);
    await writeFileAtomic(folder.initialPath, encodeWeights(graph, {}, frozen));
    await this.launch(session, { frozen, status, folder, run: null }, graph, (run) =>
      run.open(buildPlan(frozen, graph, data, chosen.cards), null, paused),
    );
    return summarise(frozen, status, null);
  }

  private async launch(
    session: ProjectSession,
    { frozen, status, folder }: Experiment,
    graph: Graph,
    open: (run: ExperimentRun) => Promise<void>,
  ): Promise<void> {
    const run = new ExperimentRun({
      project: session.id,
      frozen,
      folder,
      status,
      graph,
      launch: this.context.options.engine,
      onProgress: (progress) => this.context.emit('experiment.progress', progress),
      onChange: () => this.tell(session, { frozen, status, folder, run }),
    });
    this.running.set(session.id, { id: frozen.id, run, frozen });
    void run.end.then(() => {
      this.context.devices.changed();
      if (this.running.get(session.id)?.run === run) this.running.delete(session.id);
    });
    this.tell(session, { frozen, status, folder, run });
    await open(run);
  }

  /** One experiment of a project runs at a time; a start that is under way counts. */
  private async exclusively<Result>(
    session: ProjectSession,
    task: (closing: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    session.assertWritable();
    const live = this.running.get(session.id);
    if (live) throw new LabError('experiment.already-running', { experiment: live.id, state: live.run.status.state });
    if (this.starting.has(session.id))
      throw new LabError('experiment.already-running', { experiment: 'new', state: 'starting' });
    const closing = new AbortController();
    const done = task(closing.signal);
    this.starting.set(session.id, { done, closing });
    try {
      return await done;
    } finally {
      this.starting.delete(session.id);
    }
  }

  private async changed(session: ProjectSession, id: string): Promise<void> {
    this.tell(session, await this.get(session, id));
  }

  private tell(session: ProjectSession, experiment: Experiment): void {
    this.context.emit('experiment.changed', {
      project: session.id,
      experiment: experiment.frozen.id,
      summary: structuredClone(summaryOf(experiment)),
    });
  }

  private folder(session: ProjectSession, id: string): ExperimentFolder {
    // Handles come from outside: only a plain name may become part of a path.
    if (!/^[\w-]+$/.test(id)) throw new LabError('experiment.not-found', { experiment: id });
    return new ExperimentFolder(join(session.path, 'experiments', id));
  }
}

export function summaryOf({ frozen, status, run }: Experiment): ExperimentSummary {
  return summarise(frozen, status, run?.epochsPerSecond ?? null);
}

/** The result, or a refusal as soon as the project is closed; what is computed then is nobody's any more. */
function unlessClosing<Result>(closing: AbortSignal, result: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    result.then(resolve, reject);
    closing.addEventListener('abort', () => reject(new LabError('project.not-open')), { once: true });
  });
}

function assertOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new LabError('project.not-open');
}

function freshStatus({ settings }: FrozenExperiment): ExperimentStatus {
  return {
    state: 'starting',
    note: '',
    epoch: 0,
    step: 0,
    checkpointEpoch: null,
    movedTo: [],
    lanes: settings.lanes.map((lane, index) => ({
      id: laneId(index),
      settings: lane,
      state: 'running',
      health: 'waiting',
      learningRate: lane.learningRate,
      epoch: 0,
      last: null,
      bestEpoch: null,
      best: null,
      divergedAt: null,
    })),
    error: null,
  };
}

function interrupted(status: ExperimentStatus): ExperimentStatus {
  const error =
    status.checkpointEpoch === null
      ? new LabError('engine.closed-before-checkpoint')
      : new LabError('engine.closed', { epoch: status.checkpointEpoch });
  return { ...status, state: 'interrupted', error: error.toRecord() };
}
