import { expect, it } from 'vitest';
import { hasPrecision } from '../../../../shared/training/precision';
import { trainingSchema } from '../../../../shared/training/settings';

it('is float32 in settings that do not name it', () => {
  expect(trainingSchema.parse({}).precision).toBe('float32');
  expect(trainingSchema.parse({ precision: 'tf32' }).precision).toBe('tf32');
  expect(trainingSchema.safeParse({ precision: 'float16' }).success).toBe(false);
});

it('other than float32 is there from compute capability 8.0 on', () => {
  const capabilities = ['7.5', '8.0', '8.9', '9.0', '12.0'];
  expect(capabilities.map((each) => hasPrecision(each, 'tf32'))).toEqual([false, true, true, true, true]);
  expect(capabilities.map((each) => hasPrecision(each, 'bf16'))).toEqual([false, true, true, true, true]);
  expect(hasPrecision('7.5', 'float32')).toBe(true);
});
