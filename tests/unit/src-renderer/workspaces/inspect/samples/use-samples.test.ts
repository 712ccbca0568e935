import { flushPromises } from '@vue/test-utils';
import { beforeEach, describe, expect, it } from 'vitest';
import { effectScope, nextTick, ref } from 'vue';
import type { ListedSample } from '../../../../../../shared/api/inspect';
import { movedBy, useSamples } from '../../../../../../src-renderer/workspaces/inspect/samples/use-samples';
import { answerCalls } from '../../../fake-lab';

const sample = (index: number): ListedSample => ({
  index,
  row: index,
  cells: [index],
  pixels: null,
  desired: [0],
  answer: [1],
  confidence: 0.5,
  right: false,
  loss: 1,
});
const total = 250;
let asked: object[] = [];

beforeEach(() => {
  asked = [];
  answerCalls({
    'inspect.samples': (wanted) => {
      asked.push(wanted);
      const { offset, limit, only } = wanted;
      const count = only === 'wrong' ? 3 : total;
      const shown = Math.max(0, Math.min(limit, count - offset));
      return {
        total: count,
        columns: ['x'],
        image: null,
        samples: Array.from({ length: shown }, (_item, at) => sample(offset + at)),
      };
    },
  });
});

const open = (index: number) => {
  const inspection = ref('i1');
  const samples = effectScope().run(() => useSamples(() => inspection.value, { split: 'training', index }));
  if (!samples) throw new Error('no scope');
  return { inspection, ...samples };
};

describe('samples to choose from', () => {
  it('begins at the sample that is chosen, and fetches what is looked at', async () => {
    const { cursor, sample: at, need, loading, total: count } = open(170);
    expect(loading.value).toBe(true);
    await flushPromises();
    expect([cursor.value, count.value, loading.value]).toEqual([170, total, false]);
    expect(at(170)?.index).toBe(170);
    expect(at(90)).toBeNull();
    need(90, 110);
    await flushPromises();
    expect(at(90)?.index).toBe(90);
    expect(asked).toMatchObject([{ offset: 100 }, { offset: 0 }]);
  });

  it('another order or another network is another list, from its beginning', async () => {
    const { wanted, cursor, total: count, inspection, list } = open(170);
    await flushPromises();
    wanted.only = 'wrong';
    await nextTick();
    expect(count.value).toBe(0);
    // What is known of the columns stays, so that nothing jumps.
    expect(list.value?.columns).toEqual(['x']);
    await flushPromises();
    expect([cursor.value, count.value]).toEqual([0, 3]);
    inspection.value = 'i2';
    await flushPromises();
    expect(asked).toHaveLength(3);
  });

  it('goes no further than the list', async () => {
    const { moveTo, cursor } = open(0);
    await flushPromises();
    moveTo(total + 5);
    expect(cursor.value).toBe(total - 1);
    moveTo(-1);
    expect(cursor.value).toBe(0);
  });
});

describe('keys', () => {
  it('move by rows, by pages and, where several stand in a row, by one', () => {
    expect(['ArrowDown', 'ArrowRight', 'PageUp', 'End', 'x'].map((key) => movedBy(key, 1, 20, 250))).toEqual([
      1,
      0,
      -20,
      250,
      null,
    ]);
    expect(['ArrowDown', 'ArrowRight', 'PageDown', 'Home'].map((key) => movedBy(key, 11, 3, 250))).toEqual([
      11, 1, 33, -250,
    ]);
  });
});
