import { PyTuple, type Value } from '../../language/values';
import { detached } from '../functions/autograd';
import { permuted, transposed } from '../functions/shaping';
import { ArrayType } from './types';
import type { Tensor } from '../tensor/tensor';

const properties: Record<string, (x: Tensor) => Value> = {
  shape: (x) => new PyTuple(x.shape.map(BigInt)),
  dtype: (x) => new ArrayType(x.dtype),
  ndim: (x) => BigInt(x.shape.length),
  size: (x) => BigInt(x.count),
  T: (x) => (x.shape.length < 2 ? transposed(x) : permuted(x, [...x.shape.keys()].reverse(), '')),
  data: detached,
};

export const arrayAttributes = Object.keys(properties);

/** What an ndarray has that is no method. */
export const arrayAttribute = (x: Tensor, name: string): Value | undefined =>
  Object.hasOwn(properties, name) ? properties[name]?.(x) : undefined;
