import { describe, expect, test } from 'vitest';
import { layerDefinition, layerDefinitions } from '../../../../../../shared/layers';
import { compileNetwork } from '../../../../../../shared/network/compile';
import type { NetworkDocument } from '../../../../../../shared/network/document';
import type { Graph } from '../../../../../../shared/network/graph';
import { chain, networkTemplates } from '../../../../../../shared/network/templates';
import { Generator } from '../../../../../../shared/random/generator';
import { loadAddon } from '../../../../../../src-main/engine/addon';
import type { Host } from '../../../../../../src-main/scratchpad/host-line';
import { Kernel } from '../../../../../../src-main/scratchpad/kernel';
import { createTorch } from '../../../../../../src-main/scratchpad/torch/torch';

const engine = loadAddon();

/** A notebook whose project has this network. */
function notebookWith(
  network: NetworkDocument,
  inputShape: number[],
  change: (graph: Graph) => void = () => undefined,
) {
  const graph = compileNetwork(network, { inputShape, seed: 3 });
  change(graph);
  const kinds = Object.fromEntries(network.layers.map(({ id, kind }) => [id, kind]));
  const host = { ask: () => ({ graph, kinds, source: 'a test' }) } as unknown as Host;
  const kernel = new Kernel({ torch: createTorch(engine, { host }), output: () => undefined });
  const run = (code: string): string => {
    const outcome = kernel.run(code);
    if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value ?? '';
  };
  run('import torch, deltalab\nmodel = deltalab.load_network()');
  const given = () => ({
    dims: JSON.parse(run('list(x.shape)')) as number[],
    data: Float32Array.from(JSON.parse(run('x.flatten().tolist()')) as number[]),
  });
  return { graph, kernel, run, given };
}

type Values = 'any' | 'positive' | 'words';

/** The engine's own answer, and that of the module in the notebook. */
function answers({ graph, run }: ReturnType<typeof notebookWith>, values: Values = 'any'): [number[], number[]] {
  const dims = [3, ...(graph.inputs[0]?.dims.slice(1) ?? [])];
  const count = dims.reduce((product, size) => product * size, 1);
  const drawn = new Generator(4).randn(count);
  const data = drawn.map((value, i) => (values === 'words' ? i % 5 : values === 'positive' ? Math.abs(value) : value));
  const expected = engine.infer(graph, { input: { dims, data } }).output?.data ?? [];
  run(`x = torch.tensor(${JSON.stringify(Array.from(data))}).reshape(${JSON.stringify(dims)})`);
  const found = JSON.parse(run('model(x).detach().double().flatten().tolist()')) as number[];
  return [Array.from(expected, Number), found];
}

function expectEqual([expected, found]: [number[], number[]]): void {
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  found.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-6 * scale));
}

describe('every template answers as the engine does', () => {
  const target = { kind: 'classes', classes: ['a', 'b', 'c'], suggestedLoss: 'cross-entropy' } as never;
  const shapes = [[4], [1, 28, 28], [12, 5]];
  const cases = networkTemplates.flatMap((template) => {
    const inputShape = shapes.find((shape) => template.suits({ inputShape: shape, target }));
    return inputShape ? [{ id: template.id, inputShape, network: template.build({ inputShape, target }) }] : [];
  });
  test.each(cases)('$id', ({ inputShape, network }) => {
    expectEqual(answers(notebookWith(network, inputShape)));
  });
  test('most of them are there', () => {
    expect(cases.length).toBeGreaterThan(5);
  });
});

/** Layers of one input whose defaults fit an input of one of these shapes. */
const alone = [...layerDefinitions.values()].flatMap(({ kind, role, inputs: [least] }) => {
  if (role !== undefined || least > 1 || kind === 'operator') return [];
  const shape = [[6], [4, 6], [4, 6, 6]].find((input) => {
    try {
      compileNetwork(
        chain([
          ['input', {}],
          [kind, {}],
          ['output', {}],
        ]),
        { inputShape: input, seed: 1 },
      );
      return true;
    } catch {
      return false;
    }
  });
  return shape ? [{ kind, shape }] : [];
});

