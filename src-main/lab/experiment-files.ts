import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { EpochPoint, ExperimentSummary } from '../../shared/api/experiments';
import { isErrorCode, LabError, systemReason, type ErrorCode, type ErrorRecord } from '../../shared/errors';
import { networkSchema } from '../../shared/network/document';
import { dataSchema } from '../../shared/project/data';
import { preprocessingSchema } from '../../shared/project/preprocessing';
import { describeIssue, issueAsReason } from '../../shared/errors/zod-issue';
import { metricNames } from '../../shared/training/metrics';
import { precisions, type Precision } from '../../shared/training/precision';
import { laneSchema, lossNames, trainingSchema } from '../../shared/training/settings';
import { laneStates } from '../engine/protocol';
import { appendLines, errorCode, readTextIfThere, writeFileAtomic } from './files';

/** Values that are not finite are null in files. */
const fileNumber = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);
const measurement = z.object({ loss: fileNumber, metrics: z.record(z.string(), fileNumber) });
const pointSchema = z.object({
  epoch: z.number(),
  step: z.number(),
  learningRate: z.number(),
  training: measurement,
  validation: measurement.nullable(),
});

/** experiment.json: written once, when the experiment starts. */
const frozenSchema = z.object({
  format: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  project: z.string(),
  settings: trainingSchema,
  loss: z.enum(lossNames),
  metrics: z.array(z.enum(metricNames)),
  /** Null: from `settings.seed`. */
  startedFrom: z.object({ experiment: z.string(), lane: z.string(), which: z.enum(['last', 'best']) }).nullable(),
  network: networkSchema,
  data: dataSchema,
  /** SHA-256 of the prepared training and validation samples. */
  dataHash: z.string(),
  preprocessing: preprocessingSchema,
  device: z.string(),
  /** Of the device: what the settings ask for, unless it is the processor. */
  precision: z.enum(precisions).default('float32'),
  engine: z.string(),
});
export type FrozenExperiment = z.infer<typeof frozenSchema>;

const errorRecord: z.ZodType<ErrorRecord | null> = z
  .object({
    code: z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value)),
    message: z.string(),
    details: z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]),
    ),
  })
  .nullable()
  .catch(null);

/** status.json: what changes while it runs. */
const statusSchema = z.object({
  state: z.enum(['starting', 'running', 'paused', 'finished', 'stopped', 'interrupted', 'failed']),
  note: z.string(),
  epoch: z.number(),
  step: z.number(),
  checkpointEpoch: z.number().nullable(),
  /** Where it went on, each time it was elsewhere than before; begun it was on FrozenExperiment.device. */
  movedTo: z.array(z.string()).default([]),
  lanes: z.array(
    z.object({
      id: z.string(),
      settings: laneSchema,
      state: z.enum(laneStates),
      health: z.enum(['waiting', 'improving', 'oscillating', 'plateau', 'overfitting', 'diverged', 'done']),
      learningRate: z.number(),
      epoch: z.number(),
      last: pointSchema.nullable(),
      bestEpoch: z.number().nullable(),
      best: pointSchema.nullable(),
      divergedAt: z
        .object({
          step: z.number(),
          epoch: z.number(),
          cause: z.enum(['not-finite', 'grown']),
          loss: fileNumber,
        })
        .nullable(),
    }),
  ),
  error: errorRecord,
});
export type ExperimentStatus = z.infer<typeof statusSchema>;

/** The files of one experiment. */
export class ExperimentFolder {
  constructor(readonly path: string) {}

  get statePath(): string {
    return join(this.path, 'state.bin');
  }

  get initialPath(): string {
    return join(this.path, 'initial.onnx');
  }

  lanePath(lane: string, file: string): string {
    return join(this.path, lane, file);
  }

  async create(frozen: FrozenExperiment, status: ExperimentStatus): Promise<void> {
    await mkdir(this.path, { recursive: true });
    for (const lane of status.lanes) await mkdir(join(this.path, lane.id), { recursive: true });
    await writeFileAtomic(join(this.path, 'experiment.json'), `${JSON.stringify(frozen, null, 2)}\n`);
    await this.writeStatus(status);
  }

  async writeStatus(status: ExperimentStatus): Promise<void> {
    await writeFileAtomic(join(this.path, 'status.json'), `${JSON.stringify(status, null, 2)}\n`);
  }

  async readFrozen(): Promise<FrozenExperiment> {
    return readJson(join(this.path, 'experiment.json'), frozenSchema);
  }

  async readStatus(): Promise<ExperimentStatus> {
    return readJson(join(this.path, 'status.json'), statusSchema);
  }

  async changedAt(): Promise<string> {
    return (await stat(this.path)).mtime.toISOString();
  }

  appendPoints(lane: string, points: readonly EpochPoint[]): Promise<void> {
    return appendLines(
      this.lanePath(lane, 'metrics.jsonl'),
      points.map((point) => JSON.stringify(point)),
    );
  }

