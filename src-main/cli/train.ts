import { join } from 'node:path';
import type { CallInput, LabEvents, OpenProject } from '../../shared/api/contract';
import type { CardMemory, ExperimentProgress, ExperimentSummary } from '../../shared/api/experiments';
import { LabError } from '../../shared/errors';
import type { ProjectDocument } from '../../shared/project/document';
import { applySettings, type Setting } from '../../shared/project/paths';
import type { Lab } from '../lab/index';
import { withProject } from './host';
import { exitCodes, StoppedByUser } from './outcome';
import { HumanReport } from './progress';
import { flat, JsonReport, type FinalLine } from './report';

interface TrainOptions {
  lr?: number[];
  epochs?: number;
  seed?: number;
  device?: string;
  threads?: number;
  set: Setting[];
  json?: boolean;
}

export async function train(path: string, options: TrainOptions): Promise<void> {
  await withProject(
    path,
    async (lab, project) => {
      const document = withOptions(project.document, options);
      // What stands in its way the start says.
      const memory = await lab.call('experiments.memory', { project: project.id, document }).catch(() => []);
      const report = reportFor(options, memory);
      await follow(lab, project, report, async () => {
        const { id } = await lab.call('experiments.start', { project: project.id, document });
        return id;
      });
    },
    { write: true },
  );
}

export async function resume(
  path: string,
  experiment: string,
  { device, json }: { device?: string; json?: boolean },
): Promise<void> {
  await withProject(
    path,
    (lab, project) =>
      follow(lab, project, reportFor({ json }), async () => {
        await lab.call('experiments.resume', { project: project.id, experiment, device });
        return experiment;
      }),
    { write: true },
  );
}

function withOptions(document: ProjectDocument, options: TrainOptions): ProjectDocument {
  const given: Setting[] = [...options.set];
  if (options.lr)
    given.push({
      field: 'training.lanes',
      value: JSON.stringify(options.lr.map((learningRate) => ({ learningRate }))),
    });
  for (const name of ['epochs', 'seed', 'device', 'threads'] as const) {
    const value = options[name];
    if (value !== undefined) given.push({ field: `training.${name}`, value: String(value) });
  }
  return applySettings(document, given);
}

function reportFor({ json }: { json?: boolean }, memory: CardMemory[] = []): JsonReport | HumanReport {
  return json ? new JsonReport(memory) : new HumanReport(process.stdout, memory);
}

/** Starts, reports until the end, and turns that into an outcome: done, an error, or stopped by Ctrl+C. */
async function follow(
  lab: Lab,
  project: OpenProject,
  report: JsonReport | HumanReport,
  start: () => Promise<string>,
): Promise<void> {
  let experiment: string | null = null;
  let stopping = false;
  let finished: (summary: ExperimentSummary) => void = () => undefined;
  const end = new Promise<ExperimentSummary>((resolve) => (finished = resolve));
  const unsubscribe = lab.on((event, payload) => {
    if (event === 'experiment.changed') {
      const { summary } = payload as LabEvents['experiment.changed'];
      if (summary?.state === 'starting') report.started(summary);
      if (summary && isOver(summary)) finished(summary);
    } else if (event === 'experiment.progress') report.progress(payload as ExperimentProgress);
  });
  const stop = (): void => {
    if (experiment !== null) lab.call('experiments.stop', { project: project.id, experiment }).catch(() => undefined);
  };
  const interrupt = (): void => {
    // The second time the user means now; the engine process ends with this one.
    if (stopping) process.exit(exitCodes.stopped);
    stopping = true;
    stop();
  };
  // Nobody reads on: what was reached is saved.
  const readerLeft = (): void => {
    if (!stopping) interrupt();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.stdout.on('error', readerLeft);
  try {
    experiment = await start();
    if (stopping) stop();
    const summary = await end;
    report.finished(summary, await finalLines(lab, project, summary));
    if (summary.error) throw LabError.fromRecord(summary.error);
    if (summary.state === 'stopped') throw new StoppedByUser();
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.stdout.off('error', readerLeft);
    unsubscribe();
  }
}

function isOver({ state }: ExperimentSummary): boolean {
  return state === 'finished' || state === 'stopped' || state === 'interrupted' || state === 'failed';
}

async function finalLines(lab: Lab, project: OpenProject, summary: ExperimentSummary): Promise<FinalLine[]> {
  const folder = join(project.path, 'experiments', summary.id);
  return Promise.all(
    summary.lanes.map(async (lane) => {
      const saved = summary.checkpointEpoch !== null;
      const models = { last: join(folder, lane.id, 'last.onnx'), best: join(folder, lane.id, 'best.onnx') };
      return {
        event: 'finished' as const,
        experiment: summary.id,
        lane: lane.id,
        learningRate: lane.learningRate,
        device: summary.device,
        epoch: lane.epoch,
        train: flat(lane.last?.training ?? null),
        validation: flat(lane.last?.validation ?? null),
        status: lane.state === 'running' ? summary.state : lane.state,
        bestEpoch: lane.bestEpoch,
        models: saved ? models : null,
        ...(saved ? await values(lab, { project: project.id, experiment: summary.id, lane: lane.id }) : {}),
      };
    }),
  );
}

/** Initial and final values by initializer, for networks of few parameters. */
async function values(
  lab: Lab,
  lane: CallInput<'experiments.parameters'>,
): Promise<{ initial?: Record<string, number[]>; final?: Record<string, number[]> }> {
  const parameters = await lab.call('experiments.parameters', lane);
  if (!parameters) return {};
  return {
    initial: Object.fromEntries(parameters.map(({ name, initial }) => [name, initial])),
    final: Object.fromEntries(parameters.map(({ name, now }) => [name, now])),
  };
}
