import { layerDefinition } from '../../../shared/layers';
import { parameterValues } from '../../../shared/layers/parameters';
import type { Layer, NetworkDocument } from '../../../shared/network/document';
import { branchStep, layerStep } from '../../../shared/network/edit';
import type { Initializer } from '../../../shared/network/graph';
import { topologicalOrder } from '../../../shared/network/order';
import type { FoundLayer } from './layers';
import type { WeightOwners } from './shared-weights';

export interface ImportedNetwork {
  network: NetworkDocument;
  /** By the names compiling gives them: `<layer>.<weight>`. */
  weights: Initializer[];
}

/** The layers as a document that reads from left to right, from an input of `inputShape` to the output. */
export function toDocument(
  found: readonly FoundLayer[],
  ends: { input: string; inputShape: number[]; output: string; frozen: ReadonlySet<string> },
  owners: WeightOwners,
): ImportedNetwork {
  const ids = new Ids();
  const position = { x: 0, y: 0 };
  const input: Layer = { id: 'input', kind: 'input', parameters: { shape: ends.inputShape }, position };
  const output: Layer = { id: 'output', kind: 'output', parameters: {}, position };
  /** The layer that gives each value. */
  const makers = new Map([[ends.input, input.id]]);
  const weights: Initializer[] = [];
  const layers = found.map((layer): Layer => {
    const { id, name } = ids.take(layer.name, layer.kind);
    makers.set(layer.output, id);
    const ties: [string, string][] = [];
    for (const [weight, value] of layer.weights) {
      const trained = value.data instanceof Float32Array && !value.frozen && !layer.running.has(weight);
      const tie = trained ? owners.place(value.name, id, weight) : null;
      if (tie === null) weights.push({ ...value, name: `${id}.${weight}` });
      else ties.push([weight, tie]);
    }
    return {
      id,
      kind: layer.kind,
      ...(name ? { name } : {}),
      parameters: notDefault(layer),
      ...(isFrozen(layer, ends.frozen) ? { frozen: true } : {}),
      ...(ties.length > 0 ? { tied: Object.fromEntries(ties) } : {}),
      position,
    };
  });
  const edges = found.flatMap((layer, at) =>
    layer.inputs.map((value, port) => ({ from: makers.get(value) ?? '', to: layers[at]?.id ?? '', port })),
  );
  const last = { from: makers.get(ends.output) ?? '', to: output.id, port: 0 };
  return { network: arranged({ layers: [input, ...layers, output], edges: [...edges, last] }), weights };
}

/** A layer of the catalogue is frozen where all its weights were; operators say it for each value. */
function isFrozen({ kind, weights }: FoundLayer, frozen: ReadonlySet<string>): boolean {
  const names = [...weights.values()].map(({ name }) => name);
  return kind !== 'operator' && names.length > 0 && names.every((name) => frozen.has(name));
}

/** Without what is the default anyway. */
function notDefault({ kind, parameters }: FoundLayer): Layer['parameters'] {
  const definition = layerDefinition(kind);
  const usual = definition ? parameterValues(definition, {}) : {};
  return Object.fromEntries(
    Object.entries(parameters).filter(([name, value]) => String(usual[name]) !== String(value)),
  );
}

/** Ids made from the names of a file: "/features/0/Conv" is features-0-conv, and keeps its name beside it. */
class Ids {
  readonly #taken = new Set(['input', 'output']);

  take(name: string, kind: string): { id: string; name: string | null } {
    const plain = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^[^a-z]+|-+$/g, '')
      .slice(0, 60);
    const wanted = plain === '' ? kind : plain;
    let id = wanted;
    for (let number = 2; this.#taken.has(id); number += 1) id = `${wanted}-${number}`;
    this.#taken.add(id);
    return { id, name: name === id || name === '' ? null : name.slice(0, 60) };
  }
}

/** Each layer in the column after the last one it reads from, beside its neighbours of that column. */
function arranged(network: NetworkDocument): NetworkDocument {
  const columns = new Map<string, number>();
  for (const id of topologicalOrder(network)) {
    const before = network.edges.filter(({ to }) => to === id).map(({ from }) => columns.get(from) ?? 0);
    columns.set(id, before.length === 0 ? 0 : Math.max(...before) + 1);
  }
  const widths = new Map<number, number>();
  for (const { id, kind } of network.layers) {
    const column = columns.get(id) ?? 0;
    widths.set(column, Math.max(widths.get(column) ?? 0, layerStep(kind)));
  }
  const left = (column: number): number =>
    Array.from({ length: column }, (_, before) => widths.get(before) ?? 0).reduce((sum, width) => sum + width, 0);
  const rows = new Map<number, number>();
  const layers = network.layers.map((layer) => {
    const column = columns.get(layer.id) ?? 0;
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    return { ...layer, position: { x: left(column), y: row * branchStep } };
  });
  return { ...network, layers };
}
