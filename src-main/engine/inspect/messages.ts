import { z } from 'zod';
import type { Graph } from '../../../shared/network/graph';
import { lossNames } from '../../../shared/training/losses';
import { recordedGraphSchema } from '../recorded-graph-schema';
import type { AnsweringCard, Tensor } from '../native';

/** What the host may ask of an engine process about one network and one sample. Schemas of whole tensors come from protocol.ts. */

const count = z.number().int().nonnegative();
const name = z.string();
/** A diverged network has values that are no number. */
const anyNumber = z.custom<number>((value) => typeof value === 'number', 'expected a number');

/** Which tensor: a value of the graph, ∂E/∂value, what comes back to it through one reader, a weight, ∂E/∂weight. */
export const tensorSchema = z.discriminatedUnion('of', [
  z.object({ of: z.literal('value'), name }),
  z.object({ of: z.literal('value-gradient'), name }),
  z.object({ of: z.literal('reader-gradient'), name, reader: z.object({ node: z.string(), input: count }) }),
  z.object({ of: z.literal('weight'), name }),
  z.object({ of: z.literal('weight-gradient'), name }),
]);
export type InspectTensor = z.infer<typeof tensorSchema>;

export const readSchema = z.object({
  tensor: tensorSchema,
  /** Absent: all of it. Places below count within the range. */
  range: z.object({ start: count, step: count, count }).optional(),
  at: z.array(count).max(100_000).optional(),
  /** Every number of the range. */
  whole: z.boolean().optional(),
  /** So many of the largest in size. */
  top: count.max(4096).optional(),
  /** As a picture, scaled down. */
  picture: z.object({ rows: count, columns: count }).optional(),
});
export type Read = z.infer<typeof readSchema>;

const floats = z.custom<Float32Array>((value) => Object.prototype.toString.call(value) === '[object Float32Array]');
export const readingSchema = z.object({
  /** False: there is no such tensor (a frozen weight has no gradient), and everything else is empty. */
  found: z.boolean(),
  /** Of the range, in size. */
  largest: anyNumber,
  /** Of `at`, in its order. */
  values: z.array(anyNumber),
  whole: floats.nullable(),
  top: z.array(z.object({ place: count, value: anyNumber })),
  picture: z.object({ rows: count, columns: count, cells: floats }).nullable(),
});
export type Reading = z.infer<typeof readingSchema>;

export const editSchema = z.object({ name, index: count, value: z.number() });
/** Another value for one number of a weight. */
export type WeightEdit = z.infer<typeof editSchema>;

/** A weight by its place in an initializer. */
export const placeSchema = z.object({ name, index: count });
export type WeightPlace = z.infer<typeof placeSchema>;

export const checkedSchema = z.object({
  place: placeSchema,
  analytic: anyNumber,
  numeric: anyNumber,
});
export type CheckedGradient = z.infer<typeof checkedSchema>;

const lossOptions = z.object({
  delta: z.number().optional(),
  labelSmoothing: z.number().optional(),
  classWeights: z.array(z.number()).optional(),
  margin: z.number().optional(),
});

export const inspectCalls = (graph: z.ZodType<Graph>, tensor: z.ZodType<Tensor>, card: z.ZodType<AnsweringCard>) => ({
  /** Keeps a network under a name; the next call for it is inspectRun. */
  inspectOpen: {
    input: z.object({
      id: z.string(),
      graph,
      /** The values to keep, with the dimensions of one sample. */
      watched: z.array(z.object({ name, dims: z.array(count) })),
      loss: z.enum(lossNames),
      lossOptions,
      /** Where it is computed; null: on the processor. */
      device: card.nullable(),
    }),
    output: z.null(),
  },
  /** Runs the network forwards and backwards on one sample. The weights of `open` with these changes; nothing adds up. */
  inspectRun: {
    input: z.object({ id: z.string(), input: tensor, target: tensor, edits: z.array(editSchema) }),
    output: z.object({ loss: anyNumber }),
  },
  inspectRead: { input: z.object({ id: z.string(), reads: z.array(readSchema) }), output: z.array(readingSchema) },
  /** The operators that inspectRun ran, with the loss. Groups are left empty. */
  inspectGraph: { input: z.string(), output: recordedGraphSchema },
  /** Analytic and numerical gradients of some weights. */
  inspectCheck: {
    input: z.object({ id: z.string(), places: z.array(placeSchema).max(100_000) }),
    output: z.array(checkedSchema),
  },
  /** The loss after one plain step w - η·∂E/∂w, for each rate. */
  inspectWhatIf: {
    input: z.object({ id: z.string(), rates: z.array(z.number()).max(1000) }),
    output: z.array(anyNumber),
  },
  inspectClose: { input: z.string(), output: z.null() },
});
