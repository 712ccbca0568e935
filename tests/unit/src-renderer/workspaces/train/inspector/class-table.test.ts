import { mount } from '@vue/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { i18n } from '../../../../../../src-renderer/i18n';
import { useAppStore } from '../../../../../../src-renderer/stores/app';
import ClassTable from '../../../../../../src-renderer/workspaces/train/inspector/ClassTable.vue';
import { sequence } from '../../../../shared/network/builders';
import { openNetwork } from '../../design/network-page';

const classes = ['setosa', 'versicolor', 'virginica'];
/** 2 of 3 versicolor found; virginica is said 3 times, 2 of them rightly. */
const counts = [
  [4, 0, 0],
  [0, 2, 1],
  [0, 0, 2],
];

afterEach(() => {
  document.body.innerHTML = '';
  i18n.global.locale.value = 'en';
});

async function table() {
  const { pinia } = await openNetwork(sequence('input linear:3 output'));
  return mount(ClassTable, { props: { classes, counts }, global: { plugins: [pinia, i18n] }, attachTo: document.body });
}
const texts = (root: Awaited<ReturnType<typeof table>>, selector: string) =>
  root.findAll(selector).map((row) => row.findAll('th, td').map((cell) => cell.text()));

describe('the figures of every class', () => {
  it('are precision, recall, F1 and rows, with their means below', async () => {
    const shown = await table();
    expect(texts(shown, 'thead tr')).toEqual([['Class', 'Precision', 'Recall', 'F1', 'Rows']]);
    expect(texts(shown, 'tbody tr')).toEqual([
      ['setosa', '100%', '100%', '100%', '4'],
      ['versicolor', '100%', '66.7%', '80%', '3'],
      ['virginica', '66.7%', '100%', '80%', '2'],
    ]);
    expect(texts(shown, 'tfoot tr')).toEqual([['Mean', '88.9%', '88.9%', '86.7%', '9']]);
  });

  it('follow the language, and have the exact value on hover', async () => {
    const shown = await table();
    useAppStore().settings = { language: 'ru', theme: 'auto' };
    i18n.global.locale.value = 'ru';
    await nextTick();
    expect(shown.get('tbody tr:nth-child(2) td:nth-child(3)').text()).toBe('66,7\u00a0%');
    expect(shown.get('tbody tr:nth-child(2) td:nth-child(3)').attributes('title')).toBe(String(2 / 3));
    expect(texts(shown, 'thead tr')[0]?.[2]).toBe('Полнота');
  });

  it('explain each column with its formula to mouse, keyboard and screen reader', async () => {
    const shown = await table();
    const heads = shown.findAll('thead th label');
    expect(heads.map((head) => head.attributes('tabindex'))).toEqual(['0', '0', '0', '0']);
    expect(heads[0]?.attributes('aria-description')).toContain('the share that really is');
    await heads[0]?.trigger('focus');
    await nextTick();
    expect(document.querySelector('.katex annotation')?.textContent).toBe(String.raw`P = \frac{TP}{TP+FP}`);
  });
});
