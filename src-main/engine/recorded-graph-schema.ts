import { z } from 'zod';
import type { RecordedGraph } from '../../shared/recorded-graph/recorded-graph';

/** Made by our own code in an engine process, for the page to draw. */
export const recordedGraphSchema = z.custom<RecordedGraph>(
  (value) => typeof value === 'object' && value !== null && 'nodes' in value && 'edges' in value && 'groups' in value,
);
