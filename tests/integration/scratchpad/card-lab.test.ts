import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorMessage, LabError } from '../../../shared/errors';
import { emulatedCard } from '../support/emulated-card';
import { testLab, waitFor, type TestLab } from '../support/lab';

// Notebooks of the program on a machine with the emulated card: a process each, which asks the host what cards there are.

let test: TestLab;
beforeEach(async () => {
  vi.stubEnv('DELTALAB_CUDA', emulatedCard);
  test = await testLab({ probeMilliseconds: 1500 });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test.close();
});

async function open(): Promise<{ id: string; run: (code: string) => ReturnType<typeof runIn> }> {
  const { scratchpad } = await test.lab.call('scratchpad.open', {});
  return { id: scratchpad, run: (code) => runIn(scratchpad, code) };
}
const runIn = (scratchpad: string, code: string) => test.lab.call('scratchpad.run', { scratchpad, cell: 'a', code });

describe.runIf(process.platform === 'linux')('a notebook and a card', () => {
  it('finds it when it first asks, and its variables are there', async () => {
    const { id, run } = await open();
    expect(
      await run(`import torch
device = 'cuda' if torch.cuda.is_available() else 'cpu'
x = torch.ones(2, 3, device=device)
(x @ x.t() * 2).sum().item(), torch.cuda.get_device_name(0)`),
    ).toMatchObject({ status: 'done', value: "(24.0, 'Emulated card')" });
    expect(await test.lab.call('scratchpad.variables', { scratchpad: id })).toContainEqual({
      name: 'x',
      type: 'Tensor',
      shape: [2, 3],
      device: 'cuda:0',
      text: "tensor([[1., 1., 1.], [1., 1., 1.]], device='cuda:0')",
      network: false,
    });
  });

  it.each(['no-driver', 'crashing'])('that cannot be used is none: %s', async (fault) => {
    vi.stubEnv('DELTALAB_EMULATED_CARD', fault);
    const { run } = await open();
    expect(await run('import torch\ntorch.cuda.is_available()')).toMatchObject({ status: 'done', value: 'False' });
  });

  it('draws how a value was computed there', async () => {
    const { id, run } = await open();
    await run(`import torch
w = torch.tensor([2., 3.], device='cuda', requires_grad=True)
y = (w * w).sum()
y.backward()`);
    const graph = await test.lab.call('scratchpad.graph', { scratchpad: id, name: 'y' });
    expect(graph.nodes.map(({ operator, device }) => [operator, device])).toEqual([
      [null, 'cuda:0'],
      ['Mul', 'cuda:0'],
      ['ReduceSum', 'cuda:0'],
    ]);
    const [leaf, product] = graph.nodes.map(({ outputs: [value] }) => value);
    expect(leaf?.gradient).toMatchObject({ numbers: [4, 6] });
    expect(product?.value).toMatchObject({ numbers: [4, 9] });
  });

  it('opens a module that is there as a network', async () => {
    const { id, run } = await open();
    await run(`import torch
from torch import nn
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).to('cuda')
model(torch.ones(1, 3, device='cuda'))`);
    const opened = (name: string) => test.lab.call('scratchpad.openNetwork', { scratchpad: id, name, title: name });
    const { project } = await opened('model');
    await test.lab.call('scratchpad.open', { scratchpad: id, project: project.id });
    const answer = await run(`import deltalab
loaded = deltalab.load_network().to('cuda')
x = torch.randn(5, 3, device='cuda')
(loaded(x) - model(x)).abs().max().item() < 1e-6`);
    expect(answer).toMatchObject({ status: 'done', value: 'True' });

    await run(`x = torch.rand(10, 1, device='cuda')
a, b = [torch.tensor([start], device='cuda', requires_grad=True) for start in (0.5, 3.0)]
yhat = a + b * x`);
    const { report } = await opened('yhat');
    expect(report).toMatchObject({ layers: 1, operators: 0 });
  });

  it('ends with a card that fails, and says so as for any death', async () => {
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '40');
    const { id, run } = await open();
    const cell = run(`import torch
x = torch.ones(2, device='cuda')
try:
    while True:
        x.sum().item()
except Exception:
    print('not for the program to catch')`);
    const error = await cell.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(LabError);
    const { code, details } = error as LabError;
    expect(code).toBe('scratchpad.died');
    expect(errorMessage({ code, details }, 'ru')).toContain('сбой видеокарты');
    await waitFor(test, 'scratchpad.died', ({ scratchpad }) => scratchpad === id);
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '0');
    expect(await run('import torch\ntorch.ones(2, device="cuda").sum().item()')).toMatchObject({ value: '2.0' });
  });
});
