import type {
  FromImportStatement,
  ImportStatement,
  Statement,
  TryStatement,
  WithStatement,
} from '../../../../shared/python/ast';
import type { Position } from '../../../../shared/python/position';
import { Interruption, PythonError, typeError, withHint } from '../errors';
import { baseException, exceptionOf } from '../exceptions';
import { HostObject, type HostModule } from '../host';
import { typeName } from '../type-names';
import { PyClass, PyInstance, PyTuple, type Value } from '../values';
import { Completion, type Execute, type Frame } from './frame';
import { BlockCompiler } from './statements';

const { normal } = Completion;

/** What a `try` needs of its handlers: which one takes an error, and what happens around it. */
export interface Handlers {
  /** Index of the clause that takes the error; -1: none. */
  choose(frame: Frame, error: PythonError): number;
  bind(frame: Frame, index: number, error: PythonError): void;
  unbind(frame: Frame, index: number): void;
}

/** Compiles try, with and imports. */
export abstract class SpecialCompiler extends BlockCompiler {
  protected override special(node: Statement): Execute {
    switch (node.kind) {
      case 'try':
        return this.tryStatement(node);
      case 'with':
        return this.withStatement(node);
      case 'import':
        return this.importModules(node);
      case 'from-import':
        return this.importNames(node);
      default:
        throw new Error(`not a statement of its own: ${node.kind}`);
    }
  }

  private tryStatement(node: TryStatement): Execute {
    const guarded = node.handlers.length > 0 ? this.guarded(node) : this.block(node.body);
    if (node.finally.length === 0) return guarded;
    const { runtime } = this;
    const last = this.block(node.finally);
    return (frame) => {
      const { depth } = runtime;
      let completion: Completion;
      try {
        completion = guarded(frame);
      } catch (thrown) {
        const error = runtime.caught(thrown, depth);
        if (error instanceof Interruption) throw error;
        const instead = last(frame);
        if (instead !== normal) return instead;
        throw error;
      }
      const { result } = frame;
      const instead = last(frame);
      if (instead !== normal) return instead;
      frame.result = result;
      return completion;
    };
  }

  private guarded(node: TryStatement): Execute {
    const { runtime } = this;
    const [body, otherwise] = [this.block(node.body), this.block(node.otherwise)];
    const handlers = this.handlers(node);
    const bodies = node.handlers.map((handler) => this.block(handler.body));
    return (frame) => {
      const { depth, handling } = runtime;
      try {
        const completion = body(frame);
        if (completion !== normal) return completion;
      } catch (thrown) {
        const error = runtime.caught(thrown, depth);
        const index = handlers.choose(frame, error);
        if (index < 0) throw error;
        handlers.bind(frame, index, error);
        const completion = (bodies[index] as Execute)(frame);
        runtime.handling = handling;
        handlers.unbind(frame, index);
        return completion;
      }
      return otherwise(frame);
    };
  }

  protected handlers({ handlers }: TryStatement): Handlers {
    const { runtime } = this;
    const types = handlers.map(({ exception }) => exception && this.expression(exception));
    const stores = handlers.map(({ name }) => (name === null ? null : this.store(name)));
    const unbinds = handlers.map(({ name, position }) => (name === null ? null : this.unbind(name, position)));
    const matches = (type: Value, raised: PyInstance, position: Position): boolean => {
      if (type instanceof PyTuple) return type.items.some((one) => matches(one, raised, position));
      runtime.position = position;
      if (!(type instanceof PyClass) || !type.isSubclassOf(baseException))
        throw typeError('catching classes that do not inherit from BaseException is not allowed');
      return raised.type.isSubclassOf(type);
    };
    return {
      choose: (frame, error) => {
        if (error instanceof Interruption) return -1;
        const raised = exceptionOf(error);
        return handlers.findIndex(({ exception }, index) => {
          const type = types[index];
          return !type || !exception || matches(type(frame), raised, exception.position);
        });
      },
      bind: (frame, index, error) => {
        runtime.handling = error;
        stores[index]?.(frame, exceptionOf(error));
      },
      unbind: (frame, index) => {
        // The program may have deleted the name itself.
        const store = stores[index];
        if (!store) return;
        store(frame, null);
        unbinds[index]?.(frame);
      },
    };
  }

