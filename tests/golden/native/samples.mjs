// Prints the samples of every operator of the built engine (npm run build:native) as JSON: what operators.py computes with PyTorch.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const engine = createRequire(import.meta.url)(
  fileURLToPath(new URL('../../../src-native/out/deltalab.node', import.meta.url)),
);
const samples = engine
  .operators()
  .flatMap(({ opType }) =>
    [1, 3].flatMap((batch) =>
      engine.operatorSamples(opType, batch).map((graph, sample) => ({ opType, batch, sample, graph })),
    ),
  );
const plain = (_key, value) => {
  if (value instanceof Float32Array) return Array.from(value);
  if (value instanceof BigInt64Array) return { integers: Array.from(value, Number) };
  return value;
};
process.stdout.write(JSON.stringify(samples, plain));
