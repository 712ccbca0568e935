import { describe, expect, it } from 'vitest';
import {
  addLayer,
  appendAfter,
  bypassLayer,
  connect,
  disconnect,
  duplicate,
  freeId,
  freezeLayers,
  freePort,
  insertOnEdge,
  layerStep,
  moveLayers,
  removeLayers,
  renameLayer,
  replaceKind,
  setParameter,
} from '../../../../shared/network/edit';
import { networkSchema, type NetworkDocument } from '../../../../shared/network/document';
import { layer, network, sequence } from './builders';

const edges = (document: NetworkDocument) =>
  document.edges.map(({ from, to, port }) => `${from}>${to}${port ? `.${port}` : ''}`).toSorted();
const position = (document: NetworkDocument, id: string) => document.layers.find((one) => one.id === id)!.position;

describe('edits', () => {
  it('leave the network they were given as it is', () => {
    const before = sequence('input linear:3 output');
    const copy = structuredClone(before);
    addLayer(before, 'relu', { position: { x: 1, y: 2 } });
    appendAfter(before, 'linear', 'relu');
    insertOnEdge(before, before.edges[0]!, 'flatten');
    setParameter(before, 'linear', 'units', 9);
    renameLayer(before, 'linear', 'Hidden');
    removeLayers(before, ['linear']);
    bypassLayer(before, 'linear');
    duplicate(before, ['linear']);
    moveLayers(before, new Map([['linear', { x: 5, y: 5 }]]));
    expect(before).toEqual(copy);
  });

  it('give free ids that the document’s schema takes', () => {
    const two = sequence('input linear:1 linear:2 output');
    expect(freeId(two, 'linear')).toBe('linear-3');
    expect(freeId(removeLayers(two, ['linear']), 'linear')).toBe('linear');
    expect(networkSchema.parse(addLayer(two, 'leaky-relu', { position: { x: 0, y: 0 } }).network).layers).toHaveLength(
      5,
    );
  });

  it('append between a layer and what follows, making room', () => {
    const { network: result, id } = appendAfter(sequence('input linear:3 output'), 'linear', 'relu');
    expect(id).toBe('relu');
    expect(edges(result)).toEqual(['input>linear', 'linear>relu', 'relu>output']);
    expect(position(result, 'relu')).toEqual({ x: layerStep('input') + layerStep('linear'), y: 0 });
    expect(position(result, 'output')).toEqual({
      x: layerStep('input') + layerStep('linear') + layerStep('relu'),
      y: 0,
    });
  });

  it('append at the end, after nothing, and without joining what cannot be joined', () => {
    expect(edges(appendAfter(sequence('input linear:3'), 'linear', 'output').network)).toEqual([
      'input>linear',
      'linear>output',
    ]);
    expect(edges(appendAfter(sequence('input output'), 'output', 'relu').network)).toEqual(['input>output']);
    expect(edges(appendAfter({ layers: [], edges: [] }, 'none', 'input').network)).toEqual([]);
    // An Add has a second input to fill: what followed stays where it was, so that nothing is broken by appending.
    expect(edges(appendAfter(sequence('input linear:3 output'), 'linear', 'add').network)).toEqual([
      'input>linear',
      'linear>add',
      'linear>output',
    ]);
  });

  it('insert into a connection, keeping its port', () => {
    const layers = [layer('input'), layer('add'), layer('output')];
    const before = network(layers, 'input>add input>add.1 add>output');
    const { network: after } = insertOnEdge(before, { from: 'input', to: 'add', port: 1 }, 'tanh');
    expect(edges(after)).toEqual(['add>output', 'input>add', 'input>tanh', 'tanh>add.1']);
  });

  it('connect replaces what led into the port; disconnect removes that one edge', () => {
    const before = sequence('input linear:3 output');
    const after = connect(before, { from: 'input', to: 'output', port: 0 });
    expect(edges(after)).toEqual(['input>linear', 'input>output']);
    expect(edges(disconnect(after, { from: 'input', to: 'linear', port: 0 }))).toEqual(['input>output']);
  });

  it('remove and bypass', () => {
    const before = sequence('input linear:3 relu output');
    expect(edges(removeLayers(before, ['linear']))).toEqual(['relu>output']);
    expect(edges(bypassLayer(before, 'relu'))).toEqual(['input>linear', 'linear>output']);
    expect(edges(bypassLayer(before, 'input'))).toEqual(['linear>relu', 'relu>output']);
  });

  it('set parameters and names, and return to the default', () => {
    const named = renameLayer(setParameter(sequence('input linear:3'), 'linear', 'units', 8), 'linear', '  Hidden ');
    expect(named.layers[1]).toMatchObject({ name: 'Hidden', parameters: { units: 8 } });
    const reset = renameLayer(setParameter(named, 'linear', 'units', null), 'linear', ' ');
    expect(reset.layers[1]).toEqual({
      id: 'linear',
      kind: 'linear',
      parameters: {},
      position: { x: layerStep('input'), y: 0 },
    });
  });

  it('replace a kind and keep the parameters both have', () => {
    const before = network([layer('a', 'elu', { alpha: 0.5 }), layer('b', 'linear', { units: 4 })], 'b>a');
    expect(replaceKind(before, 'a', 'leaky-relu').layers[0]).toMatchObject({
      id: 'a',
      kind: 'leaky-relu',
      parameters: { alpha: 0.5 },
    });
    expect(replaceKind(before, 'b', 'relu').layers[1]?.parameters).toEqual({});
  });

  it('duplicate layers with the connections among them', () => {
    const { network: after, ids } = duplicate(sequence('input linear:3 relu output'), ['linear', 'relu']);
    expect(ids).toEqual(['linear-2', 'relu-2']);
    expect(edges(after)).toContain('linear-2>relu-2');
    expect(edges(after)).toHaveLength(4);
    expect(after.layers.find(({ id }) => id === 'linear-2')).toMatchObject({
      parameters: { units: 3 },
      position: { x: layerStep('input') + 24, y: 96 },
    });
  });

  it('find the first free port', () => {
    const layers = [layer('input'), layer('add'), layer('output')];
    expect(freePort(network(layers, 'input>add input>add.2'), 'add')).toBe(1);
    expect(freePort(network(layers, 'add>output'), 'output')).toBeNull();
    expect(freePort(network(layers, ''), 'input')).toBeNull();
  });

  it('freezes layers, keeps that when one is renamed, and drops it from a kind without weights', () => {
    const before = sequence('input linear:3 relu output');
    const frozen = freezeLayers(before, ['linear'], true);
    expect(before.layers[1]).not.toHaveProperty('frozen');
    expect(frozen.layers[1]).toMatchObject({ id: 'linear', frozen: true });
    expect(renameLayer(renameLayer(frozen, 'linear', 'first'), 'linear', '')).toEqual(frozen);
    expect(freezeLayers(frozen, ['linear'], false)).toEqual(before);
    expect(replaceKind(frozen, 'linear', 'conv2d').layers[1]).toMatchObject({ frozen: true });
    expect(replaceKind(frozen, 'linear', 'tanh').layers[1]).not.toHaveProperty('frozen');
  });
});
