import { LabError } from '../../shared/errors';
import type { Graph, Initializer } from '../../shared/network/graph';
import type { EngineOperator, Tensor } from '../engine/native';

import { countValues } from './tensor';
import type { ParsedModel } from './model';
import { modernise } from './opset';
import { isIntegerType, type ModelPort } from './ports';

/** Which inputs of an operator the engine takes as constants only (the shape of a Reshape, the bounds of a Clip), by place. */
export type ConstantInputs = (operator: string) => readonly number[];

export function constantInputsOf(operators: readonly EngineOperator[]): ConstantInputs {
  const places = new Map(operators.map(({ opType, constants }) => [opType, constants]));
  // Resize's old name.
  places.set('Upsample', places.get('Resize') ?? []);
  return (operator) => places.get(operator) ?? [];
}

/** A model whose inputs are arrays now: what the engine computes, and the outputs that need no computing. */
export interface BoundModel {
  graph: Graph;
  inputs: Record<string, Tensor>;
  /** Outputs that are constants, by name. */
  constants: Record<string, Tensor>;
}

/**
 * Gives a model its inputs. Whole numbers, truth values and whatever an operator takes as a constant become constants of the graph; what
 * is left keeps its place among the inputs, with the shape of its array. Only then are the nodes brought to today's form.
 */
export function bindInputs(
  model: ParsedModel,
  given: Record<string, Tensor>,
  constantInputs: ConstantInputs,
): BoundModel {
  const { file } = model;
  const expected = model.inputs.map(({ name }) => name);
  const names = Object.keys(given);
  if (names.length !== expected.length || expected.some((name) => !Object.hasOwn(given, name)))
    throw new LabError('model.input-names', {
      file,
      expected: expected.length > 0 ? expected : '–',
      given: names.length > 0 ? names : '–',
    });
  const fixed = new Set(
    model.graph.nodes.flatMap(({ opType, inputs }) => constantInputs(opType).map((place) => inputs[place] ?? '')),
  );
  const bound: Initializer[] = [];
  const inputs: Record<string, Tensor> = {};
  const shapes = new Map(model.shapes);
  for (const port of model.inputs) {
    const tensor = typed(port, given[port.name] ?? { dims: [], data: new Float32Array() }, file);
    shapes.set(port.name, tensor.dims);
    if (isIntegerType(port.type) || fixed.has(port.name)) bound.push({ name: port.name, ...tensor, frozen: true });
    else inputs[port.name] = tensor;
  }
  const graph: Graph = {
    ...model.graph,
    initializers: [...model.graph.initializers, ...bound],
    inputs: Object.entries(inputs).map(([name, { dims }]) => ({ name, dims })),
  };
  const today = modernise({ ...model, graph, shapes });
  const ready = new Map(today.initializers.map((item) => [item.name, item]));
  const constants = Object.fromEntries(
    today.outputs.flatMap(({ name }) => {
      const value = ready.get(name);
      return value ? [[name, { dims: value.dims, data: value.data }] as const] : [];
    }),
  );
  return { graph: { ...today, outputs: today.outputs.filter(({ name }) => !ready.has(name)) }, inputs, constants };
}

/** The outputs in the model's order and types: an index or a mask comes from the engine as float32. */
export function typedOutputs(
  model: ParsedModel,
  computed: Record<string, Tensor>,
): { port: ModelPort; tensor: Tensor }[] {
  return model.outputs.map((port) => {
    const tensor = computed[port.name];
    if (!tensor) throw new LabError('model.output-missing', { file: model.file, name: port.name });
    if (!isIntegerType(port.type) || tensor.data instanceof BigInt64Array) return { port, tensor };
    return {
      port,
      tensor: { dims: tensor.dims, data: BigInt64Array.from(tensor.data, (value) => BigInt(Math.round(value))) },
    };
  });
}

/** An array as the type its input has; whole numbers may be given where float32 is wanted, as long as they stay what they are. */
function typed({ name, type, dims }: ModelPort, tensor: Tensor, file: string): Tensor {
  const fits =
    !dims ||
    (dims.length === tensor.dims.length &&
      dims.every((size, at) => typeof size !== 'number' || size === tensor.dims[at]));
  if (!fits)
    throw new LabError('model.input-shape-given', {
      file,
      name,
      wanted: dims.map((size) => size || '?').join(', '),
      given: tensor.dims.join(', '),
    });
  if (type !== 'float32' && !isIntegerType(type)) throw new LabError('model.input-type', { file, name, type });
  if (isIntegerType(type) === tensor.data instanceof BigInt64Array) return tensor;
  const count = countValues(tensor.dims) ?? 0;
  const wrong = new LabError('model.input-type-given', { file, name, wanted: type });
  if (tensor.data instanceof Float32Array) throw wrong;
  const data = new Float32Array(count);
  for (const [index, value] of tensor.data.entries()) {
    data[index] = Number(value);
    if (BigInt(data[index] ?? 0) !== value) throw wrong;
  }
  return { dims: tensor.dims, data };
}
