import type { GeneratorName, SplitName } from '../../../shared/project/data';
import { Generator } from '../../../shared/random/generator';
import { at } from '../at';

export interface GeneratedSet {
  columns: GeneratedColumn[];
  /** Rows of each split, where the set prescribes it. */
  split: Record<SplitName, Int32Array> | null;
}

export type GeneratedColumn =
  { name: string; role: 'input' | 'target'; values: Float32Array } | { name: string; role: 'target'; labels: string[] };

interface Wish {
  count: number;
  noise: number;
  seed: number;
}

const generators: Record<GeneratorName, (wish: Wish) => GeneratedSet> = {
  'lecture-regression': lectureRegression,
  xor,
  'two-spirals': twoSpirals,
  circles,
  blobs,
  'noisy-sine': noisySine,
};

export function generate(name: GeneratorName, wish: Wish): GeneratedSet {
  return generators[name](wish);
}

/** Whether the set comes with a split of its own. */
export function prescribesSplit(name: GeneratorName): boolean {
  return name === 'lecture-regression';
}

const f = Math.fround;

/**
 * The lecture's set, draw for draw: x = rand(n, 1); y = 1 + 2x + 0.1·rand(n, 1); idx = floor(n·rand(n)), with repeats; the first
 * 80 % of idx train, the rest validate. Every operation is rounded to float32, as PyTorch's are.
 */
function lectureRegression({ count, noise, seed }: Wish): GeneratedSet {
  const generator = new Generator(seed);
  const x = generator.rand(count);
  const disturbance = generator.rand(count);
  const y = x.map((value, row) => f(f(1 + f(2 * value)) + f(f(noise) * at(disturbance, row))));
  const rows = Int32Array.from(generator.rand(count), (value) => Math.floor(f(count * value)));
  const training = Math.round(count * 0.8);
  return {
    columns: [
      { name: 'x', role: 'input', values: x },
      { name: 'y', role: 'target', values: y },
    ],
    split: { training: rows.slice(0, training), validation: rows.slice(training), test: new Int32Array(0) },
  };
}

/** y = sin x on [-π, π], with normal noise. */
function noisySine({ count, noise, seed }: Wish): GeneratedSet {
  const generator = new Generator(seed);
  const x = generator.uniform(count, -Math.PI, Math.PI);
  const disturbance = generator.randn(count);
  return {
    columns: [
      { name: 'x', role: 'input', values: x },
      { name: 'y', role: 'target', values: x.map((value, row) => Math.sin(value) + noise * at(disturbance, row)) },
    ],
    split: null,
  };
}

/** The four corners of the unit square in turn, class 1 where exactly one coordinate is 1. Without noise the four exact points repeat. */
function xor(wish: Wish): GeneratedSet {
  const corners = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const;
  return plane(wish, (row) => {
    const [first, second] = at(corners, row % 4);
    return { x: first, y: second, label: String(first ^ second) };
  });
}

/** Two arms of one and three quarter turns out to radius 3, one the other turned by half a turn. */
function twoSpirals(wish: Wish): GeneratedSet {
  return plane(wish, (row) => {
    const arm = row % 2;
    const along = (Math.floor(row / 2) + 1) / Math.ceil(wish.count / 2);
    const angle = along * 1.75 * 2 * Math.PI + arm * Math.PI;
    const radius = 3 * along;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label: arm === 0 ? 'A' : 'B' };
  });
}

/** A disc inside a ring. */
function circles(wish: Wish): GeneratedSet {
  const places = new Generator(wish.seed).rand(2 * wish.count);
  return plane({ ...wish, seed: (wish.seed + 1) % 2 ** 32 }, (row) => {
    const inner = row % 2 === 0;
    // The root spreads the points evenly over the area.
    const radius = inner ? 0.5 * Math.sqrt(at(places, 2 * row)) : 0.9 + 0.2 * at(places, 2 * row);
    const angle = 2 * Math.PI * at(places, 2 * row + 1);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label: inner ? 'inside' : 'outside' };
  });
}

/** Three normal clouds around the corners of a triangle; noise 0.1 keeps them apart, 1 mixes them. */
function blobs(wish: Wish): GeneratedSet {
  const labels = ['A', 'B', 'C'];
  return plane(wish, (row) => {
    const angle = Math.PI / 2 + ((row % 3) * 2 * Math.PI) / 3;
    return { x: Math.cos(angle), y: Math.sin(angle), label: at(labels, row % 3) };
  });
}

/** Labelled points of the plane, each moved by normal noise. */
function plane(
  { count, noise, seed }: Wish,
  point: (row: number) => { x: number; y: number; label: string },
): GeneratedSet {
  const disturbance = new Generator(seed).randn(2 * count);
  const x1 = new Float32Array(count);
  const x2 = new Float32Array(count);
  const labels: string[] = [];
  for (let row = 0; row < count; row += 1) {
    const { x, y, label } = point(row);
    x1[row] = x + noise * at(disturbance, 2 * row);
    x2[row] = y + noise * at(disturbance, 2 * row + 1);
    labels.push(label);
  }
  return {
    columns: [
      { name: 'x1', role: 'input', values: x1 },
      { name: 'x2', role: 'input', values: x2 },
      { name: 'class', role: 'target', labels },
    ],
    split: null,
  };
}
