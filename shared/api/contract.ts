import { z } from 'zod';
import { generatorNames, columnSchema, splitSchema, tableFormatSchema } from '../project/data';
import { projectSchema, type ProjectDocument } from '../project/document';
import type { ErrorRecord } from '../errors';
import type { RecordedGraph } from '../recorded-graph/recorded-graph';
import { languages } from '../text';
import { deviceSchema } from '../training/settings';
import type { DataImages, DataPage, DataPoints, DataSummary } from './data';
import {
  valueViews,
  type CellOutcome,
  type CellOutput,
  type Drawing,
  type NetworkSource,
  type OpenScratchpad,
  type Suggestion,
  type VariableInfo,
} from './scratchpad';
import type {
  CardMemory,
  EpochPoint,
  Evaluation,
  ExperimentProgress,
  ExperimentSummary,
  ExportReport,
  LaneView,
  ParameterValues,
} from './experiments';
import {
  checkScopeSchema,
  inspectSampleSchema,
  inspectSourceSchema,
  listedSamplesSchema,
  neuronPlaceSchema,
  weightPlaceSchema,
  type GradientCheck,
  type InspectRun,
  type InspectSummary,
  type LayerPicture,
  type NeuronView,
  type SampleList,
  type WeightView,
  type WhatIf,
} from './inspect';

/**
 * LabApi: everything the app can do, as calls the page makes and events the host sends. One implementation (src-main/lab),
 * carried by Electron IPC, by a WebSocket, or called directly by the command line.
 *
 * Adding a call is one entry here and one handler in src-main/lab. Inputs are parsed with their schema at the host's door.
 */
export interface CallDefinition<Input extends z.ZodType, Output> {
  input: Input;
  /** Type only. */
  output?: Output;
}

const call = <Output>() => ({
  with: <Input extends z.ZodType>(input: Input): CallDefinition<Input, Output> => ({ input }),
});

const nothing = z.strictObject({});
const project = z.string().min(1);
const experiment = z.string().min(1);
const lane = z.string().min(1);
const scratchpad = z.string().min(1);
const lanes = z.array(lane).max(256);
const inspection = z.string().min(1);
const variable = z.string().min(1).max(1000);
/** A variable of a notebook, and what `scratchpad.networkSource` asked for. */
const networkChoice = {
  scratchpad,
  name: variable,
  /** Of one sample. */
  shape: z.array(z.number().int().positive()).max(8).nullable().default(null),
  /** Of the leaves those that are inputs; null: all. */
  inputs: z.array(variable).nullable().default(null),
};

export const settingsSchema = z.strictObject({
  language: z.enum(['auto', ...languages]).default('auto'),
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
});
export type AppSettings = z.infer<typeof settingsSchema>;

export interface AppInfo {
  version: string;
  door: 'electron' | 'browser';
  /** Opened by the command line: `deltalab serve <project>`. */
  openProject: string | null;
  /** Where new projects go unless the user says otherwise. */
  projectsFolder: string;
  settings: AppSettings;
}

export interface DeviceInfo {
  /** cpu, cuda:0, … */
  id: string;
  name: string;
  /** Of the processor: threads and instruction set. */
  detail: string;
  /** Null for the processor, and where no card was found. */
  card: CardFacts | null;
  usable: boolean;
  /** Why not. */
  reason: ErrorRecord | null;
}

export interface CardFacts {
  /** Bytes. */
  memoryTotal: number;
  memoryFree: number;
  /** Compute capability, such as 8.9. */
  capability: string;
  /** Of CUDA, up to which the driver goes. */
  driver: string;
  /** Whether NVIDIA's cuBLASLt is there for large products. */
  blas: boolean;
}

export interface OpenProject {
  /** Handle for further calls. */
  id: string;
  path: string;
  document: ProjectDocument;
  /** Raised by every saved change; an update must name the one it was made from. */
  revision: number;
  /** Another process holds the lock: its words, and nothing can be changed. */
  readOnly: { host: string; pid: number; since: string } | null;
}

export interface RecentProject {
  path: string;
  name: string;
  openedAt: string;
  exists: boolean;
}

/** What became of the nodes of an imported model. */
export interface ImportReport {
  /** Layers of the palette, and nodes that stay operators. */
  layers: number;
  operators: number;
  /** Trained weights of the file that several layers share, as they do there. */
  tied: string[];
  /** Trained weights that several nodes of the file shared: each layer has its own copy now. */
  untied: string[];
  /** Inputs of the file, where it has several: the columns of the network's one input that each has become. */
  inputs: { name: string; from: number; size: number }[];
  unusedInputs: string[];
  /** The output of the file that the network ends in, and the others. */
  output: string;
  droppedOutputs: string[];
  /** Where that output is only the place of the largest value: the operator, and the values the network gives instead. */
  answer: { operator: string; values: string } | null;
}

