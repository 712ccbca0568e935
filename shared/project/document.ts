import { z } from 'zod';
import { networkSchema } from '../network/document';
import { trainingSchema } from '../training/settings';
import { dataSchema } from './data';

/** Raised when project.json changes in a way an older Deltalab could not read. */
export const projectFormat = 1;

/** project.json: everything a person decides. What training produces lives beside it, in experiments/. */
export const projectSchema = z.strictObject({
  format: z.literal(projectFormat),
  name: z.string().min(1).max(120),
  data: dataSchema,
  network: networkSchema,
  training: trainingSchema,
});

export type ProjectDocument = z.infer<typeof projectSchema>;
