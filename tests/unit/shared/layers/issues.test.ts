import { describe, expect, it } from 'vitest';
import { errorMessage } from '../../../../shared/errors';
import { layerDefinition } from '../../../../shared/layers';
import { isLayerIssue, type ParameterValues } from '../../../../shared/layers/definition';
import { applies, checkParameter, parameterValues } from '../../../../shared/layers/parameters';
import { checkNetwork } from '../../../../shared/network/check';
import { applyFix } from '../../../../shared/network/fix';
import { chain } from '../../../../shared/network/templates';
import { languages } from '../../../../shared/text';
import { oneNumber } from '../network/builders';

/** A layer on an input it can't take, the code that says so, and the shape after the fix it offers (null: it offers none). */
const cases: [kind: string, parameters: ParameterValues, input: number[], code: string, repaired: number[] | null][] = [
  ['linear', { units: 3 }, [4, 5, 5], 'network.linear-needs-row', [3]],
  ['conv2d', {}, [784], 'network.needs-image', [16, 28, 28]],
  ['conv2d', {}, [28, 20], 'network.needs-image', [16, 28, 20]],
  ['conv2d', {}, [785], 'network.needs-image', null],
  ['conv1d', {}, [100], 'network.needs-signal', [16, 100]],
  ['conv1d', {}, [1, 28, 28], 'network.needs-signal', null],
  ['conv2d', { kernel: [5], padding: 'valid' }, [1, 4, 9], 'network.window-too-large', [16, 4, 9]],
  ['conv2d', { kernel: [3], dilation: [4], padding: 'valid' }, [1, 8, 9], 'network.window-too-large', [16, 8, 9]],
  ['conv2d', { padding: 'explicit', pads: [1, 2, 3] }, [1, 8, 8], 'network.window-sizes', [16, 8, 8]],
  ['conv2d', { grouping: 'groups', groups: 3 }, [4, 8, 8], 'network.groups', [16, 8, 8]],
  ['conv2d', { grouping: 'depthwise', filters: 16 }, [3, 8, 8], 'network.groups', [15, 8, 8]],
  ['conv-transpose2d', { outputPadding: [2] }, [1, 4, 4], 'network.output-padding', [16, 8, 8]],
  ['conv-transpose2d', { padding: 'explicit', pads: [9] }, [1, 4, 4], 'network.nothing-left', [16, 8, 8]],
  ['max-pool', {}, [9], 'network.needs-channels', [1, 4]],
  ['max-pool', { padding: 'explicit', pads: [2] }, [1, 8, 8], 'network.window-padding', [1, 4, 4]],
  ['global-average-pool', {}, [9], 'network.needs-channels', [1, 1]],
  ['batch-norm', {}, [2, 3, 4, 5], 'network.needs-channels', null],
  ['group-norm', { groups: 4 }, [6, 8], 'network.norm-groups', [6, 8]],
  ['layer-norm', { dimensions: 3 }, [6, 8], 'network.norm-dimensions', [6, 8]],
  ['lstm', {}, [9], 'network.needs-steps', [32]],
  ['lstm', {}, [1, 9, 9], 'network.needs-steps', null],
  ['attention', { heads: 4 }, [5, 6], 'network.heads', [5, 6]],
  ['linear-steps', { units: 3 }, [5], 'network.needs-steps', [5, 3]],
  ['permute', {}, [2, 3, 4], 'network.permute-order', [4, 3, 2]],
  ['concatenate', { axis: 3 }, [2, 3], 'network.axis', [2, 6]],
  ['reduce', { axis: 0 }, [2, 3], 'network.axis', [2]],
  ['slice', { start: 9 }, [2, 3], 'network.slice-range', [2, 3]],
  ['slice', { start: 2, length: 4 }, [2, 3], 'network.slice-range', [2, 1]],
  ['clip', { minimum: 2, maximum: 1 }, [3], 'network.clip-range', [3]],
];

describe('a layer that does not fit', () => {
  it.each(cases)('%s %j on %j: %s', (kind, parameters, inputShape, code, repaired) => {
    const context = { inputShape, target: oneNumber, loss: null };
    let network = chain([
      ['input', {}],
      [kind, parameters],
      ['output', {}],
    ]);
    for (let port = 1; port < (layerDefinition(kind)?.inputs[0] ?? 1); port++) {
      network = { ...network, edges: [...network.edges, { from: 'input', to: kind, port }] };
    }
    const issue = checkNetwork(network, context).issues.find(({ layer }) => layer === kind);
    expect(issue?.code).toBe(code);
    for (const language of languages) expect(errorMessage(issue!, language)).not.toMatch(/[{}]/);
    expect(issue?.fix === undefined).toBe(repaired === null);
    if (!issue?.fix || !repaired) return;
    const after = checkNetwork(applyFix(network, issue.fix), context);
    expect(after.shapes[kind]?.output).toEqual(repaired);
  });

  it.each([
    ['add', [[3], [4]]],
    [
      'multiply',
      [
        [3, 2],
        [3, 4],
      ],
    ],
    ['multiply', [[3], [3, 1]]],
    [
      'concatenate',
      [
        [3, 2],
        [3, 4],
      ],
    ],
  ])('%s says which of its inputs %j is the odd one', (kind, inputs) => {
    const definition = layerDefinition(kind)!;
    const result = definition.shape(parameterValues(definition, {}), inputs);
    expect(isLayerIssue(result) && result.details.port).toBe(2);
  });
});

describe('shapes', () => {
  const shape = (kind: string, parameters: ParameterValues, ...inputs: number[][]) => {
    const definition = layerDefinition(kind)!;
    return definition.shape(parameterValues(definition, parameters), inputs);
  };

  it('of convolutions and pooling follow padding, stride and dilation', () => {
    expect(shape('conv2d', { filters: 8, kernel: [5], padding: 'valid' }, [1, 28, 28])).toEqual([8, 24, 24]);
    expect(shape('conv2d', { filters: 8, kernel: [3], stride: [2] }, [1, 28, 27])).toEqual([8, 14, 14]);
    expect(shape('conv2d', { filters: 8, padding: 'explicit', pads: [1, 2] }, [1, 6, 6])).toEqual([8, 6, 8]);
    expect(shape('conv1d', { filters: 2, kernel: [3], dilation: [3], padding: 'valid' }, [1, 10])).toEqual([2, 4]);
    expect(shape('max-pool', {}, [8, 7, 9])).toEqual([8, 3, 4]);
    expect(shape('max-pool', { ceil: true }, [8, 7, 9])).toEqual([8, 4, 5]);
    expect(shape('conv-transpose2d', { filters: 3, kernel: [3], padding: 'same' }, [8, 7, 9])).toEqual([3, 14, 18]);
  });

  it('of joining layers broadcast a size of 1', () => {
    expect(shape('multiply', {}, [8, 5, 5], [8, 1, 1])).toEqual([8, 5, 5]);
    expect(shape('concatenate', {}, [2, 5, 5], [3, 5, 5])).toEqual([5, 5, 5]);
  });
});

describe('parameters', () => {
  it('apply only beside the values they belong to', () => {
    const { parameters } = layerDefinition('conv2d')!;
    const pads = parameters.find(({ name }) => name === 'pads')!;
    expect(applies(pads, { padding: 'same' })).toBe(false);
    expect(applies(pads, { padding: 'explicit' })).toBe(true);
    expect(checkParameter(pads, [0])).toBeNull();
    expect(checkParameter(pads, [-1])?.details).toMatchObject({ minimum: 0, count: 4 });
    expect(checkParameter(pads, [1, 1, 1, 1, 1])).not.toBeNull();
  });
});
