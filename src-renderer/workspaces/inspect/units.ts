import type { InputField, InspectSummary } from '../../../shared/api/inspect';

/** A number as a person reads and types it, and the way back to what the network sees. */
export interface InUnits {
  index: number;
  name: string;
  raw: number;
  toNetwork(raw: number): number;
}

/** Without a field (a pixel) the network's own number is the unit. */
export function inputInUnits(field: InputField | undefined, index: number, value: number): InUnits {
  return inUnits(field ?? { name: '', offset: 0, scale: 1 }, index, value);
}

export function targetsInUnits(target: InspectSummary['target'], values: readonly number[]): InUnits[] {
  if (target.kind === 'classes') return [];
  return target.names.map((name, index) => {
    const { [index]: offset = 0 } = target.offset;
    const { [index]: scale = 1 } = target.scale;
    return inUnits({ name, offset, scale }, index, values[index] ?? NaN);
  });
}

function inUnits({ name, offset, scale }: InputField, index: number, value: number): InUnits {
  // The seven digits of single precision: more would show how it was rounded.
  const raw = Number((value * scale + offset).toPrecision(7));
  return { index, name, raw, toNetwork: (given) => (given - offset) / scale };
}
