import { PyDict } from './containers';
import { typeError, type PythonError } from './errors';
import { typeName } from './type-names';
import { PyTuple, type Value } from './values';

export type ParameterKind = 'plain' | 'positional-only' | 'rest' | 'keyword-only' | 'keywords';

export interface Parameter {
  name: string;
  kind: ParameterKind;
  /** As written after the colon: for help, and `int`, `float`, `str`, `bool` are also checked and converted. */
  annotation: string | null;
  /** Undefined: must be given. */
  default: Value | undefined;
}

const noKeywords: ReadonlyMap<string, Value> = new Map();

/**
 * The parameters of a function, and how arguments find their places: for host functions, read from a text such as
 * "size: ints, *, dtype=None, requires_grad: bool=False"; the functions of a program give their own list.
 */
export class Signature {
  private readonly positional: number;
  private readonly rest: number;
  private readonly keywords: number;
  private readonly indices = new Map<string, number>();

  constructor(
    /** Shown in errors: "rand() got an unexpected keyword argument 'x'". */
    readonly functionName: string,
    readonly parameters: readonly Parameter[],
  ) {
    const ofKind = (kind: ParameterKind): number => parameters.findIndex((parameter) => parameter.kind === kind);
    this.positional = parameters.filter(({ kind }) => kind === 'plain' || kind === 'positional-only').length;
    this.rest = ofKind('rest');
    this.keywords = ofKind('keywords');
    parameters.forEach(({ name, kind }, index) => {
      if (kind === 'plain' || kind === 'keyword-only') this.indices.set(name, index);
    });
  }

  static parse(functionName: string, text: string): Signature {
    return new Signature(functionName, parseParameters(text));
  }

  /** For suggestions: "size: ints, *, dtype=None". */
  describe(): string {
    const parts: string[] = [];
    this.parameters.forEach((parameter, index) => {
      const before = this.parameters[index - 1];
      if (before?.kind === 'positional-only' && parameter.kind !== 'positional-only') parts.push('/');
      if (parameter.kind === 'keyword-only' && before?.kind !== 'keyword-only' && before?.kind !== 'rest')
        parts.push('*');
      const stars = parameter.kind === 'rest' ? '*' : parameter.kind === 'keywords' ? '**' : '';
      const annotation = parameter.annotation === null ? '' : `: ${parameter.annotation}`;
      const fallback = parameter.default === undefined ? '' : `=${describeDefault(parameter.default)}`;
      parts.push(`${stars}${parameter.name}${annotation}${fallback}`);
    });
    return parts.join(', ');
  }

  /**
   * Arguments in the order of the parameters; *rest becomes a PyTuple and **rest a PyDict. Throws TypeError in Python's words.
   * `defaults` replaces the parameters' own, for functions whose defaults are computed when `def` runs.
   */
  bind(
    args: readonly Value[],
    keywords: ReadonlyMap<string, Value> = noKeywords,
    defaults: readonly (Value | undefined)[] | null = null,
  ): Value[] {
    const { parameters } = this;
    const bound = new Array<Value | undefined>(parameters.length).fill(undefined);
    const given = Math.min(args.length, this.positional);
    for (let i = 0; i < given; i++) bound[i] = args[i];
    if (this.rest >= 0) bound[this.rest] = new PyTuple(args.slice(this.positional));
    else if (args.length > this.positional) throw this.tooMany(args.length, defaults);
    if (keywords.size > 0 || this.keywords >= 0) this.bindKeywords(bound, keywords);
    for (let i = 0; i < bound.length; i++) {
      const parameter = parameters[i] as Parameter;
      if (bound[i] === undefined) bound[i] = defaults ? defaults[i] : parameter.default;
      else if (parameter.annotation !== null) bound[i] = this.convert(parameter, bound[i] as Value);
    }
    if (bound.includes(undefined)) throw this.missing(bound);
    return bound as Value[];
  }

