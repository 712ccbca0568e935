import { z } from 'zod';
import type { Graph } from '../../shared/network/graph';
import { arrayOf } from './array-schema';
import type { Tensor } from './native';

/** Networks in messages between processes. */

const count = z.number().int().nonnegative();
const numbers = z.union([arrayOf<Float32Array>('Float32Array'), arrayOf<BigInt64Array>('BigInt64Array')]);

export const tensorSchema: z.ZodType<Tensor> = z.object({ dims: z.array(count), data: numbers });

export const graphSchema: z.ZodType<Graph> = z.object({
  name: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      opType: z.string(),
      inputs: z.array(z.string()),
      outputs: z.array(z.string()),
      attributes: z.record(z.string(), z.union([z.number(), z.string(), z.array(z.number()), z.array(z.string())])),
    }),
  ),
  initializers: z.array(
    z.object({ name: z.string(), dims: z.array(count), data: numbers, frozen: z.boolean().optional() }),
  ),
  inputs: z.array(z.object({ name: z.string(), dims: z.array(z.number().int()) })),
  outputs: z.array(z.object({ name: z.string(), dims: z.array(z.number().int()) })),
});
