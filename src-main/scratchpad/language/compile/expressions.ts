import type {
  BinaryNode,
  CompareNode,
  Comparison,
  DictNode,
  Expression,
  FormatNode,
  LogicalNode,
  SubscriptNode,
  UnaryNode,
} from '../../../../shared/python/ast';
import type { Position } from '../../../../shared/python/position';
import { getAttribute, setAttribute } from '../attributes';
import { compare } from '../comparison';
import { PyDict, PySet } from '../containers';
import { typeError, valueError } from '../errors';
import type { CompareOperator } from '../host';
import { contains, getItem, setItem } from '../items';
import { isIterable } from '../iteration';
import { updateDict } from '../methods/dicts';
import { binary, integerOperation, unary } from '../operators';
import { format } from '../representation';
import { escapeNonAscii } from '../text';
import { typeName } from '../type-names';
import { PyEllipsis, PyList, PySlice, PyTuple, type Value } from '../values';
import type { Evaluate, Store } from './frame';
import { NameCompiler } from './names';
import { elementBytes, entryBytes, referenceBytes } from '../sizes';

/** Compiles operators, literals and targets; calls and functions are left to the classes below. */
export abstract class OperatorCompiler extends NameCompiler {
  abstract expression(node: Expression): Evaluate;

  protected binary({ operator, left, right, position }: BinaryNode): Evaluate {
    const { runtime } = this;
    const [a, b] = [this.expression(left), this.expression(right)];
    const slow = (x: Value, y: Value): Value => {
      runtime.position = position;
      return binary(operator, x, y, runtime);
    };
    switch (operator) {
      case '+':
        return (frame) => {
          const x = a(frame);
          const y = b(frame);
          if (typeof x === 'number' && typeof y === 'number') return x + y;
          return typeof x === 'bigint' && typeof y === 'bigint' ? x + y : slow(x, y);
        };
      case '-':
        return (frame) => {
          const x = a(frame);
          const y = b(frame);
          if (typeof x === 'number' && typeof y === 'number') return x - y;
          return typeof x === 'bigint' && typeof y === 'bigint' ? x - y : slow(x, y);
        };
      case '*':
        return (frame) => {
          const x = a(frame);
          const y = b(frame);
          return typeof x === 'number' && typeof y === 'number' ? x * y : slow(x, y);
        };
      default:
        return (frame) => {
          const x = a(frame);
          const y = b(frame);
          if (typeof x !== 'bigint' || typeof y !== 'bigint') return slow(x, y);
          runtime.position = position;
          return integerOperation(operator, x, y, runtime) ?? slow(x, y);
        };
    }
  }

  protected unary({ operator, operand, position }: UnaryNode): Evaluate {
    const { runtime } = this;
    const value = this.expression(operand);
    if (operator === 'not') {
      return (frame) => {
        const tested = value(frame);
        runtime.position = position;
        return !runtime.truth(tested);
      };
    }
    // A negative number is one value.
    if (operator === '-' && operand.kind === 'constant') {
      const number = operand.value;
      if (typeof number === 'bigint' || typeof number === 'number') {
        const negative = -number;
        return () => negative;
      }
    }
    return (frame) => {
      const operandValue = value(frame);
      runtime.position = position;
      return unary(operator, operandValue, runtime);
    };
  }

  protected logical({ operator, operands, position }: LogicalNode): Evaluate {
    const { runtime } = this;
    const values = operands.map((operand) => this.expression(operand));
    const last = values.length - 1;
    const stopsAt = operator === 'or';
    return (frame) => {
      for (let i = 0; i < last; i++) {
        const value = (values[i] as Evaluate)(frame);
        runtime.position = position;
        if (runtime.truth(value) === stopsAt) return value;
      }
      return (values[last] as Evaluate)(frame);
    };
  }

  /** What is tested by if and while: its truth, with a short way for comparisons. */
  protected condition(node: Expression): (frame: Parameters<Evaluate>[0]) => boolean {
    const { runtime } = this;
    const value = this.expression(node);
    return (frame) => {
      const tested = value(frame);
      if (typeof tested === 'boolean') return tested;
      runtime.position = node.position;
      return runtime.truth(tested);
    };
  }

