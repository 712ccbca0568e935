import { z } from 'zod';

/** What becomes of one column of a table. */
export const columnSchema = z.strictObject({
  name: z.string(),
  role: z.enum(['input', 'target', 'ignore']),
  /** auto: numbers and dates as numbers; text inputs one-hot; a text, boolean or few-valued whole-number target as classes. */
  encoding: z.enum(['auto', 'number', 'one-hot', 'class', 'date']).default('auto'),
  /** Statistics come from the training split only. */
  scale: z.enum(['none', 'standardise', 'min-max']).default('standardise'),
  blanks: z.enum(['mean', 'median', 'drop']).default('mean'),
});

export const splitSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ratio'),
    training: z.number().positive().max(1).default(0.8),
    validation: z.number().min(0).max(1).default(0.2),
    test: z.number().min(0).max(1).default(0),
    seed: z.number().int().min(0).max(4_294_967_295).default(42),
    /** Same share of every class in each split; ignored for numeric targets. */
    stratify: z.boolean().default(true),
  }),
  /** The split a generator prescribes (the lecture's regression draws rows with repeats). */
  z.strictObject({ kind: z.literal('generated') }),
]);

const defaultSplit = { kind: 'ratio', training: 0.8, validation: 0.2, test: 0, seed: 42, stratify: true } as const;

export const generatorNames = ['lecture-regression', 'xor', 'two-spirals', 'circles', 'blobs', 'noisy-sine'] as const;
export type GeneratorName = (typeof generatorNames)[number];

const split = splitSchema.default(defaultSplit);
/** Of images and of generated inputs, which have no columns to set one by one. */
const scale = z.enum(['none', 'standardise', 'min-max']).default('none');

/** How a text table is to be read. Null: found by looking at the file. */
export const tableFormatSchema = z.strictObject({
  separator: z.string().min(1).max(1).nullable().default(null),
  decimal: z.enum(['.', ',']).nullable().default(null),
  encoding: z.enum(['utf-8', 'utf-16', 'windows-1251', 'latin-1']).nullable().default(null),
  header: z.boolean().nullable().default(null),
});

/** The `data` part of project.json. Paths are absolute, or relative to the project folder. */
export const dataSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('table'),
    path: z.string().min(1),
    sha256: z.string().nullable().default(null),
    format: tableFormatSchema.default({ separator: null, decimal: null, encoding: null, header: null }),
    columns: z.array(columnSchema).max(20_000).default([]),
    split,
  }),
  z.strictObject({
    kind: z.literal('idx'),
    images: z.string(),
    labels: z.string(),
    imagesSha256: z.string().nullable().default(null),
    labelsSha256: z.string().nullable().default(null),
    /** min-max maps bytes 0..255 to 0..1. */
    scale: z.enum(['none', 'standardise', 'min-max']).default('min-max'),
    split,
  }),
  z.strictObject({
    kind: z.literal('generated'),
    generator: z.enum(generatorNames),
    count: z.number().int().min(2).max(1_000_000).default(200),
    noise: z.number().min(0).max(10).default(0.1),
    seed: z.number().int().min(0).max(4_294_967_295).default(42),
    scale,
    split,
  }),
]);

export type ColumnRecipe = z.infer<typeof columnSchema>;
export type TableFormat = z.infer<typeof tableFormatSchema>;
export type SplitRecipe = z.infer<typeof splitSchema>;
export type DataRecipe = z.infer<typeof dataSchema>;
export type SplitName = 'training' | 'validation' | 'test';
