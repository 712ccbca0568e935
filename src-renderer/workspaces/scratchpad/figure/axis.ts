/** One axis of a figure: values to places along it. */
export interface Axis {
  log: boolean;
  from: number;
  to: number;
  /** Round numbers within it. */
  ticks: number[];
  /** 0 at `from`, 1 at `to`; NaN where the axis has no place for a value. */
  share(value: number): number;
}

/** Room left beside what is drawn, as a part of its range. */
const margin = 0.05;

/** `limits` are taken as they are, and may run backwards; without them the axis fits `values`. */
export function makeAxis(values: Iterable<number>, limits: [number, number] | null, log: boolean): Axis {
  const scale = (value: number): number => (log ? Math.log10(value) : value);
  let [from, to] = limits ?? rangeOf(values, log);
  if (scale(from) === scale(to)) [from, to] = log ? [from / 10, to * 10] : [from - 0.5, to + 0.5];
  if (!limits) {
    const room = (scale(to) - scale(from)) * margin;
    [from, to] = log ? [10 ** (scale(from) - room), 10 ** (scale(to) + room)] : [from - room, to + room];
  }
  const span = scale(to) - scale(from);
  const share = (value: number): number => (log && value <= 0 ? NaN : (scale(value) - scale(from)) / span);
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const ticks = log ? logTicks(low, high) : linearTicks(low, high);
  return { log, from, to, ticks, share };
}

function rangeOf(values: Iterable<number>, log: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : log ? [1, 10] : [0, 1];
}

/** At most about seven of 1, 2 or 5 times a power of ten apart. */
export function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiples, not sums: sums would not be round. Rounded to what the step can tell apart.
  const digits = Math.max(0, -Math.floor(Math.log10(step)) + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(Math.min(20, digits))));
}

/** Powers of ten; between few of them also 2 and 5 times them. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const every = Math.max(1, Math.ceil((last - first) / 7));
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every)
    for (const factor of factors) {
      const value = Number(`${factor}e${power}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) ticks.push(value);
    }
  return ticks;
}
