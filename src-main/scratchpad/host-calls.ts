import { z } from 'zod';
import { toErrorRecord } from '../../shared/errors';
import { arrayOf } from '../engine/array-schema';
import { graphSchema } from '../engine/graph-schema';

/**
 * What a running cell may ask the host of the program for. A question names a column or a split of the open project, never a file: the sandbox of
 * a notebook has no other way out.
 */

const shape = z.array(z.number().int().nonnegative());
const floats = arrayOf<Float32Array>('Float32Array');

export const dataParts = ['training', 'validation', 'test', 'all'] as const;

export const whichWeights = ['best', 'last'] as const;

export const hostCalls = {
  /** Names, in the order of the file. */
  dataColumns: { input: z.null(), output: z.array(z.string()) },
  /** Every imported row; null: there is no such column. */
  dataColumn: {
    input: z.object({ name: z.string() }),
    output: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('numbers'), shape, values: floats }),
        z.object({
          kind: z.literal('classes'),
          codes: arrayOf<Int32Array>('Int32Array'),
          classes: z.array(z.string()),
        }),
      ])
      .nullable(),
  },
  /** Of the target, in the order of the class index; null: it has none. */
  dataClasses: { input: z.null(), output: z.array(z.string()).nullable() },
  /** What training sees: inputs [n, …], targets as class indices [n] or numbers [n, columns]. */
  dataSamples: {
    input: z.object({ part: z.enum(dataParts) }),
    output: z.object({
      inputShape: shape,
      inputs: floats,
      targetShape: shape,
      targets: z.union([floats, arrayOf<BigInt64Array>('BigInt64Array')]),
    }),
  },
  /** The graphics cards that can be used. */
  cards: {
    input: z.null(),
    output: z.array(
      z.object({
        plan: z.object({ library: z.string(), card: z.number().int().nonnegative() }),
        name: z.string(),
        /** Bytes. */
        memoryTotal: z.number(),
        capability: z.string(),
      }),
    ),
  },
  /** A network of the project, with its weights. */
  network: {
    input: z.object({
      /** Null: the latest one that has trained the network as it is designed now; where there is none, its initial weights. */
      experiment: z.string().nullable(),
      /** Null: the best. */
      lane: z.string().nullable(),
      which: z.enum(whichWeights),
    }),
    output: z.object({
      graph: graphSchema,
      /** What its layers are, by the names that nodes begin with. */
      kinds: z.record(z.string(), z.string()),
      /** Where the weights come from, in words. */
      source: z.string(),
    }),
  },
} as const;

export type HostCallName = keyof typeof hostCalls;
export type HostInput<Name extends HostCallName> = z.infer<(typeof hostCalls)[Name]['input']>;
export type HostOutput<Name extends HostCallName> = z.infer<(typeof hostCalls)[Name]['output']>;
export type HostAnswers = { [Name in HostCallName]: (input: HostInput<Name>) => Promise<HostOutput<Name>> };

const count = z.number().int().nonnegative();
const callNames = Object.keys(hostCalls) as [HostCallName, ...HostCallName[]];

/** From a notebook's process. */
export const hostCallReport = z.object({
  kind: z.literal('host-call'),
  id: count,
  call: z.enum(callNames),
  input: z.unknown(),
});
export type HostCall = Omit<z.infer<typeof hostCallReport>, 'kind'>;

/** And back. `message` is English, as everything a program says. */
export const hostAnswer = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);
export type HostAnswer = z.infer<typeof hostAnswer>;

/** Parses a question, has it answered and makes a failure an answer, too. */
export async function answerHostCall(answers: HostAnswers, { call, input }: HostCall): Promise<HostAnswer> {
  try {
    return { ok: true, value: await ask(answers, call, input) };
  } catch (error) {
    const { code, message } = toErrorRecord(error);
    return { ok: false, code, message };
  }
}

function ask<Name extends HostCallName>(answers: HostAnswers, call: Name, input: unknown): Promise<HostOutput<Name>> {
  return answers[call](hostCalls[call].input.parse(input) as HostInput<Name>);
}
