import type { LayerDefinition, LayerIssue, Shape } from './definition';
import { costOfOutput, formatShape } from './sizes';

/** Sizes are equal or 1, which stands for all: [8, 1, 1] on [8, 5, 5]. Null where they do not fit together. */
export function broadcastShape(first: Shape, second: Shape): Shape | null {
  if (first.length !== second.length) return null;
  const fits = first.every((size, index) => size === second[index] || size === 1 || second[index] === 1);
  return fits ? first.map((size, index) => (size === 1 ? (second[index] ?? 1) : size)) : null;
}

interface Combination {
  kind: string;
  opType: 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min';
  maximum: number;
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
  icon: string;
}

/** A layer that joins several inputs value by value. */
export function combination({ opType, maximum, ...names }: Combination): LayerDefinition {
  const takesMany = opType === 'Max' || opType === 'Min';
  return {
    ...names,
    category: 'combine',
    parameters: [],
    inputs: [2, maximum],
    hasOutput: true,
    shape(_values, [first = [], ...others]) {
      let shape = first;
      for (const [index, other] of others.entries()) {
        const joined = broadcastShape(shape, other);
        if (!joined) return misfit(first, other, index + 2);
        shape = joined;
      }
      return shape;
    },
    cost: (_values, _inputs, output) => costOfOutput(output),
    /** Operators of two inputs become a chain; the last node has the layer's name. */
    emit({ inputNames, outputName, node }) {
      if (takesMany) return node(opType, inputNames, outputName);
      const last = inputNames.length - 1;
      let value = inputNames[0] ?? '';
      for (let port = 1; port <= last; port++) {
        const result = port === last ? outputName : `${outputName}.part${port}`;
        node(opType, [value, inputNames[port] ?? ''], result, {}, port === last ? undefined : `part${port}`);
        value = result;
      }
    },
    recognise: (node, initializer) =>
      node.opType === opType && node.inputs.length >= 2 && node.inputs.every((name) => !initializer(name)) ? {} : null,
  };
}

function misfit(first: Shape, got: Shape, port: number): LayerIssue {
  return { code: 'network.combine-shapes', details: { first: formatShape(first), port, got: formatShape(got) } };
}
