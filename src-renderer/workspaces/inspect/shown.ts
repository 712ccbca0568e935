import type { Edge, InspectRun, Neuron } from '../../../shared/api/inspect';
import type { InspectedLayer } from '../../../shared/inspect/layers';
import type { StageName } from '../../../shared/inspect/stages';
import { correction, newWeight } from '../../../shared/inspect/step';
import type { Rgb } from '../../colour/rgb';
import { signedColour } from '../../colour/signed';

/** What neurons and edges show at a stage. */
export type NeuronQuantity = 'v' | 'delta';
export type EdgeQuantity = 'weight' | 'correction' | 'new';

export function edgeQuantity(stage: StageName): EdgeQuantity {
  if (stage === 'corrections') return 'correction';
  return stage === 'new-weights' ? 'new' : 'weight';
}

/** The δ of a layer once it is known; its value before, and for the inputs always. */
export function neuronQuantity(stage: StageName, layer: InspectedLayer, known: boolean): NeuronQuantity {
  return stage !== 'outputs' && layer.role !== 'input' && known ? 'delta' : 'v';
}

export function neuronNumber(neuron: Neuron, quantity: NeuronQuantity): number {
  return quantity === 'delta' ? neuron.delta : neuron.v;
}

export function edgeNumber(
  { weight, gradient }: Pick<Edge, 'weight' | 'gradient'>,
  quantity: EdgeQuantity,
  rate: number,
  frozen: boolean,
): number {
  if (quantity === 'weight') return weight;
  if (frozen) return quantity === 'correction' ? 0 : weight;
  return quantity === 'correction' ? correction(rate, gradient) : newWeight(weight, rate, gradient);
}

/** Where colours are full: the same for everything of a kind. */
export function neuronLimit({ largest }: InspectRun, quantity: NeuronQuantity): number {
  return quantity === 'delta' ? largest.delta : largest.value;
}

export function edgeLimit({ largest }: InspectRun, quantity: EdgeQuantity, rate: number): number {
  return quantity === 'correction' ? rate * largest.gradient : largest.weight;
}

/** Neither blue nor orange: of what is no number. */
const noNumber: Rgb = [178, 84, 190];

/** Signed colours; what is infinite has the fullest. */
export function valueColour(value: number, limit: number, dark: boolean): Rgb {
  if (Number.isNaN(value)) return noNumber;
  return Number.isFinite(value) ? signedColour(value, limit, dark) : signedColour(Math.sign(value), 1, dark);
}

/** Black or white, whichever can be read on this colour (relative luminance as in WCAG 2). */
export function textOn([red, green, blue]: Rgb): string {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  // Where black and white are equally far, at 4.58:1; anything softer than black would fall short of 4.5.
  return luminance > 0.179 ? '#000000' : '#ffffff';
}

/** For lines, which would fade into the page near 0: never fainter than a third. */
export function lineValue(value: number, limit: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * Math.max(Math.abs(value), limit / 3);
}
