import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LabError } from '../../../../shared/errors';
import { networkSchema } from '../../../../shared/network/document';
import { Generator } from '../../../../shared/random/generator';
import { importModel, type ImportEngine } from '../../../../src-main/onnx/import';
import { engine } from '../engine/native-fixtures';

/** Valid models with damage drawn from a seed: every one is imported or refused in words, never half, never by a crash. */
const local: ImportEngine = {
  operators: () => Promise.resolve(engine.operators()),
  // What the engine process throws reaches the host as an error of the engine.
  infer: (graph, inputs) =>
    new Promise((resolve, reject) => {
      try {
        resolve(engine.infer(graph, inputs));
      } catch (error) {
        reject(new LabError('engine.failed', { reason: error instanceof Error ? error.message : String(error) }));
      }
    }),
};

const folder = join(import.meta.dirname, '../../../golden/onnx');
const models = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.onnx'))
  .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
  .filter(({ bytes }) => bytes.length < 2000);

const random = new Generator(2026);
const below = (limit: number): number => Math.min(limit - 1, Math.floor((random.uniform(1, 0, 1)[0] ?? 0) * limit));

/** A bit turned over, a byte replaced (lengths and counts among them by large ones), a piece cut out, doubled, or the end cut off. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = below(copy.length);
  const length = 1 + below(16);
  switch (below(6)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
      return copy;
    case 1:
      copy[at] = below(256);
      return copy;
    case 2:
      copy.fill(0xff, at, at + length);
      return copy;
    case 3:
      return copy.subarray(0, at);
    case 4:
      return Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(at + length)]);
    default:
      return Uint8Array.from([...copy.subarray(0, at + length), ...copy.subarray(at)]);
  }
}

test('damaged models are imported or refused, each within seconds', async () => {
  expect(models.length).toBeGreaterThan(10);
  const before = process.memoryUsage.rss();
  const seen = { imported: 0, refused: 0 };
  for (let round = 0; round < 3000; round++) {
    const { name, bytes } = models[round % models.length]!;
    const given = damaged(bytes);
    const started = performance.now();
    try {
      const { network } = await importModel(given, name, local);
      expect(networkSchema.safeParse(network).success).toBe(true);
      seen.imported += 1;
    } catch (error) {
      if (!(error instanceof LabError)) throw new Error(`${name}, round ${round}: ${String(error)}`, { cause: error });
      seen.refused += 1;
    }
    expect(performance.now() - started, `${name}, round ${round}`).toBeLessThan(5000);
  }
  // The damage is neither fatal always nor harmless always.
  expect(Math.min(seen.imported, seen.refused)).toBeGreaterThan(10);
  expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 2 ** 20);
}, 60_000);
