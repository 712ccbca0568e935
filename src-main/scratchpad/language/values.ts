import type { HostFunction, HostObject } from './host';
import type { CompiledFunction } from './functions';
import type { PyDict, PySet } from './containers';

/**
 * What a Python value is here. None is null, bool is boolean, int is bigint, float is number, str is string; everything else is
 * an instance of a class below, of a container (containers.ts), or of a host class (host.ts). A program reaches attributes only
 * through tables (`Map`), never through JavaScript properties.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | PyList
  | PyTuple
  | PyDict
  | PySet
  | PySlice
  | PyRange
  | PyEllipsis
  | PyNotImplemented
  | PyIterator
  | PyFunction
  | PyMethod
  | PyClass
  | PyInstance
  | PySuper
  | PyProperty
  | PyStaticMethod
  | PyClassMethod
  | HostFunction
  | HostObject;

export class PyList {
  constructor(readonly items: Value[]) {}
}

export class PyTuple {
  constructor(readonly items: readonly Value[]) {}
}

/** `a:b:c` inside brackets, and what slice() gives. */
export class PySlice {
  constructor(
    readonly start: Value,
    readonly stop: Value,
    readonly step: Value,
  ) {}
}

export class PyRange {
  /** Number of elements. */
  readonly length: bigint;

  constructor(
    readonly start: bigint,
    readonly stop: bigint,
    readonly step: bigint,
  ) {
    const span = step > 0n ? stop - start : start - stop;
    const stride = step > 0n ? step : -step;
    this.length = span > 0n ? (span + stride - 1n) / stride : 0n;
  }
}

export class PyEllipsis {
  private readonly tag = 'ellipsis';
  static readonly value = new PyEllipsis();
  private constructor() {
    void this.tag;
  }
}

/** What `__eq__` and the like return when they do not know the other operand. */
export class PyNotImplemented {
  private readonly tag = 'NotImplemented';
  static readonly value = new PyNotImplemented();
  private constructor() {
    void this.tag;
  }
}

/** Anything that is consumed while it is iterated over: generators, zip, enumerate, map, iter(list). */
export class PyIterator {
  constructor(
    readonly typeName: string,
    readonly iterator: Iterator<Value, Value, Value>,
  ) {}
}

/** A `def` or `lambda`. */
export class PyFunction {
  readonly attributes = new Map<string, Value>();

  constructor(
    readonly name: string,
    readonly code: CompiledFunction,
  ) {}
}

/** A function with its first argument. */
export class PyMethod {
  constructor(
    readonly self: Value,
    readonly callee: PyFunction | HostFunction,
  ) {}
}

export interface ClassOptions {
  /** Shown before the name: <class 'torch.Tensor'>. Default: '__main__'; 'builtins' shows nothing. */
  module?: string;
  /**
   * Calling the class runs this instead of making a PyInstance and calling `__init__`. Such a class is no base of a
   * program's class.
   */
  construct?: HostFunction;
}

/**
 * A class of the program, or of the host: then its attributes are HostFunctions, whose first parameter is `self`. The type of a
 * HostObject is such a class too.
 */
export class PyClass {
  readonly module: string;
  readonly construct: HostFunction | null;
  readonly attributes: Map<string, Value>;

  constructor(
    readonly name: string,
    readonly base: PyClass | null = null,
    attributes: Iterable<readonly [string, Value]> = [],
    { module = '__main__', construct }: ClassOptions = {},
  ) {
    this.attributes = new Map(attributes);
    this.module = module;
    this.construct = construct ?? null;
  }

  /** The attribute of this class or of the nearest base that has it. */
  lookup(name: string): Value | undefined {
    const found = this.attributes.get(name);
    return found === undefined ? this.base?.lookup(name) : found;
  }

  isSubclassOf(other: PyClass): boolean {
    return this === other || (this.base?.isSubclassOf(other) ?? false);
  }
}

/** An object of a PyClass. */
export class PyInstance {
  readonly attributes = new Map<string, Value>();
  /** What the host keeps with an object of one of its own classes; no program sees it. */
  native: unknown = undefined;

  constructor(readonly type: PyClass) {}
}

/** `super()`: attributes of `self` as the classes above `type` have them. */
export class PySuper {
  constructor(
    readonly type: PyClass,
    readonly self: PyInstance,
  ) {}
}

export class PyProperty {
  constructor(
    readonly getter: Value,
    readonly setter: Value | null = null,
  ) {}
}

export class PyStaticMethod {
  constructor(readonly callee: Value) {}
}

export class PyClassMethod {
  constructor(readonly callee: Value) {}
}
