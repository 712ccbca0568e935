import { afterEach, describe, expect, test, vi } from 'vitest';
import { exampleCells, type ExampleName } from '../../../src-renderer/workspaces/scratchpad/examples';
import { CardMemory } from '../../../src-main/scratchpad/torch/autograd/card';
import { notebook } from '../../unit/src-main/scratchpad/torch/notebook';
import { cardNotebook, printed } from './card-notebook';

// Notebooks on a machine with the emulated card.

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

// No bias before a batch normalisation: its gradient is nothing but rounding, which Adam makes large.
const layers = 'nn.Linear(6, 16), nn.Tanh(), nn.LayerNorm(16), nn.Dropout(0.2), nn.Linear(16, 3)';

const training = (device: string, optimizer: string, steps = 30, model = layers, sample = '6'): string => `
import torch
from torch import nn
torch.manual_seed(3)
device = '${device}'
x = torch.randn(40, ${sample}).to(device)
labels = (torch.arange(40) % 3).to(device)
model = nn.Sequential(${model}).to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.${optimizer}
for step in range(${steps}):
    optimizer.zero_grad()
    loss = loss_fn(model(x), labels)
    loss.backward()
    optimizer.step()
model.eval()
`;
const figures = 'print(loss.item(), *[v for p in model.state_dict().values() for v in p.cpu().flatten().tolist()])';
const expectNear = (card: number[] = [], processor: number[] = []): void => {
  expect(card).toHaveLength(processor.length);
  for (const [i, value] of processor.entries())
    expect(Math.abs((card[i] as number) - value)).toBeLessThan(2e-4 * (1 + Math.abs(value)));
};
const numbersOf = (text: string): number[] => text.trim().split(' ').map(Number);

