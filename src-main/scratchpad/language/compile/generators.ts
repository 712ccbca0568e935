import type {
  ClassStatement,
  Expression,
  FunctionStatement,
  Statement,
  TryStatement,
  WithStatement,
} from '../../../../shared/python/ast';
import { Interruption } from '../errors';
import { HostObject } from '../host';
import { iteratorOf } from '../iteration';
import type { Value } from '../values';
import { Completion, type Evaluate, type Execute, type Resume, type Store } from './frame';
import type { FunctionBody } from './function-code';
import { SpecialCompiler } from './special';
import { documentationOf, type BlockCompiler } from './statements';

const { normal } = Completion;

/** Whether the function stops in this statement: what does not is compiled in the usual, faster way. */
function yields(node: Statement): boolean {
  switch (node.kind) {
    case 'expression':
      return node.value.kind === 'yield';
    case 'assign':
    case 'augmented':
      return node.value.kind === 'yield';
    case 'annotated':
      return node.value?.kind === 'yield';
    case 'if':
    case 'while':
    case 'for':
      return node.body.some(yields) || node.otherwise.some(yields);
    case 'try':
      return [node.body, node.otherwise, node.finally, ...node.handlers.map(({ body }) => body)].some((block) =>
        block.some(yields),
      );
    case 'with':
      return node.body.some(yields);
    default:
      return false;
  }
}

/** Compiles the whole of a program: also functions with `yield`, whose statements become generators of JavaScript. */
export class ProgramCompiler extends SpecialCompiler {
  protected override functionDefinition(node: FunctionStatement): Evaluate {
    const scope = this.program.scopes.of(node);
    const inner = new ProgramCompiler(this.program, scope, `${this.qualifier}${node.name}.<locals>.`);
    const body = node.generator ? { resume: inner.resumable(node.body) } : { execute: inner.block(node.body) };
    return this.functionMaker(node.name, node.parameters, scope, body, documentationOf(node.body));
  }

  protected override inside(node: ClassStatement): BlockCompiler {
    return new ProgramCompiler(this.program, this.program.scopes.of(node), `${this.qualifier}${node.name}.`);
  }

  private resumable(statements: readonly Statement[]): Resume {
    const compiled = statements.map((node): FunctionBody =>
      yields(node) ? { resume: this.resumableStatement(node) } : { execute: this.statement(node) },
    );
    return function* (frame) {
      for (const one of compiled) {
        const completion: Completion = 'resume' in one ? yield* one.resume(frame) : one.execute(frame);
        if (completion !== normal) return completion;
      }
      return normal;
    };
  }

  private resumableStatement(node: Statement): Resume {
    switch (node.kind) {
      case 'expression':
        return this.yielding(node.value, () => undefined);
      case 'assign': {
        const stores = node.targets.map((target) => this.target(target));
        return this.yielding(node.value, (frame, value) => stores.forEach((store) => store(frame, value)));
      }
      case 'annotated':
        return this.yielding(node.value ?? node.target, this.target(node.target));
      case 'if': {
        const test = this.condition(node.test);
        const [body, otherwise] = [this.resumable(node.body), this.resumable(node.otherwise)];
        return function* (frame) {
          return yield* test(frame) ? body(frame) : otherwise(frame);
        };
      }
      case 'while':
      case 'for':
        return this.resumableLoop(node);
      case 'try':
        return this.resumableTry(node);
      case 'with':
        return this.resumableWith(node);
      default:
        throw new Error(`no yield can stand in ${node.kind}`);
    }
  }

  /** `yield value` and `yield from value`; what is sent in is stored. */
  private yielding(node: Expression, store: Store): Resume {
    if (node.kind !== 'yield') throw new Error(`not a yield: ${node.kind}`);
    const { runtime } = this;
    const value: Evaluate = node.value ? this.expression(node.value) : () => null;
    const { from, position } = node;
    return function* (frame) {
      const given = value(frame);
      if (!from) {
        store(frame, yield given);
        return normal;
      }
      runtime.position = position;
      const iterator = iteratorOf(given, runtime);
      let step: IteratorResult<Value, Value> = iterator.next();
      while (!step.done) {
        yield step.value;
        runtime.position = position;
        step = iterator.next();
      }
      store(frame, step.value);
      return normal;
    };
  }

