import type { SplitName } from '../../../shared/project/data';

export type Shares = Record<SplitName, number>;

/** Training needs something to learn from. */
const leastTraining = 0.01;
/** To whole percents; never the -0 that a difference of shares can leave. */
const round = (share: number) => Math.round(share * 100) / 100 + 0;
const clamp = (value: number, from: number, to: number) => Math.min(to, Math.max(from, value));

/** Moves the end of training (0) or of validation (1) to `at` 0..1; the parts beside it give or take. */
export function moveBoundary(shares: Shares, which: 0 | 1, at: number): Shares {
  const { training, validation } = shares;
  if (which === 0) {
    const end = training + validation;
    const next = round(clamp(at, leastTraining, end));
    return { training: next, validation: round(end - next), test: round(1 - end) };
  }
  const next = round(clamp(at, training, 1));
  return { training: round(training), validation: round(next - training), test: round(1 - next) };
}

/** Sets one share; training makes room, and where it is training that was set, validation then test do. */
export function setShare(shares: Shares, name: SplitName, value: number): Shares {
  if (name === 'training') {
    const training = round(clamp(value, leastTraining, 1));
    const validation = round(clamp(1 - training - shares.test, 0, 1));
    return { training, validation, test: round(1 - training - validation) };
  }
  const other = name === 'validation' ? shares.test : shares.validation;
  const wanted = round(clamp(value, 0, 1 - leastTraining));
  const rest = round(clamp(other, 0, 1 - leastTraining - wanted));
  const training = round(1 - wanted - rest);
  return name === 'validation'
    ? { training, validation: wanted, test: rest }
    : { training, validation: rest, test: wanted };
}
