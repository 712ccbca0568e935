/** Okabe-Ito: told apart by colour-blind readers. The first eight lanes are solid, the next eight dashed, and so on. */
const onDark = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#3f8fd2', '#ff7a33', '#cc79a7', '#c9ced6'] as const;
/** The same hues, darkened where they would be below 3:1 on white. */
const onLight = ['#b87700', '#1f86c2', '#007f5c', '#8f8500', '#0059a8', '#c24f00', '#a84f80', '#1b1e24'] as const;

const dashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

export interface LaneStyle {
  colour: string;
  /** For canvas and SVG strokes; empty is solid. */
  dash: number[];
}

/** Colour and dash of lane `index` (0-based), the same in every curve, column and table. */
export function laneStyle(index: number, dark: boolean): LaneStyle {
  const colours = dark ? onDark : onLight;
  const colour = colours[index % colours.length] ?? colours[0];
  const dash = dashes[Math.floor(index / colours.length) % dashes.length] ?? [];
  return { colour, dash: [...dash] };
}

/** For style sheets: `--lane-1` … `--lane-8` are set with the theme. */
export function laneVariable(index: number): string {
  return `var(--lane-${(index % onDark.length) + 1})`;
}

export function laneVariables(dark: boolean): Record<string, string> {
  return Object.fromEntries((dark ? onDark : onLight).map((colour, index) => [`--lane-${index + 1}`, colour]));
}
