import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenProject } from '../../../shared/api/contract';
import { LabError } from '../../../shared/errors';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

interface Notebook {
  id: string;
  /** The value of the last line. */
  run(code: string): Promise<string>;
  numbers(expression: string): Promise<number[]>;
}

async function notebook(project: OpenProject | null = null): Promise<Notebook> {
  const { scratchpad } = await lab.lab.call('scratchpad.open', { project: project?.id ?? null });
  const run = async (code: string): Promise<string> => {
    const outcome = await lab.lab.call('scratchpad.run', { scratchpad, cell: 'a', code });
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value ?? '';
  };
  const numbers = async (expression: string): Promise<number[]> =>
    JSON.parse(await run(`(${expression}).detach().double().flatten().tolist()`)) as number[];
  await run('import torch, deltalab\nfrom torch import nn\nimport torch.nn.functional as F');
  return { id: scratchpad, run, numbers };
}

const nets = {
  perceptron:
    'model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 3))\nx = torch.randn(6, 4)',
  convolutional: `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.fc = nn.Linear(64, 3)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv(x))), 2)
        return self.fc(x.view(x.size(0), -1))
model = Net()
x = torch.randn(6, 1, 8, 8)`,
  residual: `class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.scale = nn.Parameter(torch.full((4,), 0.5))
    def forward(self, x):
        return torch.where(x > 0, x, 0.1 * x) + self.scale * F.silu(self.inner(x))
model = nn.Sequential(Block(), Block(), nn.Linear(4, 3))
x = torch.randn(6, 4)`,
  steps: `model = nn.Sequential(nn.Linear(2, 5), nn.GELU(), nn.LayerNorm(5), nn.Linear(5, 3), nn.Flatten())
x = torch.randn(6, 7, 2)`,
  recurrent: `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.LSTM(2, 5, batch_first=True)
        self.head = nn.Linear(5, 3)
    def forward(self, x):
        return self.head(self.steps(x)[0][:, -1])
model = Net()
x = torch.randn(6, 7, 2)`,
  pictures: `model = nn.Sequential(nn.Conv2d(1, 3, 3, stride=2), nn.ELU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2), nn.Softmax(dim=1))
x = torch.randn(6, 1, 11, 11)`,
};

describe('opened as a project and loaded again a network answers as the notebook does, and is trained on', () => {
  let shared: Notebook;
  beforeAll(async () => {
    shared = await notebook();
  });

  test.each(Object.entries(nets))('%s', async (name, code) => {
    const { id, run, numbers } = shared;
    await run(`torch.manual_seed(5)\n${code}\n_ = model(x)\n_ = model.eval()`);
    const { project } = await lab.lab.call('scratchpad.openNetwork', { scratchpad: id, name: 'model', title: name });
    expect(project.document.network.weights).toBeDefined();

    await lab.lab.call('scratchpad.open', { scratchpad: id, project: project.id });
    await run('torch.manual_seed(6)\nloaded = deltalab.load_network()\ndrawn = torch.rand(3)\ntorch.manual_seed(6)');
    expect(await run('loaded.source')).toBe("'initial weights'");
    // Nothing of the program's random numbers was used up.
    expect(await run('torch.equal(drawn, torch.rand(3))')).toBe('True');
    expect(Number(await run('(loaded(x) - model(x)).abs().max().item()'))).toBeLessThan(1e-6);
    expect(await run('len(list(loaded.parameters())) > 1')).toBe('True');
    await run(`optimizer = torch.optim.SGD(loaded.train().parameters(), lr=0.05)
for i in range(5):
    loss = (loaded(x) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()`);
    expect(await run('all(p.grad is not None for p in loaded.parameters())')).toBe('True');
    expect(await numbers('loaded.eval()(x)')).not.toEqual(await numbers('model(x)'));
    await lab.lab.call('projects.close', { project: project.id });
  });
});

