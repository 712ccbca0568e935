import { biasParameter } from './bias';
import type { LayerDefinition, ParameterValues, Shape } from './definition';
import { fans, initialisation, initialiserParameters } from './initialisers';
import { linear } from './linear';
import { elements, formatShape } from './sizes';
import { placeTransposed } from './transpose';

const read = (values: ParameterValues, input: Shape) => ({ units: Number(values.units), features: input.at(-1) ?? 1 });

export const linearSteps: LayerDefinition = {
  kind: 'linear-steps',
  category: 'linear',
  label: { en: 'Linear per step', ru: 'Полносвязный по шагам' },
  help: {
    en: 'One linear layer applied to every step of a sequence by itself, with the same weights: only the last dimension changes. Use it between and after attention or recurrent layers.',
    ru: 'Один полносвязный слой, применяемый к каждому шагу последовательности отдельно с теми же весами: меняется только последнее измерение. Ставится между слоями внимания и рекуррентными слоями и после них.',
  },
  formula: 'u_t = W x_t + b',
  icon: 'rows-3',
  parameters: [
    ...linear.parameters.filter(({ name }) => name === 'units'),
    biasParameter,
    ...initialiserParameters({ prefix: 'weight' }),
    ...initialiserParameters({ prefix: 'bias' }),
  ],
  inputs: [1, 1],
  hasOutput: true,
  sizeParameter: 'units',
  shape(values, [input = []]) {
    if (input.length >= 2) return [...input.slice(0, -1), Number(values.units)];
    return {
      code: 'network.needs-steps',
      details: { got: formatShape(input) },
      fix: { kind: 'insert-before', insert: 'reshape', port: 0, parameters: { shape: [...input, 1] } },
    };
  },
  weights(values, [input = []]) {
    const { units, features } = read(values, input);
    const own = { initialiser: 'zeros', ...fans([units, features]) } as const;
    const weight = { name: 'weight', dims: [features, units], ...own };
    return values.bias === false ? [weight] : [weight, { name: 'bias', dims: [units], ...own }];
  },
  draws(values, [input = []]) {
    const { units, features } = read(values, input);
    const own = fans([units, features]);
    return [
      {
        dims: [units, features],
        ...initialisation(values, 'weight'),
        ...own,
        place: (drawn, weights) => placeTransposed(drawn, units, features, weights.get('weight')),
      },
      ...(values.bias === false
        ? []
        : [
            {
              dims: [units],
              ...initialisation(values, 'bias'),
              ...own,
              place: (drawn: Float32Array, weights: ReadonlyMap<string, Float32Array>) =>
                weights.get('bias')?.set(drawn),
            },
          ]),
    ];
  },
  cost(values, [input = []], output) {
    const { units, features } = read(values, input);
    return {
      parameters: units * features + (values.bias === false ? 0 : units),
      multiplyAdds: elements(input) * units,
      activationBytes: 4 * elements(output),
    };
  },
  emit({ parameters: values, inputNames: [source = ''], outputName, weightName, node }) {
    if (values.bias === false) return node('MatMul', [source, weightName('weight')], outputName);
    const product = `${outputName}.product`;
    node('MatMul', [source, weightName('weight')], product, {}, 'product');
    node('Add', [product, weightName('bias')], outputName);
  },
  recognise(node, initializer) {
    const [features, units, ...rest] = initializer(node.inputs[1] ?? '')?.dims ?? [];
    if (node.opType !== 'MatMul' || initializer(node.inputs[0] ?? '')) return null;
    // Whether there is a bias is the next node's affair: the match tells.
    return features === undefined || units === undefined || rest.length > 0 ? null : { units };
  },
};
