import type { LayerIssue } from '../../../shared/layers/definition';
import type { ErrorCode } from '../../../shared/errors';
import type { ColumnRecipe } from '../../../shared/project/data';

/** One press that mends an issue; `text` is the i18n key of its button. */
export type IssueFix =
  | { kind: 'inputs'; text: string }
  | { kind: 'column'; text: string; label: string; change: Partial<Omit<ColumnRecipe, 'name'>> };

const ignore: IssueFix = {
  kind: 'column',
  text: 'data.issue.ignore',
  label: 'data.undo.role',
  change: { role: 'ignore' },
};
const read = (encoding: ColumnRecipe['encoding'], text: string): IssueFix => ({
  kind: 'column',
  text,
  label: 'data.undo.encoding',
  change: { encoding },
});

const fixes: Partial<Record<ErrorCode, IssueFix[]>> = {
  'data.no-input': [{ kind: 'inputs', text: 'data.issue.allInputs' }],
  'data.empty-column': [ignore],
  'data.unknown-column': [ignore],
  'data.not-numbers': [read('auto', 'data.issue.autoEncoding'), ignore],
  'data.not-dates': [read('auto', 'data.issue.autoEncoding'), ignore],
  'data.too-many-categories': [ignore],
  'data.too-many-classes': [read('number', 'data.issue.asNumbers'), ignore],
  'data.mixed-targets': [ignore],
  'data.no-rows-left': [
    { kind: 'column', text: 'data.issue.fillBlanks', label: 'data.undo.blanks', change: { blanks: 'mean' } },
    ignore,
  ],
};

export function issueFixes(issue: LayerIssue): IssueFix[] {
  return fixes[issue.code] ?? [];
}
