import { describe, expect, test } from 'vitest';
import { golden, printed } from './notebook';

const expected = JSON.parse(golden('torch.json')) as Record<string, string>;

describe('what tutorials print', () => {
  test.each(Object.keys(expected))('%s', (name) => {
    expect(printed(golden(`torch/${name}.py`))).toBe(expected[name]);
  });

  test('are enough programs', () => {
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(60);
  });
});
