import { Generator } from '../../../shared/random/generator';
import { indexError, PythonError, typeError, valueError } from '../language/errors';
import { PyDict } from '../language/containers';
import type { HostFunction } from '../language/host';
import { HostModule, HostObject, type CallContext } from '../language/host';
import { PyClass, PyList, PyTuple, type Value } from '../language/values';
import { isNumber, toInt, toTensor } from './arguments';
import { itemOf } from './functions/indexing';
import { tensorFrom } from './functions/creation';
import type { Library } from './library';
import type { Session } from './session';
import { isTensor, type Tensor } from './tensor/tensor';

/** Length and entries of a data set: a host object, a list, or an object of a program's class. */
function lengthOf(data: Value, context: CallContext): number {
  if (data instanceof HostObject && data.length) return data.length(context);
  if (data instanceof PyList || data instanceof PyTuple) return data.items.length;
  const method = context.attribute(data, '__len__');
  if (method === undefined) throw typeError('a data set needs __len__ and __getitem__');
  return toInt(context.call(method, []), context);
}

function entryOf(data: Value, index: number, context: CallContext): Value {
  if (data instanceof HostObject && data.item) return data.item(BigInt(index), context);
  if (data instanceof PyList || data instanceof PyTuple) return data.items[index] ?? null;
  const method = context.attribute(data, '__getitem__');
  if (method === undefined) throw typeError('a data set needs __len__ and __getitem__');
  return context.call(method, [BigInt(index)]);
}

const tensorDatasetClass = new PyClass('TensorDataset', null, [], { module: 'torch.utils.data.dataset' });

class TensorDataset extends HostObject {
  readonly type = tensorDatasetClass;
  constructor(readonly tensors: readonly Tensor[]) {
    super();
  }

  override attribute(name: string): Value | undefined {
    return name === 'tensors' ? new PyTuple(this.tensors) : undefined;
  }

  override item(index: Value, context: CallContext): Value {
    return new PyTuple(this.tensors.map((x) => itemOf(x, index, context)));
  }

  override length(): number {
    return this.tensors[0]?.shape[0] ?? 0;
  }

  override *iterate(context: CallContext): Iterable<Value> {
    for (let i = 0; i < this.length(); i++) yield this.item(BigInt(i), context);
  }

  repr(): string {
    return '<torch.utils.data.dataset.TensorDataset object>';
  }
}

const subsetClass = new PyClass('Subset', null, [], { module: 'torch.utils.data.dataset' });

class Subset extends HostObject {
  readonly type = subsetClass;
  constructor(
    private readonly data: Value,
    private readonly indices: readonly number[],
  ) {
    super();
  }

  override attribute(name: string): Value | undefined {
    if (name === 'indices') return new PyList(this.indices.map(BigInt));
    return name === 'dataset' ? this.data : undefined;
  }

  override item(index: Value, context: CallContext): Value {
    const place = Number(index);
    const found = this.indices[place < 0 ? place + this.indices.length : place];
    if (found === undefined) throw indexError('list index out of range');
    return entryOf(this.data, found, context);
  }

  override length(): number {
    return this.indices.length;
  }

  override *iterate(context: CallContext): Iterable<Value> {
    for (const index of this.indices) yield entryOf(this.data, index, context);
  }

  repr(): string {
    return '<torch.utils.data.dataset.Subset object>';
  }
}

const loaderClass = new PyClass('DataLoader', null, [], { module: 'torch.utils.data.dataloader' });

class DataLoader extends HostObject {
  readonly type = loaderClass;
  constructor(
    private readonly library: Library,
    private readonly data: Value,
    private readonly options: { batchSize: number; shuffle: boolean; dropLast: boolean; collate: Value },
  ) {
    super();
  }

  override attribute(name: string): Value | undefined {
    if (name === 'dataset') return this.data;
    return name === 'batch_size' ? BigInt(this.options.batchSize) : undefined;
  }

