import { describe, expect, it } from 'vitest';
import { errorMessage } from '../../../../shared/errors';
import { checkNetwork, hasErrors } from '../../../../shared/network/check';
import type { NetworkDocument } from '../../../../shared/network/document';
import { applyFix } from '../../../../shared/network/fix';
import { languages } from '../../../../shared/text';
import { layer, network, oneNumber, sequence, threeClasses } from './builders';

const iris = { inputShape: [4], target: threeClasses, loss: null };
const line = { inputShape: [1], target: oneNumber, loss: null };

function codes(document: NetworkDocument, context: Parameters<typeof checkNetwork>[1] = iris) {
  return checkNetwork(document, context).issues.map(
    (issue) => `${issue.layer ?? '-'} ${issue.code.replace('network.', '')}`,
  );
}

/** Applies every fix on offer, one after another, until none is left. */
function repaired(document: NetworkDocument, context: Parameters<typeof checkNetwork>[1] = iris) {
  let result = document;
  for (let round = 0; round < 20; round++) {
    const fix = checkNetwork(result, context).issues.find((issue) => issue.fix)?.fix;
    if (!fix) return result;
    result = applyFix(result, fix);
  }
  throw new Error('the fixes do not come to an end');
}

describe('checkNetwork', () => {
  it('finds nothing wrong with 4-16-3 on iris and knows its shapes and costs', () => {
    const check = checkNetwork(sequence('input linear:16 relu linear:3 output'), iris);
    expect(check.issues).toEqual([]);
    expect(check.order).toEqual(['input', 'linear', 'relu', 'linear-2', 'output']);
    expect(check.shapes['linear-2']).toEqual({ inputs: [[16]], output: [3] });
    expect(check.shapes.output).toEqual({ inputs: [[3]], output: [3] });
    expect(check.costs.linear).toEqual({ parameters: 80, multiplyAdds: 64, activationBytes: 64 });
    expect(check.total).toEqual({ parameters: 80 + 51, multiplyAdds: 64 + 48, activationBytes: 4 * (4 + 16 + 16 + 3) });
  });

  it('says what an empty network needs', () => {
    expect(codes({ layers: [], edges: [] })).toEqual(['- empty']);
  });

  it('names the layers of a cycle and removes the connection drawn last', () => {
    const layers = [layer('input'), layer('linear'), layer('relu'), layer('output')];
    const cyclic = network(layers, 'input>linear relu>output linear>relu relu>linear');
    const check = checkNetwork(cyclic, { ...iris, inputShape: [3] });
    const cycle = check.issues.find(({ code }) => code === 'network.cycle');
    expect(cycle).toMatchObject({ layer: 'linear', details: { layers: ['linear', 'relu'] } });
    expect(check.issues.map(({ code }) => code)).toContain('network.port-taken');
    expect(check.shapes.output?.output).toBeNull();
    const fixed = applyFix(cyclic, cycle!.fix!);
    expect(fixed.edges).not.toContainEqual({ from: 'relu', to: 'linear', port: 0 });
  });

  it('sees a layer connected to itself as a cycle', () => {
    const self = network([layer('input'), layer('add'), layer('output')], 'input>add add>add.1 add>output');
    expect(codes(self)).toContain('add cycle');
  });

  it('reports open ports of what leads to the output, and dead branches as warnings', () => {
    const layers = [
      layer('input'),
      layer('linear', 'linear', { units: 3 }),
      layer('add'),
      layer('tanh'),
      layer('output'),
    ];
    const open = network(layers, 'input>linear linear>add linear>tanh add>output');
    const check = checkNetwork(open, iris);
    expect(check.issues).toEqual([
      { layer: 'add', severity: 'error', code: 'network.unconnected', details: { layer: 'add', port: 2 } },
      { layer: 'tanh', severity: 'warning', code: 'network.dead-branch', details: { layer: 'tanh' } },
    ]);
    expect(check.live).not.toContain('tanh');
  });

  it('refuses a second edge into a port, ports that are not there, and edges to nowhere', () => {
    const layers = [layer('input'), layer('linear', 'linear', { units: 3 }), layer('tanh'), layer('output')];
    const wrong = network(
      layers,
      'input>linear linear>output input>tanh tanh>output linear>tanh.4 output>tanh ghost>linear',
    );
    expect(codes(wrong)).toEqual([
      'output port-taken',
      'tanh port-unknown',
      'tanh edge-from-output',
      'linear edge-unknown-layer',
    ]);
    expect(codes(repaired(wrong))).toEqual(['tanh dead-branch']);
  });

  it('wants one input and one output', () => {
    expect(codes(sequence('linear:3 relu'))).toEqual(['- no-input', '- no-output', 'linear unconnected']);
    expect(codes(repaired(sequence('linear:3 relu')))).toEqual([]);
    const twice = network(
      [
        layer('input'),
        layer('input-2', 'input'),
        layer('linear', 'linear', { units: 3 }),
        layer('output'),
        layer('output-2', 'output'),
      ],
      'input>linear linear>output linear>output-2',
    );
    expect(codes(twice)).toEqual(['input-2 several-inputs', 'output-2 several-outputs', 'input-2 dead-branch']);
    expect(codes(repaired(twice))).toEqual([]);
  });

  it('names unknown kinds, duplicate ids and bad parameters', () => {
    const layers = [
      layer('input'),
      layer('x', 'quantum'),
      layer('linear', 'linear', { units: 0, neurons: 4 }),
      layer('output'),
    ];
    const check = checkNetwork(network(layers, 'input>x x>linear linear>output'), iris);
    expect(check.issues.map(({ code }) => code)).toEqual([
      'network.unknown-kind',
      'network.parameter-unknown',
      'network.parameter-integer',
    ]);
    expect(check.issues[0]?.details).toEqual({ layer: 'x', kind: 'quantum' });
    expect(codes({ layers: [...layers, layer('x', 'relu')], edges: [] })).toContain('x duplicate-layer');
  });

  it('says nothing of the shape of an output whose id is taken', () => {
    const layers = [layer('same', 'input'), layer('linear', 'linear', { units: 4 }), layer('same', 'output')];
    expect(codes(network(layers, 'linear>same'))).not.toContain('same output-size-classes');
  });

  it('names the layer, what it got and what it wants, and offers a Flatten', () => {
    const images = { ...iris, inputShape: [1, 28, 28] };
    const flat = sequence('input linear:16 relu linear:3 output');
    const [issue, ...others] = checkNetwork(flat, images).issues;
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ layer: 'linear', details: { layer: 'linear', got: '1 × 28 × 28', count: 784 } });
    const fixed = applyFix(flat, issue!.fix!);
    expect(codes(fixed, images)).toEqual([]);
    expect(fixed.layers.map(({ kind }) => kind)).toContain('flatten');
  });

  it('compares the output with the target and sets the units of the layer that decides', () => {
    const wrong = sequence('input linear:16 relu linear:4 tanh output');
    const issue = checkNetwork(wrong, iris).issues[0];
    expect(issue).toMatchObject({
      layer: 'output',
      code: 'network.output-size-classes',
      details: { layer: 'output', got: '4', wanted: 3 },
      fix: { kind: 'set-parameter', layer: 'linear-2', parameter: 'units', value: 3 },
    });
    expect(codes(applyFix(wrong, issue!.fix!))).toEqual([]);
    expect(codes(sequence('input linear:2 output'), line)).toEqual(['output output-size-numbers']);
  });

  it('warns of a function the loss already contains, and takes it out', () => {
    const doubled = sequence('input linear:3 softmax output');
    const check = checkNetwork(doubled, iris);
    expect(check.issues).toMatchObject([
      { layer: 'softmax', severity: 'warning', code: 'network.loss-contains-layer' },
    ]);
    expect(hasErrors(check)).toBe(false);
    expect(repaired(doubled).layers.map(({ id }) => id)).toEqual(['input', 'linear', 'output']);
    expect(codes(sequence('input linear:1 sigmoid output'), { ...line, loss: 'bce-logits' })).toEqual([
      'sigmoid loss-contains-layer',
    ]);
    expect(codes(sequence('input linear:1 sigmoid output'), line)).toEqual([]);
  });

  it('refuses to train through a step, with the reason', () => {
    const stepped = sequence('input linear:3 step output');
    const issue = checkNetwork(stepped, iris).issues[0];
    expect(issue).toMatchObject({ layer: 'step', severity: 'error', code: 'network.not-differentiable' });
    expect(errorMessage(issue!, 'en')).toContain('its slope is 0 everywhere');
    expect(repaired(stepped).layers[2]).toMatchObject({ id: 'step', kind: 'sigmoid' });
  });

  it('wants data, a target, a loss that suits it, and something to train', () => {
    const none = { inputShape: null, target: null, loss: null };
    expect(codes(sequence('input linear:3 output'), none)).toEqual([
      'input input-shape-unknown',
      'output target-missing',
    ]);
    expect(codes(sequence('input linear:3 output'), { ...iris, loss: 'bce-logits' })).toEqual([
      'output loss-needs-two-classes',
    ]);
    const target = { ...threeClasses, classes: ['no', 'yes'] };
    const two = { inputShape: [2], target, loss: 'bce-logits' } as const;
    expect(codes(sequence('input linear:1 output'), two)).toEqual([]);
    const wide = sequence('input linear:2 output');
    expect(codes(wide, two)).toEqual(['output output-size-two-classes']);
    expect(checkNetwork(wide, two).issues[0]?.fix).toMatchObject({ kind: 'set-parameter', value: 1 });
    expect(codes(sequence('input linear:3 output'), { ...iris, loss: 'half-squared' })).toEqual([]);
    expect(codes(sequence('input linear:1 output'), { ...iris, loss: 'mse' })).toEqual(['output output-size-classes']);
    expect(codes(sequence('input linear:1 output'), { ...line, loss: 'cross-entropy' })).toEqual([
      'output loss-needs-classes',
    ]);
    expect(codes(sequence('input relu output'), { ...line })).toEqual(['output nothing-to-train']);
  });

  it('refuses a network that would not fit into memory', () => {
    expect(codes(sequence('input linear:65536 linear:65536 linear:3 output'))).toEqual(['linear-2 too-large']);
  });

  it('finds a word for every issue in every language, with all values filled in', () => {
    const layers = [layer('input'), layer('linear', 'linear', { units: 0 }), layer('add'), layer('output')];
    const { issues } = checkNetwork(network(layers, 'input>linear linear>add ghost>add.1 add>output'), iris);
    expect(issues.length).toBeGreaterThan(2);
    for (const issue of issues) {
      for (const language of languages) expect(errorMessage(issue, language)).not.toMatch(/\{\w+\}/);
    }
  });
});
