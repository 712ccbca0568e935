import type { AttributeValue, Graph } from '../../shared/network/graph';
import type { LossName } from '../../shared/training/losses';
import type { MetricName } from '../../shared/training/metrics';
import type { HyperparameterName, OptimizerName } from '../../shared/training/optimizers';
import type { Precision } from '../../shared/training/precision';
import type { ScheduleKind, ScheduleParameters } from '../../shared/training/schedule';

/**
 * What the native addon offers. Implemented in src-native/binding; loaded by the engine process and by unit tests only.
 * Every failure is thrown (or rejected) as an Error whose `code` is a stable word and whose `details` name the node, shape or lane.
 */
export interface NativeEngine {
  /** What this build is, and which kernels this processor runs. */
  info(): EngineBuild;
  /** Checks shapes and operators, allocates everything a step needs, starts nothing. */
  createTrainer(plan: TrainPlan): NativeTrainer;
  /** A graph to be run again and again: what is planned for inputs of some shapes is kept for the next of these. */
  createSession(graph: Graph, options?: { threads?: number; device?: AnsweringCard | null }): NativeSession;
  /** Runs a graph forward once. Inputs by name, of the graph's shapes where -1 is any size; int64 values are computed with as float32. */
  infer(
    graph: Graph,
    inputs: Record<string, Tensor>,
    options?: { threads?: number; device?: AnsweringCard | null },
  ): Record<string, Tensor>;
  /**
   * Loss and ∂loss/∂initializer of every trainable initializer, at the given weights. Arrays of `into`, an earlier answer that is no
   * longer needed, are used again where they fit. With a device, here and above, the answers are those of a training there in the same
   * precision, bit for bit; float64 is refused then.
   */
  gradients(
    graph: Graph,
    inputs: Record<string, Tensor>,
    target: Tensor,
    loss: LossKind,
    options?: {
      threads?: number;
      precision?: 'float32' | 'float64';
      device?: AnsweringCard | null;
      loss?: LossOptionsPlan;
      into?: Record<string, Tensor> | null;
    },
  ): { loss: number; gradients: Record<string, Tensor> };
  /** Names of the operators with a CPU kernel, with whether they have a backward. */
  operators(): EngineOperator[];
  /**
   * The graphics cards that a device library finds, by number. A driver may crash or hang: only ever called in a process made for it.
   * Throws 'device.unavailable' where there is none at all.
   */
  cards(library: string): NativeCard[];
  /** Nodes of the graph whose operators the cards of the library do not have. */
  missingOperators(graph: Graph, library: string): MissingOperator[];
  /**
   * Bytes that a trainer of the plan takes on each of its `devices`, without opening them: what `createTrainer` would refuse as 'device.memory'
   * can be told long before. Only sizes count, so that arrays of weights (here and in missingOperators) and of splits may be empty.
   */
  trainingMemory(plan: TrainPlan): number[];
  /**
   * What the operator is tried with by every suite that walks the table, for a batch of this size: graphs of one node, "node", whose
   * inputs are all initializers; what is not frozen there may as well be an input of the network.
   */
  operatorSamples(opType: string, batch: number): Graph[];
  /**
   * One operator of the table for fixed shapes, to be run by itself: what tensors of the scratchpad compute with. `threads` counts for the
   * first one that is made: all of them share their threads, and run one at a time.
   */
  createEagerOperator(request: EagerRequest, options?: { threads?: number }): NativeEagerOperator<EagerArray>;
  /** The same on a card, in float32. Throws 'device.operator' for one that the card does not have. */
  createEagerOperator(request: EagerRequest, options: { card: NativeCardMemory }): NativeEagerOperator<CardArray>;
  /** Memory of a card for eager operators. Throws 'device.unavailable' and 'device.failed', as everything on a card may. */
  openCardMemory(card: CardPlan): NativeCardMemory;
  /** PyTorch's CPU generator (MT19937), for tests of the engine's own shuffling. */
  createGenerator(seed: number): NativeGenerator;
}

export interface NativeCard {
  name: string;
  /** Bytes. */
  memoryTotal: number;
  memoryFree: number;
  capability: string;
  driver: string;
  /** Whether cuBLASLt is there for its large products. */
  blas: boolean;
  /** Why it cannot be used: `reason` is a word of shared/errors/reasons.ts, the others are its values. */
  problem: Record<string, string | number> | null;
}

export interface MissingOperator {
  node: string;
  opType: string;
}

/** A card, and the library of the kernels for it (src-native/core/device_library.h). */
export interface CardPlan {
  library: string;
  card: number;
}

/** A card that answers for a network as it was trained there. */
export interface AnsweringCard extends CardPlan {
  /** As TrainPlan.precision. */
  precision: Precision;
}

export type EagerArray = Float32Array | Float64Array;

