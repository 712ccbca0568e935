import type { CallNode, ComprehensionNode, Expression, LambdaNode, ParameterNode } from '../../../../shared/python/ast';
import type { Scope } from '../../../../shared/python/scope';
import { findAttribute, missingAttribute } from '../attributes';
import { PyDict, PySet } from '../containers';
import { PythonError, typeError } from '../errors';
import { HostFunction, HostObject } from '../host';
import { iteratorOf } from '../iteration';
import { Signature } from '../signature';
import { typeName } from '../type-names';
import { typeOf } from '../types';
import { PyClass, PyFunction, PyInstance, PyIterator, PyList, PySuper, type Value } from '../values';
import { OperatorCompiler } from './expressions';
import { generateClauses, runClauses, type Clause } from './comprehensions';
import { Completion, type Cell, type Evaluate, type Execute, type Frame } from './frame';
import { FunctionCode, suspended, type FunctionBody } from './function-code';
import { frameMaker } from './names';
import { elementBytes, entryBytes } from '../sizes';

/** What a method call finds without making a bound method; undefined: to be asked for in the usual way. */
function plainMethod(holder: Value, name: string): PyFunction | HostFunction | undefined {
  let found: Value | undefined;
  if (holder instanceof PyInstance) {
    if (holder.attributes.has(name)) return undefined;
    found = holder.type.lookup(name);
  } else if (
    typeof holder !== 'object' ||
    (holder !== null &&
      !(
        holder instanceof HostObject ||
        holder instanceof PyClass ||
        holder instanceof PySuper ||
        holder instanceof PyIterator
      ))
  ) {
    found = typeOf(holder).lookup(name);
  }
  return found instanceof PyFunction || found instanceof HostFunction ? found : undefined;
}

/** Compiles every expression. */
export class ExpressionCompiler extends OperatorCompiler {
  override expression(node: Expression): Evaluate {
    switch (node.kind) {
      case 'name':
        return this.load(node.name, node.position);
      case 'binary':
        return this.binary(node);
      case 'unary':
        return this.unary(node);
      case 'logical':
        return this.logical(node);
      case 'compare':
        return this.comparison(node);
      case 'tuple':
      case 'list':
      case 'set':
        return this.sequence(node.kind, node.elements, node.position);
      case 'dict':
        return this.dict(node);
      case 'format':
        return this.formatted(node);
      case 'subscript':
        return this.subscript(node);
      case 'call':
        return this.call(node);
      case 'lambda':
        return this.lambda(node);
      case 'comprehension':
        return node.form === 'generator' ? this.generatorExpression(node) : this.comprehension(node);
      default:
        return this.simple(node);
    }
  }

  private call(node: CallNode): Evaluate {
    if (node.callee.kind === 'name' && node.callee.name === 'super' && node.args.length + node.keywords.length === 0) {
      const own = this.superCall(node);
      if (own) return own;
    }
    const { runtime } = this;
    const { position } = node;
    const args = this.elements(node.args);
    const keywords = node.keywords.length > 0 ? this.keywords(node) : null;
    if (node.callee.kind === 'attribute') {
      const { name, value } = node.callee;
      const holder = this.expression(value);
      return (frame) => {
        const object = holder(frame);
        const method = plainMethod(object, name);
        if (method === undefined) {
          runtime.position = position;
          const callee = findAttribute(object, name, runtime);
          if (callee === undefined) {
            runtime.position = node.callee.position;
            throw missingAttribute(object, name);
          }
          return this.apply(callee, args(frame), keywords?.(frame), node);
        }
        const given = args(frame);
        given.unshift(object);
        return this.apply(method, given, keywords?.(frame), node);
      };
    }
    const callee = this.expression(node.callee);
    return (frame) => {
      const called = callee(frame);
      return this.apply(called, args(frame), keywords?.(frame), node);
    };
  }

  private apply(callee: Value, args: Value[], keywords: Map<string, Value> | undefined, { position }: CallNode): Value {
    const { runtime } = this;
    runtime.position = position;
    if (callee instanceof PyFunction && !keywords && callee.code.plainArguments === args.length)
      return callee.code.run(args);
    return runtime.call(callee, args, keywords);
  }

  private keywords({ keywords }: CallNode): (frame: Frame) => Map<string, Value> {
    const { runtime } = this;
    const parts = keywords.map(({ name, value, position }) => ({ name, value: this.expression(value), position }));
    return (frame) => {
      const given = new Map<string, Value>();
      const add = (name: Value, value: Value): void => {
        if (typeof name !== 'string') throw typeError('keywords must be strings');
        if (given.has(name)) throw typeError(`got multiple values for keyword argument '${name}'`);
        given.set(name, value);
      };
      for (const { name, value, position } of parts) {
        const written = value(frame);
        runtime.position = position;
        if (name !== null) add(name, written);
        else if (written instanceof PyDict) for (const [key, item] of written.entries()) add(key, item);
        else throw typeError(`argument after ** must be a mapping, not ${typeName(written)}`);
      }
      return given;
    };
  }

