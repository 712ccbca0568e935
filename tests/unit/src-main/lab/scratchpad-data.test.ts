import { expect, test } from 'vitest';
import type { LabContext } from '../../../../src-main/lab/context';
import { scratchpadAnswers } from '../../../../src-main/lab/scratchpad-data';

// What a notebook gets of a project's data; the data themselves are in tests/integration/scratchpad/project-data.test.ts.

const summary = {
  columns: [
    { name: 'image', type: 'image' },
    { name: 'label', type: 'integer' },
  ],
  rows: 200_000,
  inputShape: [1, 28, 28],
  splits: { training: 160_000, validation: 30_000, test: 10_000 },
  target: { kind: 'classes', classes: ['0', '1'] },
};

/** A context with one project, whose data must not be read. */
const context = {
  projects: { get: () => ({ document: { data: { kind: 'table' } } }) },
  datasets: {
    use: (_: unknown, __: unknown, task: (dataset: unknown) => unknown) =>
      task({
        summary,
        tensors: () => Promise.reject(new Error('read')),
        column: () => Promise.reject(new Error('read')),
      }),
  },
} as unknown as LabContext;
const answers = scratchpadAnswers(context)('project');

test('what does not fit into a notebook is refused before it is read, with both sizes', async () => {
  // 200,000 · (784 · 4 + 8) bytes
  await expect(answers.dataSamples({ part: 'all' })).rejects.toMatchObject({
    code: 'scratchpad.data-too-large',
    details: { megabytes: 600, limit: 512 },
  });
  await expect(answers.dataColumn({ name: 'image' })).rejects.toMatchObject({ code: 'scratchpad.data-too-large' });
});

test('a part that fits is read', async () => {
  await expect(answers.dataSamples({ part: 'test' })).rejects.toThrow('read');
  await expect(answers.dataColumn({ name: 'label' })).rejects.toThrow('read');
});

test('an unknown column is null', async () => {
  expect(await answers.dataColumn({ name: 'colour' })).toBeNull();
});
