import type {
  RecordedEdge,
  RecordedGraph,
  RecordedGroup,
  RecordedNode,
  RecordedValue,
} from '../../../shared/recorded-graph/recorded-graph';
import { summarise, type NumberSummary } from '../../../shared/recorded-graph/summary';
import { PyInstance, type Value } from '../language/values';
import { AccumulateGrad } from './autograd/backward';
import type { LayerCall, Operand, Operation, Origin, Trace } from './autograd/trace';
import { Variable, type GradientNode } from './autograd/variable';
import { isTensor, type Tensor } from './tensor/tensor';

/** What a value came from: a node of the tape, an operation the trace remembers, or (a variable's number) nothing that is known. */
type Source = GradientNode | Operation | number;

/** Where a value was found: it was asked for, or something read it. */
type Place = Variable | Operand;

/** Modules are searched for tensors so many levels deep. */
const deepest = 6;

/** More nodes than that are no drawing. The answer is their number. */
export const mostNodes = 2000;

/**
 * How a tensor was computed, as far as that is known: what gradients go through always, all else as long as the trace remembers it. Variables give their
 * names to the values they hold.
 */
export function recordedGraph(result: Tensor, variables: Iterable<readonly [string, Value]>): RecordedGraph | number {
  const { trace } = result.session.tape;
  const sources = sourcesBefore(result.variable, trace);
  if (sources.length > mostNodes) return sources.length;
  const drawing = new Recording(trace, result, namedTensors(variables));
  for (const source of sources) drawing.add(source);
  return drawing.graph();
}

/** To be called when a cell has ended: what variables hold now can be drawn later, too. */
export function holdOrigins(variables: Iterable<readonly [string, Value]>): void {
  const { tensors } = namedTensors(variables);
  const trace = tensors[0]?.tensor.session.tape.trace;
  if (!trace) return;
  const origins = new Map<number, Origin>();
  for (const { tensor } of tensors) {
    const places = sourcesBefore(tensor.variable, trace);
    if (origins.size + places.length > mostNodes) continue;
    for (const { madeBy } of places) if (madeBy) origins.set(madeBy.operation, madeBy);
  }
  trace.hold(origins.values());
}

/** Everything a value was computed from, and itself: what was needed first comes first. */
function sourcesBefore(result: Variable, trace: Trace): Place[] {
  const found: Place[] = [];
  const state = new Map<Source, 'open' | 'done'>();
  const open: Place[] = [result];
  while (open.length > 0) {
    const place = open.at(-1) as Place;
    const source = sourceOf(place, trace);
    const before = state.get(source);
    if (before === undefined) {
      state.set(source, 'open');
      const inputs = operandsOf(source).filter((input) => !state.has(sourceOf(input, trace)));
      open.push(...inputs.reverse());
      continue;
    }
    open.pop();
    if (before === 'done') continue;
    state.set(source, 'done');
    found.push(place);
  }
  return found;
}

function sourceOf({ id, edge, madeBy }: Place, trace: Trace): Source {
  if (edge) return edge.node;
  return (madeBy && trace.recall(madeBy)) ?? id;
}

/** Null: no gradient goes through it. */
const nodeOf = (source: Source): GradientNode | null =>
  typeof source === 'object' && 'backward' in source ? source : null;

function operationOf(source: Source): Operation | null {
  if (typeof source === 'number') return null;
  return 'backward' in source ? source.operation : source;
}

const operandsOf = (source: Source): Operand[] => operationOf(source)?.inputs.filter((input) => input !== null) ?? [];

export interface Named {
  name: string;
  tensor: Tensor;
}

class Recording {
  private readonly ids = new Map<Source, string>();
  private readonly nodes: RecordedNode[] = [];
  private readonly edges: RecordedEdge[] = [];
  private readonly groups = new Map<string, RecordedGroup>();
  /** What variables hold, by where it came from. */
  private readonly named = new Map<Source, (Named & { output: number })[]>();
  private readonly moduleNames: ReadonlyMap<PyInstance, string>;

  constructor(
    private readonly trace: Trace,
    private readonly result: Tensor,
    { tensors, modules }: { tensors: Named[]; modules: ReadonlyMap<PyInstance, string> },
  ) {
    this.moduleNames = modules;
    for (const { name, tensor } of tensors) {
      const { variable } = tensor;
      const source = sourceOf(variable, trace);
      const known = this.named.get(source) ?? [];
      this.named.set(source, [...known, { name, tensor, output: outputOf(variable, source) }]);
    }
  }

