import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  exampleCells,
  exampleNames,
  type ExampleName,
} from '../../../../../src-renderer/workspaces/scratchpad/examples';
import { notebook } from './notebook';

// The programs that the notebook page offers, run cell by cell as they stand.

const folder = join(import.meta.dirname, '../../../../../docs/examples');

function run(name: ExampleName) {
  const cell = notebook();
  return exampleCells(name).map(cell);
}
const printed = (name: ExampleName): string =>
  run(name)
    .map(({ output }) => output)
    .join('');

test('every file is offered, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(exampleNames.map((name) => `${name}.py`).sort());
  for (const name of exampleNames) {
    const text = readFileSync(join(folder, `${name}.py`), 'utf8');
    expect(text.match(/^# %%/gm)).toHaveLength(exampleCells(name).length);
  }
});

test.each(exampleNames.filter((name) => name !== 'devices'))('%s runs to its end', (name) => {
  for (const { error } of run(name)) expect(error).toBeNull();
});

describe('figures of the lecture', () => {
  test.each(['regression-by-hand', 'regression-with-optimizer'] as const)('%s', (name) => {
    const text = printed(name);
    expect(text).toMatch(/0\.3367.*0\.1288/);
    expect(text).toContain('a = 1.0422, b = 1.9991');
    expect(text).toMatch(/training error 0\.0007/);
    expect(text).toMatch(/validation error 0\.0005/);
  });

  test('automatic differentiation: z = 18, dz/dx = 13', () => {
    const cell = notebook();
    const [first, second] = exampleCells('automatic-differentiation');
    cell(`${first}\nprint(z)`);
    expect(cell('print(z)').output).toMatch(/18\., 18\.[^]*18\., 18\./);
    cell(second ?? '');
    expect(cell('print(x.grad)').output).toBe('tensor([[13., 13.],\n        [13., 13.]])\n');
  });

  test('tensors: a 3 × 3 of 7', () => {
    const cell = notebook();
    cell(exampleCells('tensors')[0] ?? '');
    expect(cell(`print(${exampleCells('tensors')[1]?.split('\n').at(-1)})`).output).toBe(
      'tensor([[7., 7., 7.],\n        [7., 7., 7.],\n        [7., 7., 7.]])\n',
    );
  });

  test('operands on two devices: an error that names both and the way out', () => {
    const cells = run('devices');
    const error = cells.pop()?.error;
    expect(error?.message).toMatch(/cuda:0 and cpu!.*x\.to\('cuda:0'\).*x\.to\('cpu'\)/);
    for (const cell of cells) expect(cell.error).toBeNull();
    expect(cells.map(({ output }) => output).join('')).toContain("device='cuda:0'");
  });
});
