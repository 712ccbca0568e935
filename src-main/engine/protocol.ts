import { z } from 'zod';
import { lossNames } from '../../shared/training/losses';
import { metricNames } from '../../shared/training/metrics';
import { hyperparameterOptionals, optimizerNames } from '../../shared/training/optimizers';
import { precisions } from '../../shared/training/precision';
import { scheduleKinds, scheduleSchema } from '../../shared/training/schedule';
import { inspectCalls } from './inspect/messages';
import { hostCallReport } from '../scratchpad/host-calls';
import { cellOutputReport, kernelCalls, networkCalls } from '../scratchpad/protocol';
import { arrayOf } from './array-schema';
import { graphSchema as graph, tensorSchema as tensor } from './graph-schema';
import type {
  AnsweringCard,
  CardPlan,
  DataSplit,
  EngineBuild,
  EngineOperator,
  LaneState,
  LaneStatus,
  NativeCard,
  TrainPlan,
} from './native';

/**
 * Messages between host and engine process. Both sides are ours, but they are two processes: every message is parsed.
 * Large arrays are checked for their kind only, never copied.
 */

const floats = arrayOf<Float32Array>('Float32Array');
const bytes = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array || ArrayBuffer.isView(value),
  'expected bytes',
);
const numbersOrClasses = z.union([floats, arrayOf<BigInt64Array>('BigInt64Array')]);
/** Losses of a diverging lane may be infinite or no number, which z.number() refuses. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'expected a number');
const count = z.number().int().nonnegative();

const tensors = z.record(z.string(), tensor);
const split: z.ZodType<DataSplit> = z.object({ inputs: floats, targets: numbersOrClasses, count });
const loss = z.enum(lossNames);
const lossOptions = z.object({
  delta: z.number().optional(),
  labelSmoothing: z.number().optional(),
  classWeights: z.array(z.number()).optional(),
  margin: z.number().optional(),
});

const cardPlan = z.object({ library: z.string(), card: count }) satisfies z.ZodType<CardPlan>;
const answeringCard: z.ZodType<AnsweringCard> = cardPlan.extend({ precision: z.enum(precisions) });

const plan: z.ZodType<TrainPlan> = z.object({
  graph,
  optimizer: z.enum(optimizerNames).optional(),
  lanes: z.array(
    z.object({
      ...hyperparameterOptionals,
      learningRate: z.number(),
      momentum: z.number(),
      dampening: z.number(),
      nesterov: z.boolean(),
      weightDecay: z.number(),
    }),
  ),
  schedule: z
    .object({
      ...scheduleSchema.omit({ unit: true }).shape,
      kind: z.enum(scheduleKinds),
      perStep: z.boolean().optional(),
    })
    .optional(),
  loss,
  lossOptions: lossOptions.optional(),
  training: split,
  validation: split.nullable(),
  batchSize: count,
  shuffle: z.boolean(),
  seed: count,
  epochs: count,
  targetLoss: z.number().nullable(),
  patience: count.nullable().optional(),
  minImprovement: z.number().optional(),
  maxSeconds: z.number().nullable().optional(),
  divergenceFactor: z.number(),
  devices: z.array(cardPlan).optional(),
  precision: z.enum(precisions).optional(),
  threads: count,
  metrics: z.array(z.enum(metricNames)),
  targetScales: z.array(z.number()).optional(),
});

const measurement = z.object({ loss: anyNumber, metrics: z.record(z.string(), anyNumber) });
export const pointSchema = z.object({
  epoch: count,
  step: count,
  learningRate: z.number(),
  training: measurement,
  validation: measurement.nullable(),
});

const build: z.ZodType<EngineBuild> = z.object({
  version: z.string(),
  compiler: z.string(),
  instructionSet: z.string(),
  processors: count,
});

const engineOperator: z.ZodType<EngineOperator> = z.object({
  opType: z.string(),
  device: z.enum(['cpu', 'cuda']),
  backward: z.boolean(),
  constants: z.array(count),
  indices: z.array(count),
  running: z.array(count),
});

const card: z.ZodType<NativeCard> = z.object({
  name: z.string(),
  memoryTotal: z.number(),
  memoryFree: z.number(),
  capability: z.string(),
  driver: z.string(),
  blas: z.boolean(),
  problem: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
});

const position = z.object({ step: count, epoch: count, sampleInEpoch: count, samplesPerEpoch: count });
export type Position = z.infer<typeof position>;

const nothing = z.null();
const lane = count;

/** What the host may ask. The training calls need an `open` before them. */
export const engineCalls = {
  open: {
    input: z.object({
      plan,
      /** Of `saveState`, to go on from there; null starts anew. */
      state: bytes.nullable(),
      /** Best points so far, by lane; empty when training starts. */
      best: z.array(pointSchema.nullable()),
      checkpointEvery: z.number().int().positive(),
      /** Ready, but standing still. */
      paused: z.boolean(),
    }),
    output: nothing,
  },
  run: { input: nothing, output: nothing },
  /** Answered when training stands still and its checkpoint was sent. */
  pause: { input: nothing, output: nothing },
  step: { input: z.object({ unit: z.enum(['steps', 'epochs']), count: z.number().int().positive() }), output: nothing },
  /** Epochs a second; null: as fast as it goes. */
  setSpeed: { input: z.number().positive().nullable(), output: nothing },
  setLearningRate: { input: z.object({ lane, learningRate: z.number().positive() }), output: nothing },
  /** Ends training with a last checkpoint. */
  stop: { input: nothing, output: nothing },
  /** The last checkpoint is on disk: the next may come. */
  checkpointWritten: { input: nothing, output: nothing },
  predict: { input: z.object({ lane, inputs: floats, count }), output: floats },
  weights: { input: lane, output: z.object({ last: tensors, best: tensors.nullable() }) },
  operators: { input: nothing, output: z.array(engineOperator) },
  /** Only to a process made for it: a driver may crash or hang. */
  cards: { input: z.object({ library: z.string() }), output: z.array(card) },
  missingOperators: {
    input: z.object({ graph, library: z.string() }),
    output: z.array(z.object({ node: z.string(), opType: z.string() })),
  },
  trainingMemory: { input: plan, output: z.array(count) },
  infer: { input: z.object({ graph, inputs: tensors, threads: count }), output: tensors },
  /** A graph that is run several times travels once; the answer names it in the other two. */
  openSession: { input: z.object({ graph, device: answeringCard.nullable() }), output: count },
  runSession: { input: z.object({ session: count, inputs: tensors }), output: tensors },
  closeSession: { input: count, output: nothing },
  gradients: {
    input: z.object({ graph, inputs: tensors, target: tensor, loss, threads: count }),
    output: z.object({ loss: anyNumber, gradients: tensors }),
  },
  ...inspectCalls(graph, tensor, answeringCard),
  ...kernelCalls,
  ...networkCalls,
} as const;

