import type { CallNode, Expression, ParameterNode } from './ast';
import { AtomParser } from './atoms';
import type { Position } from './position';

/** What stands between the brackets of a call and of a definition. */
export abstract class ArgumentParser extends AtomParser {
  /** Arguments after the opening bracket, which is the current token. */
  protected callOf(callee: Expression): CallNode {
    this.expect('(');
    const args: Expression[] = [];
    const keywords: CallNode['keywords'] = [];
    let last: Expression | null = null;
    while (!this.is(')')) {
      last = this.argument(args, keywords);
      if (!this.accept(',')) break;
      last = null;
    }
    this.closeBracket(')', last);
    return { kind: 'call', position: this.from(callee.position), callee, args, keywords };
  }

  private argument(args: Expression[], keywords: CallNode['keywords']): Expression {
    const start = this.token;
    if (this.accept('**')) {
      const value = this.expression();
      keywords.push({ name: null, value, position: this.from(start) });
      return value;
    }
    if (start.kind === 'name' && this.ahead(1).kind === 'operator' && this.ahead(1).text === '=') {
      this.next();
      this.next();
      if (this.is(')') || this.is(',')) throw this.failure('expected argument value expression', start);
      const value = this.expression();
      if (keywords.some(({ name }) => name === start.text))
        throw this.failure(`keyword argument repeated: ${start.text}`, start);
      keywords.push({ name: start.text, value, position: this.from(start) });
      return value;
    }
    const value = this.starredOr();
    if (this.is('for')) {
      const clauses = this.clauses(value);
      const generator: Expression = {
        kind: 'comprehension',
        position: this.from(start),
        form: 'generator',
        element: value,
        value: null,
        clauses,
      };
      if (args.length > 0 || this.is(','))
        throw this.failure('Generator expression must be parenthesized', generator.position);
      args.push(generator);
      return generator;
    }
    if (this.is('=')) {
      if (
        value.kind === 'constant' &&
        typeof value.value !== 'string' &&
        (value.value === null || typeof value.value === 'boolean')
      )
        throw this.failure(`cannot assign to ${start.text}`, value.position);
      throw this.failure('expression cannot contain assignment, perhaps you meant "=="?', {
        ...value.position,
        endLine: this.token.endLine,
        endColumn: this.token.endColumn,
      });
    }
    if (value.kind === 'starred' && keywords.some(({ name }) => name === null))
      throw this.failure('iterable argument unpacking follows keyword argument unpacking', value.position);
    if (value.kind !== 'starred' && keywords.length > 0) {
      const unpacked = keywords.at(-1)?.name === null;
      throw this.failure(
        unpacked
          ? 'positional argument follows keyword argument unpacking'
          : 'positional argument follows keyword argument',
        value.position,
      );
    }
    args.push(value);
    return value;
  }

  /** Parameters up to `end`, which stays the current token. `annotated`: of a def, not of a lambda. */
  protected parameters(end: ')' | ':', annotated: boolean): ParameterNode[] {
    const parameters: ParameterNode[] = [];
    let kind: ParameterNode['kind'] = 'plain';
    let bareStar: Position | null = null;
    while (!this.is(end)) {
      const start = this.token;
      if (this.accept('/')) {
        if (parameters.length === 0) throw this.failure('at least one argument must precede /', start);
        for (const parameter of parameters) parameter.kind = 'positional-only';
      } else if (this.accept('**')) {
        parameters.push(this.parameter('keywords', annotated));
        this.accept(',');
        if (!this.is(end)) throw this.failure('arguments cannot follow var-keyword argument');
        break;
      } else if (this.accept('*')) {
        if (kind === 'keyword-only') throw this.failure('* argument may appear only once', start);
        kind = 'keyword-only';
        if (this.is(',')) bareStar = start;
        else parameters.push(this.parameter('rest', annotated));
      } else {
        const parameter = this.parameter(kind, annotated);
        const before = parameters.at(-1);
        if (kind === 'plain' && parameter.default === null && before?.default)
          throw this.failure('non-default argument follows default argument', parameter.position);
        parameters.push(parameter);
      }
      if (!this.accept(',')) break;
    }
    if (bareStar && !parameters.some((parameter) => parameter.kind === 'keyword-only'))
      throw this.failure('named arguments must follow bare *', bareStar);
    const names = new Set<string>();
    for (const { name, position } of parameters) {
      if (names.has(name)) throw this.failure(`duplicate argument '${name}' in function definition`, position);
      names.add(name);
    }
    return parameters;
  }

  private parameter(kind: ParameterNode['kind'], annotated: boolean): ParameterNode {
    const start = this.name();
    if (annotated && this.accept(':')) this.expression();
    const optional = kind !== 'rest' && kind !== 'keywords';
    const fallback = optional && this.accept('=') ? this.expression() : null;
    return { name: start.text, kind, default: fallback, position: this.from(start) };
  }
}
