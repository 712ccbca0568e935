/**
 * Which epochs are logged: every one of the first 10,000, then every 10th up to 100,000, every 100th up to 1,000,000 and so on,
 * so that a run of ten million epochs stays a file one can open. Depends on the epoch alone: a resumed run logs the same ones.
 */
export function isLoggedEpoch(epoch: number): boolean {
  let stride = 1;
  for (let limit = 10_000; epoch > limit; limit *= 10) stride *= 10;
  return epoch % stride === 0;
}
