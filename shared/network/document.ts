import { z } from 'zod';

/** What the editor edits and project.json stores: layers, edges and where they lie on the canvas. */
export const layerSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  /** A name of the layer catalogue (shared/layers). */
  kind: z.string().min(1),
  /** Shown instead of the catalogue's label when the user names a layer. */
  name: z.string().max(60).optional(),
  /** Values by the catalogue's parameter names; an absent one has its default. */
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.number())])).default({}),
  /** Present and true: training leaves the layer's weights as they are. */
  frozen: z.boolean().optional(),
  /** Weights that are those of another layer, by name: `{ "weight": "embedding.weight" }`, with ^T behind it where rows become columns. */
  tied: z.record(z.string(), z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*(\^T)?$/, 'layer.weight')).optional(),
  position: z.strictObject({ x: z.number(), y: z.number() }),
});

/** An edge goes from a layer's one output to an input port (0-based) of another layer. */
export const edgeSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  port: z.number().int().min(0).default(0),
});

/** Where the first values of the weights come from, instead of being drawn: an ONNX file of the project folder. */
export const weightsFileSchema = z.strictObject({ path: z.string().min(1), sha256: z.string().length(64) });

export const networkSchema = z.strictObject({
  layers: z.array(layerSchema).max(2000),
  edges: z.array(edgeSchema).max(10000),
  weights: weightsFileSchema.optional(),
});

export type Layer = z.infer<typeof layerSchema>;
export type Edge = z.infer<typeof edgeSchema>;
export type NetworkDocument = z.infer<typeof networkSchema>;
export type ParameterValue = Layer['parameters'][string];
