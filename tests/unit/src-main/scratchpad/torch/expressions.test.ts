import { describe, expect, test } from 'vitest';
import { golden, notebook } from './notebook';

interface Case {
  code: string;
  inputs: { shape: number[]; values: number[] }[];
  shape: number[];
  values: number[];
  /** Null: the result does not depend on it. */
  gradients: (number[] | null)[];
}

const cases = JSON.parse(golden('torch-expressions.json')) as Case[];
const names = [...'abcdef'];
const list = (values: number[] | string[]): string => `[${values.join(', ')}]`;

/** A program that prints shape, values and gradients, each on a line as JSON. */
function program({ code, inputs }: Case, dtype: string, options: string): string {
  const given = inputs.map(
    ({ shape, values }, i) =>
      `${names[i]} = torch.tensor(${list(values)}, dtype=torch.${dtype}).reshape(${list(shape)}).requires_grad_(True)`,
  );
  return `
import torch
import torch.nn.functional as F
${given.join('\n')}
y = ${code}
flat = y.reshape(-1)
(flat * (torch.arange(1, flat.numel() + 1, dtype=torch.${dtype}) / 10)).sum().backward(${options})
print(list(y.shape))
print(flat.tolist())
for x in ${list(inputs.map((_, i) => names[i] as string))}:
    print('null' if x.grad is None else x.grad.reshape(-1).tolist())
`;
}

/** What create_graph=True does not go through, of what the expressions have. */
const withoutFormula = ['AveragePool', 'Conv', 'Cumprod', 'MaxPool'];

/** The largest difference, relative to the largest value (or 1). */
function difference(got: readonly number[], expected: readonly number[]): number {
  expect(got.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] as number)) / scale), 0);
}

describe('random expressions and their gradients', () => {
  test('are many', () => expect(cases.length).toBeGreaterThanOrEqual(1000));

  // Double against double to the digits that are written down; float32, whose own rounding is 6e-8, to 1e-6.
  test.each([
    ['float64', '', 1e-8],
    ['float32', '', 1e-6],
    // The gradients that can be differentiated again have formulas of their own.
    ['float64', 'create_graph=True', 1e-8],
  ] as const)('equal those of PyTorch in %s %s', (dtype, options, tolerance) => {
    const run = notebook();
    const wrong: string[] = [];
    const refused = new Set<string>();
    for (const one of cases) {
      const { output, error } = run(program(one, dtype, options));
      if (options !== '' && error?.kind === 'NotImplementedError') {
        refused.add(/through (\w+)/.exec(error.message)?.[1] ?? error.message);
        continue;
      }
      if (error) {
        wrong.push(`${one.code}: ${error.message}`);
        continue;
      }
      const [shape, values, ...gradients] = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as number[] | null);
      const differences = [
        difference(values ?? [], one.values),
        ...one.gradients.map((gradient, i) => {
          if (gradient === null) return gradients[i] === null ? 0 : Infinity;
          return difference(gradients[i] ?? [], gradient);
        }),
      ];
      const worst = Math.max(...differences);
      if (JSON.stringify(shape) !== JSON.stringify(one.shape) || worst > tolerance)
        wrong.push(`${one.code}: shape ${JSON.stringify(shape)}, differs by ${worst.toExponential(1)}`);
    }
    expect(wrong).toEqual([]);
    expect([...refused].sort()).toEqual(options === '' ? [] : withoutFormula);
  });
});