export interface ExampleInfo {
  name: string;
  title: Record<'en' | 'ru', string>;
  description: Record<'en' | 'ru', string>;
}

export interface FolderListing {
  path: string;
  parent: string | null;
  folders: { name: string; isProject: boolean }[];
  files: { name: string; bytes: number }[];
}

export const calls = {
  'app.info': call<AppInfo>().with(nothing),
  'app.setSettings': call<AppSettings>().with(settingsSchema),
  'app.listFolder': call<FolderListing>().with(z.strictObject({ path: z.string().nullable() })),
  'devices.list': call<DeviceInfo[]>().with(nothing),

  'examples.list': call<ExampleInfo[]>().with(nothing),
  'projects.recent': call<RecentProject[]>().with(nothing),
  'projects.forget': call<null>().with(z.strictObject({ path: z.string() })),
  /** Into `folder`, or a new folder under the projects folder. */
  'projects.create': call<OpenProject>().with(
    z.strictObject({
      name: z.string().min(1).max(120),
      folder: z.string().nullable().default(null),
      example: z.string().nullable().default(null),
    }),
  ),
  'projects.open': call<OpenProject>().with(z.strictObject({ path: z.string().min(1) })),
  'projects.close': call<null>().with(z.strictObject({ project })),
  /** Writes the whole document. Refused when `revision` is not the last one. */
  'projects.update': call<{ revision: number }>().with(
    z.strictObject({ project, revision: z.number().int(), document: projectSchema }),
  ),

  /**
   * Makes a file the project's data: a table (CSV, TSV) or an IDX pair, told apart by content. Sets `data` of the document
   * (guessing roles) and returns the new document; `copy` puts the file into the project's data/ folder.
   */
  'data.import': call<{ document: ProjectDocument; revision: number; summary: DataSummary }>().with(
    z.strictObject({
      project,
      paths: z.array(z.string()).min(1).max(4),
      copy: z.boolean().default(false),
      /** Of a table, where the guess was wrong; the roles are then guessed on what it gives. */
      format: tableFormatSchema.optional(),
    }),
  ),
  'data.generate': call<{ document: ProjectDocument; revision: number; summary: DataSummary }>().with(
    z.strictObject({
      project,
      generator: z.enum(generatorNames),
      count: z.number().int().min(2).max(1_000_000).optional(),
      noise: z.number().min(0).max(10).optional(),
      seed: z.number().int().min(0).max(4_294_967_295).optional(),
    }),
  ),
  /** What the project's data come to under its present recipe. Throws with file, row and column when they can't be read. */
  'data.summary': call<DataSummary | null>().with(z.strictObject({ project })),
  /** The same under another recipe, without saving it. */
  'data.tryRecipe': call<DataSummary>().with(
    z.strictObject({ project, columns: z.array(columnSchema), split: splitSchema }),
  ),
  'data.rows': call<DataPage>().with(
    z.strictObject({ project, offset: z.number().int().min(0), limit: z.number().int().min(1).max(500) }),
  ),
  'data.images': call<DataImages>().with(
    z.strictObject({ project, offset: z.number().int().min(0), limit: z.number().int().min(1).max(200) }),
  ),
  'data.points': call<DataPoints | null>().with(z.strictObject({ project })),

  'experiments.list': call<ExperimentSummary[]>().with(z.strictObject({ project })),
  'experiments.get': call<ExperimentSummary>().with(z.strictObject({ project, experiment })),
  /** Starts with the saved document, or with another that is not saved (`train --lr`). `paused`: ready at step 0, for stepping. */
  'experiments.start': call<ExperimentSummary>().with(
    z.strictObject({ project, paused: z.boolean().default(false), document: projectSchema.optional() }),
  ),
  /**
   * What a start of the document would take of the graphics cards that it would choose; empty: of none. Cheap enough to be asked at every change: only
   * sizes count. Throws what stands in the way of a start, as far as that is known without reading the data.
   */
  'experiments.memory': call<CardMemory[]>().with(z.strictObject({ project, document: projectSchema })),
  /** A new experiment whose lanes all start from the weights of this lane. */
  'experiments.continueWith': call<ExperimentSummary>().with(
    z.strictObject({
      project,
      experiment,
      lane,
      which: z.enum(['last', 'best']).default('last'),
      paused: z.boolean().default(false),
    }),
  ),
  'experiments.pause': call<null>().with(z.strictObject({ project, experiment })),
  /**
   * Goes on after a pause, or from the last checkpoint after a crash, a stop or a restart of the app. `device`: from the checkpoint on this device, in the
   * precision it was begun with; otherwise where it was.
   */
  'experiments.resume': call<null>().with(z.strictObject({ project, experiment, device: deviceSchema.optional() })),
  'experiments.step': call<null>().with(
    z.strictObject({
      project,
      experiment,
      /** sample: only in online mode, where it is the batch. */
      unit: z.enum(['sample', 'batch', 'epoch']),
      count: z.number().int().min(1).max(1_000_000).default(1),
    }),
  ),
  'experiments.stop': call<null>().with(z.strictObject({ project, experiment })),
  'experiments.setLearningRate': call<null>().with(
    z.strictObject({ project, experiment, lane, learningRate: z.number().positive().finite() }),
  ),
  /** Slows training down so that a person can follow: epochs a second, null for full speed. */
  'experiments.setSpeed': call<null>().with(
    z.strictObject({ project, experiment, epochsPerSecond: z.number().positive().nullable() }),
  ),
  'experiments.setNote': call<null>().with(z.strictObject({ project, experiment, note: z.string().max(10_000) })),
  'experiments.remove': call<null>().with(z.strictObject({ project, experiment })),
  /** Epoch points with epoch ≥ from, in order. */
  'experiments.series': call<EpochPoint[]>().with(
    z.strictObject({ project, experiment, lane, from: z.number().int().min(0).default(0) }),
  ),
  'experiments.view': call<LaneView | null>().with(z.strictObject({ project, experiment, lanes })),
  /** Initial and present weights of a lane, for networks of at most `fewParameters`; null for larger ones. */
  'experiments.parameters': call<ParameterValues[] | null>().with(z.strictObject({ project, experiment, lane })),
  'experiments.evaluate': call<Evaluation>().with(
    z.strictObject({
      project,
      experiment,
      lane,
      which: z.enum(['last', 'best']).default('best'),
      split: z.enum(['training', 'validation', 'test']).default('validation'),
    }),
  ),

  /** Puts a network of the project under the microscope, as it is at this moment. Training goes on and knows nothing of it. */
  'inspect.open': call<InspectSummary>().with(z.strictObject({ project, source: inspectSourceSchema })),
  /** Runs it forwards and backwards on one sample, with what was changed by hand. The calls below read what that left. */
  'inspect.run': call<InspectRun>().with(z.strictObject({ inspection, sample: inspectSampleSchema })),
  /** Samples to choose from, a piece at a time. Sorting and leaving out take an answer to every sample of the split at first. */
  'inspect.samples': call<SampleList>().with(z.strictObject({ inspection, ...listedSamplesSchema.shape })),
  /** Everything the drawing shows; of wide layers the `most` strongest neurons and those `pinned`. */
  'inspect.picture': call<LayerPicture[]>().with(
    z.strictObject({
      inspection,
      most: z.number().int().min(1).max(64).default(10),
      pinned: z.array(neuronPlaceSchema).max(64).default([]),
    }),
  ),
  'inspect.neuron': call<NeuronView>().with(z.strictObject({ inspection, place: neuronPlaceSchema })),
  'inspect.weight': call<WeightView>().with(z.strictObject({ inspection, weight: weightPlaceSchema })),
  /** Its operators and the loss, forwards and backwards on that sample. */
  'inspect.graph': call<RecordedGraph>().with(z.strictObject({ inspection })),
  /** Numerical gradients beside the analytic ones; of many weights evenly spread ones are taken. */
  'inspect.check': call<GradientCheck>().with(z.strictObject({ inspection, scope: checkScopeSchema })),
  /** The loss after one plain step, for rates evenly spread on a logarithmic scale. */
  'inspect.whatIf': call<WhatIf>().with(
    z.strictObject({
      inspection,
      from: z.number().positive().finite(),
      to: z.number().positive().finite(),
      count: z.number().int().min(2).max(200).default(33),
    }),
  ),
  'inspect.close': call<null>().with(z.strictObject({ inspection })),

  /** A new project from an ONNX file, into `folder` or a new folder under the projects folder; it is open afterwards. */
  'models.import': call<{ project: OpenProject; report: ImportReport }>().with(
    z.strictObject({
      path: z.string().min(1),
      folder: z.string().nullable().default(null),
      name: z.string().min(1).max(120).nullable().default(null),
      /** Of the file's outputs the one the network ends in; null: the first. */
      output: z.string().nullable().default(null),
    }),
  ),
  'models.export': call<ExportReport>().with(
    z.strictObject({
      project,
      experiment,
      lane,
      which: z.enum(['last', 'best']).default('best'),
      /** Preprocessing as nodes, so that the file takes raw inputs; numeric inputs only. */
      bakePreprocessing: z.boolean().default(false),
      /** A softmax (or sigmoid) at the end, so that the file gives probabilities. */
      probabilities: z.boolean().default(false),
      /** Null: `<project>/exports/<experiment>-<lane>.onnx`. */
      path: z.string().nullable().default(null),
    }),
  ),

  /** A notebook with a process of its own; an id that is known takes up that notebook again, with its variables. */
  'scratchpad.open': call<OpenScratchpad>().with(
    z.strictObject({
      scratchpad: z.string().nullable().default(null),
      /** Whose data its cells may ask for. */
      project: project.nullable().default(null),
    }),
  ),
  /** The cells that are kept with a project (null: none yet), and the revision of their file (null: there is none). */
  'scratchpad.load': call<{ cells: string[] | null; revision: string | null }>().with(z.strictObject({ project })),
  /** Refused when the file is no longer that of `revision`; without one it is written over, whatever it holds. */
  'scratchpad.save': call<{ revision: string | null }>().with(
    z.strictObject({
      project,
      cells: z.array(z.string().max(1_000_000)).max(1000),
      revision: z.string().nullable().optional(),
    }),
  ),
  'scratchpad.close': call<null>().with(z.strictObject({ scratchpad })),
  /** Answered when the cell has ended; what it writes comes as `scratchpad.output` while it runs. */
  'scratchpad.run': call<CellOutcome>().with(
    z.strictObject({ scratchpad, cell: z.string(), code: z.string().max(1_000_000) }),
  ),
  'scratchpad.stop': call<null>().with(z.strictObject({ scratchpad })),
  /** Forgets all variables. */
  'scratchpad.reset': call<null>().with(z.strictObject({ scratchpad })),
  'scratchpad.variables': call<VariableInfo[]>().with(z.strictObject({ scratchpad })),
  /** The numbers of a variable as a picture; null: it holds none. */
  'scratchpad.view': call<Drawing | null>().with(
    z.strictObject({ scratchpad, name: variable, as: z.enum(valueViews) }),
  ),
  /** How the value of a variable was computed: what ran, with numbers, and the gradients of the last backward pass. */
  'scratchpad.graph': call<RecordedGraph>().with(z.strictObject({ scratchpad, name: variable })),
  /** What has to be asked before a variable is opened as a network. */
  'scratchpad.networkSource': call<NetworkSource>().with(z.strictObject({ scratchpad, name: variable })),
  /** A new project of a module, or of what a tensor was computed by, with its weights; it is open afterwards. */
  'scratchpad.openNetwork': call<{ project: OpenProject; report: ImportReport }>().with(
    z.strictObject({
      ...networkChoice,
      title: z.string().min(1).max(120),
      folder: z.string().nullable().default(null),
    }),
  ),
  /** Puts it in the place of a project's network. */
  'scratchpad.replaceNetwork': call<{ document: ProjectDocument; revision: number; report: ImportReport }>().with(
    z.strictObject({ ...networkChoice, project, revision: z.number().int() }),
  ),
  /** What could be typed at a place: `line` from 1, `column` from 0. */
  'scratchpad.complete': call<Suggestion[]>().with(
    z.strictObject({
      scratchpad,
      code: z.string().max(1_000_000),
      line: z.number().int().min(1),
      column: z.number().int().min(0),
    }),
  ),
} as const satisfies Record<string, CallDefinition<z.ZodType, unknown>>;

