import type { Expression, Module, ParameterNode, Statement } from './ast';
import type { Position } from './position';
import { Scope, type ScopeKind } from './scope';
import { problem, SyntaxFailure, type SyntaxProblem } from './syntax-error';

export interface Scopes {
  /** By the def, class, lambda or comprehension they belong to; the module's own is `module`. */
  of(node: Statement | Expression): Scope;
  module: Scope;
  problems: SyntaxProblem[];
}

/** Finds out for every name which variable it stands for. */
export function analyseScopes(module: Module): Scopes {
  const analyser = new Analyser();
  try {
    analyser.statements(module.body);
    for (const scope of analyser.scopes.values()) scope.resolve();
  } catch (failure) {
    analyser.problems.push(problemOf(failure));
  }
  return {
    of: (node) => {
      const scope = analyser.scopes.get(node);
      if (!scope) throw new Error(`no scope of its own: ${node.kind}`);
      return scope;
    },
    module: analyser.module,
    problems: analyser.problems,
  };
}

function problemOf(failure: unknown): SyntaxProblem {
  if (failure instanceof SyntaxFailure) return failure.problem;
  // A chain of thousands of operators is as deep a tree.
  if (failure instanceof RangeError)
    return problem('the expression is too long; split it', { line: 1, column: 0, endLine: 1, endColumn: 0 });
  throw failure;
}

class Analyser {
  readonly problems: SyntaxProblem[] = [];
  readonly module = new Scope('module', null);
  readonly scopes = new Map<Statement | Expression, Scope>();
  private scope = this.module;

  statements(body: readonly Statement[]): void {
    for (const statement of body) this.statement(statement);
  }

  private statement(node: Statement): void {
    switch (node.kind) {
      case 'expression':
        return this.yieldOr(node.value);
      case 'assign':
        this.yieldOr(node.value);
        return node.targets.forEach((target) => this.target(target));
      case 'augmented':
        this.yieldOr(node.value);
        if (node.target.kind === 'name') this.scope.use(node.target.name);
        return this.target(node.target);
      case 'annotated':
        if (node.value) this.yieldOr(node.value);
        return this.target(node.target);
      case 'if':
      case 'while':
        this.expression(node.test);
        this.statements(node.body);
        return this.statements(node.otherwise);
      case 'for':
        this.expression(node.iterable);
        this.target(node.target);
        this.statements(node.body);
        return this.statements(node.otherwise);
      case 'def':
        node.decorators.forEach((decorator) => this.expression(decorator));
        this.defaults(node.parameters);
        this.bind(node.name, node.position);
        return this.within('function', node, () => {
          for (const { name } of node.parameters) this.scope.parameter(name);
          this.statements(node.body);
        });
      case 'class':
        node.decorators.forEach((decorator) => this.expression(decorator));
        node.bases.forEach((base) => this.expression(base));
        this.bind(node.name, node.position);
        return this.within('class', node, () => this.statements(node.body));
      case 'return':
        return this.optional(node.value);
      case 'import':
        for (const { name, alias, position } of node.modules)
          this.bind(alias ?? (name.split('.')[0] as string), position);
        return;
      case 'from-import':
        for (const { name, alias, position } of node.names) {
          if (name !== '*') this.bind(alias ?? name, position);
          else if (this.scope.kind !== 'module') this.refuse('import * only allowed at module level', node.position);
        }
        return;
      case 'global':
      case 'nonlocal':
        for (const { name, position } of node.names) this.declare(node.kind, name, position);
        return;
      case 'delete':
        return node.targets.forEach((target) => this.target(target));
      case 'raise':
        this.optional(node.exception);
        return this.optional(node.cause);
      case 'try':
        this.statements(node.body);
        for (const handler of node.handlers) {
          this.optional(handler.exception);
          if (handler.name !== null) this.bind(handler.name, handler.position);
          this.statements(handler.body);
        }
        this.statements(node.otherwise);
        return this.statements(node.finally);
      case 'with':
        for (const { manager, target } of node.items) {
          this.expression(manager);
          if (target) this.target(target);
        }
        return this.statements(node.body);
      case 'assert':
        this.expression(node.test);
        return this.optional(node.message);
      case 'pass':
      case 'break':
      case 'continue':
        return;
    }
  }

  private optional(node: Expression | null): void {
    if (node) this.expression(node);
  }

  /** A function can stop at a yield only where a statement begins or a value is assigned. */
  private yieldOr(node: Expression): void {
    if (node.kind === 'yield') this.optional(node.value);
    else this.expression(node);
  }

