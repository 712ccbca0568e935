import { expect } from 'vitest';
import { golden, type Outcome } from './notebook';

// Random expressions with what PyTorch computes for them, and a notebook that is to compute the same.

interface Case {
  code: string;
  inputs: { shape: number[]; values: number[] }[];
  shape: number[];
  values: number[];
  /** Null: the result does not depend on it. */
  gradients: (number[] | null)[];
}

export const cases = JSON.parse(golden('torch-expressions.json')) as Case[];
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

/** The largest difference, relative to the largest value (or 1). */
function difference(got: readonly number[], expected: readonly number[]): number {
  expect(got.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] as number)) / scale), 0);
}

/** Runs all of them. Returns those that are not as in PyTorch, and what create_graph=True does not go through. */
export function runExpressions(
  run: (source: string) => Outcome,
  dtype: 'float32' | 'float64',
  options: string,
  tolerance: number,
): { wrong: string[]; refused: string[] } {
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
  return { wrong, refused: [...refused].sort() };
}
