import type { ClassStatement, ExceptClause, Expression, FunctionStatement, Module, Statement } from './ast';
import type { Position } from './position';
import { SimpleStatementParser } from './simple-statements';
import { SyntaxFailure, type SyntaxProblem } from './syntax-error';

/** More than these nobody reads, and what follows a bad line is often wrong because of it. */
const mostProblems = 20;

/** Statements with blocks, and the whole of a text. */
export class StatementParser extends SimpleStatementParser {
  readonly problems: SyntaxProblem[] = [];

  /** Every statement that could be read; what could not is in `problems`, in the order of the text. */
  module(): Module {
    const body: Statement[] = [];
    while (!this.isKind('end')) {
      if (this.isKind('newline') || this.isKind('dedent')) this.at++;
      else this.recovering(() => this.statement(body));
    }
    return { body };
  }

  /** After a mistake goes on with the next line, so that an editor can underline all of them. */
  private recovering(rule: () => void): void {
    try {
      rule();
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      if (this.problems.length < mostProblems) this.problems.push(failure.problem);
      this.resetNesting();
      this.skipLine();
    }
  }

  private skipLine(): void {
    while (!this.isKind('newline') && !this.isKind('end')) this.at++;
    if (this.isKind('newline')) this.at++;
    // A block that belonged to the line.
    for (let depth = 0; this.isKind('indent') || depth > 0; this.at++) {
      if (this.isKind('end')) return;
      if (this.isKind('indent')) depth++;
      if (this.isKind('dedent') && --depth === 0) {
        this.at++;
        return;
      }
    }
  }

  private statement(into: Statement[]): void {
    const compound = this.isKind('keyword') || this.is('@') ? this.compound() : null;
    if (compound) into.push(compound);
    else this.simpleLine(into);
  }

  private compound(): Statement | null {
    const start = this.token;
    switch (start.text) {
      case 'if':
        this.next();
        return this.conditional(start);
      case 'while': {
        this.next();
        const test = this.namedExpression();
        const body = this.inLoop("'while' statement", start);
        return { kind: 'while', test, body, otherwise: this.elseBlock(), position: this.from(start) };
      }
      case 'for': {
        this.next();
        const target = this.targets();
        this.expect('in');
        const iterable = this.tupleOr(() => this.starredOr());
        const body = this.inLoop("'for' statement", start);
        return { kind: 'for', target, iterable, body, otherwise: this.elseBlock(), position: this.from(start) };
      }
      case 'def':
        return this.functionDefinition([], start);
      case 'class':
        return this.classDefinition([], start);
      case '@':
        return this.decorated();
      case 'try':
        this.next();
        return this.tryStatement(start);
      case 'with':
        this.next();
        return this.withStatement(start);
      case 'async':
        throw this.failure('asynchronous code is not supported here');
      default:
        return null;
    }
  }

  private conditional(start: Position): Statement {
    const test = this.namedExpression();
    const body = this.block("'if' statement", start);
    const follows = this.token;
    if (this.accept('elif')) {
      const otherwise = [this.nested(() => this.conditional(follows))];
      return { kind: 'if', test, body, otherwise, position: this.from(start) };
    }
    return { kind: 'if', test, body, otherwise: this.elseBlock(), position: this.from(start) };
  }

  private elseBlock(): Statement[] {
    const start = this.token;
    return this.accept('else') ? this.block("'else' statement", start) : [];
  }

  private inLoop(what: string, start: Position): Statement[] {
    const outer = this.loop;
    this.loop = true;
    const body = this.block(what, start);
    this.loop = outer;
    return body;
  }