describe.runIf(process.platform === 'linux')('tensors on a card', () => {
  test('what there is of it', () => {
    const cell = cardNotebook();
    expect(
      printed(
        `import torch
print(torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.current_device())
print(torch.cuda.get_device_name(), torch.cuda.get_device_capability(0))
p = torch.cuda.get_device_properties('cuda')
print(p.name, p.total_memory, p.major, p.minor)
x = torch.randn(1000, device='cuda')
print(x.device, x.is_cuda, x.get_device(), x.cpu().device, x.cpu().is_cuda, torch.zeros_like(x).device)
torch.cuda.synchronize()`,
        cell,
      ),
    ).toBe(`True 1 0\nEmulated card (8, 6)\nEmulated card 1073741824 8 6\ncuda:0 True 0 cpu False cuda:0\n`);
  });

  test('memory is told as it is, and freed', () => {
    const cell = cardNotebook();
    const bytes = (source: string): number => Number(printed(`${source}\nprint(torch.cuda.memory_allocated())`, cell));
    expect(bytes('import torch')).toBe(0);
    expect(bytes("x = torch.zeros(1000, 1000, device='cuda')")).toBeGreaterThanOrEqual(4_000_000);
    expect(bytes('y = x + 1')).toBeGreaterThanOrEqual(8_000_000);
    expect(bytes('del x\ny = y.sum().item()')).toBeLessThan(10_000);
    expect(printed('torch.cuda.empty_cache()\nprint(torch.cuda.memory_reserved() < 10_000)', cell)).toBe('True\n');
  });

  test('random numbers are those of the CPU', () => {
    const draw =
      "import torch\ntorch.manual_seed(1)\nprint(torch.randn(5, device='cuda').cpu(), torch.rand(2, device='cuda').cpu())";
    expect(printed(draw)).toBe(printed(draw.replaceAll("'cuda'", "'cpu'")));
  });

  test.each([
    'SGD(model.parameters(), lr=0.1)',
    'SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)',
    'SGD(model.parameters(), lr=0.01, maximize=True)',
    'Adam(model.parameters(), lr=0.01, weight_decay=0.01)',
    'AdamW(model.parameters(), lr=0.01, amsgrad=True)',
    'RMSprop(model.parameters(), lr=0.005, momentum=0.5, centered=True)',
    'Adagrad(model.parameters(), lr=0.05, lr_decay=0.01, initial_accumulator_value=0.1)',
  ])('a training with %s equals the one on the CPU, and itself to the bit', (optimizer) => {
    const [first, again] = ['cuda', 'cuda'].map((device) => printed(training(device, optimizer) + figures));
    expect(first).toBe(again);
    const [card, processor] = [numbersOf(first as string), numbersOf(printed(training('cpu', optimizer) + figures))];
    expectNear(card, processor);
  });

  test('pictures, convolutions and running statistics', () => {
    const model =
      'nn.Conv2d(1, 4, 2, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)';
    const [card, processor] = ['cuda', 'cpu'].map((device) =>
      numbersOf(printed(training(device, 'SGD(model.parameters(), lr=0.05)', 10, model, '1, 2, 3') + figures)),
    );
    expectNear(card, processor);
  });

  test('a training brings nothing to the processor before a number is asked for', () => {
    const read = vi.spyOn(CardMemory.prototype, 'read');
    const normalised = `nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), ${layers.replace('Linear(6', 'Linear(16')}`;
    const cell = cardNotebook();
    printed(training('cuda', 'Adam(model.parameters(), lr=0.01)', 20, normalised), cell);
    expect(read).not.toHaveBeenCalled();
    printed('print(loss.item())', cell);
    expect(read).toHaveBeenCalledOnce();
  });

  test('a model goes on learning where it is moved, with what its optimizer remembers', () => {
    const source = (there: string): string =>
      `${training('cpu', 'Adam(model.parameters(), lr=0.01)', 5)}
model.train()
model.to('${there}')
for step in range(5):
    optimizer.zero_grad()
    loss = loss_fn(model(x.to('${there}')), labels.to('${there}'))
    loss.backward()
    optimizer.step()
assert all(p.device == torch.device('${there}:0' if '${there}' == 'cuda' else 'cpu') for p in model.parameters())
${figures}`;
    const [card, processor] = [numbersOf(printed(source('cuda'))), numbersOf(printed(source('cpu')))];
    expectNear(card, processor);
  });

  test('the regression of the lecture', () => {
    const names: ExampleName[] = ['regression-by-hand', 'regression-with-optimizer'];
    for (const name of names) {
      const cell = cardNotebook();
      cell("import torch\ntorch.set_default_device('cuda')");
      const outcomes = exampleCells(name).map((source) => cell(source.replaceAll('.numpy()', '.cpu().numpy()')));
      for (const { error } of outcomes) expect(error).toBeNull();
      const text = outcomes.map(({ output }) => output).join('');
      expect(text).toContain('a = 1.0422, b = 1.9991');
    }
  });

  test('float64, whole numbers and truth values count as being there', () => {
    expect(
      printed(`import torch
x = torch.tensor([1.5, 2.5], dtype=torch.float64, device='cuda')
n = torch.arange(3, device='cuda')
print(x * 2, n + 1, n > 0, n.device, (x > 2).device, x.float().device)
print((n.float() * torch.ones(3, device='cuda')).sum())`),
    ).toBe(
      `tensor([3., 5.], device='cuda:0', dtype=torch.float64) tensor([1, 2, 3], device='cuda:0') tensor([False,  True,  True], device='cuda:0') cuda:0 cuda:0 cuda:0
tensor(3., device='cuda:0')
`,
    );
  });

  test('of a large one only what is shown leaves the card', () => {
    const read = vi.spyOn(CardMemory.prototype, 'read');
    const source = (device: string): string =>
      `import torch\nprint(torch.arange(40_000.).reshape(10, 40, 100).to('${device}'))`;
    expect(printed(source('cuda')).replace(", device='cuda:0'", '')).toBe(printed(source('cpu')));
    expect(read.mock.results.map(({ value }) => (value as Float32Array).length)).toEqual([216]);
  });

  test('changes in place, views and slices', () => {
    const source = (device: string): string => `import torch
x = torch.arange(12.).reshape(3, 4).to('${device}')
y = x.t()
x[1] = 0
x += 1
x[:, 2] *= 3
y[0, 0] = 7
w = torch.ones(4, device='${device}', requires_grad=True)
z = x * w
z[0] = 5
(z[:, 1:3].sum() + w[[0, 0, 3]].sum()).backward()
print(x.tolist(), y.tolist(), z.tolist(), w.grad.tolist())`;
    expect(printed(source('cuda'))).toBe(printed(source('cpu')));
  });

  test('100,000 steps in one cell hold no more memory of the card than some', () => {
    const cell = cardNotebook();
    const { output, error } = cell(`import torch
w = torch.zeros(4, device='cuda', requires_grad=True)
x = torch.ones(4, device='cuda')
optimizer = torch.optim.SGD([w], lr=0.1)
most = 0
for step in range(100_000):
    loss = ((w * x - 1) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10_000 == 0:
        most = max(most, torch.cuda.memory_reserved())
print(round(w.sum().item(), 4), most < 200 * 2 ** 20, torch.cuda.memory_allocated() < 2 ** 20)`);
    expect(error).toBeNull();
    expect(output).toBe('4.0 True True\n');
  }, 600_000);
});

