import { layerDefinition } from '../layers';
import type { LayerDefinition, LayerIssue, ParameterValues, Shape } from '../layers/definition';
import { parameterValues } from '../layers/parameters';
import { elements, formatShape, sameShape } from '../layers/sizes';
import type { Layer } from './document';

/** A weight of a layer, or that weight turned: its rows as columns. */
export interface WeightPlace {
  layer: string;
  weight: string;
  turned: boolean;
}

/** How a place is written in a project: `embedding.weight`, turned `embedding.weight^T`. */
export function formatPlace({ layer, weight, turned }: WeightPlace): string {
  return `${layer}.${weight}${turned ? '^T' : ''}`;
}

export function parsePlace(text: string): WeightPlace {
  const turned = text.endsWith('^T');
  const [layer = '', weight = ''] = (turned ? text.slice(0, -2) : text).split('.');
  return { layer, weight, turned };
}

/** What a weight of a layer is tied to as written; null where it is the layer's own. */
export function tieOf({ tied }: Pick<Layer, 'tied'>, weight: string): WeightPlace | null {
  const written = tied && Object.hasOwn(tied, weight) ? tied[weight] : undefined;
  return written === undefined ? null : parsePlace(written);
}

/** Where the values of a weight are kept: at the end of its ties, of which there may be several. Null: they lead in a circle. */
export function ownerOf(layers: ReadonlyMap<string, Layer>, layer: string, weight: string): WeightPlace | null {
  let place: WeightPlace = { layer, weight, turned: false };
  const seen = new Set<string>();
  for (;;) {
    const key = `${place.layer}.${place.weight}`;
    if (seen.has(key)) return null;
    seen.add(key);
    const next = tieOf(layers.get(place.layer) ?? {}, place.weight);
    if (!next) return place;
    place = { ...next, turned: next.turned !== place.turned };
  }
}

/** The weights of a layer that may be tied, with their sizes: those that are trained. */
function trainedWeights(
  definition: LayerDefinition,
  parameters: ParameterValues,
  inputs: Shape[],
): { name: string; dims: number[] }[] {
  return [
    ...(definition.weights?.(parameters, inputs) ?? []).filter(({ running }) => !running),
    ...(definition.stored?.(parameters) ?? []).filter(({ kind }) => kind === 'weight'),
  ].map(({ name, dims }) => ({ name, dims }));
}

/** Parameters of a layer that are another's. */
export function tiedParameters(
  layer: Layer,
  definition: LayerDefinition,
  parameters: ParameterValues,
  inputs: Shape[],
): number {
  if (!layer.tied) return 0;
  const tied = trainedWeights(definition, parameters, inputs).filter(({ name }) => tieOf(layer, name) !== null);
  return tied.reduce((count, { dims }) => count + elements(dims), 0);
}

/** What is known of each layer's shapes; without an output nothing is known of its weights. */
type Shapes = ReadonlyMap<string, { inputs: Shape[]; output: Shape | null }>;

/** The trained weights of a layer of the network; null while its shape is unknown, of which another issue tells. */
export function weightsOf(
  layer: Layer | undefined,
  shapes: { inputs: Shape[]; output: Shape | null } | undefined,
): { name: string; dims: number[] }[] | null {
  const definition = layer && layerDefinition(layer.kind);
  if (!definition) return [];
  if (!shapes?.output) return null;
  return trainedWeights(definition, parameterValues(definition, layer.parameters), shapes.inputs);
}

/** Ties of a layer that name no weight, lead in a circle, or lead to a weight that does not fit. */
export function tieIssues(
  layer: Layer,
  layers: ReadonlyMap<string, Layer>,
  shapes: Shapes,
  live: ReadonlySet<string>,
): { weight: string; issue: LayerIssue }[] {
  const own = weightsOf(layer, shapes.get(layer.id));
  return Object.entries(layer.tied ?? {}).flatMap(([weight, other]) => {
    const issue = own && tieIssue(weight, other);
    return issue ? [{ weight, issue }] : [];
  });

  function tieIssue(weight: string, other: string): LayerIssue | null {
    const details = { weight, other };
    const wanted = own?.find(({ name }) => name === weight);
    const known = own && own.length > 0 ? own.map(({ name }) => name) : '—';
    if (!wanted) return { code: 'network.tie-weight', details: { ...details, known } };
    const owner = ownerOf(layers, layer.id, weight);
    if (!owner) return { code: 'network.tie-circle', details };
    const others = live.has(owner.layer) ? weightsOf(layers.get(owner.layer), shapes.get(owner.layer)) : [];
    const kept = others?.find(({ name }) => name === owner.weight);
    if (!kept) return others && { code: 'network.tie-missing', details };
    if (fits(wanted.dims, kept.dims, owner.turned)) return null;
    return {
      code: 'network.tie-shape',
      details: { ...details, wanted: formatShape(wanted.dims), got: formatShape(kept.dims) },
    };
  }
}

/** Whether values of sizes `kept` can stand for a weight of sizes `wanted`. Only matrices can be turned. */
function fits(wanted: readonly number[], kept: readonly number[], turned: boolean): boolean {
  return turned ? kept.length === 2 && sameShape(wanted, kept.toReversed()) : sameShape(wanted, kept);
}

/** The trained weights of other layers that a weight of this one could be, as written in a project. */
export function possibleTies(
  layer: Layer,
  weight: string,
  layers: ReadonlyMap<string, Layer>,
  shapes: Shapes,
): string[] {
  const wanted = weightsOf(layer, shapes.get(layer.id))?.find(({ name }) => name === weight);
  if (!wanted) return [];
  return [...layers.values()].flatMap((other) =>
    (other === layer ? [] : (weightsOf(other, shapes.get(other.id)) ?? [])).flatMap(({ name, dims }) => {
      const owner = ownerOf(layers, other.id, name);
      // One place per weight: that which keeps it.
      if (owner?.layer !== other.id || owner.weight !== name) return [];
      return [false, true].flatMap((turned) =>
        fits(wanted.dims, dims, turned) ? [formatPlace({ layer: other.id, weight: name, turned })] : [],
      );
    }),
  );
}
