import { describe, expect, test } from 'vitest';
import type { RecordedGraph, RecordedNode } from '../../../../../shared/recorded-graph/recorded-graph';
import { loadAddon } from '../../../../../src-main/engine/addon';
import { Kernel } from '../../../../../src-main/scratchpad/kernel';
import { createTorch } from '../../../../../src-main/scratchpad/torch/torch';

const engine = loadAddon();

/** The graph of a variable after a program has run. */
function graphOf(name: string, ...cells: string[]): RecordedGraph {
  const kernel = new Kernel({ torch: createTorch(engine), output: () => undefined });
  for (const cell of cells)
    expect(kernel.run(`import torch\nfrom torch import nn\n${cell}`)).toMatchObject({ status: 'done' });
  const answer = kernel.graph(name);
  if (!('graph' in answer)) throw new Error(answer.refused);
  return answer.graph;
}

const label = ({ kind, operator, outputs: [first] }: RecordedNode): string =>
  first?.names[0] ?? (kind === 'operator' ? (operator ?? '') : String(numbers(first?.value)[0]));

const numbers = (summary: RecordedNode['outputs'][number]['value'] | undefined): number[] =>
  summary?.kind === 'numbers' ? summary.numbers : [];

/** Every node with what it reads: "d = Add(b, c) = 7". */
function lines(graph: RecordedGraph): string[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return graph.nodes.map((node) => {
    const reads = graph.edges
      .filter(({ to }) => to === node.id)
      .map(({ from }) => label(nodes.get(from) as RecordedNode));
    const how = node.kind === 'operator' ? `${node.operator}(${reads.join(', ')})` : node.kind;
    return `${label(node)} = ${how} = ${numbers(node.outputs[0]?.value)
      .map((x) => Number(x.toFixed(4)))
      .join(' ')}`;
  });
}

const find = (graph: RecordedGraph, name: string): RecordedNode => {
  const found = graph.nodes.find(({ outputs }) => outputs.some(({ names }) => names.includes(name)));
  if (!found) throw new Error(`no ${name}`);
  return found;
};

const L8 = `
torch.manual_seed(42)
x = torch.rand(100, 1)
y = 1 + 2 * x + 0.1 * torch.rand(100, 1)
x, y = x.detach()[:6], y.detach()[:6]
`;
const forward = `
yhat = a + b * x
error = y - yhat
loss = (error ** 2).mean()
`;

describe('a = (b + c) * (c + 2)', () => {
  const how = [
    'b = leaf = 3',
    'c = leaf = 4',
    'Add = Add(b, c) = 7',
    '2 = constant = 2',
    'Add = Add(c, 2) = 6',
    'a = Mul(Add, Add) = 42',
  ];

  test('node by node, when nothing asks for a gradient', () => {
    const graph = graphOf('a', 'b = torch.tensor(3.)\nc = torch.tensor(4.)\na = (b + c) * (c + 2)');
    expect(lines(graph)).toEqual(how.map((line) => line.replace('leaf', 'constant')));
    expect(graph.nodes.every(({ requiresGrad, gradFunction }) => !requiresGrad && gradFunction === null)).toBe(true);
    expect(graph.nodes.filter(({ result }) => result)).toEqual([find(graph, 'a')]);
  });

  test('with the gradients of values and of the ways between them', () => {
    const graph = graphOf(
      'a',
      'b = torch.tensor(3., requires_grad=True)\nc = torch.tensor(4., requires_grad=True)\na = (b + c) * (c + 2)\na.backward()',
    );
    expect(lines(graph)).toEqual(how);
    expect(graph.nodes.map(({ gradFunction }) => gradFunction)).toEqual([
      'AccumulateGrad',
      'AccumulateGrad',
      'AddBackward0',
      null,
      'AddBackward0',
      'MulBackward0',
    ]);
    expect(graph.nodes.map(({ outputs: [value] }) => numbers(value?.gradient))).toEqual([[6], [13], [6], [], [7], [1]]);
    // ∂a/∂c comes back in two parts: 6 through b + c, 7 through c + 2.
    expect(graph.edges.map(({ gradient }) => numbers(gradient))).toEqual([[6], [6], [7], [], [6], [7]]);
  });

  test('over several cells, with a name for the value between', () => {
    const graph = graphOf('a', 'b = torch.tensor(3.)\nc = torch.tensor(4.)', 'd = b + c', 'a = d * (c + 2)');
    expect(lines(graph)).toContain('d = Add(b, c) = 7');
  });

  test('before backward() there are no gradients', () => {
    const graph = graphOf('a', 'b = torch.ones(1, requires_grad=True)\na = b * 2');
    expect(graph.nodes.map(({ outputs: [value] }) => value?.gradient)).toEqual([null, null, null]);
  });
});

