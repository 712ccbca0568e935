import { expect, test } from 'vitest';
import type { DrawingSeries } from '../../../../../shared/api/scratchpad';
import { loadAddon } from '../../../../../src-main/engine/addon';
import { Kernel } from '../../../../../src-main/scratchpad/kernel';
import { createTorch } from '../../../../../src-main/scratchpad/torch/torch';

function kernel(code: string): Kernel {
  const made = new Kernel({ torch: createTorch(loadAddon()), output: () => undefined });
  expect(made.run(code)).toMatchObject({ status: 'done' });
  return made;
}

const series = (made: Kernel, name: string, as: 'plot' | 'map'): DrawingSeries[] =>
  made.view(name, as)?.axes[0]?.series ?? [];

test('a row is drawn over its index, a matrix as a line for each column', () => {
  const made = kernel('import torch\nv = torch.tensor([3., 1., 2.])\nm = torch.arange(6.).view(3, 2)');
  expect(series(made, 'v', 'plot')).toMatchObject([{ x: [0, 1, 2], y: [3, 1, 2], marker: 'o' }]);
  expect(series(made, 'm', 'plot')).toMatchObject([
    { y: [0, 2, 4], label: '[:, 0]' },
    { y: [1, 3, 5], label: '[:, 1]' },
  ]);
});

test('a heat map has the last dimension across; with negative values its colours are symmetric about 0', () => {
  const made = kernel('import torch\nm = torch.arange(6.).view(3, 2)\ns = m - 4\nc = torch.ones(2, 3, 4)');
  expect(series(made, 'm', 'map')).toMatchObject([{ rows: 3, columns: 2, minimum: 0, maximum: 5 }]);
  expect(series(made, 's', 'map')).toMatchObject([{ values: [-4, -3, -2, -1, 0, 1], minimum: -4, maximum: 4 }]);
  expect(series(made, 'c', 'map')).toMatchObject([{ rows: 6, columns: 4 }]);
});

test('lists of numbers are drawn, what holds no numbers is not', () => {
  const made = kernel("import torch\nlosses = [1, 0.5]\nwords = ['a']\nempty = torch.zeros(0)");
  expect(series(made, 'losses', 'plot')).toMatchObject([{ y: [1, 0.5] }]);
  for (const name of ['words', 'empty', 'torch', 'unknown']) expect(made.view(name, 'plot')).toBeNull();
});

test('of many values evenly spread ones are drawn, with the first and the last', () => {
  const made = kernel('import torch\nlong = torch.arange(100000.)\nwide = torch.zeros(1000, 1000)');
  const [line] = series(made, 'long', 'plot');
  expect(line?.kind === 'line' && [line.x.length, line.y[0], line.y.at(-1)]).toEqual([4000, 0, 99999]);
  expect(series(made, 'wide', 'map')).toMatchObject([{ rows: 256, columns: 256 }]);
});
