import { layerDefinition } from '../layers';
import type { NetworkDocument } from './document';
import {
  addLayer,
  bypassLayer,
  connect,
  freezeLayers,
  insertOnEdge,
  layerStep,
  removeLayers,
  replaceKind,
  sameEdge,
  setParameter,
  tieWeight,
} from './edit';
import type { NetworkFix } from './issue';

/** Carries out the fix an issue offers. A fix for a network that has changed meanwhile changes nothing it does not find. */
export function applyFix(network: NetworkDocument, fix: NetworkFix): NetworkDocument {
  switch (fix.kind) {
    case 'set-parameter':
      return setParameter(network, fix.layer, fix.parameter, fix.value);
    case 'insert-on-edge':
      return network.edges.some((edge) => sameEdge(edge, fix.edge))
        ? insertOnEdge(network, fix.edge, fix.insert, { parameters: fix.parameters }).network
        : network;
    case 'remove-edge':
      return { ...network, edges: network.edges.filter((_, index) => index !== fix.index) };
    case 'bypass-layer':
      return bypassLayer(network, fix.layer);
    case 'unfreeze-layers':
      return freezeLayers(network, fix.layers, false);
    case 'untie-weight':
      return tieWeight(network, fix.layer, fix.weight, null);
    case 'remove-layer':
      return removeLayers(network, [fix.layer]);
    case 'replace-kind':
      return replaceKind(network, fix.layer, fix.replacement);
    case 'add-end':
      return fix.role === 'input' ? addInput(network) : addOutput(network);
  }
}

/** Before the leftmost layer whose first port is free. */
function addInput(network: NetworkDocument): NetworkDocument {
  const free = network.layers.filter(({ id, kind }) => {
    const ports = layerDefinition(kind)?.inputs[1] ?? 0;
    return ports > 0 && !network.edges.some(({ to, port }) => to === id && port === 0);
  });
  const first = free.toSorted((a, b) => a.position.x - b.position.x)[0];
  const position = first ? { x: first.position.x - layerStep('input'), y: first.position.y } : { x: 0, y: 0 };
  const added = addLayer(network, 'input', { position });
  return first ? connect(added.network, { from: added.id, to: first.id, port: 0 }) : added.network;
}

/** After the rightmost layer nothing reads from. */
function addOutput(network: NetworkDocument): NetworkDocument {
  const free = network.layers.filter(
    ({ id, kind }) => layerDefinition(kind)?.hasOutput && !network.edges.some(({ from }) => from === id),
  );
  const last = free.toSorted((a, b) => b.position.x - a.position.x)[0];
  const position = last
    ? { x: last.position.x + layerStep(last.kind), y: last.position.y }
    : { x: layerStep('input'), y: 0 };
  const added = addLayer(network, 'output', { position });
  return last ? connect(added.network, { from: last.id, to: added.id, port: 0 }) : added.network;
}
