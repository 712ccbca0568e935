import { describe, expect, it } from 'vitest';
import { layerCategories, layerDefinition, layerDefinitions } from '../../../../shared/layers';
import { isLayerIssue, type EmitContext, type Shape } from '../../../../shared/layers/definition';
import { checkParameters, defaultParameters } from '../../../../shared/layers/parameters';
import { elements } from '../../../../shared/layers/sizes';
import type { GraphNode, Initializer } from '../../../../shared/network/graph';
import { languages } from '../../../../shared/text';

const definitions = [...layerDefinitions.values()];
const between = definitions.filter(({ role }) => role === undefined);

/** As many inputs of [6] as the layer needs. */
function inputsOf(minimum: number): Shape[] {
  return Array.from({ length: minimum }, () => [6]);
}

function emitted(kind: string): { nodes: GraphNode[]; constants: Map<string, Initializer> } {
  const definition = layerDefinition(kind)!;
  const parameters = defaultParameters(definition);
  const inputs = inputsOf(definition.inputs[0]);
  const output = definition.shape(parameters, inputs) as Shape;
  const nodes: GraphNode[] = [];
  const constants = new Map<string, Initializer>();
  for (const weight of definition.weights?.(parameters, inputs) ?? []) {
    const name = `it.${weight.name}`;
    constants.set(name, { name, dims: weight.dims, data: new Float32Array(elements(weight.dims)) });
  }
  const context: EmitContext = {
    parameters,
    inputs,
    output,
    inputNames: inputs.map((_, port) => `in${port}`),
    outputName: 'out',
    weightName: (weight) => `it.${weight}`,
    constant(name, initializer) {
      constants.set(`it.${name}`, { name: `it.${name}`, ...initializer });
      return `it.${name}`;
    },
    node(opType, nodeInputs, nodeOutput, attributes = {}, suffix) {
      const name = suffix === undefined ? 'it' : `it.${suffix}`;
      nodes.push({ name, opType, inputs: nodeInputs, outputs: [nodeOutput], attributes });
    },
  };
  definition.emit?.(context);
  return { nodes, constants };
}

describe('the layer catalogue', () => {
  it('has these layers, in the order of the palette', () => {
    expect([...layerDefinitions.keys()].join(' ')).toBe(
      'input output linear relu leaky-relu elu sigmoid tanh softplus softmax step flatten reshape identity add',
    );
    const categories = layerCategories.map(({ category }) => category);
    const positions = definitions.map(({ category }) => categories.indexOf(category));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(layerDefinition('constructor')).toBeUndefined();
  });

  it.each(definitions.map((definition) => [definition.kind, definition] as const))(
    '%s explains itself in every language and has sound parameters',
    (_kind, definition) => {
      const texts = [
        definition.label,
        definition.help,
        ...definition.parameters.flatMap((parameter) => [
          parameter.label,
          parameter.help,
          ...(parameter.type === 'choice' ? parameter.choices.map(({ label }) => label) : []),
        ]),
      ];
      for (const text of texts) {
        for (const language of languages) expect(text[language].trim()).not.toBe('');
      }
      for (const language of languages) expect(definition.help[language]).toMatch(/[.].*[.]$/);
      expect(definition.help.ru).toMatch(/[а-я]/i);
      expect(new Set(definition.parameters.map(({ name }) => name)).size).toBe(definition.parameters.length);
      expect(checkParameters(definition, defaultParameters(definition))).toEqual([]);
      for (const parameter of definition.parameters) {
        if (parameter.type !== 'integer' && parameter.type !== 'number') continue;
        expect(parameter.minimum).toBeLessThanOrEqual(parameter.default);
        expect(parameter.maximum).toBeGreaterThanOrEqual(parameter.default);
      }
    },
  );

  it.each(between.map(({ kind }) => kind))(
    '%s emits nodes from its inputs to its output, named as the layer',
    (kind) => {
      const { nodes, constants } = emitted(kind);
      const known = new Set(['in0', 'in1', ...constants.keys()]);
      for (const node of nodes) {
        for (const input of node.inputs) expect(known).toContain(input);
        for (const output of node.outputs) known.add(output);
      }
      expect(nodes.at(-1)).toMatchObject({ name: 'it', outputs: ['out'] });
      const used = new Set(nodes.flatMap(({ inputs }) => inputs));
      for (const name of constants.keys()) expect(used).toContain(name);
    },
  );

  it.each(between.filter(({ recognise }) => recognise).map(({ kind }) => kind))(
    '%s recognises its own node and no other layer’s',
    (kind) => {
      const definition = layerDefinition(kind)!;
      const { nodes, constants } = emitted(kind);
      expect(nodes).toHaveLength(1);
      const initializer = (name: string) => constants.get(name);
      const parameters = definition.recognise!(nodes[0]!, initializer);
      expect(parameters).not.toBeNull();
      expect(
        definition.shape({ ...defaultParameters(definition), ...parameters }, inputsOf(definition.inputs[0])),
      ).toEqual(definition.shape(defaultParameters(definition), inputsOf(definition.inputs[0])));
      for (const other of between.filter((candidate) => candidate !== definition)) {
        expect(other.recognise?.(nodes[0]!, initializer) ?? null).toBeNull();
      }
    },
  );

  it.each(definitions.filter(({ weights }) => weights).map(({ kind }) => kind))(
    '%s counts as many parameters as it has weights',
    (kind) => {
      const definition = layerDefinition(kind)!;
      const parameters = defaultParameters(definition);
      const inputs = inputsOf(definition.inputs[0]);
      const output = definition.shape(parameters, inputs);
      expect(isLayerIssue(output)).toBe(false);
      const weights = definition.weights!(parameters, inputs);
      const count = weights.reduce((sum, { dims }) => sum + elements(dims), 0);
      expect(definition.cost(parameters, inputs, output as Shape).parameters).toBe(count);
    },
  );
});

describe('curves', () => {
  const at = (kind: string, x: number) => {
    const definition = layerDefinition(kind)!;
    return definition.curve!(x, defaultParameters(definition));
  };

  it('follow the formulas', () => {
    expect(at('relu', -2)).toBe(0);
    expect(at('relu', 2)).toBe(2);
    expect(at('leaky-relu', -2)).toBeCloseTo(-0.02, 12);
    expect(at('elu', -1)).toBeCloseTo(Math.exp(-1) - 1, 12);
    expect(at('sigmoid', 0)).toBe(0.5);
    expect(at('tanh', 1)).toBeCloseTo(0.761594155955765, 12);
    expect(at('softplus', 0)).toBeCloseTo(Math.LN2, 12);
    expect(at('softplus', 800)).toBe(800);
    expect(at('step', 0)).toBe(0);
    expect(at('step', 0.1)).toBe(1);
  });
});
