import type { BinaryOperator, Expression, FromImportStatement, ImportStatement, Statement } from './ast';
import { ExpressionParser } from './expressions';
import type { Position } from './position';
import { findInvalidTarget } from './targets';

const augmented: ReadonlySet<string> = new Set(
  ['+', '-', '*', '/', '//', '%', '**', '@', '&', '|', '^', '<<', '>>'].map((operator) => `${operator}=`),
);

/** Statements of one line. */
export class SimpleStatementParser extends ExpressionParser {
  /** Whether `break` may stand here. */
  protected loop = false;

  protected endOfLine(): void {
    if (this.isKind('newline')) this.next();
    else if (!this.isKind('end')) throw this.invalid();
  }

  protected simple(): Statement {
    const start = this.token;
    if (start.kind !== 'keyword') return this.assignmentOrExpression();
    switch (start.text) {
      case 'pass':
        this.next();
        return { kind: 'pass', position: this.from(start) };
      case 'break':
      case 'continue':
        this.next();
        if (!this.loop)
          throw this.failure(
            start.text === 'break' ? "'break' outside loop" : "'continue' not properly in loop",
            start,
          );
        return { kind: start.text, position: this.from(start) };
      case 'return': {
        this.next();
        if (!this.function) throw this.failure("'return' outside function", start);
        const value = this.endsHere() ? null : this.tupleOr(() => this.starredOr());
        return { kind: 'return', value, position: this.from(start) };
      }
      case 'import':
        return this.importStatement();
      case 'from':
        return this.fromImport();
      case 'global':
      case 'nonlocal':
        return this.scopeStatement(start.text);
      case 'del': {
        this.next();
        const written = this.tupleOr(() => this.starredOr());
        this.checkTarget(written, 'delete');
        const targets = written.kind === 'tuple' ? written.elements : [written];
        return { kind: 'delete', targets, position: this.from(start) };
      }
      case 'raise': {
        this.next();
        const exception = this.endsHere() ? null : this.expression();
        const cause = exception && this.accept('from') ? this.expression() : null;
        return { kind: 'raise', exception, cause, position: this.from(start) };
      }
      case 'assert': {
        this.next();
        const test = this.expression();
        const message = this.accept(',') ? this.expression() : null;
        return { kind: 'assert', test, message, position: this.from(start) };
      }
      default:
        return this.assignmentOrExpression();
    }
  }

  private endsHere(): boolean {
    return this.isKind('newline') || this.isKind('end') || this.is(';');
  }

  private assignmentOrExpression(): Statement {
    const start = this.token;
    const first = this.value();
    if (this.is('=')) return this.assignment(first, start);
    if (this.is(':') && (first.kind === 'name' || first.kind === 'attribute' || first.kind === 'subscript')) {
      this.next();
      this.expression();
      const value = this.accept('=') ? this.value() : null;
      return { kind: 'annotated', target: first, value, position: this.from(start) };
    }
    if (this.isOneOf(augmented)) {
      if (first.kind !== 'name' && first.kind !== 'attribute' && first.kind !== 'subscript') {
        const name = findInvalidTarget(first)?.name ?? first.kind;
        throw this.failure(`'${name}' is an illegal expression for augmented assignment`, first.position);
      }
      const operator = this.next().text.slice(0, -1) as BinaryOperator;
      return { kind: 'augmented', target: first, operator, value: this.value(), position: this.from(start) };
    }
    this.refuseOldForms(first);
    return { kind: 'expression', value: first, position: this.from(start) };
  }

  private value(): Expression {
    return this.is('yield') ? this.yieldExpression() : this.tupleOr(() => this.starredOr());
  }

  private assignment(first: Expression, start: Position): Statement {
    const targets: Expression[] = [];
    let value = first;
    while (this.is('=')) {
      const wrong = findInvalidTarget(value);
      if (wrong) {
        const whole = wrong.node === value && targets.length === 0 && guessesComparison(value);
        const hint = whole ? " here. Maybe you meant '==' instead of '='?" : '';
        if (wrong.name === 'yield expression')
          throw this.failure('assignment to yield expression not possible', wrong.node.position);
        throw this.failure(`cannot assign to ${wrong.name}${hint}`, wrong.node.position);
      }
      if (value.kind === 'starred')
        throw this.failure('starred assignment target must be in a list or tuple', value.position);
      targets.push(value);
      this.next();
      value = this.value();
    }
    return { kind: 'assign', targets, value, position: this.from(start) };
  }

  /** `print x` of Python 2, and the like. */
  private refuseOldForms(first: Expression): void {
    if (first.kind === 'starred') throw this.failure("can't use starred expression here", first.position);
    const { kind } = this.token;
    if (first.kind !== 'name' || (kind !== 'name' && kind !== 'number' && kind !== 'string' && kind !== 'format-start'))
      return;
    if (first.name === 'print' || first.name === 'exec') {
      const message = `Missing parentheses in call to '${first.name}'. Did you mean ${first.name}(...)?`;
      throw this.failure(message, first.position);
    }
    if (first.name === 'match') throw this.failure('match is not supported here; use if and elif', first.position);
  }

  private dottedName(): { name: string; position: Position } {
    const start = this.name();
    let name = start.text;
    while (this.accept('.')) name += `.${this.name().text}`;
    return { name, position: this.from(start) };
  }

  private importStatement(): ImportStatement {
    const start = this.next();
    const modules: ImportStatement['modules'] = [];
    do {
      const { name, position } = this.dottedName();
      modules.push({ name, position, alias: this.accept('as') ? this.name().text : null });
    } while (this.accept(','));
    return { kind: 'import', modules, position: this.from(start) };
  }

  private fromImport(): FromImportStatement {
    const start = this.next();
    if (this.is('.') || this.is('...'))
      throw this.failure('relative imports are not supported here: there are no files');
    const { name: module, position: modulePosition } = this.dottedName();
    this.expect('import');
    const names: FromImportStatement['names'] = [];
    if (this.is('*')) {
      const star = this.next();
      names.push({ name: '*', alias: null, position: this.from(star) });
    } else {
      const bracket = this.accept('(');
      do {
        if (bracket && this.is(')')) break;
        if (!bracket && this.isKind('newline') && names.length > 0)
          throw this.failure('trailing comma not allowed without surrounding parentheses');
        const name = this.name();
        const position = this.from(name);
        names.push({ name: name.text, position, alias: this.accept('as') ? this.name().text : null });
      } while (this.accept(','));
      if (bracket) this.closeBracket(')', null);
    }
    return { kind: 'from-import', module, modulePosition, names, position: this.from(start) };
  }

  private scopeStatement(kind: 'global' | 'nonlocal'): Statement {
    const start = this.next();
    const names: { name: string; position: Position }[] = [];
    do {
      const name = this.name();
      names.push({ name: name.text, position: this.from(name) });
    } while (this.accept(','));
    return { kind, names, position: this.from(start) };
  }
}

/** Python takes `=` for a mistyped `==` behind these, but not behind looser operators and names of constants. */
function guessesComparison(node: Expression): boolean {
  switch (node.kind) {
    case 'constant':
      return node.value !== null && typeof node.value !== 'boolean';
    case 'unary':
      return node.operator !== 'not';
    case 'compare':
    case 'logical':
    case 'conditional':
    case 'lambda':
      return false;
    default:
      return true;
  }
}
