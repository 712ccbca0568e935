import { layerDefinition } from '../layers';
import { isLayerIssue } from '../layers/definition';
import type { LayerCost, LayerDefinition, LayerFix, LayerIssue, ParameterValues, Shape } from '../layers/definition';
import { checkParameters, parameterValues } from '../layers/parameters';
import type { Layer, NetworkDocument } from './document';
import type { NetworkFix, NetworkIssue } from './issue';
import { cycles, reachable, topologicalOrder } from './order';
import { tiedParameters, tieIssues } from './ties';
import { readWiring, type Wiring } from './wiring';

/** 1 GB of float32 weights, before what training adds for every lane. */
const maximumParameters = 250_000_000;

export interface LayerShapes {
  /** By port; shorter than the ports where one before it is unknown. */
  inputs: Shape[];
  /** Null where it can't be told: the issue stands here or on a layer before. */
  output: Shape | null;
}

export interface NetworkCheck {
  issues: NetworkIssue[];
  /** Layers so that each comes after those it reads from; without those on cycles. */
  order: string[];
  shapes: Record<string, LayerShapes>;
  /** Of the layers whose shape is known. */
  costs: Record<string, LayerCost>;
  /** Of the layers that lead to the output. */
  total: LayerCost;
  /** Of `total.parameters` those of layers that are not frozen. */
  trainable: number;
  /** The layers that lead to the output: those training and the compiled graph consist of. */
  live: string[];
}

export function layerName(layer: Layer): string {
  return layer.name ?? layer.id;
}

/** Everything about a network that needs no target: wiring, parameters, shapes, costs. Never throws. */
export function analyseNetwork(network: NetworkDocument, inputShape: readonly number[] | null): NetworkCheck {
  const total: LayerCost = { parameters: 0, multiplyAdds: 0, activationBytes: 0 };
  const issues: NetworkIssue[] = [];
  const check: NetworkCheck = { issues, order: [], shapes: {}, costs: {}, total, trainable: 0, live: [] };
  if (network.layers.length === 0) {
    issues.push({ layer: null, severity: 'error', code: 'network.empty', details: {} });
    return check;
  }
  const wiring = readWiring(network);
  const live = liveLayers(network, wiring);
  check.order = topologicalOrder({ ...network, edges: wiring.edges });
  check.live = check.order.filter((id) => live.has(id));

  issues.push(...ends(network), ...wiring.issues, ...cycleIssues(network, wiring));
  for (const layer of wiring.layers.values()) {
    issues.push(...ownIssues(layer, wiring, live.has(layer.id)));
  }
  const shapes = new Map<string, LayerShapes>(
    [...wiring.layers.keys()].map((id) => [id, { inputs: [], output: null }]),
  );
  const costs = new Map<string, LayerCost>();
  for (const id of check.order) {
    const layer = wiring.layers.get(id);
    const definition = layer && layerDefinition(layer.kind);
    if (!definition) continue;
    const parameters = parameterValues(definition, layer.parameters);
    const found = layerShapes(layer, definition, parameters, wiring, shapes, inputShape);
    shapes.set(id, found);
    if (found.issue && live.has(id)) issues.push(issueOn(layer, found.issue, 'error', network));
    if (!found.output) continue;
    const cost = definition.cost(parameters, found.inputs, found.output);
    // A weight that is another layer's counts there.
    cost.parameters -= tiedParameters(layer, definition, parameters, found.inputs);
    costs.set(id, cost);
    if (!live.has(id)) continue;
    const before = total.parameters;
    total.parameters += cost.parameters;
    if (!layer.frozen) check.trainable += cost.parameters;
    total.multiplyAdds += cost.multiplyAdds;
    total.activationBytes += cost.activationBytes;
    if (before <= maximumParameters && total.parameters > maximumParameters) {
      const details = { parameters: total.parameters, maximum: maximumParameters };
      issues.push(issueOn(layer, { code: 'network.too-large', details }, 'error', network));
    }
  }
  for (const id of check.live) {
    const layer = wiring.layers.get(id);
    if (!layer?.tied) continue;
    for (const { weight, issue } of tieIssues(layer, wiring.layers, shapes, live)) {
      issues.push({ ...issueOn(layer, issue, 'error'), fix: { kind: 'untie-weight', layer: id, weight } });
    }
  }
  check.shapes = Object.fromEntries([...shapes].map(([id, { inputs, output }]) => [id, { inputs, output }]));
  check.costs = Object.fromEntries(costs);
  return check;
}

/** Every layer where there is no output yet: nothing is known to be superfluous then. */
function liveLayers(network: NetworkDocument, wiring: Wiring): Set<string> {
  const outputs = network.layers.filter(({ kind }) => layerDefinition(kind)?.role === 'output').map(({ id }) => id);
  if (outputs.length === 0) return new Set(wiring.layers.keys());
  return reachable(wiring.edges, outputs, 'to');
}

