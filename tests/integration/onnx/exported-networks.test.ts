import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileNetwork } from '../../../shared/network/compile';
import type { Tensor } from '../../../src-main/engine/native';
import { networkWeights } from '../../../src-main/lab/network-weights';
import { runModel } from '../../../src-main/onnx/run';
import { testLab, type TestLab } from '../support/lab';

/** Networks as PyTorch's exporter writes them: imported, they answer as onnxruntime does to the file. */
let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

const folder = join(import.meta.dirname, '../../golden/onnx/networks');
const files = readdirSync(folder).filter((name) => name.endsWith('.onnx'));

/** What becomes of each: the layers in order, operators by the name of the operator. */
const layers: Record<string, string> = {
  pictures: 'conv2d relu max-pool conv2d relu reshape linear relu linear',
  residual: 'conv2d relu conv2d sigmoid multiply scale add global-average-pool flatten linear log-softmax',
  words: 'embedding gru linear',
  'lstm-sequence': 'lstm linear-steps',
  'lstm-state': 'lstm linear',
  'lstm-row': 'lstm linear',
  'lstm-two': 'lstm lstm linear',
  'gru-sequence': 'gru linear-steps',
  'gru-state': 'gru linear',
  'rnn-sequence': 'rnn linear-steps',
  'rnn-state': 'rnn linear',
  'encoder-relu': 'attention add layer-norm linear-steps relu linear-steps add layer-norm reduce linear',
  'encoder-gelu': 'layer-norm attention add layer-norm linear-steps gelu linear-steps add reduce linear',
  'attention-module': 'attention',
  'attention-causal': 'attention',
  'attention-function': 'attention',
  curves: 'linear layer-norm gelu gelu mish linear',
  'tied-steps': 'embedding linear-steps tanh linear-steps',
  'tied-row': 'embedding reduce linear tanh linear',
  'tied-linear': 'linear tanh linear tanh linear tanh linear',
  enlarged: 'conv2d group-norm hard-swish Resize Resize clip ReduceMean linear',
};

test('the fixtures are there', () => expect(files).toHaveLength(54));

test.each(files)('%s', async (file) => {
  const path = join(folder, file);
  const { project } = await lab.lab.call('models.import', { path });
  const { network } = project.document;
  const ofWords = file.startsWith('words') || file.startsWith('tied-steps') || file.startsWith('tied-row');
  const made = network.layers.filter(({ kind }) => kind !== 'input' && kind !== 'output');
  const expected = Object.entries(layers).find(([start]) => file.startsWith(`${start}-`))?.[1];
  const named = made.map(({ kind, parameters }) => (kind === 'operator' ? String(parameters.operator) : kind));
  if (expected) expect(named.join(' ')).toBe(expected);
  else expect(made.length).toBeGreaterThan(1);

  const input = network.layers.find(({ kind }) => kind === 'input')?.parameters.shape;
  const inputShape = Array.isArray(input) ? input : [];
  const graph = compileNetwork(network, { inputShape, seed: 0, weights: await networkWeights(project.path, network) });
  // A file for one sample is compared with one sample; the project takes any number.
  const rows = file.includes('fixed') ? 1 : 4;
  const dims = [rows, ...inputShape];
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, index) =>
    ofWords ? index % 7 : Math.sin(index * 12.9898) * 2,
  );
  const given: Tensor = { dims, data: ofWords ? BigInt64Array.from(data, BigInt) : data };
  const reference = (await runModel(readFileSync(path), { x: given })).y;
  const answers = await lab.lab.compute.outputs(graph, data, rows);
  expect(answers).toHaveLength(reference?.data.length ?? 0);
  const scale = Math.max(...Array.from(reference?.data as Float32Array, Math.abs));
  for (const [index, value] of answers.entries())
    expect(Math.abs(value - Number(reference?.data[index])) / scale).toBeLessThan(1e-5);
  if (rows === 1)
    expect(await lab.lab.compute.outputs(graph, new Float32Array(data.length * 3), 3)).toHaveLength(3 * answers.length);
});
