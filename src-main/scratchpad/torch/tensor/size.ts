import { indexError } from '../../language/errors';
import { sliceRange } from '../../language/slices';
import {
  HostFunction,
  HostObject,
  type BinaryOperator,
  type CallContext,
  type CompareOperator,
} from '../../language/host';
import { PyClass, PySlice, PyTuple, type Value } from '../../language/values';
import { elementCount, shapeText, type Shape } from './shape';

export const sizeClass: PyClass = new PyClass('Size', null, [], {
  module: 'torch',
  construct: new HostFunction(
    'Size',
    'sizes=()',
    ([sizes = null], context) => new Size([...context.iterate(sizes)].map(Number)),
  ),
});

/** torch.Size: a shape, which behaves as a tuple. */
export class Size extends HostObject {
  readonly type = sizeClass;
  readonly items: readonly bigint[];

  constructor(private readonly shape: Shape) {
    super();
    this.items = shape.map(BigInt);
  }

  override attribute(name: string, context: CallContext): Value | undefined {
    if (name === 'numel') return new HostFunction('numel', '', () => BigInt(elementCount(this.shape)));
    return super.attribute(name, context);
  }

  override item(index: Value, context: CallContext): Value {
    if (index instanceof PySlice) {
      const { start, step, count } = sliceRange(index, this.shape.length, context);
      return new Size(Array.from({ length: count }, (_, i) => this.shape[start + i * step] as number));
    }
    const place = Number(index);
    const found = this.items[place < 0 ? place + this.items.length : place];
    if (found === undefined) throw indexError('tuple index out of range');
    return found;
  }

  override iterate(): Iterable<Value> {
    return this.items;
  }

  override length(): number {
    return this.items.length;
  }

  override truth(): boolean {
    return this.items.length > 0;
  }

  override contains(value: Value): boolean {
    return this.shape.includes(Number(value));
  }

  override compare(operator: CompareOperator, other: Value): Value | undefined {
    const items = other instanceof Size ? other.items : other instanceof PyTuple ? other.items : null;
    if (!items) return undefined;
    const same = items.length === this.items.length && items.every((item, i) => item === this.items[i]);
    if (operator === '==') return same;
    return operator === '!=' ? !same : undefined;
  }

  override binary(operator: BinaryOperator, other: Value, reflected: boolean): Value | undefined {
    const items = other instanceof Size ? other.items : other instanceof PyTuple ? other.items : null;
    if (operator !== '+' || !items) return undefined;
    return new PyTuple(reflected ? [...items, ...this.items] : [...this.items, ...items]);
  }

  repr(): string {
    return `torch.Size(${shapeText(this.shape)})`;
  }
}
