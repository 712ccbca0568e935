import { describe, expect, it } from 'vitest';
import { expectEqual, names, planOf, readGolden, train } from './golden-networks';

describe('whole networks trained for 50 steps equal PyTorch', () => {
  it('there are five', () => {
    expect(names).toHaveLength(5);
  });

  it.each(names)('%s', async (name) => {
    const golden = readGolden(name);
    const once = await train(planOf(golden, 1), golden.losses.length);
    expectEqual(once, golden);
    // The number of threads changes nothing.
    expect(await train(planOf(golden, 2), golden.losses.length)).toEqual(once);
  });
});
