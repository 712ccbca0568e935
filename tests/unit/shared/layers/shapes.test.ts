import { describe, expect, it } from 'vitest';
import { layerDefinition } from '../../../../shared/layers';
import type { ParameterValues, Shape } from '../../../../shared/layers/definition';
import { parameterValues } from '../../../../shared/layers/parameters';

function shape(kind: string, inputs: Shape[], parameters: ParameterValues = {}) {
  const definition = layerDefinition(kind)!;
  return definition.shape(parameterValues(definition, parameters), inputs);
}

describe('shape rules', () => {
  it('linear takes a row and asks for a Flatten otherwise', () => {
    expect(shape('linear', [[4]], { units: 3 })).toEqual([3]);
    expect(shape('linear', [[1, 28, 28]])).toEqual({
      code: 'network.linear-needs-row',
      details: { got: '1 × 28 × 28', count: 784 },
      fix: { kind: 'insert-before', insert: 'flatten', port: 0 },
    });
  });

  it('flatten and reshape keep the number of values', () => {
    expect(shape('flatten', [[1, 28, 28]])).toEqual([784]);
    expect(shape('reshape', [[6]], { shape: [2, 3] })).toEqual([2, 3]);
    expect(shape('reshape', [[12]], { shape: [2, -1, 3] })).toEqual([2, 2, 3]);
    expect(shape('reshape', [[6]], { shape: [4] })).toMatchObject({
      code: 'network.reshape-size',
      details: { got: '6', count: 6, wanted: '4', wantedCount: 4 },
    });
    expect(shape('reshape', [[6]], { shape: [4, -1] })).toMatchObject({ code: 'network.reshape-size' });
  });

  it('add wants one shape on all ports and names the odd one', () => {
    expect(shape('add', [[3], [3], [3]])).toEqual([3]);
    expect(shape('add', [[3], [3], [4]])).toEqual({
      code: 'network.add-shapes',
      details: { first: '3', port: 3, got: '4' },
    });
  });

  it('input takes its shape from the data unless it is fixed', () => {
    expect(shape('input', [[4]])).toEqual([4]);
    expect(shape('input', [])).toMatchObject({ code: 'network.input-shape-unknown' });
    expect(shape('input', [], { shape: [2] })).toEqual([2]);
    expect(shape('input', [[4]], { shape: [2] })).toMatchObject({
      code: 'network.input-shape-mismatch',
      details: { fixed: '2', data: '4' },
    });
  });

  it('linear draws its bias first when told to, and has none when switched off', () => {
    const definition = layerDefinition('linear')!;
    const names = (parameters: ParameterValues) =>
      definition.weights!(parameterValues(definition, parameters), [[5]]).map(({ name, dims }) => [name, dims]);
    expect(names({ units: 2 })).toEqual([
      ['weight', [2, 5]],
      ['bias', [2]],
    ]);
    expect(names({ units: 2, drawOrder: 'bias first' })).toEqual([
      ['bias', [2]],
      ['weight', [2, 5]],
    ]);
    expect(names({ units: 2, bias: false })).toEqual([['weight', [2, 5]]]);
    const cost = definition.cost(parameterValues(definition, { units: 2, bias: false }), [[5]], [2]);
    expect(cost).toEqual({ parameters: 10, multiplyAdds: 10, activationBytes: 8 });
  });
});
