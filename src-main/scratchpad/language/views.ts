import { PySet, type PyDict } from './containers';
import { HostObject, type CallContext, type CompareOperator } from './host';
import { guarded } from './iteration';
import { PyClass, PyTuple, type Value } from './values';

type ViewName = 'dict_keys' | 'dict_values' | 'dict_items';

const types: Record<ViewName, PyClass> = {
  dict_keys: new PyClass('dict_keys', null, [], { module: 'builtins' }),
  dict_values: new PyClass('dict_values', null, [], { module: 'builtins' }),
  dict_items: new PyClass('dict_items', null, [], { module: 'builtins' }),
};

/** What keys(), values() and items() of a dict give: they follow its changes. */
export class DictView extends HostObject {
  readonly type: PyClass;

  constructor(
    private readonly dict: PyDict,
    private readonly view: ViewName,
  ) {
    super();
    this.type = types[view];
  }

  override *iterate(): Generator<Value> {
    const { dict, view } = this;
    if (view === 'dict_keys') yield* guarded(dict, dict.keys(), 'dictionary');
    else if (view === 'dict_values') yield* guarded(dict, dict.values(), 'dictionary');
    else for (const entry of guarded(dict, dict.entries(), 'dictionary')) yield new PyTuple(entry);
  }

  override length(): number {
    return this.dict.size;
  }

  override truth(): boolean {
    return this.dict.size > 0;
  }

  override contains(value: Value, context: CallContext): boolean {
    if (this.view === 'dict_keys') return this.dict.has(value);
    for (const item of this.iterate()) {
      context.charge(1);
      if (context.equal(item, value)) return true;
    }
    return false;
  }

  override compare(operator: CompareOperator, other: Value, context: CallContext): Value | undefined {
    if (this.view === 'dict_values' || (operator !== '==' && operator !== '!=')) return undefined;
    if (!(other instanceof DictView) && !(other instanceof PySet)) return undefined;
    const [left, right] = [new PySet(this.iterate()), new PySet(context.iterate(other))];
    const equal = left.size === right.size && [...left.values()].every((item) => right.has(item));
    return operator === '==' ? equal : !equal;
  }

  repr(context: CallContext): string {
    const items = [...this.iterate()].map((item) => context.repr(item)).join(', ');
    context.chargeMemory(items.length);
    return `${this.view}([${items}])`;
  }
}
