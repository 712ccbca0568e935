import { describe, expect, test } from 'vitest';
import type { Graph } from '../../../../../../shared/network/graph';
import { loadAddon } from '../../../../../../src-main/engine/addon';
import { Kernel } from '../../../../../../src-main/scratchpad/kernel';
import type { NetworkChoice } from '../../../../../../src-main/scratchpad/torch/network/open';
import { createTorch } from '../../../../../../src-main/scratchpad/torch/torch';
import { exampleCells } from '../../../../../../src-renderer/workspaces/scratchpad/examples';

const engine = loadAddon();
const plain: NetworkChoice = { shape: null, inputs: null };

function notebook(...cells: string[]): Kernel {
  const kernel = new Kernel({ torch: createTorch(engine), output: () => undefined });
  for (const cell of ['import torch\nfrom torch import nn\nimport torch.nn.functional as F', ...cells]) {
    const outcome = kernel.run(cell);
    if (outcome.status === 'failed') throw new Error(JSON.stringify(outcome.error));
  }
  return kernel;
}

function graphOf(kernel: Kernel, name: string, choice: Partial<NetworkChoice> = {}): Graph {
  const answer = kernel.network(name, { ...plain, ...choice });
  if ('refused' in answer) throw new Error(JSON.stringify(answer.refused));
  return answer.graph;
}

const refusalOf = (kernel: Kernel, name: string, choice: Partial<NetworkChoice> = {}) => {
  const answer = kernel.network(name, { ...plain, ...choice });
  return 'refused' in answer ? answer.refused : null;
};

const operators = ({ nodes }: Graph): string[] => nodes.map(({ opType }) => opType);

/** What the graph answers to the rows that the notebook's variables hold, and the notebook's own answer. */
function answers(kernel: Kernel, graph: Graph, inputs: string[], output: string): [number[], number[]] {
  const numbers = (expression: string): { dims: number[]; data: Float32Array } => {
    const value = (code: string): string => {
      const outcome = kernel.run(code);
      if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
      return outcome.value ?? '';
    };
    return {
      dims: JSON.parse(value(`list((${expression}).shape)`)) as number[],
      data: Float32Array.from(JSON.parse(value(`(${expression}).double().flatten().tolist()`)) as number[]),
    };
  };
  const given = Object.fromEntries(
    graph.inputs.map(({ name, dims }, at) => {
      const { data } = numbers(inputs[at] ?? '');
      return [name, { dims: [data.length / dims.slice(1).reduce((a, b) => a * b, 1), ...dims.slice(1)], data }];
    }),
  );
  const found = engine.infer(graph, given)[graph.outputs[0]?.name ?? ''];
  return [Array.from(found?.data ?? [], Number), Array.from(numbers(output).data)];
}

function expectEqual(kernel: Kernel, graph: Graph, input: string, output: string): void {
  const [found, expected] = answers(kernel, graph, [input], output);
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 6));
}

describe('what is offered to be opened', () => {
  test('modules with something to train, and tensors that were computed from it', () => {
    const kernel = notebook(
      'model = nn.Linear(2, 1)\ncriterion = nn.MSELoss()\nflatten = nn.Flatten()',
      'x = torch.ones(3, 2)\ny = model(x)\nloss = criterion(y, x.sum(1, keepdim=True))\nw = torch.ones(3, 2, requires_grad=True)',
    );
    const offered = kernel.variables().filter(({ network }) => network);
    expect(offered.map(({ name }) => name)).toEqual(['model', 'y']);
  });
});