export type EngineCallName = keyof typeof engineCalls;
export type EngineInput<Name extends EngineCallName> = z.infer<(typeof engineCalls)[Name]['input']>;
export type EngineOutput<Name extends EngineCallName> = z.infer<(typeof engineCalls)[Name]['output']>;

const callNames = Object.keys(engineCalls) as [EngineCallName, ...EngineCallName[]];

/** Host to engine process. */
export const commandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), id: count, call: z.enum(callNames), input: z.unknown() }),
  z.object({ kind: z.literal('exit') }),
]);
export type Command = z.infer<typeof commandSchema>;

const errorDetail = z.union([z.string(), anyNumber, z.boolean(), z.null(), z.array(z.union([z.string(), anyNumber]))]);
const failure = z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), errorDetail) });
export type EngineFailure = z.infer<typeof failure>;

export const laneStates = [
  'running',
  'finished',
  'diverged',
  'stopped',
  'target-reached',
  'no-improvement',
  'time-up',
] as const satisfies readonly LaneState[];

const laneStatus: z.ZodType<LaneStatus> = z.object({
  state: z.enum(laneStates),
  learningRate: z.number(),
  step: count.nullable(),
  epoch: count.nullable(),
  cause: z.enum(['not-finite', 'grown']).nullable(),
  loss: anyNumber.nullable(),
  bestEpoch: count.nullable(),
  bestLoss: anyNumber.nullable(),
});

const progress = position.extend({
  kind: z.literal('progress'),
  /** starting: the state before training, until its checkpoint was sent. */
  phase: z.enum(['starting', 'running', 'paused', 'finished', 'stopped']),
  samplesPerSecond: z.number(),
  lanes: z.array(
    z.object({
      status: laneStatus,
      batchLoss: anyNumber,
      /** Epochs worth logging since the last message. */
      points: z.array(pointSchema),
      best: pointSchema.nullable(),
      norms: z.array(z.object({ name: z.string(), weight: anyNumber, update: anyNumber })),
    }),
  ),
});
export type EngineProgress = z.infer<typeof progress>;

const checkpoint = position.extend({
  kind: z.literal('checkpoint'),
  state: bytes,
  lanes: z.array(z.object({ last: tensors, best: tensors.nullable(), bestPoint: pointSchema.nullable() })),
});
export type EngineCheckpoint = z.infer<typeof checkpoint>;

/** Engine process to host. */
export const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), build }),
  z.object({ kind: z.literal('failed-to-start'), error: failure }),
  z.object({ kind: z.literal('answer'), id: count, ok: z.literal(true), value: z.unknown() }),
  z.object({ kind: z.literal('refusal'), id: count, error: failure }),
  progress,
  checkpoint,
  cellOutputReport,
  hostCallReport,
  /** Training threw; nothing goes on. */
  z.object({ kind: z.literal('broken'), error: failure }),
  /** Sent every second; `step` is read from the training thread, null while nothing is open. */
  z.object({ kind: z.literal('heartbeat'), step: count.nullable() }),
]);
export type Report = z.infer<typeof reportSchema>;

/** An error of the addon, which carries a stable `code` and `details`, or any other. */
export function toFailure(error: unknown): EngineFailure {
  if (!(error instanceof Error)) return { code: 'engine.unexpected', message: String(error), details: {} };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'engine.unexpected';
  const details = z.record(z.string(), errorDetail).safeParse('details' in error ? error.details : {});
  return { code, message: error.message, details: details.success ? details.data : {} };
}
