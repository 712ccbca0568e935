import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordedGraph } from '../../../shared/recorded-graph/recorded-graph';
import { testLab, type TestLab } from '../support/lab';

// The graph of a variable as it comes out of the real process of a notebook. Its content in every case: unit tests of the interpreter.

let lab: TestLab;
let scratchpad = '';
beforeAll(async () => {
  lab = await testLab();
  ({ scratchpad } = await lab.lab.call('scratchpad.open', {}));
});
afterAll(() => lab.close());

const run = (code: string) => lab.lab.call('scratchpad.run', { scratchpad, cell: 'a', code });
const graph = (name: string): Promise<RecordedGraph> => lab.lab.call('scratchpad.graph', { scratchpad, name });
const named = ({ nodes }: RecordedGraph, name: string) =>
  nodes.find(({ outputs }) => outputs.some(({ names }) => names.includes(name)));

test('a = (b + c) · (c + 2) with values and gradients', async () => {
  const code = 'b = torch.tensor(3., requires_grad=True)\nc = torch.tensor(1., requires_grad=True)';
  expect(await run(`import torch\n${code}\na = (b + c) * (c + 2)\na.backward()`)).toMatchObject({ status: 'done' });
  const recorded = await graph('a');
  expect(recorded.nodes.map(({ operator }) => operator).sort()).toEqual(['Add', 'Add', 'Mul', null, null, null].sort());
  expect(named(recorded, 'a')).toMatchObject({ operator: 'Mul', result: true, device: 'cpu' });
  expect(named(recorded, 'a')?.outputs[0]?.value).toEqual({ kind: 'numbers', numbers: [12] });
  expect(named(recorded, 'b')?.outputs[0]?.gradient).toEqual({ kind: 'numbers', numbers: [3] });
  expect(named(recorded, 'c')?.outputs[0]?.gradient).toEqual({ kind: 'numbers', numbers: [7] });
});

test('refusals say what is missing: no variable, no tensor, a graph too large to draw', async () => {
  await expect(graph('nothing')).rejects.toMatchObject({ code: 'scratchpad.graph-no-variable' });
  await run('number = 5');
  await expect(graph('number')).rejects.toMatchObject({ code: 'scratchpad.graph-no-tensor' });
  await run('long = torch.tensor(1., requires_grad=True)\nfor i in range(5000): long = long + 1');
  await expect(graph('long')).rejects.toMatchObject({ code: 'scratchpad.graph-too-large' });
});

test('while a cell runs there is none, and afterwards there is', async () => {
  await run('slow = torch.ones(2)');
  const ended = run('while True: pass');
  await expect(graph('slow')).rejects.toMatchObject({ code: 'scratchpad.busy' });
  await lab.lab.call('scratchpad.stop', { scratchpad });
  expect(await ended).toMatchObject({ status: 'failed' });
  expect((await graph('slow')).nodes).toHaveLength(1);
});
