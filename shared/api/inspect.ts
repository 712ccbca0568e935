import { z } from 'zod';
import type { Field } from '../inspect/field';
import type { InspectedLayer } from '../inspect/layers';
import type { SplitName } from '../project/data';
import type { LossName } from '../training/settings';
import type { ComputedOn } from './computed-on';

/**
 * The microscope: one network at one moment, and one sample going through it forwards and backwards. Whole tensors stay in the
 * engine process; what is shown is read in pieces. Numbers are the engine's (float32), in the network's units.
 */

const count = z.number().int().min(0).max(2_000_000_000);
const finite = z.number().finite();

export const inspectSourceSchema = z.discriminatedUnion('kind', [
  /** The network of the Design page, with the weights training would start from. */
  z.strictObject({ kind: z.literal('design') }),
  z.strictObject({
    kind: z.literal('lane'),
    experiment: z.string().min(1),
    lane: z.string().min(1),
    /** last: this very moment where it runs. */
    which: z.enum(['initial', 'last', 'best']),
  }),
]);
export type InspectSource = z.infer<typeof inspectSourceSchema>;

/** A number of the input, or a weight by its place in the initializer, set by hand. */
export const inputEditSchema = z.strictObject({ index: count, value: finite });
export const weightEditSchema = z.strictObject({ name: z.string().max(200), index: count, value: finite });
export type WeightEdit = z.infer<typeof weightEditSchema>;

export const inspectSampleSchema = z.strictObject({
  split: z.enum(['training', 'validation', 'test']),
  /** Position within the split. */
  index: count,
  /** In the network's units. All of them set: a sample typed by hand. */
  inputs: z.array(inputEditSchema).max(100_000).default([]),
  /** Desired output: a class index, or one number per output. Null: the sample's own. */
  target: z
    .union([count, z.array(finite).max(10_000)])
    .nullable()
    .default(null),
  weights: z.array(weightEditSchema).max(10_000).default([]),
});
export type InspectSample = z.infer<typeof inspectSampleSchema>;

export const listedSamplesSchema = z.strictObject({
  split: z.enum(['training', 'validation', 'test']),
  /** number: as the split has them; loss: largest first. */
  sort: z.enum(['number', 'loss']).default('number'),
  /** wrong: those whose class the network does not find. */
  only: z.enum(['all', 'wrong']).default('all'),
  offset: count,
  limit: z.number().int().min(1).max(200),
});
export type ListedSamples = z.output<typeof listedSamplesSchema>;

export const neuronPlaceSchema = z.strictObject({ layer: count, neuron: count });
/** A layer by its position in `InspectSummary.layers`, and a value of it (row-major). */
export type NeuronPlace = z.infer<typeof neuronPlaceSchema>;

export const weightPlaceSchema = z.strictObject({ name: z.string().max(200), index: count });
export type WeightPlace = z.infer<typeof weightPlaceSchema>;

export const checkScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weight'), weight: weightPlaceSchema }),
  z.strictObject({ kind: z.literal('layer'), layer: count }),
  z.strictObject({ kind: z.literal('network') }),
]);
export type CheckScope = z.infer<typeof checkScopeSchema>;

export interface InspectSummary {
  /** Handle for further calls. */
  inspection: string;
  layers: InspectedLayer[];
  parameters: number;
  loss: LossName;
  learningRate: number;
  /** Whether -η·∂E/∂w is the lane's own step: no momentum, decay, clipping or other optimizer. */
  plainStep: boolean;
  optimizer: string;
  /** Steps and epochs trained. */
  at: { step: number; epoch: number };
  splits: Record<SplitName, number>;
  /** Null: an image, whose shape is that of the input layer. */
  inputs: InputField[] | null;
  target:
    { kind: 'classes'; classes: string[] } | { kind: 'numbers'; names: string[]; offset: number[]; scale: number[] };
}

/** What a network input stands for: raw = value · scale + offset. One-hot inputs have scale 1. */
export interface InputField {
  name: string;
  offset: number;
  scale: number;
}

export interface InspectRun {
  /** E of this sample. */
  loss: number;
  computedOn: ComputedOn;
  /** The imported row. */
  row: number;
  /** y of every output. */
  output: number[];
  /** d, one number per output as the loss compares them: a class is 1 at its place. */
  target: number[];
  /** Largest sizes in the whole network, so that colours mean the same everywhere. */
  largest: { value: number; delta: number; weight: number; gradient: number };
}

