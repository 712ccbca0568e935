import { expect, it } from 'vitest';
import { laneStyle, laneVariable, laneVariables } from '../../../src-renderer/lanes';

it('gives eight colours solid, then the same ones dashed', () => {
  const first = Array.from({ length: 8 }, (_, index) => laneStyle(index, true));
  expect(new Set(first.map(({ colour }) => colour)).size).toBe(8);
  expect(first.every(({ dash }) => dash.length === 0)).toBe(true);
  expect(laneStyle(8, true)).toEqual({ colour: first[0]!.colour, dash: [6, 4] });
  expect(laneStyle(16, true).dash).not.toEqual(laneStyle(8, true).dash);
});

it('sets the same colours as style sheet variables', () => {
  expect(laneVariables(false)['--lane-3']).toBe(laneStyle(2, false).colour);
  expect(laneVariable(2)).toBe('var(--lane-3)');
  expect(laneVariable(10)).toBe('var(--lane-3)');
});