export type CallName = keyof typeof calls;
/** As the caller writes it (defaults may be left out). */
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
/** As the handler receives it. */
export type CallParsed<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> =
  (typeof calls)[Name] extends CallDefinition<z.ZodType, infer Output> ? Output : never;

/** What every door implements. */
export type LabApi = { [Name in CallName]: (input: CallInput<Name>) => Promise<CallOutput<Name>> };

/** Sent by the host without being asked. */
export interface LabEvents {
  'experiment.progress': ExperimentProgress;
  /** Created, state changed, note changed; null: deleted. */
  'experiment.changed': { project: string; experiment: string; summary: ExperimentSummary | null };
  'project.saved': { project: string; revision: number; savedAt: string };
  /** The cells of a project's notebook were written. */
  'scratchpad.saved': { project: string; revision: string | null };
  'scratchpad.output': { scratchpad: string; cell: string; pieces: CellOutput[] };
  /** Its process ended by itself: the variables are gone. */
  'scratchpad.died': { scratchpad: string; error: ErrorRecord };
}

export type EventName = keyof LabEvents;
export const eventNames: readonly EventName[] = [
  'experiment.progress',
  'experiment.changed',
  'project.saved',
  'scratchpad.saved',
  'scratchpad.output',
  'scratchpad.died',
];
