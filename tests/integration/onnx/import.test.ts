import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenProject } from '../../../shared/api/contract';
import { layerDefinition } from '../../../shared/layers';
import { parameterValues } from '../../../shared/layers/parameters';
import { compileNetwork } from '../../../shared/network/compile';
import type { Layer, NetworkDocument } from '../../../shared/network/document';
import type { Graph } from '../../../shared/network/graph';
import { networkTemplates, type TemplateContext } from '../../../shared/network/templates';
import { importNotes } from '../../../shared/errors/import-notes';
import { languages } from '../../../shared/text';
import type { Tensor } from '../../../src-main/engine/native';
import { runModel } from '../../../src-main/onnx/run';
import { networkWeights } from '../../../src-main/lab/network-weights';
import { encodeModel } from '../../../src-main/onnx/encode';
import { deltalab } from '../support/cli';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';
import { addGraph, branchGraph, lstmStatesGraph } from './graphs';

let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

let count = 0;
async function importGraph(graph: Graph, opset?: number): Promise<{ project: OpenProject; operators: number }> {
  const path = join(lab.home, `model-${(count += 1)}.onnx`);
  writeFileSync(path, encodeModel(graph, { opset }));
  const { project, report } = await lab.lab.call('models.import', { path });
  return { project, operators: report.operators };
}

/** What the layers are, whatever their ids and places. */
function summary({ layers, edges }: NetworkDocument): unknown[] {
  const kinds = new Map(layers.map(({ id, kind }) => [id, kind]));
  const described = layers.map(({ kind, parameters, frozen }: Layer) => {
    const definition = layerDefinition(kind);
    if (!definition || kind === 'input') return [kind];
    const values = parameterValues(definition, parameters);
    // How values are drawn is no part of a file.
    const drawn = Object.keys(values).filter((name) =>
      /initialiser|drawOrder|Low|High|Value|Deviation|Gain/i.test(name),
    );
    return [
      kind,
      Object.fromEntries(Object.entries(values).filter(([name]) => !drawn.includes(name))),
      frozen ?? false,
    ];
  });
  return [...described, ...edges.map(({ from, to, port }) => `${kinds.get(from)} → ${kinds.get(to)} ${port}`).sort()];
}

/** The compiled graph of an imported project, with its weights. */
async function compiled({ path, document }: OpenProject, inputShape: readonly number[]): Promise<Graph> {
  const weights = await networkWeights(path, document.network);
  return compileNetwork(document.network, { inputShape, seed: 99, weights });
}

async function answers(graph: Graph, inputShape: readonly number[]): Promise<Float32Array> {
  const size = inputShape.reduce((product, length) => product * length, 1);
  const inputs = Float32Array.from({ length: 5 * size }, (_, index) => Math.sin(index * 12.9898) * 2);
  return lab.lab.compute.outputs(graph, inputs, 5);
}

const contexts = [[6], [1, 28, 28], [12, 3]].map((inputShape): TemplateContext => ({
  inputShape,
  target: {
    kind: 'classes',
    balance: { training: [], validation: [], test: [] },
    classes: ['a', 'b', 'c'],
    suggestedLoss: 'cross-entropy',
  },
}));
const templates = networkTemplates.flatMap((template) => {
  const context = contexts.find((candidate) => template.suits(candidate));
  return context ? [{ id: template.id, context, template }] : [];
});

describe('what is exported is imported as the same layers, with the same answers bit for bit', () => {
  test.each(templates.map((item) => [item.id, item] as const))('template %s', async (_id, { template, context }) => {
    const network = template.build(context);
    const inputShape = context.inputShape ?? [];
    const graph = compileNetwork(network, { inputShape, seed: 7 });
    const { project, operators } = await importGraph(graph);
    expect(operators).toBe(0);
    expect(summary(project.document.network)).toEqual(summary(network));
    const again = await compiled(project, inputShape);
    expect(await answers(again, inputShape)).toEqual(await answers(graph, inputShape));
  });

  test.each(['lecture-regression', 'xor', 'two-spirals', 'iris', 'digits'])('example %s', async (example) => {
    const original = await createExample(lab, example);
    const { network } = original.document;
    const data = await lab.lab.call('data.summary', { project: original.id });
    const inputShape = data?.inputShape ?? [];
    const graph = compileNetwork(network, { inputShape, seed: 7 });
    const { project } = await importGraph(graph);
    expect(project.document.network.layers.map(({ id }) => id).sort()).toEqual(
      network.layers.map(({ id }) => id).sort(),
    );
    expect(summary(project.document.network)).toEqual(summary(network));
    expect(await answers(await compiled(project, inputShape), inputShape)).toEqual(await answers(graph, inputShape));
  });
});

