import { expect, it } from 'vitest';
import { dataSchema, generatorNames, type DataRecipe } from '../../../../../shared/project/data';
import { generatorStart, switchGenerator } from '../../../../../src-renderer/workspaces/data/generators';

type GeneratedRecipe = Extract<DataRecipe, { kind: 'generated' }>;
const recipe = (fields: object) => dataSchema.parse({ kind: 'generated', ...fields }) as GeneratedRecipe;

it.each(generatorNames)('%s starts with a recipe the host accepts', (name) => {
  expect(dataSchema.safeParse({ kind: 'generated', ...generatorStart(name) }).success).toBe(true);
});

it('keeps seed, scaling and split where the next problem can have them', () => {
  const split = { kind: 'ratio', training: 0.6, validation: 0.3, test: 0.1, seed: 5, stratify: false } as const;
  const next = switchGenerator(recipe({ generator: 'xor', seed: 9, scale: 'min-max', split }), 'circles');
  expect(next).toMatchObject({ generator: 'circles', seed: 9, scale: 'min-max', split });
});

it('uses the split the lecture prescribes, and a ratio again after it', () => {
  const lecture = switchGenerator(recipe({ generator: 'xor' }), 'lecture-regression');
  expect(lecture.split).toEqual({ kind: 'generated' });
  expect(switchGenerator(lecture, 'xor').split.kind).toBe('ratio');
});