describe('every layer of the palette answers as the engine does', () => {
  test.each(alone)('$kind', ({ kind, shape }) => {
    const network = chain([
      ['input', {}],
      [kind, {}],
      ['output', {}],
    ]);
    const values = kind === 'embedding' ? 'words' : kind === 'sqrt' || kind === 'log' ? 'positive' : 'any';
    const notebook = notebookWith(network, shape);
    const [expected, found] = answers(notebook, values);
    expectEqual([expected, found]);
    // And is a network again.
    const again = notebook.kernel.network('model', { shape: null, inputs: null });
    if ('refused' in again) throw new Error(JSON.stringify(again.refused));
    const { dims, data } = notebook.given();
    const [output] = again.graph.outputs;
    const answer = engine.infer(again.graph, { input: { dims, data } })[output?.name ?? ''];
    expectEqual([expected, Array.from(answer?.data ?? [], Number)]);
  });
  test('those of several inputs are not among them', () => {
    const missing = [...layerDefinitions.keys()].filter(
      (kind) => !alone.some((one) => one.kind === kind) && layerDefinition(kind)?.role === undefined,
    );
    const several = ['add', 'concatenate', 'multiply', 'subtract', 'divide', 'maximum', 'minimum'];
    expect(missing.filter((kind) => kind !== 'operator')).toEqual(several);
  });
});

test('a network that is no chain', () => {
  const network = chain([
    ['input', {}],
    ['linear', { units: 4 }],
    ['tanh', {}],
    ['linear', { units: 4 }],
    ['add', {}],
    ['linear', { units: 2 }],
    ['output', {}],
  ]);
  network.edges.push({ from: 'tanh', to: 'add', port: 1 });
  const notebook = notebookWith(network, [4]);
  expectEqual(answers(notebook));
  expect(notebook.run('model')).toBe(`Network(
  (linear): Linear(in_features=4, out_features=4, bias=True)
  (tanh): Tanh()
  (linear_2): Linear(in_features=4, out_features=4, bias=True)
  (add): Add()
  (linear_3): Linear(in_features=4, out_features=2, bias=True)
)`);
});

test('prints its layers as PyTorch does', () => {
  const { run } = notebookWith(
    chain([
      ['input', {}],
      ['conv2d', { filters: 4, kernel: [3, 3] }],
      ['relu', {}],
      ['max-pool', {}],
      ['flatten', {}],
      ['dropout', { ratio: 0.25 }],
      ['linear', { units: 3 }],
      ['softmax', {}],
      ['output', {}],
    ]),
    [1, 8, 8],
  );
  expect(run('model')).toBe(`Sequential(
  (conv2d): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (relu): ReLU()
  (max_pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (flatten): Flatten(start_dim=1, end_dim=-1)
  (dropout): Dropout(p=0.25, inplace=False)
  (linear): Linear(in_features=64, out_features=3, bias=True)
  (softmax): Softmax(dim=-1)
)`);
  expect(run('model.training, model.source')).toBe("(False, 'a test')");
  expect(run('sorted(model.state_dict().keys())')).toBe(
    "['conv2d.bias', 'conv2d.weight', 'linear.bias', 'linear.weight']",
  );
});

test('weights that several layers share are one tensor, frozen ones require no gradient', () => {
  const network = chain([
    ['input', {}],
    ['linear', { units: 4 }],
    ['tanh', {}],
    ['linear', { units: 4 }],
    ['linear', { units: 2 }],
    ['output', {}],
  ]);
  const layers = network.layers.map((layer) => {
    if (layer.id === 'linear-2') return { ...layer, tied: { weight: 'linear.weight' } };
    return layer.id === 'linear-3' ? { ...layer, frozen: true } : layer;
  });
  const notebook = notebookWith({ ...network, layers }, [4]);
  expectEqual(answers(notebook));
  const { run } = notebook;
  expect(run('model.linear.weight is model.linear_2.weight')).toBe('True');
  expect(run('[name for name, p in model.named_parameters() if not p.requires_grad]')).toBe(
    "['linear_3.weight', 'linear_3.bias']",
  );
});

test('the program draws the numbers it would have drawn', () => {
  const { run } = notebookWith(
    chain([
      ['input', {}],
      ['linear', { units: 4 }],
      ['output', {}],
    ]),
    [4],
  );
  run(
    'torch.manual_seed(1)\na = torch.rand(3)\ntorch.manual_seed(1)\nmodel = deltalab.load_network()\nb = torch.rand(3)',
  );
  expect(run('torch.equal(a, b)')).toBe('True');
});
