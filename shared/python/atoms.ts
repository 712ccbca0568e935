import type { ComprehensionClause, DictNode, Expression, FormatNode, ReplacementNode } from './ast';
import { Cursor } from './cursor';
import type { SyntaxFailure } from './syntax-error';
import { findInvalidTarget, isConstantName } from './targets';
import type { Token } from './tokens';

/** Literals, brackets and comprehensions. */
export abstract class AtomParser extends Cursor {
  /** With `:=`, and conditional expressions and lambdas, but without commas. */
  protected abstract namedExpression(): Expression;
  /** Without `:=`. */
  protected abstract expression(): Expression;
  protected abstract disjunction(): Expression;
  /** Bit operators, arithmetic and everything that binds tighter. */
  protected abstract bitwiseOr(): Expression;
  protected abstract yieldExpression(): Expression;

  protected atom(): Expression {
    const { token } = this;
    switch (token.kind) {
      case 'name':
        this.next();
        return { kind: 'name', position: this.from(token), name: token.text };
      case 'number':
        this.next();
        return { kind: 'constant', position: this.from(token), value: token.value };
      case 'string':
      case 'format-start':
        return this.strings();
      case 'keyword':
        if (!isConstantName(token.text)) throw this.invalid();
        this.next();
        return {
          kind: 'constant',
          position: this.from(token),
          value: token.text === 'None' ? null : token.text === 'True',
        };
      case 'operator':
        if (token.text === '(') return this.nested(() => this.parentheses());
        if (token.text === '[') return this.nested(() => this.brackets());
        if (token.text === '{') return this.nested(() => this.braces());
        if (token.text === '...') {
          this.next();
          return { kind: 'ellipsis', position: this.from(token) };
        }
        throw this.invalid();
      default:
        throw this.invalid();
    }
  }

  /** Neighbouring literals are one: 'a' f'{b}' 'c'. */
  private strings(): Expression {
    const start = this.token;
    const parts: (string | ReplacementNode)[] = [];
    let formatted = false;
    while (this.isKind('string') || this.isKind('format-start')) {
      if (this.isKind('string')) {
        parts.push(this.next().text);
      } else {
        formatted = true;
        this.next();
        parts.push(...this.formatParts('format-end'));
        if (!this.isKind('format-end')) throw this.invalid();
        this.next();
      }
    }
    const position = this.from(start);
    if (!formatted) return { kind: 'constant', position, value: parts.join('') };
    return { kind: 'format', position, parts };
  }

  private formatParts(end: 'format-end' | '}'): FormatNode['parts'] {
    const parts: FormatNode['parts'] = [];
    for (;;) {
      const { token } = this;
      if (token.kind === 'format-text') {
        parts.push(this.next().text);
      } else if (this.is('{')) {
        parts.push(...this.nested(() => this.replacement()));
      } else if (token.kind === end || this.is(end)) {
        return parts;
      } else {
        throw this.invalid();
      }
    }
  }

  private replacement(): FormatNode['parts'] {
    const start = this.next();
    if (this.isOneOf(endsReplacement)) throw this.failure('f-string: empty expression not allowed');
    const value = this.is('yield') ? this.yieldExpression() : this.tupleOr(() => this.starredOr());
    const debug = this.isKind('operator') && this.token.text.startsWith('=') ? this.next().text.slice(1) : null;
    let conversion: ReplacementNode['conversion'] = debug === null ? null : 'r';
    if (this.accept('!')) {
      const { text } = this.name();
      if (text !== 'r' && text !== 's' && text !== 'a')
        throw this.failure("f-string: invalid conversion character: expected 's', 'r', or 'a'", this.previous);
      conversion = text;
    }
    let specification: FormatNode | null = null;
    if (this.is(':')) {
      const colon = this.next();
      const parts = this.formatParts('}');
      specification = { kind: 'format', position: this.from(colon), parts };
      // f'{x=:.2f}' formats the value itself.
      if (debug !== null && conversion === 'r') conversion = null;
    }
    if (!this.is('}')) throw this.invalid();
    this.next();
    const node: ReplacementNode = { kind: 'replacement', position: this.from(start), value, conversion, specification };
    return debug === null ? [node] : [debug, node];
  }

  /** `(a)`, `(a, b)`, `()`, `(x for x in y)` */
  private parentheses(): Expression {
    const start = this.next();
    if (this.accept(')')) return { kind: 'tuple', position: this.from(start), elements: [] };
    if (this.is('yield')) {
      const value = this.yieldExpression();
      this.closeBracket(')', value);
      return value;
    }
    const first = this.starredOr();
    if (this.is('for')) {
      const clauses = this.clauses(first);
      this.closeBracket(')', first);
      return {
        kind: 'comprehension',
        position: this.from(start),
        form: 'generator',
        element: first,
        value: null,
        clauses,
      };
    }
    if (!this.is(',')) {
      this.closeBracket(')', first);
      if (first.kind === 'starred') throw this.failure('cannot use starred expression here', first.position);
      // The brackets belong to the text of the expression, and an error in it is shown with them.
      return first;
    }
    const elements = this.elements(first, ')');
    return { kind: 'tuple', position: this.from(start), elements };
  }

  private brackets(): Expression {
    const start = this.next();
    if (this.accept(']')) return { kind: 'list', position: this.from(start), elements: [] };
    const first = this.starredOr();
    if (this.is('for')) {
      const clauses = this.clauses(first);
      this.closeBracket(']', first);
      return { kind: 'comprehension', position: this.from(start), form: 'list', element: first, value: null, clauses };
    }
    const elements = this.elements(first, ']');
    return { kind: 'list', position: this.from(start), elements };
  }

