import { describe, expect, it } from 'vitest';
import { expectEqual, names, planOf, readGolden, train } from '../../unit/src-main/engine/golden-networks';
import { emulatedCard } from '../support/emulated-card';

describe.runIf(process.platform === 'linux')(
  'on a card, emulated, whole networks trained for 50 steps equal PyTorch',
  () => {
    it.each(names)('%s', async (name) => {
      const golden = readGolden(name);
      const plan = planOf(golden, 1, [{ library: emulatedCard, card: 0 }]);
      const once = await train(plan, golden.losses.length);
      expectEqual(once, golden);
      // The same bits from run to run.
      expect(await train(plan, golden.losses.length)).toEqual(once);
    });
  },
);