test('a notebook of a project: replaced, trained, loaded again with the same numbers', async () => {
  const project = await createExample(lab, 'lecture-regression', ({ training }) => {
    training.epochs = 1;
    training.lanes = [{ learningRate: 0.1 }];
  });
  const { id, run, numbers } = await notebook(project);
  await run(
    'x = torch.rand(10, 1)\na = torch.tensor([0.5], requires_grad=True)\nb = torch.tensor([3.0], requires_grad=True)\nyhat = a + b * x',
  );
  const { document, revision, report } = await lab.lab.call('scratchpad.replaceNetwork', {
    scratchpad: id,
    name: 'yhat',
    project: project.id,
    revision: project.revision,
  });
  expect(report).toMatchObject({ layers: 1, operators: 0 });
  expect(document.network.layers.map(({ kind }) => kind)).toEqual(['input', 'linear', 'output']);
  expect(existsSync(join(project.path, document.network.weights?.path ?? ''))).toBe(true);
  expect(document.data).toEqual(project.document.data);

  await run('model = deltalab.load_network()');
  expect(await run('model.source')).toBe("'initial weights'");
  expect(await numbers('model.linear.bias')).toEqual([0.5]);
  expect(await numbers('model.linear.weight')).toEqual([3]);
  expect(await run('model')).toBe('Sequential(\n  (linear): Linear(in_features=1, out_features=1, bias=True)\n)');

  const experiment = await lab.lab.call('experiments.start', { project: project.id });
  const call = { project: project.id, experiment: experiment.id };
  await untilState(lab, call, 'finished');
  const [lane] = (await lab.lab.call('experiments.get', call)).lanes;
  const parameters = await lab.lab.call('experiments.parameters', { ...call, lane: lane?.id ?? '' });
  const last = Object.fromEntries((parameters ?? []).map(({ name, now }) => [name, now]));
  await run("model = deltalab.load_network(which='last')");
  expect(await run('model.source')).toBe(`'experiment ${experiment.id}, ${lane?.id}, last weights'`);
  expect([await numbers('model.linear.weight'), await numbers('model.linear.bias')]).toEqual([
    last['linear.weight'],
    last['linear.bias'],
  ]);
  expect(await numbers('model.linear.bias')).not.toEqual([0.5]);

  // What the engine predicts, bit for bit.
  const [inputs, answers] = [await numbers('x'), await numbers('model(x)')];
  const weight = Number(last['linear.weight']?.[0]);
  const bias = Number(last['linear.bias']?.[0]);
  answers.forEach((answer, i) => expect(answer).toBeCloseTo(bias + weight * (inputs[i] as number), 6));

  // A network that was changed since is not the one that was trained.
  const changed = structuredClone(document);
  changed.network.layers = changed.network.layers.map((layer) =>
    layer.kind === 'linear' ? { ...layer, parameters: { ...layer.parameters, bias: false } } : layer,
  );
  await lab.lab.call('projects.update', { project: project.id, revision, document: changed });
  await run('model = deltalab.load_network()');
  expect(await run('model.source')).toBe("'initial weights'");
  await run(`model = deltalab.load_network('${experiment.id}', '${lane?.id}')`);
  expect(await run('model.linear.bias is not None')).toBe('True');
}, 20_000);

test('refusals say where and what', async () => {
  const { id, run } = await notebook();
  const failed = (name: string) =>
    lab.lab.call('scratchpad.openNetwork', { scratchpad: id, name, title: 'x' }).catch((error: unknown) => error);
  await run(
    'n = 5\nclass Net(nn.Module):\n    def forward(self, x):\n        return x.sort(dim=1)[0]\nnet = Net()\n_ = net(torch.ones(2, 3))',
  );
  expect(await failed('n')).toMatchObject({ code: 'scratchpad.network-none', details: { name: 'n', type: 'int' } });
  expect(await failed('net')).toMatchObject({ code: 'scratchpad.network-operation', details: { line: 4 } });
  expect(await failed('m')).toMatchObject({ code: 'scratchpad.network-no-variable' });
  const message = new LabError('scratchpad.network-no-project').message;
  await expect(run('deltalab.load_network()')).rejects.toThrow(message);
  const project = await createExample(lab, 'xor');
  const own = await notebook(project);
  await expect(own.run("deltalab.load_network('../../secret')")).rejects.toThrow('RuntimeError');
  await expect(own.run("deltalab.load_network(which='first')")).rejects.toThrow('ValueError');
  await expect(own.run("deltalab.load_network('007')")).rejects.toThrow('007');
});
