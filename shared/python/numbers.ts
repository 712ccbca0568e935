/** Python refuses to read or write longer decimal integers; it bounds the time of the conversion. */
export const longestInteger = 4300;

export type NumberLiteral = { value: bigint | number; length: number } | { message: string; length: number };

const digits = (set: string): string => `${set}(?:_?${set})*`;
const decimal = digits('[0-9]');
const based = new RegExp(`0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)`, 'y');
const float = new RegExp(
  `(?:${decimal})?\\.${decimal}(?:[eE][+-]?${decimal})?|${decimal}\\.(?:[eE][+-]?${decimal})?|${decimal}[eE][+-]?${decimal}`,
  'y',
);
const integer = new RegExp(decimal, 'y');
const wordCharacter = /[\p{ID_Continue}]/u;

const match = (pattern: RegExp, text: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
};

const baseNames: Record<string, string> = { x: 'hexadecimal', o: 'octal', b: 'binary' };

/** The number that begins at `at`, where a digit or a point with a digit behind it stands. */
export function readNumber(text: string, at: number): NumberLiteral {
  const base = /^0[xob]/i.exec(text.slice(at, at + 2))?.[0];
  const written = (base && match(based, text, at)) ?? match(float, text, at) ?? match(integer, text, at) ?? '';
  const { length } = written;
  const next = text[at + length] ?? '';
  const name = base ? (baseNames[base.slice(1).toLowerCase()] ?? '') : 'decimal';
  if (base && length < 3) {
    return /[0-9]/.test(text[at + 2] ?? '')
      ? { message: `invalid digit '${text[at + 2] ?? ''}' in ${name} literal`, length: 3 }
      : { message: `invalid ${name} literal`, length: 2 };
  }
  if (base && /[0-9]/.test(next)) return { message: `invalid digit '${next}' in ${name} literal`, length: length + 1 };
  if (/[jJ]/.test(next)) return { message: 'complex numbers are not supported here', length: length + 1 };
  // As in Python, a keyword may follow at once: `1if x else 2`.
  if (
    next === '_' ||
    (wordCharacter.test(next) && !/^(?:and|else|for|if|in|is|not|or)\b/.test(text.slice(at + length, at + length + 5)))
  )
    return { message: `invalid ${name} literal`, length };
  const plain = written.replaceAll('_', '');
  if (base) return { value: BigInt(plain), length };
  if (!/^[0-9]+$/.test(plain)) return { value: Number(plain), length };
  if (/^0+[1-9]/.test(plain)) {
    return {
      message: 'leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers',
      length,
    };
  }
  if (plain.length > longestInteger) {
    return {
      message: `Exceeds the limit (${longestInteger} digits) for integer string conversion: value has ${plain.length} digits`,
      length,
    };
  }
  return { value: BigInt(plain), length };
}
