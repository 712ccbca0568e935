import type { LayerDefinition, ParameterValues, Shape } from '../layers/definition';
import type { GraphNode, Initializer } from './graph';

export interface EmitOptions {
  /** The layer's id: names of nodes and initializers begin with it. */
  id: string;
  parameters: ParameterValues;
  inputs: Shape[];
  output: Shape;
  inputNames: string[];
  outputName: string;
  /** What weights are called that are kept under another name than the layer's. */
  weightNames?: ReadonlyMap<string, string>;
}

/** A layer's ONNX nodes and constants; its weights are only named. */
export function emitLayer(
  definition: LayerDefinition,
  { id, weightNames, ...options }: EmitOptions,
): { nodes: GraphNode[]; constants: Initializer[] } {
  const nodes: GraphNode[] = [];
  const constants: Initializer[] = [];
  definition.emit?.({
    ...options,
    weightName: (weight) => weightNames?.get(weight) ?? `${id}.${weight}`,
    constant(name, initializer) {
      constants.push({ name: `${id}.${name}`, ...initializer });
      return `${id}.${name}`;
    },
    node(opType, inputs, output, attributes = {}, suffix) {
      const name = suffix === undefined ? id : `${id}.${suffix}`;
      nodes.push({ name, opType, inputs, outputs: Array.isArray(output) ? output : [output], attributes });
    },
  });
  return { nodes, constants };
}