  /** `super()` in a method: the class around it and its first argument. */
  private superCall({ position }: CallNode): Evaluate | null {
    const place = this.scope.place('__class__');
    const first = [...this.scope.names].find((name) => this.scope.isParameter(name));
    if (place.kind !== 'cell' || first === undefined || this.scope.place('super').kind !== 'global') return null;
    const { runtime } = this;
    const self = this.load(first, position);
    return (frame) => {
      const type = (frame.cells[place.index] as Cell).value;
      const object = self(frame);
      runtime.position = position;
      if (!(type instanceof PyClass) || !(object instanceof PyInstance))
        throw new PythonError('RuntimeError', 'super(): no object of the class');
      return new PySuper(type, object);
    };
  }

  private lambda(node: LambdaNode): Evaluate {
    const scope = this.program.scopes.of(node);
    const inner = new ExpressionCompiler(this.program, scope, `${this.qualifier}<lambda>.<locals>.`);
    const value = inner.expression(node.body);
    const body: Execute = (frame) => {
      frame.result = value(frame);
      return Completion.return;
    };
    return this.functionMaker('<lambda>', node.parameters, scope, { execute: body }, null);
  }

  /** What `def` and `lambda` do when they are reached: defaults are computed, shared variables are taken along. */
  protected functionMaker(
    name: string,
    parameters: readonly ParameterNode[],
    scope: Scope,
    body: FunctionBody,
    documentation: string | null,
  ): Evaluate {
    const { runtime } = this;
    const signature = new Signature(
      this.qualifier + name,
      parameters.map(({ name: parameter, kind }) => ({ name: parameter, kind, annotation: null, default: undefined })),
    );
    const defaults = parameters.map(({ default: written }) => written && this.expression(written));
    const makeFrame = frameMaker(scope, this.scope);
    const simple = parameters.every(({ kind }) => kind === 'plain' || kind === 'positional-only');
    const plainArguments = simple ? parameters.length : -1;
    return (frame) => {
      runtime.chargeMemory(200);
      const values = defaults.map((written) => written?.(frame));
      const code = new FunctionCode(
        runtime,
        name,
        { signature, defaults: values, plainArguments, documentation },
        body,
        (slots) => makeFrame(frame.cells, slots),
      );
      return new PyFunction(name, code);
    };
  }

  private comprehension(node: ComprehensionNode): Evaluate {
    const { runtime } = this;
    const { first, inner, clauses, makeFrame } = this.comprehensionParts(node);
    const element = inner.expression(node.element);
    const value = node.value && inner.expression(node.value);
    const { position, form } = node;
    return (outer) => {
      const iterable = first(outer);
      const frame = makeFrame(outer.cells, []);
      const items: Value[] = [];
      const dict = new PyDict();
      runClauses(clauses, iterable, frame, runtime, () => {
        const item = element(frame);
        const itemValue = value?.(frame);
        runtime.position = position;
        runtime.chargeMemory(form === 'list' ? elementBytes : entryBytes);
        if (itemValue === undefined) items.push(item);
        else dict.set(item, itemValue);
      });
      if (form === 'dict') return dict;
      runtime.position = position;
      return form === 'list' ? new PyList(items) : new PySet(items);
    };
  }

  private generatorExpression(node: ComprehensionNode): Evaluate {
    const { runtime } = this;
    const { first, inner, clauses, makeFrame } = this.comprehensionParts(node);
    const element = inner.expression(node.element);
    return (outer) => {
      const iterator = iteratorOf(first(outer), runtime);
      const run = function* (frame: Frame): Generator<Value, undefined, Value> {
        yield* generateClauses(clauses, iterator, frame, runtime, element);
      };
      return new PyIterator('generator', suspended(runtime, '<genexpr>', makeFrame(outer.cells, []), run));
    };
  }

  private comprehensionParts(node: ComprehensionNode): {
    first: Evaluate;
    inner: ExpressionCompiler;
    clauses: Clause[];
    makeFrame: ReturnType<typeof frameMaker>;
  } {
    const { runtime } = this;
    const scope = this.program.scopes.of(node);
    const inner = new ExpressionCompiler(this.program, scope, this.qualifier);
    const clauses = node.clauses.map(({ target, iterable, conditions }, index) => {
      // The first iterable belongs to the scope outside.
      const value = (index === 0 ? this : inner).expression(iterable);
      return {
        iterable: (frame: Frame): Value => {
          const evaluated = value(frame);
          runtime.position = iterable.position;
          return evaluated;
        },
        store: inner.target(target),
        conditions: conditions.map((condition) => inner.condition(condition)),
      };
    });
    const [clause] = clauses;
    if (!clause) throw new Error('a comprehension without a clause');
    return { first: clause.iterable, inner, clauses, makeFrame: frameMaker(scope, this.scope) };
  }
}
