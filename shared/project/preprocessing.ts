import { z } from 'zod';

/**
 * A recipe with its statistics filled in (from the training split): enough to turn raw values into network inputs and network
 * outputs back into answers, without the data. Stored with every experiment and in the metadata of every exported model.
 *
 * Numbers: network = (raw - offset) / scale. Answers: raw = network · scale + offset.
 */
const numberColumn = z.strictObject({
  encoding: z.literal('number'),
  column: z.string(),
  /** Dates count as days since 1970. */
  date: z.boolean().default(false),
  /** How the dates of the training file were written ("dd.mm.yyyy"): 01.02. says nothing by itself. */
  dateFormat: z.string().optional(),
  offset: z.number(),
  scale: z.number(),
  /** Raw value used for a blank; null where rows with blanks are dropped. */
  blank: z.number().nullable(),
});

const oneHotColumn = z.strictObject({
  encoding: z.literal('one-hot'),
  column: z.string(),
  /** One network input each, in this order; a value not listed (or a blank) is all zeros. */
  values: z.array(z.string()).min(1),
});

export const inputPreprocessingSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('columns'),
    columns: z.array(z.discriminatedUnion('encoding', [numberColumn, oneHotColumn])),
  }),
  /** Bytes 0..255, channels first. */
  z.strictObject({
    kind: z.literal('image'),
    shape: z.array(z.number().int().positive()),
    offset: z.number(),
    scale: z.number(),
  }),
]);

export const targetPreprocessingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('classes'), column: z.string(), classes: z.array(z.string()).min(1) }),
  z.strictObject({
    kind: z.literal('numbers'),
    columns: z.array(z.strictObject({ column: z.string(), offset: z.number(), scale: z.number() })).min(1),
  }),
]);

export const preprocessingSchema = z.strictObject({
  format: z.literal(1),
  input: inputPreprocessingSchema,
  target: targetPreprocessingSchema,
});

export type Preprocessing = z.infer<typeof preprocessingSchema>;
export type InputColumn = z.infer<typeof numberColumn> | z.infer<typeof oneHotColumn>;
