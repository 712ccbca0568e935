import { scalar, scalarValue } from './constant-operand';
import type { LayerDefinition, ParameterDefinition } from './definition';
import { costOfOutput } from './sizes';

interface Operand {
  kind: string;
  opType: 'Add' | 'Mul' | 'Pow';
  label: LayerDefinition['label'];
  help: LayerDefinition['help'];
  formula: string;
  icon: string;
  parameter: ParameterDefinition & { type: 'number' };
  curve: (x: number, value: number) => number;
}

/** A layer that joins every value with one number that is chosen, not trained. */
export function operand({ opType, parameter, curve, ...names }: Operand): LayerDefinition {
  return {
    ...names,
    category: 'math',
    parameters: [parameter],
    inputs: [1, 1],
    hasOutput: true,
    curve: (x, values) => curve(x, Number(values[parameter.name])),
    shape: (_values, [input]) => input ?? [],
    cost: (_values, _inputs, output) => costOfOutput(output),
    emit({ parameters, inputNames: [input = ''], outputName, constant, node }) {
      node(opType, [input, constant(parameter.name, scalar(Number(parameters[parameter.name])))], outputName);
    },
    recognise(node, initializer) {
      if (node.opType !== opType) return null;
      const [first = '', second = ''] = node.inputs;
      // Sum and product may be written either way round.
      const value =
        scalarValue(initializer(second)) ?? (opType === 'Pow' ? undefined : scalarValue(initializer(first)));
      if (value === undefined) return null;
      const { minimum = -Infinity, maximum = Infinity } = parameter;
      return value >= minimum && value <= maximum ? { [parameter.name]: value } : null;
    },
  };
}
