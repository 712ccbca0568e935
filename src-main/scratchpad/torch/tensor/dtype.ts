import type { EagerArray } from '../../../engine/native';
import { HostObject } from '../../language/host';
import { PyClass } from '../../language/values';

const dtypeClass = new PyClass('dtype', null, [], { module: 'torch' });

export type DTypeName = 'bool' | 'uint8' | 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64';

/** The kind of numbers a tensor holds. float32 lies in memory as such; all others are kept as doubles, which hold int64 up to 2^53. */
export class DType extends HostObject {
  readonly type = dtypeClass;

  constructor(
    readonly name: DTypeName,
    readonly kind: 'bool' | 'int' | 'float',
    /** Bytes in PyTorch: what element_size() says, and what decides between types of one kind. */
    readonly size: number,
    /** As error messages call it: Float, Long. */
    readonly scalarName: string,
  ) {
    super();
  }

  /** As messages about products call it. */
  get cName(): string {
    return {
      bool: 'bool',
      uint8: 'unsigned char',
      int8: 'signed char',
      int16: 'short',
      int32: 'int',
      int64: 'long',
      float32: 'float',
      float64: 'double',
    }[this.name];
  }

  get precision(): 'float32' | 'float64' {
    return this.name === 'float32' ? 'float32' : 'float64';
  }

  array(length: number): EagerArray {
    return this.name === 'float32' ? new Float32Array(length) : new Float64Array(length);
  }

  override attribute(name: string): boolean | bigint | undefined {
    if (name === 'is_floating_point') return this.kind === 'float';
    if (name === 'itemsize') return BigInt(this.size);
    return undefined;
  }

  override attributeNames(): Iterable<string> {
    return ['is_floating_point', 'itemsize'];
  }

  repr(): string {
    return `torch.${this.name}`;
  }
}

export const bool = new DType('bool', 'bool', 1, 'Bool');
export const uint8 = new DType('uint8', 'int', 1, 'Byte');
export const int8 = new DType('int8', 'int', 1, 'Char');
export const int16 = new DType('int16', 'int', 2, 'Short');
export const int32 = new DType('int32', 'int', 4, 'Int');
export const int64 = new DType('int64', 'int', 8, 'Long');
export const float32 = new DType('float32', 'float', 4, 'Float');
export const float64 = new DType('float64', 'float', 8, 'Double');

/** Every name under which torch has a dtype. */
export const dtypeNames: ReadonlyMap<string, DType> = new Map([
  ['bool', bool],
  ['uint8', uint8],
  ['int8', int8],
  ['int16', int16],
  ['short', int16],
  ['int32', int32],
  ['int', int32],
  ['int64', int64],
  ['long', int64],
  ['float32', float32],
  ['float', float32],
  ['float64', float64],
  ['double', float64],
]);

const rank = { bool: 0, int: 1, float: 2 };

/** The dtype that holds values of both: the higher kind, then the larger size. */
export function wider(a: DType, b: DType): DType {
  if (a === b) return a;
  if (a.kind !== b.kind) return rank[a.kind] > rank[b.kind] ? a : b;
  if (a.size === b.size) return int16; // uint8 and int8
  return a.size > b.size ? a : b;
}

/** An operand in the rule of PyTorch: tensors with dimensions outweigh those without, and these outweigh Python's numbers. */
export interface Typed {
  dtype: DType;
  weight: 'tensor' | 'scalar tensor' | 'number';
}

/** torch.result_type of operands: only a higher kind lets a lighter operand decide. */
export function resultType(operands: readonly Typed[]): DType {
  let result: DType | null = null;
  for (const weight of ['tensor', 'scalar tensor', 'number'] as const) {
    let own: DType | null = null;
    for (const operand of operands)
      if (operand.weight === weight) own = own ? wider(own, operand.dtype) : operand.dtype;
    if (own && (!result || rank[own.kind] > rank[result.kind])) result = own;
  }
  return result ?? float32;
}

/** Values as the dtype holds them, in place: whole, and wrapped around as in C. */
export function normalise(values: EagerArray, dtype: DType): EagerArray {
  if (dtype.kind === 'float') return values;
  const wrap = {
    bool: bools,
    uint8: (v: number) => Math.trunc(v) & 0xff,
    int8: (v: number) => (Math.trunc(v) << 24) >> 24,
  };
  const rule = {
    ...wrap,
    int16: (v: number) => (Math.trunc(v) << 16) >> 16,
    int32: (v: number) => Math.trunc(v) | 0,
    int64: whole,
  }[dtype.name as 'bool'];
  for (let i = 0; i < values.length; i++) values[i] = rule(values[i] as number);
  return values;
}

const bools = (value: number): number => (value === 0 ? 0 : 1);
/** Not a number becomes the smallest int64, as processors have it; -0 becomes 0. */
const whole = (value: number): number => (Number.isFinite(value) ? Math.trunc(value) + 0 : -(2 ** 63));
