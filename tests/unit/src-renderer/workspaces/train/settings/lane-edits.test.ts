import { describe, expect, it } from 'vitest';
import { trainingSchema } from '../../../../../../shared/training/settings';
import {
  addRates,
  comparedColumns,
  equalLanes,
  moveLane,
  variant,
  withColumn,
  withoutColumn,
} from '../../../../../../src-renderer/workspaces/train/settings/lane-edits';
import { nextOnLogScale, numberText } from '../../../../../../src-renderer/workspaces/train/settings/number-text';

const shared = trainingSchema.parse({ momentum: 0.5 });
const lanes = [{ learningRate: 0.1 }, { learningRate: 1 }];

describe('lanes', () => {
  it('takes new rates and refuses those that race already', () => {
    expect(addRates(lanes, [0.1, 0.01, 0.01])).toEqual({
      lanes: [...lanes, { learningRate: 0.01 }],
      duplicates: [0.1, 0.01],
      tooMany: [],
    });
  });

  it('refuses more lanes than a race can have', () => {
    const many = Array.from({ length: 256 }, (_, i) => ({ learningRate: i + 1 }));
    expect(addRates(many, [0.5])).toMatchObject({ tooMany: [0.5], lanes: many });
  });

  it('compares another setting, starting from the shared value, and stops comparing it', () => {
    const compared = withColumn(lanes, 'momentum', shared);
    expect(compared.map((lane) => lane.momentum)).toEqual([0.5, 0.5]);
    expect(comparedColumns(compared)).toEqual(['momentum']);
    expect(withoutColumn(compared, 'momentum')).toEqual(lanes);
    expect(addRates(compared, [0.1]).duplicates).toEqual([0.1]);
    expect(addRates([...compared, { learningRate: 3, momentum: 0.9 }], [0.1]).duplicates).toEqual([]);
  });

  it('copies a lane so that there is something to compare', () => {
    const lane = { learningRate: 0.1, momentum: 0.9 };
    expect(variant(lane, ['momentum'])).toEqual({ learningRate: 0.1, momentum: 0.5 });
    expect(variant({ learningRate: 0.1 }, [])).toEqual({ learningRate: 0.2 });
  });

  it('finds lanes that would draw the same curve', () => {
    expect(equalLanes([...lanes, { learningRate: 0.1 }])).toEqual([[0, 2]]);
    expect(
      equalLanes([
        { learningRate: 1, momentum: 0 },
        { learningRate: 1, momentum: 0.9 },
      ]),
    ).toEqual([]);
  });

  it('moves a lane', () => {
    const three = [{ learningRate: 1 }, { learningRate: 2 }, { learningRate: 3 }];
    expect(moveLane(three, 0, 2).map((lane) => lane.learningRate)).toEqual([2, 3, 1]);
    expect(moveLane(three, 2, 0).map((lane) => lane.learningRate)).toEqual([3, 1, 2]);
  });
});

describe('numbers in fields', () => {
  it('are shown as short as they read back, in the language', () => {
    expect(numberText(0.03, 'en')).toBe('0.03');
    expect(numberText(0.03, 'ru')).toBe('0,03');
    expect(numberText(0.0001, 'en')).toBe('1e-4');
    expect(numberText(0.00025, 'ru')).toBe('2,5e-4');
    expect(numberText(0, 'en')).toBe('0');
  });

  it('step 1, 2, 5 through the decades', () => {
    expect([0.01, 0.02, 0.05, 0.03].map((value) => nextOnLogScale(value, 1))).toEqual([0.02, 0.05, 0.1, 0.05]);
    expect([0.1, 0.05, 0.02, 0.01].map((value) => nextOnLogScale(value, -1))).toEqual([0.05, 0.02, 0.01, 0.005]);
    expect(nextOnLogScale(0, 1)).toBe(0.001);
  });
});