test('an imported network trains from the weights of the file', async () => {
  const original = await createExample(lab, 'iris');
  const data = await lab.lab.call('data.summary', { project: original.id });
  const inputShape = data?.inputShape ?? [];
  const graph = compileNetwork(original.document.network, { inputShape, seed: 1234 });
  const { project } = await importGraph(graph);
  const document = {
    ...project.document,
    data: original.document.data,
    training: { ...original.document.training, epochs: 3 },
  };
  const file = original.document.data.kind === 'table' ? original.document.data.path : '';
  mkdirSync(join(project.path, 'data'), { recursive: true });
  writeFileSync(join(project.path, file), readFileSync(join(original.path, file)));
  await lab.lab.call('projects.update', { project: project.id, revision: project.revision, document });
  const started = await lab.lab.call('experiments.start', { project: project.id });
  await untilState(lab, { project: project.id, experiment: started.id }, 'finished');
  // The same training, begun from the same weights by drawing them.
  const drawn = { ...original.document, training: { ...document.training, seed: 1234 } };
  const other = await lab.lab.call('experiments.start', { project: original.id, document: drawn });
  await untilState(lab, { project: original.id, experiment: other.id }, 'finished');
  const series = async (owner: string, experiment: string) =>
    (await lab.lab.call('experiments.series', { project: owner, experiment, lane: 'lane-1' }))[0]?.training.loss;
  // Before the first step; the order of the samples depends on the seed.
  expect(await series(project.id, started.id)).toBe(await series(original.id, other.id));

  writeFileSync(
    join(project.path, 'weights.onnx'),
    encodeModel(compileNetwork(original.document.network, { inputShape, seed: 5 })),
  );
  await expect(lab.lab.call('experiments.start', { project: project.id })).rejects.toMatchObject({
    code: 'project.weights-changed',
  });
});

describe('what is no layer stays as operators', () => {
  test('constants in the middle, a branch, an old operator set', async () => {
    const graph = addGraph();
    const { project, operators } = await importGraph(graph, 13);
    expect(operators).toBe(1);
    const again = await compiled(project, [3]);
    expect(await answers(again, [3])).toEqual(await answers(graph, [3]));
    const trained = again.initializers.filter(({ data, frozen }) => data instanceof Float32Array && !frozen);
    expect(trained.map(({ dims }) => dims)).toEqual([[3]]);
  });

  test('several outputs of one node', async () => {
    const graph = branchGraph();
    const { project } = await importGraph(graph);
    expect(project.document.network.layers.map(({ kind }) => kind)).toContain('operator-output');
    expect(await answers(await compiled(project, [6]), [6])).toEqual(await answers(graph, [6]));
  });

  test('a state that only an output behind the first gives', async () => {
    const graph = lstmStatesGraph();
    const { project } = await importGraph(graph);
    expect(await answers(await compiled(project, [4, 3]), [4, 3])).toEqual(await answers(graph, [4, 3]));
  });
});

