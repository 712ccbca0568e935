import { HostObject, type CallContext } from '../language/host';
import { PyClass, type Value } from '../language/values';
import { typeError, indexError } from '../language/errors';

const classes = new Map<string, PyClass>();

/** What functions with several results return: a tuple whose parts have names (values, indices = x.max(0)). */
class NamedTuple extends HostObject {
  constructor(
    readonly type: PyClass,
    private readonly names: readonly string[],
    private readonly values: readonly Value[],
  ) {
    super();
  }

  override attribute(name: string): Value | undefined {
    return this.values[this.names.indexOf(name)];
  }

  override attributeNames(): Iterable<string> {
    return this.names;
  }

  override item(index: Value): Value {
    if (typeof index !== 'bigint') throw typeError('tuple indices must be integers');
    const value = this.values[Number(index < 0n ? index + BigInt(this.values.length) : index)];
    if (value === undefined) throw indexError('tuple index out of range');
    return value;
  }

  override iterate(): Iterable<Value> {
    return this.values;
  }

  override length(): number {
    return this.values.length;
  }

  repr(context: CallContext): string {
    const parts = this.names.map((name, i) => `${name}=${context.repr(this.values[i] ?? null)}`);
    return `${this.type.module}.${this.type.name}(\n${parts.join(',\n')})`;
  }
}

/** `name` with its module: torch.return_types.max. */
export function named(name: string, names: readonly string[], values: readonly Value[]): HostObject {
  let type = classes.get(name);
  if (!type) {
    const dot = name.lastIndexOf('.');
    classes.set(name, (type = new PyClass(name.slice(dot + 1), null, [], { module: name.slice(0, dot) })));
  }
  return new NamedTuple(type, names, values);
}
