import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { NetworkDocument } from '../../../shared/network/document';
import { chain } from '../../../shared/network/templates';
import { compileNetwork } from '../../../shared/network/compile';
import type { Graph } from '../../../shared/network/graph';
import { lossNames } from '../../../shared/training/losses';

const tensor = z.object({ dims: z.array(z.number()), data: z.array(z.number()) });
const tensors = z.record(z.string(), tensor);
const goldenSchema = z.object({
  name: z.string(),
  loss: z.enum(lossNames),
  rate: z.number(),
  input: tensor,
  target: tensor,
  weights: tensors,
  error: z.number(),
  values: tensors,
  valueGradients: tensors,
  weightGradients: tensors,
  newWeights: tensors,
  numeric: tensors,
});
export type InspectGolden = z.infer<typeof goldenSchema>;

export const inspectGoldens = z
  .array(goldenSchema)
  .parse(JSON.parse(readFileSync(new URL('networks.json', import.meta.url), 'utf8')));

/** The networks of generate.py as documents. */
export const goldenDocuments: Record<string, NetworkDocument> = {
  xor: chain([
    ['input', {}],
    ['linear', { units: 2 }],
    ['sigmoid', {}],
    ['linear', { units: 1 }],
    ['sigmoid', {}],
    ['output', {}],
  ]),
  cnn: chain([
    ['input', {}],
    ['conv2d', { filters: 3, kernel: [3], padding: 'same' }],
    ['relu', {}],
    ['max-pool', { kernel: [2], stride: [2] }],
    ['flatten', {}],
    ['linear', { units: 4 }],
    ['output', {}],
  ]),
  skip: skipNetwork(),
};

function skipNetwork(): NetworkDocument {
  const network = chain([
    ['input', {}],
    ['linear', { units: 4 }],
    ['tanh', {}],
    ['add', {}],
    ['linear', { units: 2 }],
    ['output', {}],
  ]);
  network.edges.push({ from: 'input', to: 'add', port: 1 });
  return network;
}

export function goldenGraph({ name, input, weights }: InspectGolden): Graph {
  const document = goldenDocuments[name];
  if (!document) throw new Error(`there is no network ${name}`);
  const initial = Object.entries(weights).map(
    ([key, { dims, data }]) => [key, { name: key, dims, data: Float32Array.from(data) }] as const,
  );
  return compileNetwork(document, { inputShape: input.dims.slice(1), seed: 1, weights: new Map(initial) });
}