describe('a model of several inputs and outputs, between one of each', () => {
  const path = join(import.meta.dirname, '../../golden/onnx/several-ends.onnx');
  const rows = 5;
  const columns: [string, number[]][] = [
    ['row', [3]],
    ['steps', [4, 2]],
    ['words', [6]],
  ];
  const values = (shape: number[], name: string): Float32Array =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, rows) }, (_, index) =>
      name === 'words' ? (index * 3) % 7 : Math.sin(index * 12.9898 + shape.length),
    );
  const given = Object.fromEntries(
    columns.map(([name, shape]) => {
      const data = values(shape, name);
      const tensor: Tensor = {
        dims: [rows, ...shape],
        data: name === 'words' ? BigInt64Array.from(data, BigInt) : data,
      };
      return [name, tensor];
    }),
  );
  /** The same, side by side in each row. */
  const joined = (names: string[]): Float32Array => {
    const parts = columns.filter(([name]) => names.includes(name));
    return Float32Array.from(
      Array.from({ length: rows }, (_, row) =>
        parts.flatMap(([name, shape]) => {
          const size = shape.reduce((a, b) => a * b, 1);
          return [...values(shape, name).subarray(row * size, (row + 1) * size)];
        }),
      ).flat(),
    );
  };

  test.each([
    ['scores', 17, ['row', 'steps', 'words'], 'scores', null],
    ['number', 3, ['row'], 'number', null],
    // The place of the best score cannot be trained: the scores can.
    ['best', 17, ['row', 'steps', 'words'], 'scores', { operator: 'ArgMax', values: 'scores' }],
  ] as const)('%s', async (output, width, used, reference, answer) => {
    const { project, report } = await lab.lab.call('models.import', {
      path,
      output: output === 'scores' ? null : output,
    });
    const inputs = columns.filter(([name]) => used.some((it) => it === name));
    const sizes = inputs.map(([name, shape]) => ({ name, size: shape.reduce((a, b) => a * b, 1) }));
    expect(report).toMatchObject({
      operators: 0,
      output,
      droppedOutputs: ['scores', 'number', 'best'].filter((name) => name !== output),
      unusedInputs: columns.map(([name]) => name).filter((name) => !used.some((it) => it === name)),
      answer,
      inputs:
        inputs.length === 1
          ? []
          : sizes.map(({ name, size }, at) => ({
              name,
              size,
              from: sizes.slice(0, at).reduce((sum, before) => sum + before.size, 0),
            })),
    });
    const expected = (await runModel(readFileSync(path), given))[reference];
    const actual = await lab.lab.compute.outputs(await compiled(project, [width]), joined([...used]), rows);
    expect(actual).toHaveLength(expected?.data.length ?? 0);
    for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(Number(expected?.data[index]), 5);
    for (const language of languages) {
      const notes = importNotes(report, language);
      expect(notes.length).toBeGreaterThan(0);
      expect(notes.join(' ')).not.toMatch(/[{}]/);
    }
  });
});

describe('nothing is half-imported', () => {
  const projects = () => (existsSync(join(lab.home, 'projects')) ? readdirSync(join(lab.home, 'projects')) : []);

  test('operators the engine lacks are named, all at once, each with its node', async () => {
    const graph = addGraph();
    const node = { inputs: ['input'], attributes: {} };
    const path = join(lab.home, 'unknown.onnx');
    const nodes = [
      { name: 'loop', opType: 'Loop', outputs: ['a'], ...node },
      { name: 'sine', opType: 'Sinh', outputs: ['b'], ...node },
    ];
    writeFileSync(path, encodeModel({ ...graph, nodes: [...nodes, ...graph.nodes] }));
    const before = projects();
    await expect(lab.lab.call('models.import', { path })).rejects.toMatchObject({
      code: 'model.operators',
      details: { count: 2, nodes: ['Loop (loop)', 'Sinh (sine)'] },
    });
    expect(projects()).toEqual(before);
  });

  test('a file that is no model, a folder that is not empty, an output that is not there', async () => {
    const path = join(lab.home, 'broken.onnx');
    writeFileSync(path, 'no model');
    const before = projects();
    await expect(lab.lab.call('models.import', { path })).rejects.toMatchObject({ code: 'model.not-onnx' });
    await expect(lab.lab.call('models.import', { path, folder: lab.home })).rejects.toMatchObject({
      code: 'project.folder-not-empty',
    });
    writeFileSync(path, encodeModel(addGraph()));
    await expect(lab.lab.call('models.import', { path, output: 'other' })).rejects.toMatchObject({
      code: 'model.output-unknown',
      details: { name: 'other', names: ['output'] },
    });
    expect(projects()).toEqual(before);
  });
});

test('deltalab import makes the folder and says what came of it', async () => {
  const home = join(lab.home, 'cli');
  mkdirSync(home);
  const path = join(home, 'net.onnx');
  writeFileSync(path, encodeModel(addGraph()));
  const folder = join(home, 'made');
  const { code, out, err } = await deltalab(['import', path, folder], { home });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('1 as operator nodes');
  expect(readdirSync(folder).sort()).toEqual(['project.json', 'weights.onnx']);
  const again = await deltalab(['import', path, folder], { home });
  expect(again.code).toBe(1);
  expect(again.err).toContain('already holds files');
});