  /** Everything that `place` was computed from has been added. */
  add(place: Place): void {
    const source = sourceOf(place, this.trace);
    const id = `n${this.ids.size + 1}`;
    this.ids.set(source, id);
    const operation = operationOf(source);
    const node = nodeOf(source);
    this.nodes.push({
      id,
      kind: operation ? 'operator' : node ? 'leaf' : 'constant',
      operator: operation?.operator ?? null,
      gradFunction: node?.name ?? null,
      group: operation?.layer ? this.groupOf(operation.layer) : null,
      device: (this.named.get(source)?.[0]?.tensor ?? this.result).device.name,
      requiresGrad: node !== null,
      result: source === sourceOf(this.result.variable, this.trace),
      outputs: operation
        ? operation.outputs.map(({ shape, dtype, value }, output) =>
            this.value(source, output, {
              shape,
              dtype: dtype.name,
              value: value?.read() ?? null,
              gradient: operation.received[output]?.read() ?? null,
            }),
          )
        : [this.tensor(source, place)],
    });
    operation?.inputs.forEach((input, index) => {
      if (input) this.connect(input, id, index, operation);
    });
  }

  graph(): RecordedGraph {
    const groups = new Map(this.nodes.map(({ id, group }) => [id, group]));
    const nodes = this.nodes.map((node) => {
      // The input of a layer stands before it, its parameters and numbers inside.
      const own = node.kind === 'leaf' || (node.kind === 'constant' && node.outputs[0]?.names.length === 0);
      const readers = new Set(
        this.edges.filter(({ from }) => from === node.id).map(({ to }) => groups.get(to) ?? null),
      );
      const [only = null] = readers;
      return own && readers.size === 1 ? { ...node, group: only } : node;
    });
    return { nodes, edges: this.edges, groups: [...this.groups.values()] };
  }

  private connect(operand: Operand, to: string, input: number, operation: Operation): void {
    const source = sourceOf(operand, this.trace);
    this.edges.push({
      from: this.ids.get(source) ?? '',
      output: outputOf(operand, source),
      to,
      input,
      requiresGrad: operand.edge !== null,
      gradient: operand.edge ? (operation.returned[input]?.read() ?? null) : null,
    });
  }

  /** A tensor that nothing computed, as the first that read it found it. */
  private tensor(source: Source, place: Place): RecordedValue {
    const grad = source instanceof AccumulateGrad ? source.holder.grad : null;
    return this.value(source, 0, {
      shape: place.shape,
      dtype: place.dtype.name,
      value: place instanceof Variable ? summarise(place.array) : (place.value?.read() ?? null),
      gradient: grad && summarise(grad.array),
    });
  }

  /** Of a long one that a variable still holds the numbers are there after all. */
  private value(
    source: Source,
    output: number,
    known: { shape: readonly number[]; dtype: string; value: NumberSummary | null; gradient: NumberSummary | null },
  ): RecordedValue {
    const holders = (this.named.get(source) ?? []).filter((named) => named.output === output);
    const [holder] = holders;
    return {
      names: holders.map(({ name }) => name),
      shape: [...known.shape],
      dtype: known.dtype,
      value: known.value ?? (holder ? summarise(holder.tensor.array) : null),
      gradient: known.gradient ?? (holder?.tensor.grad ? summarise(holder.tensor.grad.array) : null),
    };
  }

  private groupOf({ number, module, kind }: LayerCall): string {
    const id = `layer ${number}`;
    const known = module.deref();
    if (!this.groups.has(id)) this.groups.set(id, { id, kind, name: (known && this.moduleNames.get(known)) ?? null });
    return id;
  }
}

const outputOf = ({ edge, madeBy }: Place, source: Source): number =>
  typeof source === 'number' ? 0 : (edge?.output ?? madeBy?.output ?? 0);

/** Tensors that variables hold, also as attributes of objects (model.0.weight), and those objects with their names. */
export function namedTensors(variables: Iterable<readonly [string, Value]>): {
  tensors: Named[];
  modules: Map<PyInstance, string>;
} {
  const tensors: Named[] = [];
  const modules = new Map<PyInstance, string>();
  const look = (name: string, value: Value, depth: number): void => {
    if (isTensor(value)) tensors.push({ name, tensor: value });
    if (!(value instanceof PyInstance) || modules.has(value) || depth === deepest) return;
    modules.set(value, name);
    for (const [attribute, inner] of value.attributes) look(`${name}.${attribute}`, inner, depth + 1);
  };
  for (const [name, value] of variables) look(name, value, 0);
  return { tensors, modules };
}
