import { describe, expect, it } from 'vitest';
import { layerDefinition, layerDefinitions } from '../../../../shared/layers';
import { operatorForm, operatorParameters, type OperatorForm } from '../../../../shared/layers/operator';
import { checkParameters, parameterValues } from '../../../../shared/layers/parameters';
import { compileNetwork } from '../../../../shared/network/compile';
import type { NetworkDocument } from '../../../../shared/network/document';
import type { Initializer } from '../../../../shared/network/graph';

const form: OperatorForm = {
  opType: 'LSTM',
  attributes: { hidden_size: 2, activations: ['Tanh'], direction: 'forward' },
  inputs: [0, 'input-2', '', 'input-4'],
  shapes: [[3, 4]],
  outputs: [[3, 2], null, [2]],
  stored: [
    { name: 'input-2', dims: [8, 4], kind: 'weight' },
    { name: 'input-4', dims: [1], kind: 'integers' },
  ],
};

/** input → operator → its third output → output */
function network(changes: Record<string, string> = {}): NetworkDocument {
  const position = { x: 0, y: 0 };
  return {
    layers: [
      { id: 'input', kind: 'input', parameters: { shape: [3, 4] }, position },
      {
        id: 'node',
        kind: 'operator',
        parameters: { ...operatorParameters(form), ...changes } as Record<string, string>,
        position,
      },
      { id: 'state', kind: 'operator-output', parameters: { output: 3, shape: '[2]' }, position },
      { id: 'output', kind: 'output', parameters: {}, position },
    ],
    edges: [
      { from: 'input', to: 'node', port: 0 },
      { from: 'node', to: 'state', port: 0 },
      { from: 'state', to: 'output', port: 0 },
    ],
  };
}

const weights = new Map<string, Initializer>(
  [
    { name: 'node.input-2', dims: [8, 4], data: new Float32Array(32).fill(0.5) },
    { name: 'node.input-4', dims: [1], data: BigInt64Array.of(3n) },
  ].map((value) => [value.name, value]),
);

const refusal = (changed: NetworkDocument, given = weights, inputShape = [3, 4]) =>
  expect(() => compileNetwork(changed, { inputShape, seed: 0, weights: given }));

describe('an operator of an imported model', () => {
  it('is written into parameters and read back', () => {
    expect(operatorForm(operatorParameters(form))).toEqual(form);
    const definition = layerDefinition('operator')!;
    expect(checkParameters(definition, operatorParameters(form))).toEqual([]);
    expect(operatorForm(parameterValues(definition, {}))).toBeNull();
  });

  it('is no layer of the palette', () => {
    expect([...layerDefinitions.keys()]).not.toContain('operator');
    expect([...layerDefinitions.keys()]).not.toContain('operator-output');
  });

  it('compiles to its node, with the stored values and a name for each output that is read', () => {
    const graph = compileNetwork(network(), { inputShape: [3, 4], seed: 0, weights });
    expect(graph.nodes).toEqual([
      {
        name: 'node',
        opType: 'LSTM',
        inputs: ['input', 'node.input-2', '', 'node.input-4'],
        outputs: ['node.value', '', 'node.value.2'],
        attributes: form.attributes,
      },
      { name: 'state', opType: 'Identity', inputs: ['node.value.2'], outputs: ['output'], attributes: {} },
    ]);
    expect(graph.initializers).toEqual([
      { ...weights.get('node.input-2') },
      { ...weights.get('node.input-4'), frozen: true },
    ]);
    expect(layerDefinition('operator')?.cost(operatorParameters(form), [[3, 4]], [3, 2]).parameters).toBe(32);
  });

  it('says what is missing or does not fit', () => {
    refusal(network(), new Map()).toThrow(/no node\.input-2 for node/);
    refusal(network(), new Map([['node.input-2', { name: '', dims: [4, 8], data: new Float32Array(32) }]])).toThrow(
      /no node\.input-2/,
    );
    refusal(network({ node: '{"inputs":' })).toThrow(/can't be read any more/);
    refusal(network({ attributes: '[]' })).toThrow(/can't be read any more/);
    const other = network();
    other.layers[0]!.parameters = { shape: [3, 5] };
    refusal(other, weights, [3, 5]).toThrow(/imported for 3 × 4 values at its input 1 and gets 3 × 5/);
  });

  it('leaves stored weights alone where the layer is frozen', () => {
    const frozen = network();
    frozen.layers[1]!.frozen = true;
    const { initializers } = compileNetwork(frozen, { inputShape: [3, 4], seed: 0, weights });
    expect(initializers.every((item) => item.frozen)).toBe(true);
  });
});