export interface EagerRequest {
  opType: string;
  attributes: Record<string, AttributeValue>;
  /** Of all arrays that are given to it. */
  precision: 'float32' | 'float64';
  /** In order; null is an omitted one. What the operator wants constant (EngineOperator.constants) comes with its values. */
  inputs: ({ dims: readonly number[]; needsGradient: boolean } | Tensor | null)[];
  outputs: number;
}

/**
 * Keeps no memory of the caller's: arrays are given to every call, of the length that their shapes tell, null where an input is omitted or
 * constant. So their lives are the garbage collector's business, which frees arrays at once; a native object would live on until the
 * event loop turns, which a long loop of a program keeps from happening.
 */
export interface NativeEagerOperator<Memory = EagerArray> {
  describe(): EagerDescription;
  /** Computes all outputs. `call` is a number that no other call of any operator has (1 and up). */
  forward(call: number, inputs: readonly (Memory | null)[], outputs: readonly Memory[]): void;
  /**
   * Writes the gradients of the inputs that need one. `call`, `inputs` and `outputs` are those of a forward call, of this operator or of another
   * made by an equal request; arrays that `describe` does not ask for may be null. `outputGradients` may be overwritten on the processor.
   */
  backward(
    call: number,
    inputs: readonly (Memory | null)[],
    outputs: readonly (Memory | null)[],
    outputGradients: readonly (Memory | null)[],
    inputGradients: readonly (Memory | null)[],
  ): void;
  /** Frees its memory; further calls throw. */
  dispose(): void;
}

/** The number of an array of float32 in the memory of a card. */
export type CardArray = number;

/**
 * Arrays in the memory of a card. An array lives as long as its owner, which is found out by `sweep` alone, so that memory can be freed in a
 * program that never comes back to the event loop. What is asked for is done in order; only `write`, `read` and `wait` wait for it.
 */
export interface NativeCardMemory {
  /** Set to nothing, at least one element. Throws 'device.memory' with { needed, free, total } in MB. */
  allocate(owner: object, count: number): CardArray;
  write(array: CardArray, values: Float32Array): void;
  /** `count`, here and below: all elements of the array. */
  fill(array: CardArray, count: number, value: number): void;
  copy(to: CardArray, from: CardArray, count: number): void;
  read(array: CardArray, into: Float32Array): void;
  /** A step of an optimizer: reads `weights` and `gradient`, writes `to`, changes `slots`, which are zeros before the first step. */
  update(step: CardUpdate): void;
  /** Frees the arrays whose owners have been collected. Returns bytes: of arrays, and all that was taken from the card. */
  sweep(): { used: number; held: number };
  /** Gives back to the card what was taken from it and is not used. */
  trim(): void;
  wait(): void;
}

export interface CardUpdate {
  optimizer: OptimizerName;
  settings: LanePlan;
  /** 1 is the first. */
  number: number;
  maximize: boolean;
  count: number;
  weights: CardArray;
  gradient: CardArray;
  to: CardArray;
  /** As many as the optimizer remembers with these settings. */
  slots: CardArray[];
}

export interface EagerDescription {
  /** Of the outputs. */
  shapes: number[][];
  /** How many of them have gradients: the first ones. */
  differentiable: number;
  /** The output has the elements of the first input in their order. */
  view: boolean;
  /** What the formulas of backward read. */
  readsInputs: boolean;
  readsOutput: boolean;
  /** Whether backward must be given the inputs: it reads them, or may have to repeat forward. The output is needed where it is read. */
  savesInputs: boolean;
}

export interface EngineOperator {
  opType: string;
  device: 'cpu' | 'cuda';
  backward: boolean;
  /** Inputs that must be initializers: the shape of a Reshape. */
  constants: number[];
  /** Inputs that hold whole numbers; given as int64 or as float32, exact up to 2^24. */
  indices: number[];
  /** Inputs that training overwrites without a gradient: running statistics. */
  running: number[];
}

export interface EngineBuild {
  version: string;
  compiler: string;
  /** Chosen at run time: baseline, avx2, avx512 or generic. DELTALAB_ISA overrides it downwards. */
  instructionSet: string;
  /** Logical processors of the machine. */
  processors: number;
}

/** Row-major. float32 values, or int64 for class indices. */
export interface Tensor {
  dims: number[];
  data: Float32Array | BigInt64Array;
}

/**
 * mse: mean of squares over all elements. half-squared: ½Σ over the outputs, mean over the batch (LECTURE L4).
 * absolute and huber: mean over all elements. cross-entropy: logits [N, C] with class indices [N] (int64), mean over the batch, weighted by
 * the classes. bce-logits: logits and targets of one shape, mean over all elements. hinge: scores [N, C] with class indices,
 * Σ max(0, margin - y_class + y_c) / C, mean over the batch. kl-divergence: logits and target shares [N, C], mean over the batch.
 */
