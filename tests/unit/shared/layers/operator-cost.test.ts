import { describe, expect, it } from 'vitest';
import { layerDefinition, layerDefinitions } from '../../../../shared/layers';
import { operatorParameters } from '../../../../shared/layers/operator';
import { parameterValues } from '../../../../shared/layers/parameters';
import { emitted, samplesOf } from './samples';

const samples = [...layerDefinitions.values()].filter(({ role }) => role === undefined).flatMap(samplesOf);

it('a recurrent node costs what the layer around it does', () => {
  const form = operatorParameters({
    opType: 'GRU',
    attributes: {},
    inputs: [0, 'w', 'r'],
    shapes: [[5, 3]],
    outputs: [[5, 2, 4]],
    stored: [
      { name: 'w', dims: [2, 12, 3], kind: 'weight' },
      { name: 'r', dims: [2, 12, 4], kind: 'weight' },
    ],
  });
  const layer = layerDefinition('gru')!;
  const given = parameterValues(layer, { hidden: 4, direction: 'bidirectional', result: 'sequence' });
  expect(layerDefinition('operator')!.cost(form, [[5, 3]], [5, 2, 4]).multiplyAdds).toBe(
    layer.cost(given, [[5, 3]], [5, 8]).multiplyAdds,
  );
});

describe('an operator costs what the layer it might be would cost', () => {
  it.each(
    samples.map(
      (sample) => [`${sample.kind} ${JSON.stringify(sample.given)} on ${sample.inputs.join(' and ')}`, sample] as const,
    ),
  )('%s', (_, sample) => {
    const definition = layerDefinition(sample.kind)!;
    const parameters = parameterValues(definition, sample.given);
    const { nodes, constants } = emitted(sample);
    const [node] = nodes;
    if (nodes.length !== 1 || !node) return;
    const form = operatorParameters({
      opType: node.opType,
      attributes: node.attributes,
      inputs: node.inputs.map((name) => (name.startsWith('in') ? Number(name.slice(2)) : name)),
      shapes: sample.inputs.map((shape) => [...shape]),
      outputs: [[...sample.output]],
      stored: [...constants.values()].map(({ name, dims, data }) => ({
        name,
        dims,
        kind: data instanceof BigInt64Array ? 'integers' : 'weight',
      })),
    });
    const operator = layerDefinition('operator')!;
    expect(operator.cost(form, sample.inputs, sample.output).multiplyAdds).toBe(
      definition.cost(parameters, sample.inputs, sample.output).multiplyAdds,
    );
  });
});
