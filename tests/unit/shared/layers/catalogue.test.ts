import { describe, expect, it } from 'vitest';
import { layerCategories, layerDefinition, layerDefinitions } from '../../../../shared/layers';
import { checkParameters, defaultParameters, parameterValues } from '../../../../shared/layers/parameters';
import { elements } from '../../../../shared/layers/sizes';
import { GraphIndex, matchLayer } from '../../../../shared/network/match';
import { languages } from '../../../../shared/text';
import { emitted, samplesOf, type Sample } from './samples';

const definitions = [...layerDefinitions.values()];
const between = definitions.filter(({ role }) => role === undefined);

const samples = between.flatMap(samplesOf);
const title = ({ kind, given, inputs }: Sample) => `${kind} ${JSON.stringify(given)} on ${inputs.join(' and ')}`;

describe('the layer catalogue', () => {
  it('has these layers, in the order of the palette', () => {
    expect([...layerDefinitions.keys()].join(' ')).toBe(
      [
        'input output linear linear-steps',
        'conv2d conv1d conv-transpose2d conv-transpose1d',
        'max-pool average-pool global-max-pool global-average-pool',
        'batch-norm layer-norm group-norm instance-norm dropout',
        'relu leaky-relu prelu elu selu gelu mish hard-swish',
        'sigmoid hard-sigmoid tanh softsign softplus softmax log-softmax step',
        'embedding rnn lstm gru attention',
        'flatten reshape permute slice pad identity',
        'add concatenate multiply subtract divide maximum minimum',
        'scale shift power clip abs negate sqrt log exp reduce',
      ].join(' '),
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

  it('has a sample of every layer', () => {
    expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(between.map(({ kind }) => kind)));
  });

  it.each(samples.map((sample) => [title(sample), sample] as const))(
    '%s: nodes from its inputs to its output, named as the layer',
    (_title, sample) => {
      const { nodes, constants } = emitted(sample);
      const known = new Set(['', ...sample.inputs.map((_, port) => `in${port}`), ...constants.keys()]);
      for (const node of nodes) {
        for (const input of node.inputs) expect(known).toContain(input);
        for (const output of node.outputs) known.add(output);
      }
      expect(nodes.at(-1)).toMatchObject({ name: 'it', outputs: ['out'] });
      expect(new Set(nodes.map(({ name }) => name)).size).toBe(nodes.length);
      const used = new Set(nodes.flatMap(({ inputs }) => inputs));
      for (const name of constants.keys()) expect(used).toContain(name);
    },
  );

  it.each(
    samples.filter(({ kind }) => layerDefinition(kind)?.recognise).map((sample) => [title(sample), sample] as const),
  )('%s is recognised by its nodes alone', (_title, sample) => {
    const definition = layerDefinition(sample.kind)!;
    const { nodes, constants } = emitted(sample);
    const index = new GraphIndex({
      name: 'it',
      nodes,
      initializers: [...constants.values()],
      inputs: [],
      outputs: [{ name: 'out', dims: [-1, ...sample.output] }],
    });
    const shapes = new Map(sample.inputs.map((shape, port) => [`in${port}`, shape]));
    const key = nodes.find((node) => definition.recognise!(node, (name) => constants.get(name)))!;
    const match = matchLayer(index, key, shapes)!;
    expect(match).toMatchObject({ kind: sample.kind, output: 'out', shape: sample.output });
    expect(match.inputs).toEqual(sample.inputs.map((_, port) => `in${port}`));
    expect(new Set(match.nodes)).toEqual(new Set(nodes));
    for (const [weight, name] of match.weights) expect(name).toBe(`it.${weight}`);
    const given = { ...parameterValues(definition, sample.given), ...match.parameters };
    expect(emitted({ ...sample, given })).toEqual({ nodes, constants });
  });

  it.each(
    samples.filter(({ kind }) => layerDefinition(kind)?.weights).map((sample) => [title(sample), sample] as const),
  )('%s counts as many parameters as it has weights', (_title, { kind, given, inputs, output }) => {
    const definition = layerDefinition(kind)!;
    const parameters = parameterValues(definition, given);
    const weights = definition.weights!(parameters, inputs).filter(({ running }) => !running);
    const count = weights.reduce((sum, { dims }) => sum + elements(dims), 0);
    expect(definition.cost(parameters, inputs, output).parameters).toBe(count);
  });
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
    expect(at('prelu', -2)).toBe(-0.5);
    expect(at('selu', -1)).toBeCloseTo(-1.1113307378125625, 10);
    expect(at('gelu', 1)).toBeCloseTo(0.8413447460685429, 3);
    expect(at('mish', 1)).toBeCloseTo(0.8650983882673103, 10);
    expect(at('hard-swish', 1)).toBeCloseTo(2 / 3, 12);
    expect(at('hard-sigmoid', 1)).toBeCloseTo(0.7, 12);
    expect(at('softsign', -1)).toBe(-0.5);
    expect([at('clip', -1), at('clip', 0.5), at('clip', 3)]).toEqual([0, 0.5, 1]);
    expect(at('step', 0)).toBe(0);
    expect(at('step', 0.1)).toBe(1);
  });
});
