import type {
  AssignStatement,
  AugmentedStatement,
  ClassStatement,
  Expression,
  ForStatement,
  FunctionStatement,
  Statement,
  WhileStatement,
} from '../../../../shared/python/ast';
import { assertBase, deleteAttribute, getAttribute, setAttribute } from '../attributes';
import { PythonError, typeError } from '../errors';
import { baseException, errorOf } from '../exceptions';
import { deleteItem, getItem, setItem } from '../items';
import { iteratorOf } from '../iteration';
import { inPlace } from '../operators';
import { types } from '../types';
import { PyClass, PyInstance, type Value } from '../values';
import { ExpressionCompiler } from './calls';
import { Completion, type Cell, type Evaluate, type Execute } from './frame';
import { frameMaker } from './names';

const { normal } = Completion;

/** Compiles statements without a `yield` in them; those with one, try, with and imports are left to the classes below. */
export abstract class BlockCompiler extends ExpressionCompiler {
  protected abstract special(node: Statement): Execute;
  protected abstract functionDefinition(node: FunctionStatement): Evaluate;
  protected abstract inside(node: ClassStatement): BlockCompiler;

  block(statements: readonly Statement[]): Execute {
    const compiled = statements.map((statement) => this.statement(statement));
    const [first, second] = compiled;
    if (!first) return () => normal;
    if (!second) return first;
    return (frame) => {
      for (const execute of compiled) {
        const completion = execute(frame);
        if (completion !== normal) return completion;
      }
      return normal;
    };
  }

  statement(node: Statement): Execute {
    const { runtime } = this;
    switch (node.kind) {
      case 'expression': {
        const value = this.expression(node.value);
        return (frame) => {
          value(frame);
          return normal;
        };
      }
      case 'assign':
        return this.assignment(node);
      case 'augmented':
        return this.augmented(node);
      case 'annotated': {
        if (!node.value) return () => normal;
        const [value, store] = [this.expression(node.value), this.target(node.target)];
        return (frame) => {
          store(frame, value(frame));
          return normal;
        };
      }
      case 'if': {
        const test = this.condition(node.test);
        const [body, otherwise] = [this.block(node.body), this.block(node.otherwise)];
        return (frame) => (test(frame) ? body(frame) : otherwise(frame));
      }
      case 'while':
        return this.whileLoop(node);
      case 'for':
        return this.forLoop(node);
      case 'def': {
        const value = this.decorated(node.decorators, this.functionDefinition(node));
        const store = this.store(node.name);
        return (frame) => {
          store(frame, value(frame));
          return normal;
        };
      }
      case 'class':
        return this.classDefinition(node);
      case 'return': {
        const value = node.value && this.expression(node.value);
        return (frame) => {
          frame.result = value ? value(frame) : null;
          return Completion.return;
        };
      }
      case 'delete': {
        const deletes = node.targets.map((target) => this.deletion(target));
        return (frame) => {
          for (const one of deletes) one(frame);
          return normal;
        };
      }
      case 'raise':
        return this.raise(node.exception, node.cause, node.position);
      case 'assert': {
        const test = this.condition(node.test);
        const message = node.message && this.expression(node.message);
        return (frame) => {
          if (test(frame)) return normal;
          const text = message ? runtime.str(message(frame)) : '';
          runtime.position = node.position;
          throw new PythonError('AssertionError', text);
        };
      }
      case 'break':
        return () => Completion.break;
      case 'continue':
        return () => Completion.continue;
      case 'pass':
      case 'global':
      case 'nonlocal':
        return () => normal;
      default:
        return this.special(node);
    }
  }

  private assignment({ targets, value }: AssignStatement): Execute {
    const assigned = this.expression(value);
    const stores = targets.map((target) => this.target(target));
    const [only] = stores;
    if (only && stores.length === 1) {
      return (frame) => {
        only(frame, assigned(frame));
        return normal;
      };
    }
    return (frame) => {
      const result = assigned(frame);
      for (const store of stores) store(frame, result);
      return normal;
    };
  }

  /** Holder and index of the target are evaluated once. */
  private augmented({ target, operator, value, position }: AugmentedStatement): Execute {
    const { runtime } = this;
    const right = this.expression(value);
    const combine = (left: Value, other: Value): Value => {
      if (typeof left === 'number' && typeof other === 'number') {
        if (operator === '+') return left + other;
        if (operator === '-') return left - other;
        if (operator === '*') return left * other;
      } else if (typeof left === 'bigint' && typeof other === 'bigint') {
        if (operator === '+') return left + other;
        if (operator === '-') return left - other;
      }
      runtime.position = position;
      return inPlace(operator, left, other, runtime);
    };
    if (target.kind === 'name') {
      const [load, store] = [this.load(target.name, target.position), this.store(target.name)];
      return (frame) => {
        store(frame, combine(load(frame), right(frame)));
        return normal;
      };
    }
    if (target.kind === 'attribute') {
      const { name } = target;
      const holder = this.expression(target.value);
      return (frame) => {
        const object = holder(frame);
        runtime.position = target.position;
        const result = combine(getAttribute(object, name, runtime), right(frame));
        runtime.position = target.position;
        setAttribute(object, name, result, runtime);
        return normal;
      };
    }
    if (target.kind !== 'subscript') throw new Error(`not a target: ${target.kind}`);
    const [holder, index] = [this.expression(target.value), this.expression(target.index)];
    return (frame) => {
      const [container, place] = [holder(frame), index(frame)];
      runtime.position = target.position;
      const result = combine(getItem(container, place, runtime), right(frame));
      runtime.position = target.position;
      setItem(container, place, result, runtime);
      return normal;
    };
  }

