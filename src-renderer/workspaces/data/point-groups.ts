import type { DataPoints } from '../../../shared/api/data';
import type { SplitName } from '../../../shared/project/data';

export interface PointGroup {
  split: SplitName;
  /** Of the class; empty for numbers. */
  name: string;
  /** Index into the lane colours. */
  colour: number;
  points: { x: number; y: number }[];
}

/** One group per class and split, so that colour and shape are set once for all points of it. */
export function pointGroups({ classes, points }: DataPoints): PointGroup[] {
  const groups = new Map<string, PointGroup>();
  for (const point of points) {
    const colour = point.classIndex ?? 0;
    const key = `${point.split} ${colour}`;
    const group = groups.get(key) ?? { split: point.split, name: classes?.[colour] ?? '', colour, points: [] };
    groups.set(key, group);
    // With one input the answer is drawn over it.
    group.points.push({ x: point.x[0] ?? NaN, y: point.x[1] ?? point.y[0] ?? colour });
  }
  return [...groups.values()];
}

export function axisNames({ inputNames, targetNames }: DataPoints): [x: string, y: string] {
  return [inputNames[0] ?? '', inputNames[1] ?? targetNames[0] ?? ''];
}
