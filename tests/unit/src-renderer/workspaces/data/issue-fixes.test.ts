import { expect, it } from 'vitest';
import { columnSchema } from '../../../../../shared/project/data';
import { errorTexts, isErrorCode } from '../../../../../shared/errors';
import { messages } from '../../../../../src-renderer/i18n';
import { issueFixes } from '../../../../../src-renderer/workspaces/data/issue-fixes';

const codes = Object.keys(errorTexts).filter(isErrorCode);
const fixes = codes.flatMap((code) => issueFixes({ code, details: {} }));

it('offers changes that a column accepts, under texts that exist', () => {
  expect(fixes.length).toBeGreaterThan(5);
  const texts: Record<string, string> = messages.en.data.issue;
  const labels: Record<string, string> = messages.en.data.undo;
  for (const fix of fixes) {
    expect(texts[fix.text.replace('data.issue.', '')], fix.text).toBeDefined();
    if (fix.kind !== 'column') continue;
    expect(labels[fix.label.replace('data.undo.', '')], fix.label).toBeDefined();
    expect(columnSchema.safeParse({ name: 'a', role: 'input', ...fix.change }).success).toBe(true);
  }
});

it('offers nothing where only the user can know', () => {
  expect(issueFixes({ code: 'data.split-sum', details: { sum: 1.2 } })).toEqual([]);
});