  private braces(): Expression {
    const start = this.next();
    if (this.accept('}')) return { kind: 'dict', position: this.from(start), entries: [] };
    if (this.is('**')) return this.dict(start, []);
    const first = this.starredOr();
    if (this.is(':') && first.kind !== 'starred') {
      this.next();
      if (this.is('}') || this.is(','))
        throw this.failure("expression expected after dictionary key and ':'", this.previous);
      const value = this.expression();
      if (this.is('for')) {
        const clauses = this.clauses(first);
        this.closeBracket('}', value);
        return { kind: 'comprehension', position: this.from(start), form: 'dict', element: first, value, clauses };
      }
      return this.dict(start, [{ key: first, value }]);
    }
    if (this.is('for')) {
      const clauses = this.clauses(first);
      this.closeBracket('}', first);
      return { kind: 'comprehension', position: this.from(start), form: 'set', element: first, value: null, clauses };
    }
    const elements = this.elements(first, '}');
    return { kind: 'set', position: this.from(start), elements };
  }

  private dict(start: Token, entries: DictNode['entries']): Expression {
    while (entries.length === 0 || this.accept(',')) {
      if (this.is('}')) break;
      if (this.accept('**')) {
        entries.push({ key: null, value: this.bitwiseOr() });
        continue;
      }
      const key = this.expression();
      if (!this.is(':')) throw this.failure("':' expected after dictionary key", key.position);
      this.next();
      if (this.is('}') || this.is(','))
        throw this.failure("expression expected after dictionary key and ':'", this.previous);
      entries.push({ key, value: this.expression() });
    }
    this.closeBracket('}', entries.at(-1)?.value ?? null);
    return { kind: 'dict', position: this.from(start), entries };
  }

  /** The rest of a sequence up to its closing bracket. */
  private elements(first: Expression, bracket: string): Expression[] {
    const elements = [first];
    while (this.accept(',')) {
      if (this.is(bracket)) break;
      elements.push(this.starredOr());
    }
    this.closeBracket(bracket, elements.at(-1) ?? first);
    return elements;
  }

  /** One expression, or a tuple without brackets. */
  /** `starter`: what an element may begin with besides what expressions begin with. */
  protected tupleOr(element: () => Expression, starter = '*'): Expression {
    const start = this.token;
    const first = element();
    if (!this.is(',')) return first;
    const elements = [first];
    while (this.accept(',')) {
      if (!this.beginsExpression() && !this.is('*') && !this.is(starter)) break;
      elements.push(element());
    }
    return { kind: 'tuple', position: this.from(start), elements };
  }

  protected starredOr(): Expression {
    const start = this.token;
    if (!this.accept('*')) return this.namedExpression();
    const value = this.bitwiseOr();
    return { kind: 'starred', position: this.from(start), value };
  }

  protected beginsExpression(): boolean {
    const { kind, text } = this.token;
    if (kind === 'keyword') return isConstantName(text) || text === 'not' || text === 'lambda' || text === 'yield';
    if (kind === 'operator') return startsExpression.has(text);
    return kind === 'name' || kind === 'number' || kind === 'string' || kind === 'format-start' || kind === 'error';
  }

  protected closeBracket(bracket: string, before: Expression | null): void {
    if (this.is(bracket)) {
      this.next();
      return;
    }
    throw this.missingComma(before);
  }

  private missingComma(before: Expression | null): SyntaxFailure {
    const { kind, text } = this.token;
    const startsValue = kind === 'name' || kind === 'number' || kind === 'string' || isConstantName(text);
    if (!before || !startsValue) return this.assignmentInside(before) ?? this.invalid();
    const { line, column } = before.position;
    const { endLine, endColumn } = this.token;
    return this.failure('invalid syntax. Perhaps you forgot a comma?', { line, column, endLine, endColumn });
  }

  private assignmentInside(before: Expression | null): SyntaxFailure | null {
    if (!this.is('=') || !before) return null;
    return before.kind === 'name' || before.kind === 'attribute' || before.kind === 'subscript'
      ? this.failure("invalid syntax. Maybe you meant '==' or ':=' instead of '='?", before.position)
      : null;
  }

  /** `for target in iterable if condition …`, one or more. */
  protected clauses(element: Expression): ComprehensionClause[] {
    if (element.kind === 'starred')
      throw this.failure('iterable unpacking cannot be used in comprehension', element.position);
    const clauses: ComprehensionClause[] = [];
    while (this.accept('for')) {
      const target = this.targets();
      if (!this.is('in')) throw this.invalid();
      this.next();
      const iterable = this.disjunction();
      const conditions: Expression[] = [];
      while (this.accept('if')) conditions.push(this.comprehensionCondition());
      clauses.push({ target, iterable, conditions });
    }
    return clauses;
  }

  private comprehensionCondition(): Expression {
    const start = this.token;
    const condition = this.disjunction();
    if (this.is(':=') && condition.kind === 'name') {
      this.next();
      return { kind: 'named', target: condition, value: this.disjunction(), position: this.from(start) };
    }
    return condition;
  }

  /** What stands between `for` and `in`. */
  protected targets(): Expression {
    const target = this.tupleOr(() => {
      const start = this.token;
      if (!this.accept('*')) return this.bitwiseOr();
      const value = this.bitwiseOr();
      return { kind: 'starred', position: this.from(start), value };
    });
    this.checkTarget(target, 'assign to');
    return target;
  }

  protected checkTarget(target: Expression, deed: 'assign to' | 'delete'): void {
    const wrong = findInvalidTarget(target);
    if (wrong) throw this.failure(`cannot ${deed} ${wrong.name}`, wrong.node.position);
  }
}

const endsReplacement: ReadonlySet<string> = new Set(['}', '!', ':']);
const startsExpression: ReadonlySet<string> = new Set(['(', '[', '{', '-', '+', '~', '...']);
