import { numberOf } from './convert';
import { PyDict } from './containers';
import { typeError } from './errors';
import { keyError } from './exceptions';
import { formatPercent, type PercentSource } from './format';
import type { CallContext } from './host';
import { typeName } from './type-names';
import { PyTuple, type Value } from './values';

/** text % values */
export function percentFormat(text: string, values: Value, context: CallContext): string {
  const given = values instanceof PyTuple ? values.items : [values];
  let used = 0;
  const source = (value: Value): PercentSource => ({
    next: () => {
      const number = numberOf(value, context);
      if (typeof number === 'bigint') return { kind: 'int', value: number };
      return number === undefined ? { kind: 'other', typeName: typeName(value) } : { kind: 'float', value: number };
    },
    str: () => context.str(value),
    repr: () => context.repr(value),
  });
  const formatted = formatPercent(text, (name) => {
    if (name !== null) {
      if (!(values instanceof PyDict)) throw typeError('format requires a mapping');
      const found = values.get(name);
      if (found === undefined) throw keyError(name, context);
      return source(found);
    }
    const value = given[used++];
    if (value === undefined) throw typeError('not enough arguments for format string');
    return source(value);
  });
  if (used < given.length && !(values instanceof PyDict))
    throw typeError('not all arguments converted during string formatting');
  context.chargeMemory(formatted.length);
  return formatted;
}