  protected comparison({ operators, operands, position }: CompareNode): Evaluate {
    const { runtime } = this;
    const values = operands.map((operand) => this.expression(operand));
    const tests = operators.map((operator) => this.comparisonOf(operator, position));
    const [first, second] = values as [Evaluate, Evaluate];
    const [test] = tests as [(left: Value, right: Value) => Value];
    if (operators.length === 1) return (frame) => test(first(frame), second(frame));
    return (frame) => {
      let left = first(frame);
      let result: Value = true;
      for (let i = 0; i < tests.length; i++) {
        const right = (values[i + 1] as Evaluate)(frame);
        result = (tests[i] as (left: Value, right: Value) => Value)(left, right);
        runtime.position = position;
        if (i + 1 < tests.length && !runtime.truth(result)) return result;
        left = right;
      }
      return result;
    };
  }

  private comparisonOf(operator: Comparison, position: Position): (left: Value, right: Value) => Value {
    const { runtime } = this;
    switch (operator) {
      case 'is':
        return (left, right) => left === right;
      case 'is not':
        return (left, right) => left !== right;
      case 'in':
      case 'not in':
        return (left, right) => {
          runtime.position = position;
          return contains(right, left, runtime) === (operator === 'in');
        };
      default:
        return (left, right) => {
          if (typeof left === 'bigint' && typeof right === 'bigint') return comparePlain(operator, left, right);
          if (typeof left === 'number' && typeof right === 'number') return comparePlain(operator, left, right);
          runtime.position = position;
          return compare(operator, left, right, runtime);
        };
    }
  }

  /** The values of a display or of arguments, starred ones spread. */
  protected elements(nodes: readonly Expression[]): (frame: Parameters<Evaluate>[0]) => Value[] {
    const { runtime } = this;
    const values = nodes.map((node) => this.expression(node.kind === 'starred' ? node.value : node));
    if (!nodes.some(({ kind }) => kind === 'starred')) {
      const count = values.length;
      return (frame) => {
        const items: Value[] = [];
        for (let i = 0; i < count; i++) items.push((values[i] as Evaluate)(frame));
        return items;
      };
    }
    return (frame) => {
      const items: Value[] = [];
      nodes.forEach((node, index) => {
        const value = (values[index] as Evaluate)(frame);
        if (node.kind !== 'starred') {
          items.push(value);
          return;
        }
        runtime.position = node.position;
        if (!isIterable(value)) throw typeError(`Value after * must be an iterable, not ${typeName(value)}`);
        for (const item of runtime.iterate(value)) {
          runtime.chargeMemory(elementBytes);
          items.push(item);
        }
      });
      return items;
    };
  }

  protected sequence(kind: 'tuple' | 'list' | 'set', nodes: readonly Expression[], position: Position): Evaluate {
    const { runtime } = this;
    const elements = this.elements(nodes);
    return (frame) => {
      const items = elements(frame);
      runtime.position = position;
      runtime.chargeMemory(elementBytes * (1 + items.length));
      return kind === 'list' ? new PyList(items) : kind === 'tuple' ? new PyTuple(items) : new PySet(items);
    };
  }

  protected dict({ entries, position }: DictNode): Evaluate {
    const { runtime } = this;
    const parts = entries.map(({ key, value }) => ({
      key: key && this.expression(key),
      value: this.expression(value),
      position: value.position,
    }));
    return (frame) => {
      const dict = new PyDict();
      runtime.chargeMemory(entryBytes * (1 + parts.length));
      for (const part of parts) {
        const key = part.key?.(frame);
        const value = part.value(frame);
        runtime.position = part.key ? position : part.position;
        if (key !== undefined) dict.set(key, value);
        else if (value instanceof PyDict) updateDict(dict, value, runtime);
        else throw typeError(`'${typeName(value)}' object is not a mapping`);
      }
      return dict;
    };
  }

  protected formatted({ parts, position }: FormatNode): (frame: Parameters<Evaluate>[0]) => string {
    const { runtime } = this;
    const pieces = parts.map((part) => {
      if (typeof part === 'string') return () => part;
      const value = this.expression(part.value);
      const spec = part.specification ? this.formatted(part.specification) : () => '';
      const { conversion } = part;
      return (frame: Parameters<Evaluate>[0]): string => {
        const shown = value(frame);
        const how = spec(frame);
        runtime.position = part.value.position;
        if (conversion === null) return format(shown, how, runtime);
        const text = conversion === 's' ? runtime.str(shown) : runtime.repr(shown);
        return format(conversion === 'a' ? escapeNonAscii(text) : text, how, runtime);
      };
    });
    return (frame) => {
      let text = '';
      for (const piece of pieces) text += piece(frame);
      runtime.position = position;
      runtime.chargeMemory(text.length);
      return text;
    };
  }

