import type { Drawing } from '../../../shared/api/scratchpad';
import type { Position } from '../../../shared/python/position';
import { Signature } from './signature';
import { PyClass, PyMethod, PyProperty, type Value } from './values';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '@' | '&' | '|' | '^' | '<<' | '>>';
export type UnaryOperator = '-' | '+' | '~';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** What host code may ask of the interpreter that called it. */
export interface CallContext {
  /** Where the program is now. */
  readonly position: Position;
  /** Counts work. Throws an Interruption when the program used up its steps or time, or when the user stopped it. */
  charge(steps: number): void;
  /** To be called before memory is taken. Throws MemoryError when the program would get too large. */
  chargeMemory(bytes: number): void;
  print(text: string): void;
  /** Shows a drawing under the cell. */
  display(drawing: Drawing): void;
  call(callee: Value, args: readonly Value[], keywords?: ReadonlyMap<string, Value>): Value;
  /** Throws TypeError when the value cannot be iterated over. Every step is charged. */
  iterate(value: Value): Iterable<Value>;
  truth(value: Value): boolean;
  repr(value: Value): string;
  str(value: Value): string;
  equal(left: Value, right: Value): boolean;
  /** Undefined when there is no such attribute. */
  attribute(value: Value, name: string): Value | undefined;
}

/**
 * An object of the host that a program may hold. Every answer `undefined` means "not supported", and the interpreter words the
 * TypeError. The context comes last, so that methods that do not need it leave it out.
 */
export abstract class HostObject {
  /** Its class: what type(x) gives and isinstance asks for; its attributes are the methods. */
  abstract readonly type: PyClass;

  get typeName(): string {
    return this.type.name;
  }

  /** Default: the methods of its class, bound to it, and the values of its properties. */
  attribute(name: string, context: CallContext): Value | undefined {
    const found = this.type.lookup(name);
    if (found instanceof HostFunction) return new PyMethod(this, found);
    return found instanceof PyProperty ? context.call(found.getter, [this]) : found;
  }

  setAttribute?(name: string, value: Value, context: CallContext): void;

  /** Names that are offered as suggestions after a dot. */
  attributeNames(): Iterable<string> {
    const names = new Set<string>();
    for (let at: PyClass | null = this.type; at; at = at.base) for (const name of at.attributes.keys()) names.add(name);
    return names;
  }

  /** `reflected`: this is the right operand. */
  binary?(operator: BinaryOperator, other: Value, reflected: boolean, context: CallContext): Value | undefined;
  /** `x += other`; undefined: as x = x + other. */
  inPlace?(operator: BinaryOperator, other: Value, context: CallContext): Value | undefined;
  unary?(operator: UnaryOperator, context: CallContext): Value | undefined;
  compare?(operator: CompareOperator, other: Value, context: CallContext): Value | undefined;
  item?(index: Value, context: CallContext): Value;
  setItem?(index: Value, value: Value, context: CallContext): void;
  deleteItem?(index: Value, context: CallContext): void;
  contains?(value: Value, context: CallContext): boolean;
  iterate?(context: CallContext): Iterable<Value>;
  length?(context: CallContext): number;
  call?(args: readonly Value[], keywords: ReadonlyMap<string, Value>, context: CallContext): Value;
  /** Default: true. */
  truth?(context: CallContext): boolean;
  /** int(x), float(x), and where a number is asked for (a range, an index). */
  toNumber?(context: CallContext): bigint | number | boolean | undefined;
  abstract repr(context: CallContext): string;
  /** Default: repr. */
  str?(context: CallContext): string;
  /** format(x, spec) and f-strings. */
  format?(spec: string, context: CallContext): string;
  /** `with x as y`: the value of y. */
  enter?(context: CallContext): Value;
  /** True: the exception is swallowed. */
  exit?(failed: boolean, context: CallContext): boolean;
}

/** Arguments in the order of the signature; *rest is a PyTuple, **rest a PyDict. */
export type HostBody = (args: Value[], context: CallContext) => Value;

/** A function of the host. One signature serves the binder's errors, suggestions and help. */
export class HostFunction {
  readonly typeName = 'builtin_function_or_method';
  readonly signature: Signature;

  /** Example: new HostFunction('rand', '*size: ints, dtype=None, requires_grad: bool=False', body) */
  constructor(
    readonly name: string,
    signature: string,
    readonly body: HostBody,
    /** One sentence, shown by suggestions. */
    readonly help: string = '',
  ) {
    this.signature = Signature.parse(name, signature);
  }
}

const moduleType = new PyClass('module', null, [], { module: 'builtins' });

/** What `import name` gives. */
export class HostModule extends HostObject {
  readonly type = moduleType;

  constructor(
    readonly name: string,
    readonly members: ReadonlyMap<string, Value>,
  ) {
    super();
  }

  override attribute(name: string): Value | undefined {
    return this.members.get(name);
  }

  override attributeNames(): Iterable<string> {
    return this.members.keys();
  }

  repr(): string {
    return `<module '${this.name}'>`;
  }
}
