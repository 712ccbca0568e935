import { layerDefinition } from '../../../../shared/layers';
import {
  isLayerIssue,
  type LayerDefinition,
  type ParameterValues,
  type Shape,
} from '../../../../shared/layers/definition';
import { parameterValues } from '../../../../shared/layers/parameters';
import { elements } from '../../../../shared/layers/sizes';
import { emitLayer } from '../../../../shared/network/emit';
import type { GraphNode, Initializer } from '../../../../shared/network/graph';

/** A row, a signal or sequence, an image; no two sizes are equal, and the first of each can be divided by 2 and 4. */
const shapes: Shape[] = [[6], [4, 9], [5, 6], [4, 8, 6]];

export interface Sample {
  kind: string;
  given: ParameterValues;
  inputs: Shape[];
  output: Shape;
}

/** Parameters beside the defaults that a layer is also tried with, where flipping one value is not enough. */
const more: Record<string, ParameterValues[]> = {
  'layer-norm': [{ dimensions: 2 }, { dimensions: 3, bias: false }],
  'group-norm': [{ groups: 2 }],
  attention: [
    { heads: 3, causal: true },
    { heads: 3, bias: false },
    { heads: 1, bias: false, causal: true },
  ],
  lstm: [{ result: 'sequence', direction: 'bidirectional', hidden: 3, bias: false }],
  gru: [{ result: 'sequence', direction: 'bidirectional', hidden: 3 }],
  rnn: [{ result: 'sequence', direction: 'reverse', hidden: 3 }],
  concatenate: [{ axis: -1 }],
  permute: [{ order: [3, 1, 2] }, { order: [1] }],
  slice: [
    { axis: 1, start: 1, length: 3, step: 2 },
    { start: -1, length: 1 },
  ],
  pad: [{ pads: [1, 2] }, { pads: [1, 0, 2, 3], value: -1.5 }],
  reduce: [{ axis: -1, by: 'sum' }],
  conv2d: [
    { filters: 8, kernel: [3, 2], stride: [2, 1], dilation: [1, 2], padding: 'explicit', pads: [1, 0, 2, 1] },
    { filters: 8, grouping: 'groups', groups: 4, padding: 'valid', bias: false },
    { padding: 'same', stride: [2], kernel: [5] },
  ],
  conv1d: [{ kernel: [4], stride: [3], padding: 'same' }],
  'conv-transpose2d': [
    { kernel: [3], stride: [2], padding: 'explicit', pads: [1], outputPadding: [1] },
    { kernel: [4, 3], stride: [2, 3], padding: 'same' },
    { kernel: [1], stride: [2], padding: 'same' },
    { filters: 8, grouping: 'groups', groups: 2, dilation: [2], kernel: [2] },
  ],
  'max-pool': [
    { kernel: [3], stride: [2], padding: 'same' },
    { kernel: [3], stride: [2], padding: 'explicit', pads: [1], ceil: true },
    { kernel: [2], stride: [1], dilation: [2] },
  ],
  'average-pool': [
    { kernel: [3], stride: [2], padding: 'same' },
    { kernel: [3], stride: [2], padding: 'explicit', pads: [1], countPadding: false },
  ],
};

/**
 * Every layer of the catalogue with its defaults, with every choice and switch turned, and with the sets above, on every shape it takes.
 */
export function samplesOf(definition: LayerDefinition): Sample[] {
  const turned = definition.parameters.flatMap((parameter): ParameterValues[] => {
    if (parameter.type === 'boolean') return [{ [parameter.name]: !parameter.default }];
    if (parameter.type !== 'choice' || parameter.name.endsWith('Initialiser')) return [];
    return parameter.choices.map(({ value }) => ({ [parameter.name]: value }));
  });
  const sets = [{}, ...turned, ...(more[definition.kind] ?? [])];
  return sets.flatMap((given) =>
    shapes.flatMap((shape): Sample[] => {
      const inputs = Array.from({ length: definition.inputs[0] }, () => shape);
      const output = definition.shape(parameterValues(definition, given), inputs);
      return isLayerIssue(output) ? [] : [{ kind: definition.kind, given, inputs, output }];
    }),
  );
}

export interface Emitted {
  nodes: GraphNode[];
  constants: Map<string, Initializer>;
}

/** The nodes of a layer by itself, from in0, in1, … to out. Its weights are 0. */
export function emitted({ kind, given, inputs, output }: Sample): Emitted {
  const definition = layerDefinition(kind)!;
  const parameters = parameterValues(definition, given);
  const constants = new Map<string, Initializer>();
  for (const { name, dims } of definition.weights?.(parameters, inputs) ?? []) {
    constants.set(`it.${name}`, { name: `it.${name}`, dims, data: new Float32Array(elements(dims)) });
  }
  const inputNames = inputs.map((_, port) => `in${port}`);
  const emitted = emitLayer(definition, { id: 'it', parameters, inputs, output, inputNames, outputName: 'out' });
  for (const constant of emitted.constants) constants.set(constant.name, constant);
  return { nodes: emitted.nodes, constants };
}
