import type { AttributeValue } from '../network/graph';
import type { Text } from '../text';
import { hasNoWeights } from './block';
import type { LayerDefinition, LayerDisguises, ParameterDefinition, ParameterValues } from './definition';
import { costOfOutput } from './sizes';

interface Activation {
  kind: string;
  /** ONNX operator; its float and string attributes are the parameters, by the same names. */
  opType: string;
  label: Text;
  help: Text;
  formula: string;
  icon: string;
  /** activation unless told. */
  category?: LayerDefinition['category'];
  parameters?: (ParameterDefinition & { type: 'number' | 'choice' })[];
  /** Attributes beside the parameters. */
  attributes?: Record<string, AttributeValue>;
  /** Operators by which others write it out, with the parameters each stands for. */
  writtenWith?: Record<string, ParameterValues>;
  containedInLoss?: LayerDefinition['containedInLoss'];
  curve?: LayerDefinition['curve'];
}

/** A layer that is one ONNX operator from a tensor to a tensor of the same shape. */
export function activation({
  opType,
  attributes = {},
  parameters = [],
  writtenWith,
  ...rest
}: Activation): LayerDefinition {
  return {
    category: 'activation',
    ...rest,
    parameters,
    inputs: [1, 1],
    hasOutput: true,
    shape: (_parameters, [input]) => input ?? [],
    cost: (_parameters, _inputs, output) => costOfOutput(output),
    emit({ parameters: values, inputNames, outputName, node }) {
      const own = Object.fromEntries(
        parameters.map(({ name, type }) => [name, type === 'choice' ? String(values[name]) : Number(values[name])]),
      );
      node(opType, inputNames, outputName, { ...attributes, ...own });
    },
    recognise(node) {
      if (node.opType !== opType) return null;
      for (const [name, value] of Object.entries(attributes))
        if ((node.attributes[name] ?? value) !== value) return null;
      const values: ParameterValues = {};
      for (const parameter of parameters) {
        const value = node.attributes[parameter.name];
        values[parameter.name] = typeof value === 'number' || typeof value === 'string' ? value : parameter.default;
      }
      return values;
    },
    ...(writtenWith && { disguises: [writtenOut(new Map(Object.entries(writtenWith)))] }),
  };
}

function writtenOut(operators: ReadonlyMap<string, ParameterValues>): LayerDisguises {
  return {
    key: ({ opType }) => operators.has(opType),
    guess(block) {
      if (block.nodes.length === 1 || !hasNoWeights(block)) return [];
      const found = [...operators].filter(([name]) => block.nodes.some(({ opType }) => opType === name));
      return found.map(([, parameters]) => ({ parameters, weights: {} }));
    },
  };
}
