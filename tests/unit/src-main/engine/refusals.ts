import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const native = resolve(import.meta.dirname, '../../../../src-native');
const folders = ['binding', 'core', 'cpu', 'cuda', 'losses', 'ops', 'optimizers'];

/** Every code with which the engine's sources refuse something, with values for what their texts name. */
export const failure: [code: string, details: Record<string, string>][] = [
  ...new Set(
    folders
      .flatMap((folder) =>
        readdirSync(join(native, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
      )
      .filter((file) => /\.(cpp|cu|h)$/.test(file))
      .flatMap((file) => [...readFileSync(join(native, file), 'utf8').matchAll(/EngineError\("([a-z.-]+)"/g)])
      .map(([, code = '']) => code),
  ),
].map((code) => {
  const names = ['argument', 'layers', 'input', 'operator', 'node', 'value', 'metric', 'loss', 'shape', 'setting'];
  const ofCards = ['device', 'precision', 'capability', 'free', 'total', 'needed', 'call'];
  return [code, { ...Object.fromEntries([...names, ...ofCards].map((name) => [name, '1'])), split: 'training' }];
});