describe('the linear regression of the lecture', () => {
  const ways = ({ nodes, edges }: RecordedGraph): string[] => {
    const by = new Map(nodes.map((node) => [node.id, label(node)]));
    return edges.filter(({ requiresGrad }) => requiresGrad).map(({ from, to }) => `${by.get(to)} → ${by.get(from)}`);
  };

  test('yhat, error and loss are names of nodes; both leaves are reached', () => {
    const graph = graphOf(
      'loss',
      `${L8}a = torch.randn(1, requires_grad=True)\nb = torch.randn(1, requires_grad=True)${forward}loss.backward()`,
    );
    expect(lines(graph).map((line) => line.split(' = ').slice(0, 2).join(' = '))).toEqual(
      expect.arrayContaining([
        'a = leaf',
        'b = leaf',
        'Mul = Mul(b, x)',
        'yhat = Add(a, Mul)',
        'error = Sub(y, yhat)',
        'Pow = Pow(error, 2)',
        'loss = ReduceMean(Pow)',
      ]),
    );
    expect(ways(graph)).toEqual(['Mul → b', 'yhat → a', 'yhat → Mul', 'error → yhat', 'Pow → error', 'loss → Pow']);
    expect(find(graph, 'yhat').outputs[0]).toMatchObject({ shape: [6, 1], dtype: 'float32' });
    const [a, yhat] = ['a', 'yhat'].map((name) => numbers(find(graph, name).outputs[0]?.gradient));
    // y = a + …, so ∂loss/∂a is the sum of ∂loss/∂yhat.
    expect(a?.[0]).toBeCloseTo(
      (yhat ?? []).reduce((sum, part) => sum + part, 0),
      5,
    );
  });

  test('a leaf that requires no gradient is a constant: its branch is absent from the way back', () => {
    const graph = graphOf(
      'loss',
      `${L8}a = torch.randn(1)\nb = torch.randn(1, requires_grad=True)${forward}loss.backward()`,
    );
    expect(ways(graph)).toEqual(['Mul → b', 'yhat → Mul', 'error → yhat', 'Pow → error', 'loss → Pow']);
    expect(find(graph, 'a')).toMatchObject({ kind: 'constant', requiresGrad: false, gradFunction: null });
  });

  test('shows the values the computation had, not those of a step taken since', () => {
    const graph = graphOf(
      'loss',
      'a = torch.tensor([2.], requires_grad=True)\nloss = (a * 3).sum()\nloss.backward()\nwith torch.no_grad():\n    a -= 0.1 * a.grad',
    );
    expect(numbers(find(graph, 'a').outputs[0]?.value)).toEqual([2]);
  });
});

test('a module without modules inside is a layer with its parameters; the input stands before it', () => {
  const graph = graphOf(
    'loss',
    'model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))\nx = torch.randn(5, 3)\nloss = model(x).sum()',
  );
  expect(graph.groups.map(({ kind, name }) => `${name} ${kind}`)).toEqual([
    'model.0 Linear',
    'model.1 ReLU',
    'model.2 Linear',
  ]);
  const [first, , last] = graph.groups.map(({ id }) => id);
  expect(find(graph, 'x').group).toBeNull();
  expect(find(graph, 'model.0.weight').group).toBe(first);
  expect(find(graph, 'model.2.bias').group).toBe(last);
  expect(find(graph, 'loss').group).toBeNull();
});

