import { layerDefinition } from '../layers';
import type { ParameterValues } from '../layers/definition';
import type { InspectedLayer } from './layers';

/** dv/du of an activation, and how the lecture would write it: in terms of u or of v, with the numbers at hand. */
interface Slope {
  at(u: number, v: number, parameters: ParameterValues): number;
  /** LaTeX of the rule, and with numbers filled in. */
  rule: string;
  filled?(u: string, v: string): string;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const slopes: Record<string, Slope> = {
  sigmoid: { at: (_, v) => v * (1 - v), rule: 'v\\,(1 - v)', filled: (_, v) => `${v}\\,(1 - ${v})` },
  tanh: { at: (_, v) => 1 - v * v, rule: '1 - v^2', filled: (_, v) => `1 - (${v})^2` },
  relu: { at: (u) => (u > 0 ? 1 : 0), rule: '[u > 0]', filled: (u) => `[${u} > 0]` },
  'leaky-relu': { at: (u, _, { alpha }) => (u >= 0 ? 1 : Number(alpha)), rule: '1 \\text{ or } \\alpha' },
  elu: {
    at: (u, v, { alpha }) => (u >= 0 ? 1 : v + Number(alpha)),
    rule: '1 \\text{ or } v + \\alpha',
  },
  softplus: { at: (u) => sigmoid(u), rule: '\\sigma(u)', filled: (u) => `\\sigma(${u})` },
  softsign: { at: (u) => 1 / (1 + Math.abs(u)) ** 2, rule: '\\dfrac{1}{(1 + |u|)^2}' },
};

type Activation = NonNullable<InspectedLayer['activation']>;

export function slopeAt(activation: Activation | null, u: number, v: number): number {
  if (!activation) return 1;
  const known = slopes[activation.kind];
  if (known) return known.at(u, v, activation.parameters);
  const curve = layerDefinition(activation.kind)?.curve;
  if (!curve) return NaN;
  const half = 1e-5 * Math.max(1, Math.abs(u));
  return (curve(u + half, activation.parameters) - curve(u - half, activation.parameters)) / (2 * half);
}

/** LaTeX of dv/du; null where it is no neat formula. */
export function slopeRule(activation: Activation, u: string, v: string): { rule: string; filled: string | null } {
  const known = slopes[activation.kind];
  return known ? { rule: known.rule, filled: known.filled?.(u, v) ?? null } : { rule: "f'(u)", filled: null };
}