export type LossKind = LossName;

/** Each loss reads its own; defaults: delta 1, no smoothing, all weights 1, margin 1. A wrong one throws 'plan.setting'. */
export interface LossOptionsPlan {
  delta?: number;
  labelSmoothing?: number;
  classWeights?: number[];
  margin?: number;
}

/**
 * Settings of one lane; everything else of a plan is shared, so that lanes stay in lockstep. Formulas: src-native/optimizers, one file each;
 * order of a step: l1, clipValue, clipNorm, the optimizer with its weight decay, maxNorm (src-native/core/updater.h). What is left
 * out has the default of LaneSettings in src-native/core/hyperparameters.h.
 */
export interface LanePlan extends Partial<Record<Exclude<HyperparameterName, SwitchName>, number>> {
  learningRate: number;
  momentum: number;
  dampening: number;
  nesterov: boolean;
  weightDecay: number;
  amsgrad?: boolean;
  centered?: boolean;
}
type SwitchName = 'nesterov' | 'amsgrad' | 'centered';

/** Formulas and defaults: src-native/core/schedule.h. Time is counted in steps or in epochs done. */
export interface SchedulePlan extends Partial<ScheduleParameters> {
  kind: ScheduleKind;
  perStep?: boolean;
}

export interface TrainPlan {
  /** One input, one output. Holds the initial weights every lane starts from. */
  graph: Graph;
  /** Absent: sgd. */
  optimizer?: OptimizerName;
  lanes: LanePlan[];
  /** Absent: constant. */
  schedule?: SchedulePlan;
  loss: LossKind;
  lossOptions?: LossOptionsPlan;
  /** Samples as rows: inputs [N, ...graph input], targets [N, ...graph output], or [N] int64 for cross-entropy and hinge. */
  training: DataSplit;
  validation: DataSplit | null;
  /** 0 is the full batch, 1 is online. A last short batch is trained on as it is. */
  batchSize: number;
  /** New order every epoch from `torch.randperm` of the training generator; false keeps the file's order. */
  shuffle: boolean;
  seed: number;
  /** Stops after this many epochs... */
  epochs: number;
  /** ...or when a lane's training loss of a whole epoch is at most this (that lane stops; the others go on). Null: never. */
  targetLoss: number | null;
  /** ...or after so many epochs whose loss (validation where there is one) is not below the lane's best so far - minImprovement. Absent: never. */
  patience?: number | null;
  minImprovement?: number;
  /** ...or, all lanes, at the first step after so many seconds spent in `advance`, which no second run repeats. Absent: never. */
  maxSeconds?: number | null;
  /**
   * A lane is frozen as diverged when the training loss of an epoch exceeds this many times the reference, a batch a hundred times
   * that, or a loss (of validation too) or a weight at the end of an epoch is not finite; that epoch is never the best. Reference: the
   * greater of the loss at the start and of the answer that knows nothing (equal chances; the mean).
   */
  divergenceFactor: number;
  /**
   * What the factors of products are rounded to on a card; sums, weights and updates stay float32. Absent: float32, the only one the processor
   * has ('plan.setting'). A card older than compute capability 8.0 throws 'device.precision' for the others. A saved state goes on in its own
   * precision only.
   */
  precision?: Precision;
  /** Lanes are spread over them, as evenly as they come out. None or absent: the processor. */
  devices?: CardPlan[];
  /** 0 chooses the number of processors. Never changes a result. */
  threads: number;
  /**
   * accuracy: share of right classes (arg max; one output: threshold 0.5; bce-logits: sign of the logit, over all elements). top-3, top-5:
   * share of rows whose class is among the largest outputs. precision, recall, f1: mean over the classes that occur or were said (bce-logits
   * and one output: over the outputs, of the positive class). auc: area under the ROC curve, exact, each class against the rest,
   * mean over the classes; it needs all outputs at once, so epochs after 0 have it for validation only, and it is left out where it has no
   * value (one class only). mae, rmse: over all elements. r2: 1 - Σ(y-d)²/Σ(d-mean)², mean over the outputs. Errors of bce-logits
   * are those of the probabilities. mae and rmse are in the units of targetScales. A metric that has no meaning for the loss throws 'plan.metric'.
   */
  metrics: MetricName[];
  /** Unit of each target column: data = scale · target + offset. Absent or empty: 1. */
  targetScales?: number[];
}

export interface DataSplit {
  inputs: Float32Array;
  targets: Float32Array | BigInt64Array;
  count: number;
}

