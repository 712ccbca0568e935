import { z } from 'zod';
import {
  valueViews,
  type CellError,
  type CellOutcome,
  type CellOutput,
  type Drawing,
  type NetworkSource,
  type Suggestion,
  type VariableInfo,
} from '../../shared/api/scratchpad';
import { graphSchema } from '../engine/graph-schema';
import { recordedGraphSchema } from '../engine/recorded-graph-schema';
import { hostAnswer } from './host-calls';

/** What a notebook's process is asked, and what it tells: part of the messages of an engine process. */

const count = z.number().int().nonnegative();
const nothing = z.null();

/** Made by our own code from a program's numbers; the page draws what it can. */
const drawing = z.custom<Drawing>((value) => typeof value === 'object' && value !== null && 'kind' in value);

const output: z.ZodType<CellOutput> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('drawing'), drawing }),
]);

export const cellOutputReport = z.object({ kind: z.literal('cell-output'), pieces: z.array(output) });

const range = z.object({ line: count, column: count, endLine: count, endColumn: count });
const error: z.ZodType<CellError> = z.object({
  kind: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  range,
  traceback: z.array(z.object({ name: z.string(), line: count })),
});

const outcome: z.ZodType<CellOutcome> = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done'), value: z.string().nullable(), seconds: z.number() }),
  z.object({ status: z.literal('failed'), error, seconds: z.number() }),
  z.object({ status: z.literal('lost'), reason: z.enum(['stopped', 'memory', 'crashed']), detail: z.string() }),
]);

const variable: z.ZodType<VariableInfo> = z.object({
  name: z.string(),
  type: z.string(),
  shape: z.array(z.number()).nullable(),
  device: z.string().nullable(),
  text: z.string(),
  network: z.boolean(),
});

const sizes = z.array(count);
const networkSource: z.ZodType<NetworkSource> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('module'), inputs: z.array(sizes).nullable(), guess: sizes.nullable() }),
  z.object({ kind: z.literal('tensor'), leaves: z.array(z.object({ name: z.string(), shape: sizes })) }),
]);

const suggestion: z.ZodType<Suggestion> = z.object({
  name: z.string(),
  kind: z.enum(['keyword', 'variable', 'function', 'class', 'module']),
  signature: z.string().nullable(),
  help: z.string(),
});

export const kernelCalls = {
  /** Answered when the cell has ended. */
  runCell: { input: z.object({ code: z.string() }), output: outcome },
  /** What the running cell asked for by a `host-call`. */
  answerCell: { input: z.object({ id: count, answer: hostAnswer }), output: nothing },
  stopCell: { input: nothing, output: nothing },
  resetNotebook: { input: nothing, output: nothing },
  listVariables: { input: nothing, output: z.array(variable) },
  viewVariable: {
    input: z.object({ name: z.string(), as: z.enum(valueViews) }),
    output: drawing.nullable(),
  },
  recordedGraph: { input: z.object({ name: z.string() }), output: recordedGraphSchema },
  suggest: { input: z.object({ code: z.string(), line: count, column: count }), output: z.array(suggestion) },
} as const;

/** What makes networks of variables. */
export const networkCalls = {
  networkSource: { input: z.object({ name: z.string() }), output: networkSource },
  networkGraph: {
    input: z.object({ name: z.string(), shape: sizes.nullable(), inputs: z.array(z.string()).nullable() }),
    output: graphSchema,
  },
} as const;
