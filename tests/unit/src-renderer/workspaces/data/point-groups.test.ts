import { expect, it } from 'vitest';
import type { DataPoints } from '../../../../../shared/api/data';
import { axisNames, pointGroups } from '../../../../../src-renderer/workspaces/data/point-groups';

it('groups two inputs by class and split', () => {
  const data: DataPoints = {
    inputNames: ['x1', 'x2'],
    targetNames: [],
    classes: ['A', 'B'],
    points: [
      { split: 'training', x: [1, 2], y: [], classIndex: 0 },
      { split: 'validation', x: [3, 4], y: [], classIndex: 1 },
      { split: 'training', x: [5, 6], y: [], classIndex: 0 },
    ],
  };
  expect(pointGroups(data)).toEqual([
    {
      split: 'training',
      name: 'A',
      colour: 0,
      points: [
        { x: 1, y: 2 },
        { x: 5, y: 6 },
      ],
    },
    { split: 'validation', name: 'B', colour: 1, points: [{ x: 3, y: 4 }] },
  ]);
  expect(axisNames(data)).toEqual(['x1', 'x2']);
});

it('draws the answer over a single input', () => {
  const data: DataPoints = {
    inputNames: ['x'],
    targetNames: ['y'],
    classes: null,
    points: [{ split: 'test', x: [1], y: [7], classIndex: null }],
  };
  expect(pointGroups(data)).toEqual([{ split: 'test', name: '', colour: 0, points: [{ x: 1, y: 7 }] }]);
  expect(axisNames(data)).toEqual(['x', 'y']);
});