export interface NativeTrainer {
  /**
   * Trains on a thread of the addon until a limit is met; one call at a time, all other methods only between calls
   * (`progress` and `interrupt` at any time). Limits may be combined; the first that is met ends the call. A call with `milliseconds`
   * also ends, with the reason 'time', once 50,000 epoch records are waiting: looking through more of them would outlast a short slice.
   * An evaluation of many rows is done piece by piece: `milliseconds` and `interrupt` end a call in the middle of it, with sampleInEpoch =
   * samplesPerEpoch after an epoch, and the next call, of any limit, goes on with it first.
   */
  advance(limit: { steps?: number; epochs?: number; milliseconds?: number }): Promise<AdvanceReport>;
  /** Steps done so far, readable from any thread: the heartbeat. */
  progress(): { step: number };
  /** Ends a running `advance` after some milliseconds, or after the step in hand where it takes longer. */
  interrupt(): void;
  /** The rate a schedule starts from; reductions of a plateau start anew. */
  setLearningRate(lane: number, learningRate: number): void;
  /** Stops one lane; the others go on. */
  stopLane(lane: number): void;
  /** Outputs of the lane's current weights for rows of inputs (as in DataSplit.inputs); the graph output, flattened per row. */
  predict(lane: number, inputs: Float32Array, count: number): Float32Array;
  /** Loss and metrics of the lane's current weights on given data. */
  evaluate(lane: number, data: DataSplit): { loss: number; metrics: Record<string, number> };
  /** Copies of every float initializer, by name. */
  weights(lane: number): Record<string, Tensor>;
  /**
   * The weights of the best epoch so far (LaneStatus.bestEpoch), or null before the first epoch. With validation: those after the epoch, whose
   * validation loss is bestLoss. Without, by the training loss: a full batch has one step an epoch and a loss that is exactly that of the
   * weights before the step, so these are kept; with more steps the loss is a running mean over weights that changed meanwhile, and
   * those after the epoch are kept, whose own loss differs from bestLoss.
   */
  bestWeights(lane: number): Record<string, Tensor> | null;
  /** L2 norms by initializer: of the weights, and of the lane's last update (0 for what is not trained). */
  norms(lane: number): { name: string; weight: number; update: number }[];
  /** Everything needed to go on bit for bit: weights, best weights, optimizer state, position, order, generator, lane states, rates. */
  saveState(): Uint8Array;
  /**
   * Restores what `saveState` of an equal plan (optimizer, frozen values and data included) gave; throws 'state.mismatch' otherwise. More epochs than before, other rates, threads or
   * stop rules are allowed: a lane that had finished goes on. The rates are those of the state.
   */
  loadState(state: Uint8Array): void;
  /** Frees the arena. Further calls throw. */
  dispose(): void;
}

export interface AdvanceReport {
  reason: 'steps' | 'epochs' | 'time' | 'interrupted' | 'finished';
  /** Steps (batches) done since the start of training, full epochs done, samples done in the running epoch, samples in an epoch. */
  step: number;
  epoch: number;
  sampleInEpoch: number;
  samplesPerEpoch: number;
  /**
   * Epochs completed during this call, oldest first, a row of numbers for each lane (EpochRecords). Epoch 0 is the state before training,
   * reported by the first call.
   */
  epochs: Float64Array;
  /** Losses of the last batch of each lane at this moment (NaN where the lane is frozen). */
  batchLoss: number[];
  lanes: LaneStatus[];
}

/**
 * training: mean over the epoch's samples of the loss and metrics seen while training on them (so with the weights of before each step).
 * validation: one pass with the weights after the epoch. Epoch 0: both evaluated at the initial weights; of more than 8,192 training rows
 * so many are evaluated, evenly spread, so that the first step need not wait.
 */
export interface EpochRecord {
  lane: number;
  epoch: number;
  step: number;
  /** Of the last step; of the first step to come for epoch 0. */
  learningRate: number;
  training: { loss: number; metrics: Record<string, number> };
  validation: { loss: number; metrics: Record<string, number> } | null;
}

export type LaneState =
  'running' | 'finished' | 'diverged' | 'stopped' | 'target-reached' | 'no-improvement' | 'time-up';

export interface LaneStatus {
  state: LaneState;
  /** The lane's own rate, which a schedule starts from; EpochRecord has the rate of the last step. */
  learningRate: number;
  /** Where it diverged or stopped. */
  step: number | null;
  epoch: number | null;
  /** For diverged: 'not-finite' or 'grown', with the loss seen (NaN where only the weights are not finite). */
  cause: 'not-finite' | 'grown' | null;
  loss: number | null;
  bestEpoch: number | null;
  bestLoss: number | null;
}

export interface NativeSession {
  /** As `infer`, with the session's graph. */
  run(inputs: Record<string, Tensor>): Record<string, Tensor>;
  /** Frees its memory. Further runs throw. */
  dispose(): void;
}

export interface NativeGenerator {
  rand(count: number): Float32Array;
  randn(count: number): Float32Array;
  randperm(count: number): BigInt64Array;
}