  private bindKeywords(bound: (Value | undefined)[], keywords: ReadonlyMap<string, Value>): void {
    const others = this.keywords >= 0 ? new PyDict() : null;
    for (const [name, value] of keywords) {
      const index = this.indices.get(name);
      if (index === undefined) {
        if (!others) throw this.unexpected(name);
        others.set(name, value);
      } else if (bound[index] !== undefined) {
        throw typeError(`${this.functionName}() got multiple values for argument '${name}'`);
      } else {
        bound[index] = value;
      }
    }
    if (others) bound[this.keywords] = others;
  }

  private unexpected(name: string): PythonError {
    return typeError(`${this.functionName}() got an unexpected keyword argument '${name}'`);
  }

  private tooMany(given: number, defaults: readonly (Value | undefined)[] | null): PythonError {
    const required = this.parameters
      .slice(0, this.positional)
      .filter((parameter, index) => (defaults ? defaults[index] : parameter.default) === undefined).length;
    const takes = required === this.positional ? `${this.positional}` : `from ${required} to ${this.positional}`;
    const plural = this.positional === 1 ? '' : 's';
    const were = given === 1 ? 'was' : 'were';
    return typeError(`${this.functionName}() takes ${takes} positional argument${plural} but ${given} ${were} given`);
  }

  private missing(bound: readonly (Value | undefined)[]): PythonError {
    const lacking = this.parameters.filter((_, index) => bound[index] === undefined);
    const keywordOnly = lacking.every(({ kind }) => kind === 'keyword-only');
    const names = lacking.filter(({ kind }) => keywordOnly || kind !== 'keyword-only').map(({ name }) => `'${name}'`);
    const last = names.at(-1) ?? '';
    const list = names.length < 3 ? names.join(' and ') : `${names.slice(0, -1).join(', ')}, and ${last}`;
    const what = keywordOnly ? 'keyword-only' : 'positional';
    return typeError(
      `${this.functionName}() missing ${names.length} required ${what} argument${names.length === 1 ? '' : 's'}: ${list}`,
    );
  }

  private convert({ name, annotation, default: fallback }: Parameter, value: Value): Value {
    // A default of another type (mostly None) may be written out as well.
    if (value === fallback) return value;
    const refuse = (wanted: string): PythonError =>
      typeError(`${this.functionName}(): argument '${name}' must be ${wanted}, not ${typeName(value)}`);
    switch (annotation) {
      case 'int':
        if (typeof value === 'boolean') return value ? 1n : 0n;
        if (typeof value !== 'bigint') throw refuse('int');
        return value;
      case 'float':
        if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
        if (typeof value !== 'number') throw refuse('float');
        return value;
      case 'str':
        if (typeof value !== 'string') throw refuse('str');
        return value;
      case 'bool':
        if (typeof value !== 'boolean') throw refuse('bool');
        return value;
      default:
        return value;
    }
  }
}

function parseParameters(text: string): Parameter[] {
  const parameters: Parameter[] = [];
  let kind: ParameterKind = 'plain';
  for (const written of text.split(',').map((part) => part.trim())) {
    if (written === '') continue;
    if (written === '*') {
      kind = 'keyword-only';
    } else if (written === '/') {
      for (const parameter of parameters) parameter.kind = 'positional-only';
    } else {
      const match = /^(\*{0,2})(\w+)(?:\s*:\s*([^=]+?))?(?:\s*=\s*(.+))?$/.exec(written);
      if (!match) throw new Error(`not a parameter: ${written}`);
      const [, stars = '', name = '', annotation = null, fallback] = match;
      parameters.push({
        name,
        kind: stars === '**' ? 'keywords' : stars === '*' ? 'rest' : kind,
        annotation,
        default: fallback === undefined ? undefined : parseDefault(fallback),
      });
      if (stars === '*') kind = 'keyword-only';
    }
  }
  return parameters;
}

function parseDefault(text: string): Value {
  if (text === 'None') return null;
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text === '()') return new PyTuple([]);
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const quoted = /^'(.*)'$/.exec(text);
  if (quoted) return quoted[1] ?? '';
  const number = Number(text);
  if (Number.isNaN(number)) throw new Error(`not a default value: ${text}`);
  return number;
}

function describeDefault(value: Value): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (typeof value === 'string') return `'${value}'`;
  return value instanceof PyTuple ? '()' : String(value);
}