  private resumableLoop(node: Extract<Statement, { kind: 'while' | 'for' }>): Resume {
    const { runtime } = this;
    const [body, otherwise] = [this.resumable(node.body), this.resumable(node.otherwise)];
    const begin = node.kind === 'while' ? this.whileSteps(node.test) : this.forSteps(node.iterable, node.target);
    return function* (frame) {
      const next = begin(frame);
      while (next()) {
        runtime.limits.charge(1);
        const completion = yield* body(frame);
        if (completion === Completion.break) return normal;
        if (completion === Completion.return) return completion;
      }
      return yield* otherwise(frame);
    };
  }

  private whileSteps(node: Expression): (frame: Parameters<Execute>[0]) => () => boolean {
    const test = this.condition(node);
    return (frame) => () => test(frame);
  }

  private forSteps(node: Expression, target: Expression): (frame: Parameters<Execute>[0]) => () => boolean {
    const { runtime } = this;
    const [iterable, store] = [this.expression(node), this.target(target)];
    return (frame) => {
      const value = iterable(frame);
      runtime.position = node.position;
      const iterator = iteratorOf(value, runtime);
      return () => {
        runtime.position = node.position;
        const step = iterator.next();
        if (!step.done) store(frame, step.value);
        return !step.done;
      };
    };
  }

  private resumableTry(node: TryStatement): Resume {
    const { runtime } = this;
    const [body, otherwise, last] = [node.body, node.otherwise, node.finally].map((block) => this.resumable(block)) as [
      Resume,
      Resume,
      Resume,
    ];
    const handlers = this.handlers(node);
    const bodies = node.handlers.map((handler) => this.resumable(handler.body));
    const guarded: Resume = function* (frame) {
      try {
        const completion = yield* body(frame);
        if (completion !== normal) return completion;
      } catch (thrown) {
        const error = runtime.caught(thrown, frame.depth);
        const index = handlers.choose(frame, error);
        if (index < 0) throw error;
        handlers.bind(frame, index, error);
        const completion = yield* (bodies[index] as Resume)(frame);
        runtime.handling = null;
        handlers.unbind(frame, index);
        return completion;
      }
      return yield* otherwise(frame);
    };
    return function* (frame) {
      let completion: Completion;
      try {
        completion = yield* guarded(frame);
      } catch (thrown) {
        const error = runtime.caught(thrown, frame.depth);
        if (error instanceof Interruption) throw error;
        const instead = yield* last(frame);
        if (instead !== normal) return instead;
        throw error;
      }
      const { result } = frame;
      const instead = yield* last(frame);
      if (instead !== normal) return instead;
      frame.result = result;
      return completion;
    };
  }

  private resumableWith(node: WithStatement): Resume {
    const { runtime } = this;
    const enter = (object: Value): Value => this.enterContext(object);
    const exit = (object: Value, error: Parameters<typeof this.exitContext>[1]): boolean =>
      this.exitContext(object, error);
    return node.items.reduceRight<Resume>((inner, { manager, target }) => {
      const value = this.expression(manager);
      const store = target && this.target(target);
      return function* (frame) {
        const object = value(frame);
        runtime.position = manager.position;
        const entered = enter(object);
        let completion: Completion;
        try {
          store?.(frame, entered);
          completion = yield* inner(frame);
        } catch (thrown) {
          const error = runtime.caught(thrown, frame.depth);
          if (error instanceof Interruption && !(object instanceof HostObject)) throw error;
          if (!exit(object, error) || error instanceof Interruption) throw error;
          return normal;
        }
        runtime.position = manager.position;
        exit(object, null);
        return completion;
      };
    }, this.resumable(node.body));
  }
}