describe.runIf(process.platform === 'linux')('what goes wrong on a card', () => {
  const fails = (source: string): string => {
    const { error } = cardNotebook()(`import torch\n${source}`);
    return error ? `${error.kind}: ${error.message}` : 'nothing';
  };

  test('operands on two devices', () => {
    const both =
      /RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!/;
    expect(fails("torch.ones(2, device='cuda') + torch.ones(2)")).toMatch(both);
    expect(fails("torch.nn.Linear(2, 3)(torch.ones(1, 2, device='cuda'))")).toMatch(both);
    expect(fails("print(torch.ones(2, device='cuda') + torch.tensor(1.))")).toBe('nothing');
  });

  test('numpy of a tensor there', () => {
    expect(fails("torch.ones(2, device='cuda').numpy()")).toBe(
      "TypeError: can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
    );
  });

  test('an operator that it does not have', () => {
    vi.stubEnv('DELTALAB_EMULATED_WITHOUT', 'Erf');
    expect(fails("torch.erf(torch.ones(2, device='cuda'))")).toMatch(
      /^RuntimeError: Erf is not implemented for 'cuda'.*x\.cpu\(\)/,
    );
    expect(fails("print(torch.erf(torch.ones(2, device='cuda').cpu()))")).toBe('nothing');
  });

  test('more than its memory, which a program can catch', () => {
    vi.stubEnv('DELTALAB_EMULATED_MEMORY', '256');
    expect(fails("x = torch.zeros(100_000_000, device='cuda')")).toMatch(
      /^OutOfMemoryError: CUDA out of memory\. Tried to allocate [34]\d\d MiB\. GPU 0 has a total capacity of 256 MiB of which \d+ MiB is free\./,
    );
    const cell = cardNotebook();
    expect(
      printed(
        `import torch
kept = []
try:
    while True:
        kept.append(torch.zeros(1_000_000, device='cuda'))
except torch.cuda.OutOfMemoryError as error:
    print(len(kept) > 5, str(error)[:19])
kept = None
print(torch.zeros(10_000_000, device='cuda').sum().item())`,
        cell,
      ),
    ).toBe('True CUDA out of memory.\n0.0\n');
  });
});

test.runIf(process.platform === 'linux')('simulated devices come behind the card, and compute on the processor', () => {
  const cell = cardNotebook();
  expect(
    printed(
      `import torch, deltalab
deltalab.simulate_gpus(2)
print(torch.cuda.device_count(), torch.cuda.get_device_name(0), torch.cuda.get_device_name(2))
x = torch.ones(2, device='cuda:1')
print(x + x, torch.cuda.memory_allocated(1))
deltalab.simulate_gpus(0)
print(torch.cuda.device_count())`,
      cell,
    ),
  ).toBe("3 Emulated card Simulated GPU\ntensor([2., 2.], device='cuda:1') 0\n1\n");
});

test('without a card nothing is said to be there', () => {
  expect(printed('import torch\nprint(torch.cuda.is_available(), torch.cuda.device_count())', notebook())).toBe(
    'False 0\n',
  );
});
