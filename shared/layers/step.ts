import type { LayerDefinition } from './definition';
import { costOfOutput } from './sizes';

/** ONNX's number for float32 in Cast. */
const onnxFloat = 1;

/** ONNX has no step operator: it is a comparison, cast back to float. */
export const step: LayerDefinition = {
  kind: 'step',
  category: 'activation',
  label: { en: 'Step', ru: 'Ступенька' },
  help: {
    en: 'Gives 1 for positive values and 0 otherwise, like the first artificial neurons. Its slope is 0 everywhere, so a network with it cannot be trained by backpropagation.',
    ru: 'Выдаёт 1 для положительных значений и 0 для остальных, как первые искусственные нейроны. Её наклон всюду равен 0, поэтому сеть с ней нельзя обучить обратным распространением ошибки.',
  },
  formula: 'v = \\begin{cases} 1 & u > 0 \\\\ 0 & u \\le 0 \\end{cases}',
  icon: 'footprints',
  parameters: [],
  inputs: [1, 1],
  hasOutput: true,
  differentiable: false,
  curve: (x) => (x > 0 ? 1 : 0),
  shape: (_parameters, [input]) => input ?? [],
  cost: (_parameters, _inputs, output) => costOfOutput(output),
  emit({ inputNames: [input = ''], outputName, constant, node }) {
    const zero = constant('zero', { dims: [], data: new Float32Array([0]), frozen: true });
    const greater = `${outputName}.greater`;
    node('Greater', [input, zero], greater, {}, 'greater');
    node('Cast', [greater], outputName, { to: onnxFloat });
  },
};
