import { describe, expect, it } from 'vitest';
import { layerDefinition } from '../../../../shared/layers';
import { checkParameters, parameterValues } from '../../../../shared/layers/parameters';

const linear = layerDefinition('linear')!;
const reshape = layerDefinition('reshape')!;
const input = layerDefinition('input')!;

describe('parameters', () => {
  it('fills in defaults and leaves unknown names out', () => {
    const values = parameterValues(linear, { units: 3, nonsense: 1 });
    expect(values).not.toHaveProperty('nonsense');
    expect(values).toMatchObject({
      units: 3,
      bias: true,
      weightInitialiser: 'pytorch-uniform',
      biasInitialiser: 'pytorch-uniform',
      drawOrder: 'weight first',
    });
  });

  it.each([
    [0, 1],
    [2.4, 2],
    [1e9, 65_536],
    ['many', 16],
    [Number.NaN, 16],
  ])('names the range of units = %s and offers %s', (value, nearest) => {
    expect(checkParameters(linear, { units: value })).toEqual([
      {
        code: 'network.parameter-integer',
        details: { parameter: 'units', value: String(value), minimum: 1, maximum: 65_536 },
        fix: { kind: 'set-parameter', parameter: 'units', value: nearest },
      },
    ]);
  });

  it('refuses a choice, a boolean and a name it does not know', () => {
    const issues = checkParameters(linear, { bias: 'yes', biasInitialiser: 'xavier-normal', neurons: 3 });
    expect(issues.map(({ code }) => code)).toEqual([
      'network.parameter-unknown',
      'network.parameter-boolean',
      'network.parameter-choice',
    ]);
    expect(issues[0]?.details.known).toContain('units');
    expect(issues[2]?.details.choices).toEqual(['pytorch-uniform', 'uniform', 'normal', 'zeros', 'ones', 'constant']);
  });

  it('takes shapes of whole positive sizes, with one -1 where the rest can be worked out', () => {
    const ok = (definition: typeof linear, shape: number[]) => checkParameters(definition, { shape }).length === 0;
    expect(ok(input, [])).toBe(true);
    expect(ok(input, [1, 28, 28])).toBe(true);
    expect(ok(input, [-1])).toBe(false);
    expect(ok(input, [0])).toBe(false);
    expect(ok(input, [1.5])).toBe(false);
    expect(ok(input, [1, 1, 1, 1, 1, 1, 1])).toBe(false);
    expect(ok(reshape, [-1, 2])).toBe(true);
    expect(ok(reshape, [-1, -1])).toBe(false);
    expect(ok(reshape, [])).toBe(false);
  });
});
