/** What the welcome page draws of an example: its kind of data, not its every row. Coordinates are 0..1, y upwards. */
export type ExampleShape =
  | {
      kind: 'points';
      /** Drawn with equal scales; otherwise it fills the card. */
      square: boolean;
      points: { x: number; y: number; group: number }[];
      line?: { x: number; y: number }[];
    }
  | { kind: 'pixels'; images: number[][]; side: number };

const steps = (count: number) => Array.from({ length: count }, (_, index) => index / (count - 1));

/** -1..1, looks random and is the same each time. */
const spread = (index: number) => {
  const large = Math.sin(index * 12.9898) * 43758.5453;
  return (large - Math.floor(large)) * 2 - 1;
};

function spirals(): ExampleShape {
  const points = [0, 1].flatMap((group) =>
    steps(34).map((t) => {
      const radius = 0.06 + t * 0.4;
      const angle = t * 3.3 * Math.PI + group * Math.PI;
      return { x: 0.5 + radius * Math.cos(angle), y: 0.5 + radius * Math.sin(angle), group };
    }),
  );
  return { kind: 'points', square: true, points };
}

function corners(): ExampleShape {
  const points = Array.from({ length: 48 }, (_, index) => {
    const [column, row] = [index % 2, Math.floor(index / 2) % 2];
    return {
      x: 0.27 + 0.46 * column + 0.13 * spread(index + 1),
      y: 0.27 + 0.46 * row + 0.16 * spread(index * 3 + 2),
      group: column === row ? 0 : 1,
    };
  });
  return { kind: 'points', square: true, points };
}

function sine(): ExampleShape {
  const curve = (x: number) => 0.5 + 0.33 * Math.sin(2 * Math.PI * x);
  const points = steps(40).map((t, index) => ({
    x: 0.06 + 0.88 * t,
    y: curve(t) + 0.07 * spread(index + 1),
    group: 0,
  }));
  return { kind: 'points', square: false, points, line: steps(60).map((t) => ({ x: 0.06 + 0.88 * t, y: curve(t) })) };
}

function regression(): ExampleShape {
  const points = steps(30).map((t, index) => ({
    x: 0.08 + 0.84 * t,
    y: 0.16 + 0.64 * t + 0.06 * spread(index + 1),
    group: 0,
  }));
  const line = [
    { x: 0.06, y: 0.145 },
    { x: 0.94, y: 0.815 },
  ];
  return { kind: 'points', square: false, points, line };
}

function circles(): ExampleShape {
  const points = [0.16, 0.38].flatMap((radius, group) =>
    steps(26).map((t, index) => {
      const distance = radius + 0.03 * spread(index + group);
      return { x: 0.5 + distance * Math.cos(t * 6.2), y: 0.5 + distance * Math.sin(t * 6.2), group };
    }),
  );
  return { kind: 'points', square: true, points };
}

function blobs(): ExampleShape {
  const centres = [
    [0.27, 0.3],
    [0.7, 0.36],
    [0.48, 0.74],
  ] as const;
  const points = centres.flatMap(([x, y], group) =>
    Array.from({ length: 18 }, (_, index) => ({
      x: x + 0.14 * spread(index + 1) * Math.abs(spread(index * 5 + 1)),
      y: y + 0.16 * spread(index * 3 + group) * Math.abs(spread(index * 7 + 2)),
      group,
    })),
  );
  return { kind: 'points', square: false, points };
}

/** Petal length and width in cm of every fourth flower of the Iris table; 13, 12 and 13 of each species. */
const petals = [
  '1.4,0.2 1.4,0.2 1.4,0.2 1.4,0.1 1.3,0.4 1.7,0.2 1.9,0.2 1.4,0.2 1.5,0.1 1.3,0.2 1.3,0.3 1.9,0.4 1.5,0.2',
  '4.9,1.5 4.7,1.6 3.5,1.0 3.6,1.3 4.5,1.5 4.9,1.5 4.8,1.4 3.8,1.1 4.5,1.5 4.1,1.3 4.0,1.2 4.2,1.3',
  '6.0,2.5 5.8,2.2 5.8,1.8 5.5,2.1 5.5,1.8 5.7,2.3 5.7,2.1 5.6,2.1 5.6,2.2 5.6,2.4 5.6,2.4 5.7,2.5 5.4,2.3',
];

function iris(): ExampleShape {
  const points = petals.flatMap((species, group) =>
    species.split(' ').map((flower) => {
      const [length = 0, width = 0] = flower.split(',').map(Number);
      return { x: 0.08 + ((length - 1) / 5.2) * 0.84, y: 0.1 + (width / 2.6) * 0.8, group };
    }),
  );
  return { kind: 'points', square: false, points };
}

/** The first digits of the small digits table: 8 × 8 pixels, 0..16 as one character each. */
const digits = [
  '005d910000dfaf5003f20b8004c008800580098004b01c7002e5ac00006da000',
  '000cd500000bg900003fg60007fgg200001gg300001gg600001gg600000bga00',
  '0004fc00003gfe00008d8g000016fb00018df10009gg500003dggb500003bg90',
  '007fd10008d6f400021dd000002fb1000001cc1000001a8000845e90007dd900',
];

function digitImages(from: number, to: number): ExampleShape {
  const images = digits.slice(from, to).map((pixels) => [...pixels].map((pixel) => Number.parseInt(pixel, 17) / 16));
  return { kind: 'pixels', images, side: 8 };
}

const shapes: Record<string, () => ExampleShape> = {
  'lecture-regression': regression,
  xor: corners,
  'two-spirals': spirals,
  circles,
  blobs,
  'noisy-sine': sine,
  iris,
  digits: () => digitImages(0, 2),
  mnist: () => digitImages(2, 4),
};

/** Null for an example this page has no drawing of. */
export function exampleShape(name: string): ExampleShape | null {
  return shapes[name]?.() ?? null;
}