  protected subscript({ value, index, position }: SubscriptNode): Evaluate {
    const { runtime } = this;
    const [container, at] = [this.expression(value), this.expression(index)];
    return (frame) => {
      const holder = container(frame);
      const place = at(frame);
      if (holder instanceof PyList && typeof place === 'bigint' && place >= 0n) {
        const item = holder.items[Number(place)];
        if (item !== undefined) return item;
      }
      runtime.position = position;
      return getItem(holder, place, runtime);
    };
  }

  protected simple(node: Expression): Evaluate {
    const { runtime } = this;
    switch (node.kind) {
      case 'constant': {
        const { value } = node;
        return () => value;
      }
      case 'ellipsis':
        return () => PyEllipsis.value;
      case 'attribute': {
        const value = this.expression(node.value);
        const { name, position } = node;
        return (frame) => {
          const holder = value(frame);
          runtime.position = position;
          return getAttribute(holder, name, runtime);
        };
      }
      case 'slice': {
        const part = (written: Expression | null): Evaluate => (written ? this.expression(written) : () => null);
        const [start, stop, step] = [part(node.start), part(node.stop), part(node.step)];
        return (frame) => new PySlice(start(frame), stop(frame), step(frame));
      }
      case 'conditional': {
        const test = this.condition(node.test);
        const [then, otherwise] = [this.expression(node.then), this.expression(node.otherwise)];
        return (frame) => (test(frame) ? then(frame) : otherwise(frame));
      }
      case 'named': {
        const value = this.expression(node.value);
        const store = this.store(node.target.name);
        return (frame) => {
          const assigned = value(frame);
          store(frame, assigned);
          return assigned;
        };
      }
      default:
        throw new Error(`not an expression of its own: ${node.kind}`);
    }
  }

  /** What assigns to a target. */
  target(node: Expression): Store {
    const { runtime } = this;
    switch (node.kind) {
      case 'name':
        return this.store(node.name);
      case 'attribute': {
        const holder = this.expression(node.value);
        return (frame, value) => {
          const object = holder(frame);
          runtime.position = node.position;
          setAttribute(object, node.name, value, runtime);
        };
      }
      case 'subscript': {
        const [holder, index] = [this.expression(node.value), this.expression(node.index)];
        return (frame, value) => {
          const [container, place] = [holder(frame), index(frame)];
          runtime.position = node.position;
          setItem(container, place, value, runtime);
        };
      }
      case 'tuple':
      case 'list':
        return this.unpacking(node.elements, node.position);
      default:
        throw new Error(`not a target: ${node.kind}`);
    }
  }

  private unpacking(nodes: readonly Expression[], position: Position): Store {
    const { runtime } = this;
    const star = nodes.findIndex(({ kind }) => kind === 'starred');
    const stores = nodes.map((node) => this.target(node.kind === 'starred' ? node.value : node));
    const wanted = star < 0 ? nodes.length : nodes.length - 1;
    return (frame, value) => {
      runtime.position = position;
      const items = unpacked(value, star < 0 ? wanted : Infinity, (iterable) => runtime.iterate(iterable));
      if (items.length < wanted) {
        const least = star < 0 ? wanted : `at least ${wanted}`;
        throw valueError(`not enough values to unpack (expected ${least}, got ${items.length})`);
      }
      if (star < 0 && items.length > wanted) throw valueError(`too many values to unpack (expected ${wanted})`);
      const rest = items.length - wanted;
      runtime.chargeMemory(referenceBytes * rest);
      stores.forEach((store, index) => {
        if (star < 0 || index < star) store(frame, items[index] as Value);
        else if (index === star) store(frame, new PyList(items.slice(star, star + rest)));
        else store(frame, items[index + rest - 1] as Value);
      });
    };
  }
}

/** At most one element more than wanted is asked for: an endless generator must not hang here. */
function unpacked(value: Value, wanted: number, iterate: (value: Value) => Iterable<Value>): readonly Value[] {
  if (value instanceof PyTuple || value instanceof PyList) return value.items.slice();
  if (!isIterable(value)) throw typeError(`cannot unpack non-iterable ${typeName(value)} object`);
  const items: Value[] = [];
  for (const item of iterate(value)) {
    items.push(item);
    if (items.length > wanted) break;
  }
  return items;
}

function comparePlain<Number extends bigint | number>(operator: CompareOperator, left: Number, right: Number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
  }
}