  private expression(node: Expression): void {
    switch (node.kind) {
      case 'name':
        return this.scope.use(node.name);
      case 'constant':
      case 'ellipsis':
        return;
      case 'format':
        for (const part of node.parts) {
          if (typeof part === 'string') continue;
          this.expression(part.value);
          if (part.specification) this.expression(part.specification);
        }
        return;
      case 'tuple':
      case 'list':
      case 'set':
        return node.elements.forEach((element) => this.expression(element));
      case 'dict':
        return node.entries.forEach(({ key, value }) => {
          this.optional(key);
          this.expression(value);
        });
      case 'starred':
      case 'attribute':
        return this.expression(node.value);
      case 'unary':
        return this.expression(node.operand);
      case 'binary':
        this.expression(node.left);
        return this.expression(node.right);
      case 'logical':
      case 'compare':
        return node.operands.forEach((operand) => this.expression(operand));
      case 'conditional':
        this.expression(node.test);
        this.expression(node.then);
        return this.expression(node.otherwise);
      case 'lambda':
        this.defaults(node.parameters);
        return this.within('function', node, () => {
          for (const { name } of node.parameters) this.scope.parameter(name);
          this.expression(node.body);
        });
      case 'call':
        this.expression(node.callee);
        node.args.forEach((argument) => this.expression(argument));
        return node.keywords.forEach(({ value }) => this.expression(value));
      case 'subscript':
        this.expression(node.value);
        return this.expression(node.index);
      case 'slice':
        this.optional(node.start);
        this.optional(node.stop);
        return this.optional(node.step);
      case 'comprehension':
        return this.comprehension(node);
      case 'named':
        this.expression(node.value);
        return this.named(node.target.name, node.position);
      case 'yield':
        return this.refuse(
          'yield can stand here only as a statement of its own or right of =',
          node.position,
          'assign what yield gives to a name first',
        );
    }
  }

  private comprehension(node: Extract<Expression, { kind: 'comprehension' }>): void {
    // The first iterable is evaluated outside, as Python has it.
    const [first] = node.clauses;
    if (first) this.expression(first.iterable);
    this.within('comprehension', node, () => {
      node.clauses.forEach(({ target, iterable, conditions }, index) => {
        if (index > 0) this.expression(iterable);
        this.target(target);
        conditions.forEach((condition) => this.expression(condition));
      });
      this.expression(node.element);
      this.optional(node.value);
    });
  }

  /** A `:=` in a comprehension binds in the function around it. */
  private named(name: string, position: Position): void {
    let owner = this.scope;
    while (owner.kind === 'comprehension' && owner.parent) {
      if (owner.isBound(name))
        this.refuse(`assignment expression cannot rebind comprehension iteration variable '${name}'`, position);
      owner.use(name);
      owner = owner.parent;
    }
    if (owner.kind === 'class' && owner !== this.scope)
      this.refuse('assignment expression within a comprehension cannot be used in a class body', position);
    if (owner !== this.scope && owner.kind === 'module') {
      for (let scope = this.scope; scope !== owner && scope.parent; scope = scope.parent) scope.declareGlobal(name);
    }
    owner.bind(name);
  }

  private target(node: Expression): void {
    switch (node.kind) {
      case 'name':
        return this.bind(node.name, node.position);
      case 'tuple':
      case 'list':
        return node.elements.forEach((element) => this.target(element));
      case 'starred':
        return this.target(node.value);
      default:
        return this.expression(node);
    }
  }

  private bind(name: string, position: Position): void {
    if (name === '__debug__') this.refuse('cannot assign to __debug__', position);
    this.scope.bind(name);
  }

  private declare(kind: 'global' | 'nonlocal', name: string, position: Position): void {
    const { scope } = this;
    if (kind === 'nonlocal' && scope.kind === 'module')
      this.refuse('nonlocal declaration not allowed at module level', position);
    if (scope.isParameter(name)) this.refuse(`name '${name}' is parameter and ${kind}`, position);
    if (scope.kind !== 'module') {
      if (scope.isBound(name)) this.refuse(`name '${name}' is assigned to before ${kind} declaration`, position);
      if (scope.isUsed(name)) this.refuse(`name '${name}' is used prior to ${kind} declaration`, position);
    }
    if (kind === 'global') scope.declareGlobal(name);
    else scope.declareNonlocal(name, position);
  }

  private defaults(parameters: readonly ParameterNode[]): void {
    for (const parameter of parameters) this.optional(parameter.default);
  }

  private within(kind: ScopeKind, node: Statement | Expression, visit: () => void): void {
    const outer = this.scope;
    this.scope = new Scope(kind, outer);
    this.scopes.set(node, this.scope);
    visit();
    this.scope = outer;
  }

  private refuse(message: string, position: Position, hint: string | null = null): void {
    this.problems.push(problem(message, position, hint));
  }
}
