/** The formulas of the lecture (L4) for sigmoid neurons and half squared error, in double precision: nothing of the lab's own. */

export interface Dense {
  /** By neuron, then by what comes in. */
  weights: number[][];
  biases: number[];
}

export interface LayerState {
  u: number[];
  v: number[];
  /** ∂E/∂u. */
  delta: number[];
  /** ∂E/∂w, as the weights. */
  gradients: number[][];
}

export function backpropagate(
  layers: readonly Dense[],
  input: readonly number[],
  desired: readonly number[],
): LayerState[] {
  const states = forward(layers, input);
  for (let layer = states.length - 1; layer >= 0; layer--) {
    const state = states[layer];
    const next = states[layer + 1];
    if (!state) continue;
    const before = states[layer - 1]?.v ?? input;
    state.delta = state.v.map((v, p) => {
      const returned = next
        ? next.delta.reduce((sum, delta, q) => sum + delta * (layers[layer + 1]?.weights[q]?.[p] ?? NaN), 0)
        : v - (desired[p] ?? NaN);
      return returned * v * (1 - v);
    });
    state.gradients = state.delta.map((delta) => before.map((v) => delta * v));
  }
  return states;
}

export function lossOf(layers: readonly Dense[], input: readonly number[], desired: readonly number[]): number {
  const outputs = forward(layers, input).at(-1)?.v ?? [];
  return outputs.reduce((sum, y, j) => sum + (y - (desired[j] ?? NaN)) ** 2 / 2, 0);
}

function forward(layers: readonly Dense[], input: readonly number[]): LayerState[] {
  let values = input;
  return layers.map(({ weights, biases }) => {
    const before = values;
    const u = weights.map((row, q) => row.reduce((sum, w, p) => sum + w * (before[p] ?? NaN), biases[q] ?? NaN));
    const v = u.map((sum) => 1 / (1 + Math.exp(-sum)));
    values = v;
    return { u, v, delta: [], gradients: [] };
  });
}
