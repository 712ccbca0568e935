/** The value at an index that is inside by construction; should it not be, say so instead of computing with undefined. */
export function at<Value>(values: ArrayLike<Value>, index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`Index ${index} of ${values.length} values`);
  return value;
}
