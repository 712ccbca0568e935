import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ColumnSummary } from '../../../../../shared/api/data';
import { dataSchema } from '../../../../../shared/project/data';
import { i18n } from '../../../../../src-renderer/i18n';
import { useDataStore } from '../../../../../src-renderer/stores/data';
import { useProjectStore } from '../../../../../src-renderer/stores/project';
import IssueList from '../../../../../src-renderer/workspaces/data/IssueList.vue';
import PreviewTable from '../../../../../src-renderer/workspaces/data/PreviewTable.vue';
import { answerCalls, dataSummary, openProject } from '../../fake-lab';

const column = (name: string, blanks = 0): ColumnSummary => ({
  name,
  type: 'number',
  blanks,
  distinct: 9,
  minimum: 0,
  maximum: 1,
  mean: 0.5,
  median: 0.5,
  deviation: 0.2,
  histogram: new Array<number>(24).fill(1),
  frequent: null,
});

const columns = ['a', 'b', 'y'];
const data = dataSchema.parse({
  kind: 'table',
  path: 'a.csv',
  columns: [
    { name: 'a', role: 'input' },
    { name: 'b', role: 'input' },
    { name: 'y', role: 'target' },
  ],
});

async function open(
  summary = dataSummary({ columns: [column('a', 1), column('b'), column('y')], inputNames: ['a', 'b'] }),
) {
  const opened = openProject();
  answerCalls({
    'projects.open': () => ({ ...opened, document: { ...opened.document, data } }),
    'projects.update': ({ revision }) => ({ revision: revision + 1 }),
    'data.summary': () => summary,
    'data.rows': ({ offset, limit }) => ({
      offset,
      total: summary.rows,
      columns,
      rows: Array.from({ length: Math.min(limit, summary.rows - offset) }, (_, row) => [
        row === 0 ? null : row,
        0.5,
        2,
      ]),
      splits: Array.from({ length: summary.rows }, (_, row) =>
        row === 1 ? null : row < 8 ? 'training' : 'validation',
      ),
    }),
  });
  const project = useProjectStore();
  useDataStore();
  await project.open('/projects/test');
  await vi.waitFor(() => expect(useDataStore().summary).not.toBeNull());
  return project;
}

/** There is no layout here, and the table draws only what fits: everything is 900 by 600. */
class Sized {
  constructor(private readonly tell: (entries: object[]) => void) {}
  observe(target: Element): void {
    const contentRect = { width: 900, height: 600 };
    this.tell([{ target, contentRect, contentBoxSize: [{ inlineSize: 900, blockSize: 600 }] }]);
  }
  unobserve(): void {
    // Sizes never change.
  }
  disconnect(): void {
    // As above.
  }
}

const roles = () => {
  const recipe = useProjectStore().document?.data;
  return recipe?.kind === 'table' ? recipe.columns.map(({ name, role }) => `${name} ${role}`) : [];
};

enableAutoUnmount(afterEach);
beforeEach(() => {
  setActivePinia(createPinia());
  vi.stubGlobal('ResizeObserver', Sized);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('the preview table', () => {
  it('shows cells, marks blanks, and tells the split of each row', async () => {
    await open();
    const table = mount(PreviewTable, { global: { plugins: [i18n] } });
    await flushPromises();
    await vi.waitFor(() => expect(table.findAll('[role="row"]').length).toBeGreaterThan(3));
    const [, first, second, third] = table.findAll('[role="row"]').map((row) => row.text());
    expect(first).toBe('1trainblank0.52');
    expect(second).toBe('2out10.52');
    expect(third).toBe('3train20.52');
    expect(table.attributes('aria-rowcount') ?? table.find('[role="grid"]').attributes('aria-rowcount')).toBe('11');
    expect(table.find('#cell--1-0').text()).toContain('1 blank');
  });

  it('sets roles by keyboard, also of several columns, as steps that can be undone', async () => {
    const project = await open();
    const table = mount(PreviewTable, { global: { plugins: [i18n] } });
    const grid = table.find('[role="grid"]');
    await grid.trigger('keydown', { key: 'ArrowRight' });
    await grid.trigger('keydown', { key: 't', code: 'KeyT' });
    expect(roles()).toEqual(['a input', 'b target', 'y input']);
    await grid.trigger('keydown', { key: 'ArrowRight', shiftKey: true });
    // By its place: on a Russian layout this key is "ч".
    await grid.trigger('keydown', { key: 'ч', code: 'KeyX' });
    expect(roles()).toEqual(['a input', 'b ignore', 'y ignore']);
    project.undo();
    project.undo();
    expect(roles()).toEqual(['a input', 'b input', 'y target']);
  });

  it('selects several columns with Ctrl and Shift', async () => {
    await open();
    const table = mount(PreviewTable, { global: { plugins: [i18n] } });
    await flushPromises();
    const head = (index: number) => table.find(`#cell--1-${index}`);
    const press = async (index: number, keys: MouseEventInit = {}) => {
      head(index).element.dispatchEvent(new MouseEvent('click', keys));
      await flushPromises();
    };
    const selected = () => [0, 1, 2].filter((index) => head(index).attributes('aria-selected') === 'true');
    await press(0);
    await press(2, { ctrlKey: true });
    expect(selected()).toEqual([0, 2]);
    await press(0);
    await press(2, { shiftKey: true });
    expect(selected()).toEqual([0, 1, 2]);
  });
});

describe('the list of issues', () => {
  it('says what is wrong and mends it with one press', async () => {
    await open(
      dataSummary({
        columns: [column('a'), column('b'), column('y')],
        issues: [{ code: 'data.empty-column', details: { column: 'b' } }],
      }),
    );
    const list = mount(IssueList, { global: { plugins: [i18n] } });
    expect(list.text()).toContain('The column "b" has no values.');
    await list.findAll('button').at(-1)!.trigger('click');
    expect(roles()).toEqual(['a input', 'b ignore', 'y target']);
  });

  it('is not there when nothing is wrong', async () => {
    await open();
    expect(
      mount(IssueList, { global: { plugins: [i18n] } })
        .find('li')
        .exists(),
    ).toBe(false);
  });
});