  override length(context: CallContext): number {
    const count = lengthOf(this.data, context) / this.options.batchSize;
    return this.options.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  override *iterate(context: CallContext): Iterable<Value> {
    const { batchSize, shuffle, collate } = this.options;
    const { session } = this.library;
    const count = lengthOf(this.data, context);
    const order = shuffle ? shuffled(session, count) : Int32Array.from({ length: count }, (_, i) => i);
    if (!shuffle) drawSeed(session);
    const batches = this.length(context);
    for (let batch = 0; batch < batches; batch++) {
      const indices = [...order.subarray(batch * batchSize, (batch + 1) * batchSize)];
      if (this.data instanceof TensorDataset && collate === null) {
        const index = new PyList(indices.map(BigInt));
        yield new PyList(this.data.tensors.map((x) => itemOf(x, index, context)));
        continue;
      }
      const entries = indices.map((index) => entryOf(this.data, index, context));
      yield collate === null ? collated(this.library, entries, context) : context.call(collate, [new PyList(entries)]);
    }
  }

  repr(): string {
    return '<torch.utils.data.dataloader.DataLoader object>';
  }
}

/** torch.empty((), dtype=torch.int64).random_(): 64 bits of the stream, of which a seed uses the lower half. */
function drawSeed({ generator }: Session): number {
  generator.nextUint32();
  return generator.nextUint32();
}

/** As RandomSampler shuffles: the loader draws a seed of its own first, then one for the permutation. */
function shuffled(session: Session, count: number): Int32Array {
  drawSeed(session);
  return new Generator(drawSeed(session)).randperm(count);
}

/** Entries as a batch: tensors stacked, numbers as a tensor, tuples part by part. */
function collated(library: Library, entries: readonly Value[], context: CallContext): Value {
  const [first] = entries;
  if (isTensor(first)) return context.call(library.functions.get('stack') ?? null, [new PyList([...entries])]);
  if (isNumber(first)) return tensorFrom(library.session, new PyList([...entries]), null, context);
  if (first instanceof PyTuple || first instanceof PyList)
    return new PyList(
      first.items.map((_, i) =>
        collated(
          library,
          entries.map((entry) => (entry as PyTuple).items[i] ?? null),
          context,
        ),
      ),
    );
  if (first instanceof PyDict)
    return new PyDict(
      [...first.keys()].map(
        (key) =>
          [
            key,
            collated(
              library,
              entries.map((entry) => (entry as PyDict).get(key) ?? null),
              context,
            ),
          ] as const,
      ),
    );
  return new PyList([...entries]);
}

/** torch.utils.data */
export function dataModule(library: Library): HostModule {
  const { session } = library;
  const datasetClass = new PyClass('Dataset', null, [], { module: 'torch.utils.data.dataset' });
  const members: HostFunction[] = [
    library.make('TensorDataset', '*tensors', ([tensors]) => {
      const list = tensors instanceof PyTuple ? tensors.items.map((item) => toTensor(item)) : [];
      if (list.some(({ shape }) => shape[0] !== list[0]?.shape[0]))
        throw new PythonError('AssertionError', 'Size mismatch between tensors');
      return new TensorDataset(list);
    }),
    library.make(
      'Subset',
      'dataset, indices',
      ([data = null, indices = null], context) =>
        new Subset(
          data,
          [...context.iterate(indices)].map((index) => toInt(index, context)),
        ),
    ),
    library.make('random_split', 'dataset, lengths, generator=None', ([data = null, lengths = null], context) => {
      const total = lengthOf(data, context);
      const given = [...context.iterate(lengths)].map(Number);
      const shares =
        given.every((length) => length <= 1) && Math.abs(given.reduce((sum, length) => sum + length, 0) - 1) < 1e-6;
      const counts = shares ? given.map((share) => Math.floor(share * total)) : given;
      for (let i = 0, rest = total - counts.reduce((sum, count) => sum + count, 0); shares && i < rest; i++)
        counts[i % counts.length] = (counts[i % counts.length] as number) + 1;
      if (counts.reduce((sum, count) => sum + count, 0) !== total)
        throw valueError('Sum of input lengths does not equal the length of the input dataset!');
      const order = session.generator.randperm(total);
      let start = 0;
      return new PyList(
        counts.map((count) => {
          start += count;
          return new Subset(data, [...order.subarray(start - count, start)]);
        }),
      );
    }),
    library.make(
      'DataLoader',
      'dataset, batch_size: int=1, shuffle: bool=False, sampler=None, num_workers: int=0, collate_fn=None, pin_memory: bool=False, drop_last: bool=False',
      ([data = null, size, shuffle, , , collate = null, , dropLast], context) =>
        new DataLoader(library, data, {
          batchSize: toInt(size, context),
          shuffle: shuffle === true,
          dropLast: dropLast === true,
          collate,
        }),
    ),
  ];
  return new HostModule(
    'torch.utils.data',
    new Map<string, Value>([['Dataset', datasetClass], ...members.map((member) => [member.name, member] as const)]),
  );
}