  private whileLoop(node: WhileStatement): Execute {
    const { runtime } = this;
    const test = this.condition(node.test);
    const [body, otherwise] = [this.block(node.body), this.block(node.otherwise)];
    return (frame) => {
      while (test(frame)) {
        runtime.position = node.test.position;
        runtime.limits.charge(1);
        const completion = body(frame);
        if (completion === Completion.break) return normal;
        if (completion === Completion.return) return completion;
      }
      return otherwise(frame);
    };
  }

  private forLoop(node: ForStatement): Execute {
    const { runtime } = this;
    const iterable = this.expression(node.iterable);
    const store = this.target(node.target);
    const [body, otherwise] = [this.block(node.body), this.block(node.otherwise)];
    const { position } = node.iterable;
    return (frame) => {
      const value = iterable(frame);
      runtime.position = position;
      const iterator = iteratorOf(value, runtime);
      for (;;) {
        runtime.position = position;
        const step = iterator.next();
        if (step.done) break;
        runtime.limits.charge(1);
        store(frame, step.value);
        const completion = body(frame);
        if (completion === Completion.break) return normal;
        if (completion === Completion.return) return completion;
      }
      return otherwise(frame);
    };
  }

  private decorated(decorators: readonly Expression[], value: Evaluate): Evaluate {
    const { runtime } = this;
    return decorators.reduceRight<Evaluate>((inner, node) => {
      const decorator = this.expression(node);
      return (frame) => {
        const wrapper = decorator(frame);
        const wrapped = inner(frame);
        runtime.position = node.position;
        return runtime.call(wrapper, [wrapped]);
      };
    }, value);
  }

  private classDefinition(node: ClassStatement): Execute {
    const { runtime } = this;
    const { name, position } = node;
    const bases = this.elements(node.bases);
    const scope = this.program.scopes.of(node);
    const makeFrame = frameMaker(scope, this.scope);
    const body = this.inside(node).block(node.body);
    const own = scope.place('__class__');
    const documentation = documentationOf(node.body);
    const made: Evaluate = (frame) => {
      const given = bases(frame);
      runtime.position = position;
      const named = given.filter((one) => one !== types.object);
      if (named.length > 1) throw typeError('more than one base class is not supported here');
      const base = named[0] === undefined ? null : assertBase(named[0]);
      runtime.chargeMemory(1000);
      runtime.enter(name);
      const members = new Map<string, Value>();
      const inner = makeFrame(frame.cells, [], members);
      body(inner);
      runtime.leave();
      if (documentation !== null) members.set('__doc__', documentation);
      const type = new PyClass(name, base, members);
      if (own.kind === 'cell') (inner.cells[own.index] as Cell).value = type;
      return type;
    };
    const value = this.decorated(node.decorators, made);
    const store = this.store(name);
    return (frame) => {
      store(frame, value(frame));
      return normal;
    };
  }

  private deletion(node: Expression): (frame: Parameters<Execute>[0]) => void {
    const { runtime } = this;
    const { position } = node;
    switch (node.kind) {
      case 'name':
        return this.unbind(node.name, position);
      case 'attribute': {
        const holder = this.expression(node.value);
        return (frame) => {
          const object = holder(frame);
          runtime.position = position;
          deleteAttribute(object, node.name);
        };
      }
      case 'subscript': {
        const [holder, index] = [this.expression(node.value), this.expression(node.index)];
        return (frame) => {
          const [container, place] = [holder(frame), index(frame)];
          runtime.position = position;
          deleteItem(container, place, runtime);
        };
      }
      case 'tuple':
      case 'list': {
        const deletes = node.elements.map((element) => this.deletion(element));
        return (frame) => {
          for (const one of deletes) one(frame);
        };
      }
      default:
        throw new Error(`nothing that can be deleted: ${node.kind}`);
    }
  }

  private raise(exception: Expression | null, cause: Expression | null, position: Statement['position']): Execute {
    const { runtime } = this;
    const value = exception && this.expression(exception);
    const reason = cause && this.expression(cause);
    return (frame) => {
      if (!value) {
        runtime.position = position;
        throw runtime.handling ?? new PythonError('RuntimeError', 'No active exception to reraise');
      }
      const given = value(frame);
      reason?.(frame);
      runtime.position = position;
      const raised = given instanceof PyClass && given.isSubclassOf(baseException) ? runtime.call(given, []) : given;
      if (!(raised instanceof PyInstance) || !raised.type.isSubclassOf(baseException))
        throw typeError('exceptions must derive from BaseException');
      throw errorOf(raised, runtime);
    };
  }

  /** The value of a cell: what its last line gives, where that is an expression. */
  lastValue(statements: readonly Statement[]): Evaluate {
    const last = statements.at(-1);
    if (last?.kind !== 'expression') {
      const body = this.block(statements);
      return (frame) => {
        body(frame);
        return null;
      };
    }
    const body = this.block(statements.slice(0, -1));
    const value = this.expression(last.value);
    return (frame) => {
      body(frame);
      return value(frame);
    };
  }
}

/** The text at the beginning of a function or class. */
export function documentationOf(body: readonly Statement[]): string | null {
  const [first] = body;
  if (first?.kind !== 'expression' || first.value.kind !== 'constant') return null;
  return typeof first.value.value === 'string' ? first.value.value : null;
}
