import { z } from 'zod';

const detail = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.union([z.string(), z.number()]))]);

/** An error as the host sends it. */
export const errorRecordSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), detail),
});