describe('modules', () => {
  test('a perceptron of a Sequential', () => {
    const kernel = notebook(
      'torch.manual_seed(1)\nmodel = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.2), nn.Linear(8, 2))',
      'x = torch.randn(5, 3)\ny = model.eval()(x)',
    );
    const graph = graphOf(kernel, 'model');
    expect(operators(graph)).toEqual(['Gemm', 'Tanh', 'Dropout', 'Gemm']);
    expect(graph.nodes.map(({ name }) => name)).toEqual(['linear', 'tanh', 'dropout', 'linear-2']);
    expect(graph.inputs).toEqual([{ name: 'input', dims: [-1, 3] }]);
    expect(graph.initializers.filter(({ frozen }) => !frozen).map(({ name }) => name)).toEqual([
      '0.weight',
      '0.bias',
      '3.weight',
      '3.bias',
    ]);
    expectEqual(kernel, graph, 'x', 'y');
  });

  test('a convolutional network with view(-1, …) and x.size(0)', () => {
    const kernel = notebook(
      `torch.manual_seed(2)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(4 * 4 * 4, 10)
        self.fc2 = nn.Linear(10, 3)
    def forward(self, x):
        x = self.pool(F.relu(self.norm(self.conv1(x))))
        x = x.view(x.size(0), -1)
        x = torch.relu(self.fc1(x))
        return F.log_softmax(self.fc2(x).view(-1, 3), dim=1)
model = Net()`,
      'x = torch.randn(4, 1, 8, 8)\nmodel(x)\ny = model.eval()(x)\n_ = model.train()',
    );
    const graph = graphOf(kernel, 'model');
    expect(operators(graph)).toEqual([
      'Conv',
      'BatchNormalization',
      'Relu',
      'MaxPool',
      'Flatten',
      'Gemm',
      'Relu',
      'Gemm',
      'LogSoftmax',
    ]);
    expect(graph.nodes.map(({ name }) => name)).toEqual([
      'conv1',
      'norm',
      'relu',
      'pool',
      'flatten',
      'fc1',
      'relu-2',
      'fc2',
      'logsoftmax',
    ]);
    expectEqual(kernel, graph, 'x', 'y');
    expect(kernel.run('model.training')).toMatchObject({ value: 'True' });
  });

  test('a skip connection, and parts put side by side', () => {
    const kernel = notebook(
      `torch.manual_seed(3)
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n))
        self.scale = nn.Parameter(torch.ones(n))
    def forward(self, x):
        return x + self.scale * self.inner(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(4) for _ in range(2)])
        self.head = nn.Linear(6, 1)
    def forward(self, x):
        h = x
        for block in self.blocks:
            h = torch.tanh(block(h))
        return self.head(torch.cat([h, x[:, 1:3]], dim=1))
model = Net()`,
      'x = torch.randn(5, 4)\ny = model(x).detach()',
    );
    const graph = graphOf(kernel, 'model');
    expect(operators(graph).filter((name) => name === 'Add')).toHaveLength(2);
    expect(operators(graph)).toContain('Concat');
    expect(graph.initializers.map(({ name }) => name)).toContain('blocks.1.scale');
    expectEqual(kernel, graph, 'x', 'y');
  });

  test('a choice by a mask, numbers of the batch, an embedding', () => {
    const kernel = notebook(
      `torch.manual_seed(4)
class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)
        self.out = nn.Linear(4, 2)
    def forward(self, words):
        h = self.table(words)
        start = torch.zeros(words.shape[0], 4)
        for step in range(words.size(1)):
            start = start + h[:, step]
        start = torch.where(start > 0, start, 0.1 * start)
        return self.out(start).squeeze(-1)
model = Words()`,
      'x = torch.tensor([[1, 2, 3], [4, 5, 6]])\ny = model(x).detach()',
    );
    const graph = graphOf(kernel, 'model');
    expect(graph.inputs).toEqual([{ name: 'input', dims: [-1, 3] }]);
    expectEqual(kernel, graph, 'x', 'y');
  });

  test.each([
    ['LSTM', 'nn.LSTM(3, 4, batch_first=True)', 'LSTM'],
    ['GRU', 'nn.GRU(3, 4, batch_first=True, num_layers=2)', 'GRU'],
    ['RNN', 'nn.RNN(3, 4, batch_first=True, bidirectional=True)', 'RNN'],
  ])('a recurrent layer: %s', (_, layer, opType) => {
    const kernel = notebook(
      `torch.manual_seed(6)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = ${layer}
        self.head = nn.Linear(${layer.includes('bidirectional') ? 8 : 4}, 2)
    def forward(self, x):
        outputs, _ = self.steps(x)
        return self.head(outputs[:, -1])
model = Net()`,
      'x = torch.randn(5, 6, 3)\ny = model(x).detach()',
    );
    const graph = graphOf(kernel, 'model');
    expect(operators(graph)).toContain(opType);
    expect(graph.initializers.some(({ name }) => name.startsWith('steps.weight_ih_l0'))).toBe(true);
    expectEqual(kernel, graph, 'x', 'y');
  });

  test('a state of zeros for every sample', () => {
    const kernel = notebook(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.GRU(3, 4, batch_first=True)
    def forward(self, x):
        return self.steps(x, torch.zeros(1, x.size(0), 4))[0][:, -1]
model = Net()`,
      'x = torch.randn(5, 6, 3)\ny = model(x).detach()',
    );
    expectEqual(kernel, graphOf(kernel, 'model'), 'x', 'y');
  });

  test('the shape of a module that was never called', () => {
    const kernel = notebook(
      'model = nn.Sequential(nn.Linear(3, 2))\nother = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))',
    );
    expect(kernel.networkSource('model')).toEqual({ source: { kind: 'module', inputs: null, guess: [3] } });
    expect(kernel.networkSource('other')).toEqual({ source: { kind: 'module', inputs: null, guess: null } });
    expect(refusalOf(kernel, 'other')?.code).toBe('scratchpad.network-shape');
    expect(graphOf(kernel, 'other', { shape: [2, 2] }).inputs[0]?.dims).toEqual([-1, 2, 2]);
  });

  test('the random numbers of the program go on as if nothing had been', () => {
    const code = 'torch.manual_seed(7)\nmodel = nn.Sequential(nn.Linear(2, 2), nn.Dropout())\nfirst = torch.rand(3)';
    const [opened, untouched] = [notebook(code), notebook(code)];
    graphOf(opened, 'model', { shape: [2] });
    const next = 'print(torch.rand(3).tolist())\ntorch.rand(3).tolist()';
    expect(opened.run(next)).toMatchObject({ value: (untouched.run(next) as { value: string }).value });
  });
});

describe('the regression of the lecture', () => {
  const [data = '', start = '', fit = ''] = exampleCells('regression-by-hand');

  test('is a linear layer with the fitted weights', () => {
    const kernel = notebook(data, start, fit);
    expect(kernel.networkSource('yhat')).toEqual({
      source: { kind: 'tensor', leaves: [{ name: 'x_train', shape: [80, 1] }] },
    });
    const graph = graphOf(kernel, 'yhat');
    expect(operators(graph)).toEqual(['Gemm']);
    expect(graph.inputs[0]?.dims).toEqual([-1, 1]);
    const values = Object.fromEntries(graph.initializers.map(({ name, data }) => [name, Number(data[0])]));
    expect(values.a).toBeCloseTo(1.0422, 4);
    expect(values.b).toBeCloseTo(1.9991, 4);
    expectEqual(kernel, graph, 'x_val', '(a + b * x_val).detach()');
  });

  test('of a list of numbers, and by a product of matrices', () => {
    const kernel = notebook(
      `x = torch.rand(20)\na = torch.randn(1, requires_grad=True)\nb = torch.randn(1, requires_grad=True)
y = a + b * x
m = torch.rand(6, 3)\nw = torch.randn(3, 2, requires_grad=True)\nc = torch.randn(2, requires_grad=True)
z = torch.sigmoid(m @ w + c)`,
    );
    expectEqual(kernel, graphOf(kernel, 'y'), 'x', 'y.detach()');
    expectEqual(kernel, graphOf(kernel, 'z'), 'm', 'z.detach()');
  });

  test('with several tensors that may be the input', () => {
    const kernel = notebook(
      `u = torch.rand(9, 1)\nv = torch.rand(9, 1)\na = torch.randn(1, requires_grad=True)\nb = torch.randn(1, requires_grad=True)
y = a * u + b * v`,
    );
    expect(kernel.networkSource('y')).toMatchObject({ source: { leaves: [{ name: 'u' }, { name: 'v' }] } });
    expect(graphOf(kernel, 'y').inputs.map(({ name }) => name)).toEqual(['u', 'v']);
    expect(refusalOf(kernel, 'y', { inputs: [] })?.code).toBe('scratchpad.network-inputs');
    expect(refusalOf(kernel, 'y', { inputs: ['u'] })?.code).toBe('scratchpad.network-samples');
  });
});

describe('refused', () => {
  const module = (forward: string): Kernel =>
    notebook(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
    def forward(self, x):
        ${forward}
model = Net()`,
    );
  test.each([
    ['y = self.fc(x)\n        return y.sort(dim=1)[0]', 'scratchpad.network-operation', { operation: 'Sort', line: 7 }],
    ['return self.fc(x) if x.mean() > 0 else x', 'scratchpad.network-decides', { operation: 'bool()', line: 6 }],
    ['return self.fc(x) * x.sum().item()', 'scratchpad.network-decides', { operation: 'item()', line: 6 }],
    ['h = self.fc(x)\n        return h + torch.randn(3)', 'scratchpad.network-varies', { operation: 'Add', line: 7 }],
    ['x[:, 0] = 0\n        return self.fc(x)', 'scratchpad.network-operation', { operation: 'x[…] = …', line: 6 }],
    ['return F.dropout(self.fc(x))', 'scratchpad.network-operation', { operation: 'dropout(training=True)', line: 6 }],
    ['return self.fc(x - x.mean())', 'scratchpad.network-mixes', { name: 'model' }],
    ['return self.fc(x).sum()', 'scratchpad.network-batch', { name: 'model', shape: '' }],
    ['return self.fc(x), x', 'scratchpad.network-output', { type: 'tuple' }],
    ['return self.fc(torch.ones(x.size(0), 3))', 'scratchpad.network-nothing', { name: 'model' }],
    ['return self.fc(x.view(2, 4))', 'scratchpad.network-failed', { kind: 'RuntimeError', line: 6 }],
  ] as const)('%s', (forward, code, details) => {
    expect(refusalOf(module(forward), 'model', { shape: [3] })).toMatchObject({ code, details });
  });

  test('a loop over the samples', () => {
    const kernel = module('return torch.stack([self.fc(x[i]) for i in range(x.size(0))])');
    expect(refusalOf(kernel, 'model', { shape: [3] })?.code).toBe('scratchpad.network-steps');
  });

  test('what is no network, and what is not there', () => {
    const kernel = notebook('x = torch.ones(3)\nn = 5');
    expect(refusalOf(kernel, 'n')).toEqual({ code: 'scratchpad.network-none', details: { name: 'n', type: 'int' } });
    expect(refusalOf(kernel, 'x')?.code).toBe('scratchpad.network-none');
    expect(refusalOf(kernel, 'y')?.code).toBe('scratchpad.network-no-variable');
  });

  test('an operation on the tape that has no operator', () => {
    const kernel = notebook('x = torch.rand(5, 2)\na = torch.randn(2, requires_grad=True)\ny = (x * a).cumsum(dim=1)');
    expect(refusalOf(kernel, 'y')).toEqual({
      code: 'scratchpad.network-operation-taped',
      details: { operation: 'Cumsum' },
    });
  });
});
