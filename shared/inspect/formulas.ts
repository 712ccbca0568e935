import type { InspectSummary, NeuronPlace, NeuronView, Returned, WeightPlace, WeightView } from '../api/inspect';
import type { LossName } from '../training/losses';
import { biasPlace, type InspectedLayer } from './layers';
import { slopeRule } from './slopes';
import { correction, newWeight } from './step';

/** The formulas of LECTURE L4 and L5 with the numbers at hand, as LaTeX. */

export type FormulaTarget =
  { kind: 'neuron'; place: NeuronPlace } | { kind: 'weight'; weight: WeightPlace } | { kind: 'rate' };

/** How a formula is written: how a number looks, and what a factor becomes that leads somewhere. */
export interface FormulaStyle {
  number(value: number): string;
  link(target: FormulaTarget, latex: string): string;
}

/** A line of the derivation: the rule in letters, the same in numbers. */
export interface FormulaLine {
  id: string;
  rule: string;
  numbers: string;
}

/** For copying: numbers in full where that is short, nothing to click. */
export const plainStyle: FormulaStyle = { number: latexNumber, link: (_target, latex) => latex };

/** 4 significant digits; a decimal comma needs braces, or LaTeX puts a space behind it. */
export function latexNumber(value: number, decimal: '.' | ',' = '.'): string {
  if (Number.isNaN(value)) return '\\text{NaN}';
  if (!Number.isFinite(value)) return value > 0 ? '\\infty' : '-\\infty';
  const size = Math.abs(value);
  const point = (text: string) => (decimal === ',' ? text.replace('.', '{,}') : text);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [mantissa = '', exponent = '0'] = value.toExponential(3).split('e');
    return `${point(String(Number(mantissa)))} \\cdot 10^{${Number(exponent)}}`;
  }
  return point(String(Number(value.toPrecision(4))));
}

const bracketed = (latex: string): string => (/^-|\\cdot/.test(latex) ? `(${latex})` : latex);
const upper = (layer: number): string => `^{(${layer})}`;
const symbol = (letter: string, { layer, neuron }: NeuronPlace): string => `${letter}_{${neuron + 1}}${upper(layer)}`;

/** "x" for the inputs of the network, v for what a layer hands on, y for its answer. */
function valueSymbol(summary: InspectSummary, place: NeuronPlace): string {
  const layer = summary.layers[place.layer];
  if (layer?.role === 'input') return `x_{${place.neuron + 1}}`;
  return layer?.isOutput ? `y_{${place.neuron + 1}}` : symbol('v', place);
}

const weightSymbol = (from: number, to: NeuronPlace): string => `w_{${from + 1},${to.neuron + 1}}${upper(to.layer)}`;

/** u, v and δ of one neuron, each with where it comes from. */
export function neuronFormulas(summary: InspectSummary, view: NeuronView, style: FormulaStyle): FormulaLine[] {
  const layer = summary.layers[view.layer];
  if (!layer) return [];
  const n = (value: number) => style.number(value);
  const b = (value: number) => bracketed(style.number(value));
  const place = { layer: view.layer, neuron: view.neuron };
  const v = valueSymbol(summary, place);
  const lines: FormulaLine[] = [];
  if (view.incoming && view.incoming.count > 0) {
    const terms = view.incoming.terms.map(
      ({ weight, source, value, weightValue }) =>
        `${style.link({ kind: 'weight', weight }, b(weightValue))} \\cdot ${style.link({ kind: 'neuron', place: source }, b(value))}`,
    );
    const others =
      view.incoming.count > view.incoming.terms.length ? [`\\underbrace{${b(view.incoming.others)}}_{\\cdots}`] : [];
    const bias = view.bias ? [biasLink(layer, view, style, b(view.bias.value))] : [];
    lines.push({
      id: 'u',
      rule: `${symbol('u', place)} = \\sum_p w_{p,${view.neuron + 1}} v_p${view.bias ? ` + b_{${view.neuron + 1}}` : ''}`,
      numbers: sum([...terms, ...others, ...bias], n(view.u)),
    });
  }
  if (layer.activation) {
    lines.push({ id: 'v', rule: `${v} = f(u_{${view.neuron + 1}})`, numbers: `f(${n(view.u)}) = ${n(view.v)}` });
    const { rule, filled } = slopeRule(layer.activation, n(view.u), n(view.v));
    lines.push({
      id: 'slope',
      rule: `f'(u_{${view.neuron + 1}}) = ${rule}`,
      numbers: `${filled === null ? '' : `${filled} = `}${n(view.slope)}`,
    });
  }
  if (layer.role === 'neurons') lines.push(deltaFormula(summary, view, style));
  else if (layer.role === 'other')
    lines.push({ id: 'delta', rule: `\\dfrac{\\partial E}{\\partial ${v}}`, numbers: n(view.delta) });
  return lines;
}

function biasLink(layer: InspectedLayer, { neuron }: NeuronView, style: FormulaStyle, latex: string): string {
  const weight = biasPlace(layer, neuron);
  return weight ? style.link({ kind: 'weight', weight }, latex) : latex;
}