function ends(network: NetworkDocument): NetworkIssue[] {
  return (['input', 'output'] as const).flatMap((role): NetworkIssue[] => {
    const [first, ...others] = network.layers.filter(({ kind }) => layerDefinition(kind)?.role === role);
    if (!first) {
      const code = role === 'input' ? 'network.no-input' : 'network.no-output';
      return [{ layer: null, severity: 'error', code, details: {}, fix: { kind: 'add-end', role } }];
    }
    return others.map((layer) => ({
      layer: layer.id,
      severity: 'error',
      code: role === 'input' ? 'network.several-inputs' : 'network.several-outputs',
      details: { layer: layerName(layer), first: layerName(first) },
      fix: { kind: 'remove-layer', layer: layer.id },
    }));
  });
}

function cycleIssues(network: NetworkDocument, wiring: Wiring): NetworkIssue[] {
  const sound = new Set(wiring.edges);
  const names = new Map(network.layers.map((layer) => [layer.id, layerName(layer)]));
  return cycles({ ...network, edges: wiring.edges }).map((path) => {
    const along = (from: string, to: string) => path[(path.indexOf(from) + 1) % path.length] === to;
    // The connection drawn last is the likeliest mistake.
    const index = network.edges.findLastIndex(
      (edge) => sound.has(edge) && path.includes(edge.from) && along(edge.from, edge.to),
    );
    return {
      layer: path[0] ?? null,
      severity: 'error',
      code: 'network.cycle',
      details: { layers: path.map((id) => names.get(id) ?? id) },
      fix: { kind: 'remove-edge', index },
    };
  });
}

/** Kind, parameters and ports of one layer. */
function ownIssues(layer: Layer, wiring: Wiring, live: boolean): NetworkIssue[] {
  const severity = live ? 'error' : 'warning';
  const issues: NetworkIssue[] = [];
  const name = layerName(layer);
  if (!live) {
    const details = { layer: name };
    issues.push({ layer: layer.id, severity: 'warning', code: 'network.dead-branch', details });
  }
  const definition = layerDefinition(layer.kind);
  if (!definition) {
    const details = { layer: name, kind: layer.kind };
    return [...issues, { layer: layer.id, severity, code: 'network.unknown-kind', details }];
  }
  for (const issue of checkParameters(definition, layer.parameters)) issues.push(issueOn(layer, issue, severity));
  if (!live) return issues;
  for (const port of openPorts(definition, wiring.sources.get(layer.id))) {
    const details = { layer: name, port: port + 1 };
    issues.push({ layer: layer.id, severity, code: 'network.unconnected', details });
  }
  return issues;
}

function openPorts(definition: LayerDefinition, sources: ReadonlyMap<number, string> = new Map()): number[] {
  const count = Math.max(definition.inputs[0], ...[...sources.keys()].map((port) => port + 1));
  return Array.from({ length: count }, (_, port) => port).filter((port) => !sources.has(port));
}

function layerShapes(
  layer: Layer,
  definition: LayerDefinition,
  parameters: ParameterValues,
  wiring: Wiring,
  known: ReadonlyMap<string, LayerShapes>,
  inputShape: readonly number[] | null,
): LayerShapes & { issue?: LayerIssue } {
  const sources = wiring.sources.get(layer.id) ?? new Map<number, string>();
  const inputs: Shape[] = [];
  let complete = openPorts(definition, sources).length === 0;
  for (let port = 0; port < sources.size && complete; port++) {
    const shape = known.get(sources.get(port) ?? '')?.output;
    if (shape) inputs.push(shape);
    else complete = false;
  }
  if (
    !complete ||
    checkParameters(definition, layer.parameters).some(({ code }) => code !== 'network.parameter-unknown')
  ) {
    return { inputs, output: null };
  }
  const given = definition.role === 'input' ? (inputShape ? [inputShape] : []) : inputs;
  const result = definition.shape(parameters, given);
  return isLayerIssue(result) ? { inputs, output: null, issue: result } : { inputs, output: result };
}

/** Puts a layer's own issue onto it: adds its name, and says in the network's terms what its fix changes. */
export function issueOn(
  layer: Layer,
  issue: LayerIssue,
  severity: NetworkIssue['severity'],
  network?: NetworkDocument,
): NetworkIssue {
  const fix = issue.fix && networkFix(layer, issue.fix, network);
  const details = { ...issue.details, layer: layerName(layer) };
  return { layer: layer.id, severity, code: issue.code, details, ...(fix ? { fix } : {}) };
}

function networkFix(layer: Layer, fix: LayerFix, network?: NetworkDocument): NetworkFix | undefined {
  if (fix.kind === 'set-parameter') return { ...fix, layer: layer.id };
  const edge = network?.edges.find(({ to, port }) => to === layer.id && port === fix.port);
  const { insert, parameters } = fix;
  return edge && { kind: 'insert-on-edge', insert, edge, ...(parameters ? { parameters } : {}) };
}
