import { expect, it } from 'vitest';
import { humanLine } from '../../../../src-main/cli/bench';

it('tells the figure, the share of the ceiling and the ratio to a peer in one line', () => {
  const line = { workload: 'W3', threads: 1, unit: 'samples/s', median: 95_000, fractionOfCeiling: 0.853 };
  expect(humanLine(line)).toBe('W3\t1 thread\t95000 samples/s\t85.3 % of the ceiling');
  expect(humanLine({ ...line, threads: 2, peer: 'PyTorch', peerMedian: 50_000, ratio: 1.9 })).toBe(
    'W3\t2 threads\t95000 samples/s\t85.3 % of the ceiling\t1.9 times PyTorch (50000)',
  );
});

it('tells where the worst of a sweep is', () => {
  const line = { workload: 'sweep', kind: 'dense', threads: 1, unit: 'worst fraction', median: 0.5, at: '1 x 2 -> 3' };
  expect(humanLine(line)).toBe('sweep, dense\t1 thread\t0.5 worst fraction\tat 1 x 2 -> 3');
});