  /** `: statements`, on the same line or indented below. */
  private block(what: string, start: Position): Statement[] {
    if (!this.is(':')) {
      if (this.is('=') && what !== 'class definition')
        throw this.failure("invalid syntax. Maybe you meant '==' or ':=' instead of '='?", this.previous);
      this.expect(':');
    }
    this.next();
    const body: Statement[] = [];
    if (!this.isKind('newline')) {
      this.simpleLine(body);
      return body;
    }
    this.next();
    if (!this.isKind('indent')) {
      const message = `expected an indented block after ${what} on line ${start.line}`;
      throw this.failure(message, this.token, 'indent the next line by four spaces', 'IndentationError');
    }
    return this.nested(() => {
      this.next();
      while (!this.isKind('dedent') && !this.isKind('end')) {
        if (this.isKind('newline')) this.at++;
        else this.recovering(() => this.statement(body));
      }
      if (this.isKind('dedent')) this.next();
      return body;
    });
  }

  private functionDefinition(decorators: Expression[], start: Position): FunctionStatement {
    this.next();
    const name = this.name().text;
    if (!this.is('(')) throw this.failure("expected '('");
    this.next();
    const parameters = this.parameters(')', true);
    this.closeBracket(')', null);
    if (this.accept('->')) this.expression();
    const outer = { function: this.function, loop: this.loop };
    const own = { generator: false };
    this.function = own;
    this.loop = false;
    const body = this.block('function definition', start);
    this.function = outer.function;
    this.loop = outer.loop;
    return { kind: 'def', name, parameters, body, decorators, generator: own.generator, position: this.from(start) };
  }

  private classDefinition(decorators: Expression[], start: Position): ClassStatement {
    this.next();
    const name = this.name();
    let bases: Expression[] = [];
    if (this.is('(')) {
      const call = this.callOf({ kind: 'name', name: name.text, position: this.from(name) });
      const [keyword] = call.keywords;
      if (keyword) throw this.failure('keyword arguments of a class are not supported here', keyword.position);
      bases = call.args;
    }
    const outer = { function: this.function, loop: this.loop };
    this.function = null;
    this.loop = false;
    const body = this.block('class definition', start);
    this.function = outer.function;
    this.loop = outer.loop;
    return { kind: 'class', name: name.text, bases, body, decorators, position: this.from(start) };
  }

  private decorated(): Statement {
    const start = this.token;
    const decorators: Expression[] = [];
    while (this.accept('@')) {
      decorators.push(this.namedExpression());
      this.endOfLine();
    }
    if (this.is('def')) return this.functionDefinition(decorators, start);
    if (this.is('class')) return this.classDefinition(decorators, start);
    throw this.invalid();
  }

  private tryStatement(start: Position): Statement {
    const body = this.block("'try' statement", start);
    const handlers: ExceptClause[] = [];
    while (this.is('except')) {
      const at = this.next();
      if (this.is('*')) throw this.failure('except* is not supported here; write except');
      const exception = this.is(':') ? null : this.expression();
      if (this.is(',')) throw this.failure('multiple exception types must be parenthesized', exception?.position);
      const name = this.accept('as') ? this.name().text : null;
      const last = handlers.at(-1);
      if (last && last.exception === null) throw this.failure("default 'except:' must be last", last.position);
      handlers.push({ exception, name, body: this.block("'except' statement", at), position: this.from(at) });
    }
    const otherwise = handlers.length > 0 ? this.elseBlock() : [];
    const at = this.token;
    const last = this.accept('finally') ? this.block("'finally' statement", at) : [];
    if (handlers.length === 0 && last.length === 0) throw this.failure("expected 'except' or 'finally' block");
    return { kind: 'try', body, handlers, otherwise, finally: last, position: this.from(start) };
  }

  private withStatement(start: Position): Statement {
    const items: { manager: Expression; target: Expression | null }[] = [];
    do {
      const manager = this.expression();
      const target = this.accept('as') ? this.starredOr() : null;
      if (target) this.checkTarget(target, 'assign to');
      items.push({ manager, target });
    } while (this.accept(','));
    return { kind: 'with', items, body: this.block("'with' statement", start), position: this.from(start) };
  }

  /** Simple statements, separated by semicolons. */
  private simpleLine(into: Statement[]): void {
    do {
      if (this.isKind('newline')) break;
      into.push(this.simple());
    } while (this.accept(';'));
    this.endOfLine();
  }
}
