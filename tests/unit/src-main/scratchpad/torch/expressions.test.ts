import { describe, expect, test } from 'vitest';
import { cases, runExpressions } from './expressions';
import { notebook } from './notebook';

/** What create_graph=True does not go through, of what the expressions have. */
const withoutFormula = ['AveragePool', 'Conv', 'Cumprod', 'MaxPool'];

describe('random expressions and their gradients', () => {
  test('are many', () => expect(cases.length).toBeGreaterThanOrEqual(1000));

  // Double against double to the digits that are written down; float32, whose own rounding is 6e-8, to 1e-6.
  test.each([
    ['float64', '', 1e-8],
    ['float32', '', 1e-6],
    // The gradients that can be differentiated again have formulas of their own.
    ['float64', 'create_graph=True', 1e-8],
  ] as const)('equal those of PyTorch in %s %s', (dtype, options, tolerance) => {
    const { wrong, refused } = runExpressions(notebook(), dtype, options, tolerance);
    expect(wrong).toEqual([]);
    expect(refused).toEqual(options === '' ? [] : withoutFormula);
  });
});
