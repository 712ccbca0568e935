import type { BinaryOperator, Comparison, Expression } from './ast';
import { ArgumentParser } from './arguments';
import type { Position } from './position';

/** How tightly a binary operator binds. */
const precedence: Readonly<Record<string, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '//': 6,
  '%': 6,
  '@': 6,
};

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'is', 'not']);

/** Operators, from the loosest to the tightest. */
export abstract class ExpressionParser extends ArgumentParser {
  /** Whether a `yield` may stand here; set by the statements around. */
  protected function: { generator: boolean } | null = null;

  protected override namedExpression(): Expression {
    const start = this.token;
    const value = this.expression();
    if (!this.is(':=')) return value;
    if (value.kind !== 'name')
      throw this.failure(`cannot use assignment expressions with ${describe(value)}`, value.position);
    this.next();
    return { kind: 'named', target: value, value: this.expression(), position: this.from(start) };
  }

  protected override expression(): Expression {
    return this.nested(() => {
      const start = this.token;
      if (this.is('lambda')) return this.lambda();
      const then = this.disjunction();
      if (!this.is('if')) return then;
      this.next();
      const test = this.disjunction();
      if (!this.is('else')) throw this.failure("expected 'else' after 'if' expression", this.from(start));
      this.next();
      return { kind: 'conditional', test, then, otherwise: this.expression(), position: this.from(start) };
    });
  }

  private lambda(): Expression {
    const start = this.next();
    const parameters = this.parameters(':', false);
    this.expect(':');
    const outer = this.function;
    this.function = null;
    const body = this.expression();
    this.function = outer;
    return { kind: 'lambda', parameters, body, position: this.from(start) };
  }

  protected override disjunction(): Expression {
    return this.logical('or', () => this.logical('and', () => this.inversion()));
  }

  private logical(operator: 'and' | 'or', operand: () => Expression): Expression {
    const start = this.token;
    const first = operand();
    if (!this.is(operator)) return first;
    const operands = [first];
    while (this.accept(operator)) operands.push(operand());
    return { kind: 'logical', operator, operands, position: this.from(start) };
  }

  private inversion(): Expression {
    const start = this.token;
    if (!this.is('not')) return this.comparison();
    this.next();
    const operand = this.nested(() => this.inversion());
    return { kind: 'unary', operator: 'not', operand, position: this.from(start) };
  }

  private comparison(): Expression {
    const start = this.token;
    const first = this.bitwiseOr();
    if (!this.isOneOf(comparisons)) return first;
    const operands = [first];
    const operators: Comparison[] = [];
    while (this.isOneOf(comparisons)) {
      operators.push(this.comparisonOperator());
      operands.push(this.bitwiseOr());
    }
    return { kind: 'compare', operators, operands, position: this.from(start) };
  }

  private comparisonOperator(): Comparison {
    const { text } = this.next();
    if (text === 'not') {
      if (!this.is('in')) throw this.invalid();
      this.next();
      return 'not in';
    }
    if (text === 'is') return this.accept('not') ? 'is not' : 'is';
    return text as Comparison;
  }

  protected override bitwiseOr(): Expression {
    return this.binary(1);
  }

  private binary(loosest: number): Expression {
    const start = this.token;
    let left = this.unary();
    for (;;) {
      const { kind, text } = this.token;
      const tightness = kind === 'operator' && Object.hasOwn(precedence, text) ? (precedence[text] ?? 0) : 0;
      if (tightness < loosest) return left;
      this.next();
      const right = this.binary(tightness + 1);
      left = { kind: 'binary', operator: text as BinaryOperator, left, right, position: this.from(start) };
    }
  }

  private unary(): Expression {
    const start = this.token;
    const operator = start.text;
    if (start.kind !== 'operator' || (operator !== '-' && operator !== '+' && operator !== '~')) return this.power();
    this.next();
    const operand = this.nested(() => this.unary());
    return { kind: 'unary', operator, operand, position: this.from(start) };
  }

  private power(): Expression {
    const start = this.token;
    const left = this.postfix();
    if (!this.is('**')) return left;
    this.next();
    const right = this.nested(() => this.unary());
    return { kind: 'binary', operator: '**', left, right, position: this.from(start) };
  }

  private postfix(): Expression {
    if (this.is('await')) throw this.failure('asynchronous code is not supported here');
    const start = this.token;
    let node = this.atom();
    for (;;) {
      if (this.is('(')) {
        const callee = node;
        node = { ...this.nested(() => this.callOf(callee)), position: this.from(start) };
      } else if (this.is('[')) {
        node = this.nested(() => this.subscript(node, start));
      } else if (this.accept('.')) {
        const { text: name, line, column, endLine, endColumn } = this.name();
        const namePosition = { line, column, endLine, endColumn };
        node = { kind: 'attribute', value: node, name, namePosition, position: this.from(start) };
      } else {
        return node;
      }
    }
  }

  private subscript(value: Expression, start: Position): Expression {
    this.expect('[');
    if (this.is(']')) throw this.invalid();
    const index = this.tupleOr(() => (this.is('*') ? this.starredOr() : this.sliceOr()), ':');
    this.closeBracket(']', index);
    return { kind: 'subscript', value, index, position: this.from(start) };
  }

  private sliceOr(): Expression {
    const start = this.token;
    const part = (): Expression | null =>
      this.is(':') || this.is(']') || this.is(',') ? null : this.namedExpression();
    const first = part();
    if (!this.is(':')) {
      if (!first) throw this.invalid();
      return first;
    }
    this.next();
    const stop = part();
    const step = this.accept(':') ? part() : null;
    return { kind: 'slice', start: first, stop, step, position: this.from(start) };
  }

  protected override yieldExpression(): Expression {
    const start = this.expect('yield');
    if (!this.function) throw this.failure("'yield' outside function", start);
    this.function.generator = true;
    if (this.accept('from')) {
      return { kind: 'yield', from: true, value: this.expression(), position: this.from(start) };
    }
    const value = this.beginsExpression() || this.is('*') ? this.tupleOr(() => this.starredOr()) : null;
    return { kind: 'yield', from: false, value, position: this.from(start) };
  }
}

function describe(node: Expression): string {
  switch (node.kind) {
    case 'attribute':
      return 'attribute';
    case 'subscript':
      return 'subscript';
    case 'tuple':
      return 'tuple';
    case 'list':
      return 'list';
    case 'call':
      return 'function call';
    case 'constant':
      return 'literal';
    default:
      return 'expression';
  }
}