function deltaFormula(summary: InspectSummary, view: NeuronView, style: FormulaStyle): FormulaLine {
  const layer = summary.layers[view.layer];
  const n = (value: number) => style.number(value);
  const b = (value: number) => bracketed(style.number(value));
  const q = view.neuron + 1;
  const delta = symbol('\\delta', view);
  const slope = layer?.activation ? ` \\cdot f'(u_{${q}})` : '';
  const times = layer?.activation ? ` \\cdot ${b(view.slope)}` : '';
  if (layer?.isOutput && view.desired !== null) {
    const error = outputError(summary, view, style);
    return {
      id: 'delta',
      rule: `${delta} = ${error.rule}${slope}`,
      numbers: `${error.numbers}${times} = ${n(view.delta)}`,
    };
  }
  const parts = view.returned.flatMap((returned) => returnedTerms(returned, style));
  const whole = parts.length === 0 ? b(view.valueGradient) : sum(parts, '');
  const brackets = parts.length > 1 ? `[${whole}]` : whole;
  return {
    id: 'delta',
    rule: `${delta} = \\Bigl[\\sum_q \\delta_q w_{${q},q}\\Bigr]${slope}`,
    numbers: `${brackets}${times} = ${n(view.delta)}`,
  };
}

function returnedTerms(returned: Returned, style: FormulaStyle): string[] {
  const b = (value: number) => bracketed(style.number(value));
  if (returned.count === 0) return [`\\underbrace{${b(returned.total)}}_{(${returned.layer})}`];
  const terms = returned.terms.map(
    ({ weight, neuron, weightValue, delta }) =>
      `${style.link({ kind: 'neuron', place: neuron }, b(delta))} \\cdot ${style.link({ kind: 'weight', weight }, b(weightValue))}`,
  );
  return returned.count > returned.terms.length ? [...terms, `\\underbrace{${b(returned.others)}}_{\\cdots}`] : terms;
}

/** ∂E/∂y of an output: the part of δ that is the loss's own. */
function outputError(
  summary: InspectSummary,
  view: NeuronView,
  style: FormulaStyle,
): { rule: string; numbers: string } {
  const { neuron, v, desired, valueGradient } = view;
  const n = (value: number) => style.number(value);
  const q = neuron + 1;
  const difference = `(${n(v)} - ${bracketed(n(desired ?? 0))})`;
  const outputs = summary.layers[view.layer]?.shape.reduce((product, side) => product * side, 1) ?? 1;
  const known: Partial<Record<LossName, { rule: string; numbers: string }>> = {
    'half-squared': { rule: `(y_{${q}} - d_{${q}})`, numbers: difference },
    mse: { rule: `\\tfrac{2}{n}(y_{${q}} - d_{${q}})`, numbers: `\\tfrac{2}{${outputs}} \\cdot ${difference}` },
    'cross-entropy': {
      rule: `(\\mathrm{softmax}(y)_{${q}} - d_{${q}})`,
      numbers: `(${n(valueGradient + (desired ?? 0))} - ${bracketed(n(desired ?? 0))})`,
    },
  };
  return (
    known[summary.loss] ?? {
      rule: `\\dfrac{\\partial E}{\\partial y_{${q}}}`,
      numbers: bracketed(n(valueGradient)),
    }
  );
}

/** The chain rule for one weight (L5), its correction and its new value (L4). */
export function weightFormulas(
  summary: InspectSummary,
  view: WeightView,
  rate: number,
  style: FormulaStyle,
): FormulaLine[] {
  const n = (value: number) => style.number(value);
  const b = (value: number) => bracketed(style.number(value));
  const { neuron, source } = view;
  const lines: FormulaLine[] = [];
  const name = neuron ? (source ? weightSymbol(source.neuron, neuron) : symbol('b', neuron)) : `w${upper(view.layer)}`;
  if (neuron) {
    const delta = style.link({ kind: 'neuron', place: neuron }, b(neuron.delta));
    const before = source ? style.link({ kind: 'neuron', place: source }, b(source.v)) : '1';
    lines.push({
      id: 'gradient',
      rule: `\\dfrac{\\partial E}{\\partial ${name}} = \\underbrace{\\dfrac{\\partial E}{\\partial v}\\,\\dfrac{dv}{du}}_{${symbol('\\delta', neuron)}}\\,\\underbrace{\\dfrac{\\partial u}{\\partial w}}_{${source ? valueSymbol(summary, source) : '1'}}`,
      numbers: `${delta} \\cdot ${before} = ${n(view.gradient)}`,
    });
  } else
    lines.push({
      id: 'gradient',
      rule: `\\dfrac{\\partial E}{\\partial ${name}} = \\sum_{i,j} \\delta_{i,j}\\, v_{i,j}`,
      numbers: n(view.gradient),
    });
  if (view.frozen) return lines;
  const change = correction(rate, view.gradient);
  const eta = style.link({ kind: 'rate' }, n(rate));
  const rule = neuron
    ? `-\\eta\\,${symbol('\\delta', neuron)}\\,${source ? valueSymbol(summary, source) : '1'}`
    : `-\\eta\\,\\dfrac{\\partial E}{\\partial w}`;
  lines.push({
    id: 'correction',
    rule: `\\Delta ${name} = ${rule}`,
    numbers: `-${eta} \\cdot ${b(view.gradient)} = ${n(change)}`,
  });
  lines.push({
    id: 'new',
    rule: `${name}(t+1) = ${name}(t) + \\Delta ${name}`,
    numbers: `${n(view.value)} + ${b(change)} = ${n(newWeight(view.value, rate, view.gradient))}`,
  });
  return lines;
}

function sum(terms: string[], total: string): string {
  return terms.join(' + ') + (total === '' ? '' : ` = ${total}`);
}