  /** Points with epoch ≥ from. A last line without its end (the machine went down) is left out. */
  async readPoints(lane: string, from = 0): Promise<EpochPoint[]> {
    const path = this.lanePath(lane, 'metrics.jsonl');
    const text = await readTextIfThere(path);
    if (text === null) return [];
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    const points: EpochPoint[] = [];
    lines.forEach((line, index) => {
      if (line === '') return;
      try {
        const point = pointSchema.parse(JSON.parse(line));
        if (point.epoch >= from) points.push(point);
      } catch (error) {
        const issue = error instanceof z.ZodError ? describeIssue(error) : { reason: systemReason(error) };
        const details = { ...issue, issue: issue.reason, reason: 'at-line', line: index + 1 };
        throw new LabError('experiment.invalid-file', { path, ...details });
      }
    });
    return points;
  }

  /** Takes back what was logged after a checkpoint, before training goes on from there. */
  async dropPointsAfter(lane: string, epoch: number): Promise<void> {
    const kept = (await this.readPoints(lane)).filter((point) => point.epoch <= epoch);
    const lines = kept.map((point) => `${JSON.stringify(point)}\n`);
    await writeFileAtomic(this.lanePath(lane, 'metrics.jsonl'), lines.join(''));
  }

  /** Out of sight at once, then gone: a crash in between leaves no half experiment. Its number is never given again. */
  async remove(): Promise<void> {
    const parent = dirname(this.path);
    const used = Math.max(numberOf(basename(this.path)), await highestDeleted(parent));
    await writeFileAtomic(join(parent, deletedFile), `${used}\n`);
    const aside = `${this.path}.deleted-${process.pid}`;
    await rename(this.path, aside);
    await rm(aside, { recursive: true, force: true });
  }
}

/** Names of the experiments in a project folder, oldest first. */
export async function listExperimentIds(projectFolder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(projectFolder, 'experiments'), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && /^[\w-]+$/.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** 001, 002, …: short enough to type, and in order wherever names are sorted. Notes and exports may name one that is deleted. */
export async function nextExperimentId(projectFolder: string): Promise<string> {
  const ids = await listExperimentIds(projectFolder);
  const deleted = await highestDeleted(join(projectFolder, 'experiments'));
  const highest = ids.reduce((most, id) => Math.max(most, numberOf(id)), deleted);
  return String(highest + 1).padStart(3, '0');
}

/** In the folder of the experiments: the highest number of one that was deleted. */
const deletedFile = 'highest-deleted';

async function highestDeleted(experimentsFolder: string): Promise<number> {
  return numberOf((await readTextIfThere(join(experimentsFolder, deletedFile)))?.trim() ?? '');
}

function numberOf(id: string): number {
  return /^\d{1,9}$/.test(id) ? Number(id) : 0;
}

/** What an experiment is trained on, or was last. */
export function deviceOf(frozen: FrozenExperiment, { movedTo }: Pick<ExperimentStatus, 'movedTo'>): string {
  return movedTo.at(-1) ?? frozen.device;
}

export interface TrainedOn {
  device: string;
  precision: Precision;
  /** In which it was to be, had the device had it. */
  asked: Precision;
}

/** Where what an experiment has learnt is computed with the bits of its training. */
export function trainedOn(frozen: FrozenExperiment, status: Pick<ExperimentStatus, 'movedTo'>): TrainedOn {
  const { precision, settings } = frozen;
  return { device: deviceOf(frozen, status), precision, asked: settings.precision };
}

/** `epochsPerSecond`: to which it is slowed down while it runs. */
export function summarise(
  frozen: FrozenExperiment,
  status: ExperimentStatus,
  epochsPerSecond: number | null,
): ExperimentSummary {
  const { id, createdAt, settings, loss, metrics, precision, engine } = frozen;
  const { movedTo, ...moment } = status;
  const device = [frozen.device, ...movedTo].join(' → ');
  return { id, createdAt, settings, loss, metrics, device, precision, engine, epochsPerSecond, ...moment };
}

/** For the list: nothing is known of it but its name, its age and what is wrong. */
export function summariseDamaged(id: string, createdAt: string, error: ErrorRecord): ExperimentSummary {
  return {
    id,
    createdAt,
    state: 'failed',
    note: '',
    settings: trainingSchema.parse({}),
    loss: 'mse',
    metrics: [],
    device: '',
    precision: 'float32',
    engine: '',
    epochsPerSecond: null,
    epoch: 0,
    step: 0,
    checkpointEpoch: null,
    lanes: [],
    error,
  };
}

async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new LabError('experiment.invalid-file', { path, reason: systemReason(error) });
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new LabError('experiment.invalid-file', { path, ...issueAsReason(parsed.error) });
}
