// peers-onnxruntime.mjs MODEL THREADS: inference of the network of W7 in onnxruntime-node, one JSON object per size of batch.
import { createRequire } from 'node:module';
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [model, threads] = process.argv.slice(2);
const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json');
const session = await InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
});
for (const batch of [1, 1024]) {
  const x = new Tensor('float32', Float32Array.from({ length: batch * 784 }, Math.random), [batch, 784]);
  const repeats = Math.max(1, 2048 / batch);
  const seconds = [];
  for (let round = 0; round < 6; ++round) {
    const start = performance.now();
    for (let i = 0; i < repeats; ++i) await session.run({ x });
    seconds.push((performance.now() - start) / 1000);
  }
  // The first round warms up.
  const median = seconds.slice(1).sort((a, b) => a - b)[2];
  const result = { peer: `onnxruntime-node ${version}`, workload: `W7-b${batch}`, threads: Number(threads) };
  console.log(JSON.stringify({ ...result, unit: 'samples/s', median: (batch * repeats) / median }));
}