  private withStatement(node: WithStatement): Execute {
    const body = this.block(node.body);
    return node.items.reduceRight<Execute>((inner, { manager, target }) => {
      const value = this.expression(manager);
      const store = target && this.target(target);
      const { runtime } = this;
      return (frame) => {
        const object = value(frame);
        runtime.position = manager.position;
        const entered = this.enterContext(object);
        const { depth } = runtime;
        let completion: Completion;
        try {
          store?.(frame, entered);
          completion = inner(frame);
        } catch (thrown) {
          const error = runtime.caught(thrown, depth);
          // A host object has to be told even when the program ends: what it changed outlives the cell.
          if (error instanceof Interruption && !(object instanceof HostObject)) throw error;
          if (!this.exitContext(object, error) || error instanceof Interruption) throw error;
          return normal;
        }
        runtime.position = manager.position;
        this.exitContext(object, null);
        return completion;
      };
    }, body);
  }

  protected enterContext(object: Value): Value {
    if (object instanceof HostObject && object.enter) return object.enter(this.runtime);
    const method = object instanceof PyInstance ? object.type.lookup('__enter__') : undefined;
    if (method === undefined)
      throw typeError(`'${typeName(object)}' object does not support the context manager protocol`);
    return this.runtime.call(method, [object]);
  }

  /** Whether the error is swallowed. */
  protected exitContext(object: Value, error: PythonError | null): boolean {
    if (object instanceof HostObject) return object.exit?.(error !== null, this.runtime) ?? false;
    const method = object instanceof PyInstance ? object.type.lookup('__exit__') : undefined;
    if (method === undefined)
      throw typeError(`'${typeName(object)}' object does not support the context manager protocol`);
    const raised = error && exceptionOf(error);
    return this.runtime.truth(this.runtime.call(method, [object, raised && raised.type, raised, null]));
  }

  private module(name: string, position: Position): HostModule {
    const { modules } = this.program;
    const found = modules.get(name);
    if (found) return found;
    this.runtime.position = position;
    const known = [...modules.keys()].filter((one) => !one.includes('.')).join(', ');
    const hint = known === '' ? null : `there are ${known}`;
    throw withHint(new PythonError('ModuleNotFoundError', `No module named '${name}'`), hint);
  }

  private importModules({ modules }: ImportStatement): Execute {
    const imports = modules.map(({ name, alias, position }) => ({
      name,
      position,
      // Without an alias the outermost module gets the name.
      bound: alias === null ? (name.split('.')[0] as string) : name,
      store: this.store(alias ?? (name.split('.')[0] as string)),
    }));
    return (frame) => {
      for (const { name, bound, position, store } of imports) {
        this.module(name, position);
        store(frame, this.module(bound, position));
      }
      return normal;
    };
  }

  private importNames(node: FromImportStatement): Execute {
    const { runtime, program } = this;
    const names = node.names
      .filter(({ name }) => name !== '*')
      .map(({ name, alias, position }) => ({ name, position, store: this.store(alias ?? name) }));
    const everything = node.names.some(({ name }) => name === '*');
    return (frame) => {
      const module = this.module(node.module, node.modulePosition);
      if (everything)
        for (const [name, value] of module.members) if (!name.startsWith('_')) program.globals.cell(name).value = value;
      for (const { name, position, store } of names) {
        const found = module.members.get(name) ?? program.modules.get(`${node.module}.${name}`);
        runtime.position = position;
        if (found === undefined)
          throw new PythonError('ImportError', `cannot import name '${name}' from '${module.name}'`);
        store(frame, found);
      }
      return normal;
    };
  }
}