test('many numbers are told in short', () => {
  const graph = graphOf('z', 'x = torch.ones(30, 30)\nz = ((x + 1) * 2).sum()');
  const values = graph.nodes.map(({ outputs: [value] }) => value?.value);
  const all = (value: number) => ({
    kind: 'statistics',
    minimum: value,
    maximum: value,
    mean: value,
    norm: 30 * value,
  });
  const one = (value: number) => ({ kind: 'numbers', numbers: [value] });
  expect(values).toEqual([all(1), one(1), all(2), one(2), all(4), one(3600)]);
});

test('of long values those are known that variables hold', () => {
  const graph = graphOf('z', 'x = torch.ones(2000)\nw = x * 2\nz = (w * 2).sum()');
  const known = graph.nodes
    .filter(({ kind }) => kind === 'operator')
    .map(({ outputs: [value] }) => value?.value !== null);
  expect(known).toEqual([true, false, true]);
  const last = graphOf('z', 'x = torch.ones(100)\nw = x * 2\nfor i in range(500): w = w + 1\nz = w.sum()').nodes;
  const sums = last.filter(({ operator }) => operator === 'Add').map(({ outputs: [value] }) => value?.value !== null);
  expect(sums).toEqual(sums.map((_, i) => i >= sums.length - 256));
});

test('a value is shown as it was, whatever was written into the tensor since', () => {
  const graph = graphOf('z', 'x = torch.zeros(3) + 1\nz = x.sum()\nx[0] = 5\nx += 1');
  expect(graph.nodes.map(({ outputs: [value] }) => numbers(value?.value))).toEqual([[0, 0, 0], [1], [1, 1, 1], [3]]);
});

test('every node stands behind those it reads, and a value that is read twice is one node', () => {
  const graph = graphOf(
    'z',
    'x = torch.ones(2, requires_grad=True)\ny = x * x\nfor i in range(20): y = y * y + x\nz = y.sum()',
  );
  const places = new Map(graph.nodes.map(({ id }, place) => [id, place]));
  for (const { from, to } of graph.edges) expect(places.get(from)).toBeLessThan(places.get(to) ?? -1);
  expect(graph.nodes).toHaveLength(1 + 1 + 2 * 20 + 1);
});

test('what gradients go through is drawn however long ago it was; the rest is forgotten in the course of a long cell', () => {
  const cell = 'x = torch.ones(1)\nplain = x * 2\nw = torch.ones(1, requires_grad=True)\ntracked = w * 2\n';
  const long = 'for i in range(1100): x + 1';
  const tracked = ['w = leaf = 1', '2 = constant = 2', 'tracked = Mul(w, 2) = 2'];
  const plain = ['x = constant = 1', '2 = constant = 2', 'plain = Mul(x, 2) = 2'];
  expect(lines(graphOf('tracked', cell + long))).toEqual(tracked);
  expect(lines(graphOf('plain', cell + long))).toEqual(['plain = constant = 2']);
  // What a variable holds when a cell ends is kept.
  expect(lines(graphOf('plain', cell, long, long))).toEqual(plain);
});

test('refusals', () => {
  const kernel = new Kernel({ torch: createTorch(engine), output: () => undefined });
  kernel.run('import torch\nn = 3\nx = torch.zeros(1, requires_grad=True)\nfor i in range(1500): x = x + 1');
  expect(kernel.graph('nothing')).toEqual({ refused: 'no-variable', nodes: 0 });
  expect(kernel.graph('n')).toEqual({ refused: 'no-tensor', nodes: 0 });
  expect(kernel.graph('x')).toEqual({ refused: 'too-large', nodes: 3001 });
});
