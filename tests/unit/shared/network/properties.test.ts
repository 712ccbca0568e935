import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layerDefinitions } from '../../../../shared/layers';
import { elements } from '../../../../shared/layers/sizes';
import { checkNetwork, hasErrors } from '../../../../shared/network/check';
import { compileNetwork } from '../../../../shared/network/compile';
import type { Layer, NetworkDocument } from '../../../../shared/network/document';
import { connect, removeLayers } from '../../../../shared/network/edit';
import { applyFix } from '../../../../shared/network/fix';
import { oneNumber, sequence, threeClasses } from './builders';

const kinds = [...layerDefinitions.keys()];
const contexts = [
  { inputShape: null, target: null, loss: null },
  { inputShape: [4], target: threeClasses, loss: null },
  { inputShape: [1, 3, 2], target: oneNumber, loss: 'mse' as const },
];

/** Anything that the document's schema lets through. */
const anyParameter = fc.oneof(
  fc.double(),
  fc.string({ maxLength: 5 }),
  fc.boolean(),
  fc.array(fc.integer({ min: -2, max: 9 })),
);
const anyLayer: fc.Arbitrary<Layer> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor', 'input', 'output'),
  kind: fc.constantFrom(...kinds, 'constructor', 'quantum'),
  parameters: fc.dictionary(
    fc.constantFrom('units', 'alpha', 'shape', 'bias', 'constructor', '__proto__'),
    anyParameter,
    {
      maxKeys: 2,
    },
  ),
  position: fc.record({ x: fc.integer(), y: fc.integer() }),
});
const anyId = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor', 'input', 'output', 'ghost');
const anyNetwork: fc.Arbitrary<NetworkDocument> = fc.record({
  layers: fc.array(anyLayer, { maxLength: 8 }),
  edges: fc.array(fc.record({ from: anyId, to: anyId, port: fc.nat({ max: 9 }) }), { maxLength: 14 }),
});

/** Chains with bypasses through Add: usually sound. */
const layered = fc
  .record({
    middle: fc.array(
      fc.constantFrom(
        'linear:3',
        'linear:5',
        'relu',
        'leaky-relu',
        'tanh',
        'sigmoid',
        'softplus',
        'elu',
        'softmax',
        'identity',
        'flatten',
        'reshape',
        'add',
      ),
      { minLength: 1, maxLength: 9 },
    ),
    bypass: fc.array(fc.nat({ max: 9 }), { minLength: 9, maxLength: 9 }),
  })
  .map(({ middle, bypass }) => {
    let network = sequence(`input flatten ${middle.join(' ')} linear:3 output`);
    network.layers.forEach((layer, index) => {
      if (layer.kind !== 'add') return;
      const from = network.layers[(bypass[index % 9] ?? 0) % index];
      if (from) network = connect(network, { from: from.id, to: layer.id, port: 1 });
    });
    return network;
  });

describe('any network', () => {
  it('can be checked without throwing, and issues stand on layers that exist', () => {
    fc.assert(
      fc.property(anyNetwork, fc.constantFrom(...contexts), (network, context) => {
        const check = checkNetwork(network, context);
        const ids = new Set(network.layers.map(({ id }) => id));
        for (const { layer } of check.issues) expect(layer === null || ids.has(layer)).toBe(true);
        expect(new Set(Object.keys(check.shapes))).toEqual(ids);
        expect(check.order.every((id) => ids.has(id))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is either refused with an issue or compiles', () => {
    fc.assert(
      fc.property(anyNetwork, (network) => {
        const check = checkNetwork(network, { inputShape: [4], target: threeClasses, loss: null });
        if (!hasErrors(check)) expect(() => compileNetwork(network, { inputShape: [4], seed: 1 })).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('has less of the issue whose fix was applied', () => {
    fc.assert(
      fc.property(anyNetwork, fc.constantFrom(...contexts), (network, context) => {
        for (const issue of checkNetwork(network, context).issues) {
          if (!issue.fix) continue;
          const count = (document: NetworkDocument) =>
            checkNetwork(document, context).issues.filter(
              (other) =>
                JSON.stringify([other.layer, other.code, other.details]) ===
                JSON.stringify([issue.layer, issue.code, issue.details]),
            ).length;
          const fixed = applyFix(network, issue.fix);
          // A connection that is there twice has to be removed twice.
          const smaller = issue.fix.kind === 'remove-edge' && fixed.edges.length < network.edges.length;
          expect(smaller || count(fixed) < count(network)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a layered network', () => {
  const context = { inputShape: [2, 3], target: threeClasses, loss: null };

  it('compiles to nodes whose inputs come before them, with weights as large as it counts', () => {
    let sound = 0;
    fc.assert(
      fc.property(layered, fc.nat(), (network, seed) => {
        const check = checkNetwork(network, context);
        if (hasErrors(check)) return;
        sound++;
        const graph = compileNetwork(network, { inputShape: [2, 3], seed });
        const known = new Set(['input', ...graph.initializers.map(({ name }) => name)]);
        for (const node of graph.nodes) {
          for (const input of node.inputs) expect(known).toContain(input);
          for (const output of node.outputs) {
            expect(known).not.toContain(output);
            known.add(output);
          }
        }
        expect(known).toContain('output');
        expect(new Set(graph.nodes.map(({ name }) => name)).size).toBe(graph.nodes.length);
        for (const { dims, data } of graph.initializers) expect(data.length).toBe(elements(dims));
        const weights = graph.initializers.filter(({ frozen }) => !frozen);
        expect(weights.reduce((sum, { data }) => sum + data.length, 0)).toBe(check.total.parameters);
        expect(graph.outputs[0]?.dims).toEqual([-1, 3]);
      }),
      { numRuns: 200 },
    );
    expect(sound).toBeGreaterThan(50);
  });

  it('broken by removing a layer is either repaired by its fixes or still says what is wrong', () => {
    fc.assert(
      fc.property(layered, fc.nat(), (network, pick) => {
        const victim = network.layers[pick % network.layers.length]!;
        let broken = removeLayers(network, [victim.id]);
        for (let round = 0; round < 60; round++) {
          const fix = checkNetwork(broken, context).issues.find((issue) => issue.fix)?.fix;
          if (!fix) break;
          broken = applyFix(broken, fix);
        }
        const check = checkNetwork(broken, context);
        expect(check.issues.filter(({ fix }) => fix)).toEqual([]);
        if (!hasErrors(check)) compileNetwork(broken, { inputShape: [2, 3], seed: 0 });
      }),
      { numRuns: 200 },
    );
  });
});
