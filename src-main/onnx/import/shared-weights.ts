import type { WeightPlace } from '../../../shared/network/ties';
import { formatPlace } from '../../../shared/network/ties';
import { turn } from '../../../shared/layers/block';
import type { Graph, Initializer } from '../../../shared/network/graph';
import type { EngineOperator } from '../../engine/native';

/**
 * Trained matrices that some nodes read as they are and others with rows as columns (an embedding whose table is also the output
 * layer): each Transpose becomes a copy, so that the nodes behind it are found as layers, and `turned` says whose copy it is. Some
 * exporters have written such copies already; they are known by their values.
 */
export function copyTurned(graph: Graph): { graph: Graph; turned: ReadonlyMap<string, string> } {
  const weights = new Map(graph.initializers.map((item) => [item.name, item]));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const turned = new Map<string, string>();
  const copies: Initializer[] = [];
  const nodes = graph.nodes.filter(({ opType, inputs: [from = ''], outputs: [to = ''], attributes }) => {
    const { dims = [], data, frozen } = weights.get(from) ?? {};
    const [rows = 0, columns = 0, ...rest] = dims;
    const swaps = attributes.perm === undefined || String(attributes.perm) === '1,0';
    if (opType !== 'Transpose' || !swaps || dims.length < 2 || rest.length > 0) return true;
    if (!(data instanceof Float32Array) || frozen || outputs.has(to)) return true;
    turned.set(to, from);
    copies.push({ name: to, dims: [columns, rows], data: turn(data, rows, columns) });
    return false;
  });
  for (const { name, copy } of writtenCopies(graph.initializers)) turned.set(copy, name);
  return { graph: { ...graph, nodes, initializers: [...graph.initializers, ...copies] }, turned };
}

/** Matrices that are another with rows as columns, value for value. One number throughout would be no proof. */
function writtenCopies(initializers: readonly Initializer[]): { name: string; copy: string }[] {
  const matrices = initializers.flatMap(({ name, dims, data, frozen }) =>
    data instanceof Float32Array && !frozen && dims.length === 2 && data.some((value) => value !== data[0])
      ? [{ name, dims, data }]
      : [],
  );
  const taken = new Set<string>();
  return matrices.flatMap(({ name, dims: [rows = 0, columns = 0], data }, at) =>
    matrices.slice(at + 1).flatMap((other) => {
      const same =
        !taken.has(name) &&
        !taken.has(other.name) &&
        other.dims[0] === columns &&
        other.dims[1] === rows &&
        other.data.every((value, place) => value === data[(place % rows) * columns + Math.floor(place / rows)]);
      if (!same) return [];
      taken.add(other.name);
      return [{ name, copy: other.name }];
    }),
  );
}

/** Gives a weight that several layers read to the first of them, and ties it to that in the others. */
export class WeightOwners {
  readonly #owners = new Map<string, WeightPlace>();
  readonly #tied = new Set<string>();

  constructor(private readonly turned: ReadonlyMap<string, string>) {}

  /** What a layer's weight is tied to, as written in a project; null where the layer keeps the values itself. */
  place(initializer: string, layer: string, weight: string): string | null {
    const root = this.turned.get(initializer) ?? initializer;
    const turned = root !== initializer;
    const owner = this.#owners.get(root);
    if (!owner) {
      this.#owners.set(root, { layer, weight, turned });
      return null;
    }
    this.#tied.add(root);
    return formatPlace({ ...owner, turned: owner.turned !== turned });
  }

  /** Initializers of the file that several layers have in common. */
  get tied(): string[] {
    return [...this.#tied];
  }
}

/** Float weights that are trained and that more than one node reads. */
export function sharedWeights(
  { nodes, initializers }: Graph,
  operators: readonly EngineOperator[],
  turned: ReadonlyMap<string, string>,
): string[] {
  const trained = new Set(
    initializers.flatMap(({ name, data, frozen }) => (data instanceof Float32Array && !frozen ? [name] : [])),
  );
  const fixed = new Map(operators.map(({ opType, constants }) => [opType, constants]));
  const readers = new Map<string, number>();
  for (const { opType, inputs } of nodes)
    for (const [place, name] of inputs.entries()) {
      if (!trained.has(name) || fixed.get(opType)?.includes(place)) continue;
      const root = turned.get(name) ?? name;
      readers.set(root, (readers.get(root) ?? 0) + 1);
    }
  return [...readers].filter(([, count]) => count > 1).map(([name]) => name);
}