/** Some samples of a split, with what the opened network answers to each: weights set by hand have no part in it. */
export interface SampleList {
  /** Of the split, or of it what `only` leaves. */
  total: number;
  /** Of the imported table; empty for images. */
  columns: string[];
  image: { channels: number; height: number; width: number } | null;
  samples: ListedSample[];
}

export interface ListedSample {
  /** Position within the split. */
  index: number;
  /** The imported row. */
  row: number;
  cells: (string | number | boolean | null)[];
  /** Channels first, 0..255. */
  pixels: Uint8Array | null;
  /** The index of a class; else one number per output in the units of the data. So is the answer. */
  desired: number[];
  answer: number[];
  /** How sure the network is of its class. */
  confidence: number | null;
  /** Null where the answer is no class. */
  right: boolean | null;
  loss: number;
}

/** One value of a layer. */
export interface Neuron {
  neuron: number;
  u: number;
  v: number;
  /** ∂E/∂u, of other layers ∂E/∂v. */
  delta: number;
  /** Of layers of neurons with a bias. */
  bias: { value: number; gradient: number } | null;
}

/** A picture of many numbers, made smaller so that every cell shows the strongest of those it stands for. */
export interface HeatMap {
  /** Of what it was made from. */
  sourceRows: number;
  sourceColumns: number;
  rows: number;
  columns: number;
  /** Row by row. */
  cells: number[];
  largest: number;
}

/** One weight between two neurons that are both shown. */
export interface Edge {
  index: number;
  from: number;
  to: number;
  weight: number;
  gradient: number;
}

export interface ChannelPicture {
  channel: number;
  v: HeatMap;
  delta: HeatMap;
}

/** What is drawn of a layer: all of its neurons where they fit, else the strongest and a picture of all. */
export interface LayerPicture {
  layer: number;
  /** In order of position. Empty for maps. */
  neurons: Neuron[];
  /** Null where every neuron is shown. */
  overview: { v: HeatMap; delta: HeatMap } | null;
  /** Of maps: the strongest channels. */
  channels: ChannelPicture[];
  /** Into this layer, of a dense product whose source is a row of neurons. */
  edges: Edge[];
}

/** One summand of u: a weight times what comes in, and the neuron it comes from (null outside the picture: padding). */
export interface IncomingTerm {
  weight: WeightPlace;
  source: NeuronPlace;
  value: number;
  weightValue: number;
  gradient: number;
}

/** One summand of ∂E/∂v: what a neuron of a following layer sends back through its weight. */
export interface OutgoingTerm {
  weight: WeightPlace;
  neuron: NeuronPlace;
  weightValue: number;
  delta: number;
}

/** What comes back to a neuron from one following layer. */
export interface Returned {
  layer: number;
  total: number;
  /** The strongest summands, where that layer is a dense product. `others` is the sum of those left out. */
  terms: OutgoingTerm[];
  others: number;
  count: number;
}

export interface NeuronView extends Neuron {
  layer: number;
  valueGradient: number;
  /** dv/du at u; 1 without an activation. */
  slope: number;
  /** Of outputs. */
  desired: number | null;
  incoming: { terms: IncomingTerm[]; others: number; count: number } | null;
  returned: Returned[];
  /** The weights that come in and their gradients, laid out as the layer they come from; `first` is the one at the top left. */
  weights: { first: WeightPlace; values: HeatMap; gradients: HeatMap }[];
  /** Of a value of maps: what it depends on, in its own layer and in the pictures before it. */
  fields: Field[];
}

export interface WeightView {
  weight: WeightPlace;
  layer: number;
  value: number;
  gradient: number;
  frozen: boolean;
  /** Null for a bias: it is multiplied by 1. Also for a filter, which multiplies many values. */
  source: (NeuronPlace & { v: number }) | null;
  /** Null for a filter, which serves many neurons. */
  neuron: (NeuronPlace & { delta: number }) | null;
  /** Of a filter or its bias: in how many places it is used; the gradient is the sum over them. */
  places: number;
}

export interface GradientCheck {
  checked: number;
  total: number;
  largest: CheckedWeight | null;
  /** Of a layer or the network: largest error first, at most 20. */
  worst: CheckedWeight[];
}

export interface CheckedWeight {
  weight: WeightPlace;
  analytic: number;
  numeric: number;
  /** |analytic - numeric| / max(|analytic|, |numeric|, floor): see shared/inspect/check.ts. */
  error: number;
}

export interface WhatIf {
  rates: number[];
  /** The loss of this sample after one step of each rate. */
  losses: number[];
  now: number;
}
