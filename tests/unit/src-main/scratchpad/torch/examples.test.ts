import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  exampleCells,
  exampleNames,
  type ExampleName,
} from '../../../../../src-renderer/workspaces/scratchpad/examples';
import type { HostCallName, HostOutput } from '../../../../../src-main/scratchpad/host-calls';
import type { Host } from '../../../../../src-main/scratchpad/host-line';
import { notebook } from './notebook';

// The programs that the notebook page offers, run cell by cell as they stand.

const folder = join(import.meta.dirname, '../../../../../docs/examples');

/** Two classes of points that a line separates. */
const host: Host = {
  ask: ((call: HostCallName) => {
    const inputs = Float32Array.from({ length: 80 }, (_, i) => (i % 4 < 2 ? 1 : -1) + (i % 7) / 20);
    const codes = Int32Array.from({ length: 40 }, (_, i) => i % 2);
    const answers: { [Name in HostCallName]?: HostOutput<Name> } = {
      cards: [],
      dataColumns: ['x', 'kind'],
      dataColumn: { kind: 'classes', codes, classes: ['a', 'b'] },
      dataClasses: ['a', 'b'],
      dataSamples: {
        inputShape: [40, 2],
        inputs,
        targetShape: [40],
        targets: BigInt64Array.from(codes, BigInt),
      },
    };
    return answers[call];
  }) as Host['ask'],
};

function run(name: ExampleName) {
  const cell = notebook({ host });
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

test('the data of the project: a class is learnt, and both pictures are there', () => {
  const cells = run('project-data');
  expect(cells.map(({ output }) => output).join('')).toContain('a: 100%\nb: 100%');
  expect(cells.flatMap(({ drawings }) => drawings)).toHaveLength(2);
});
