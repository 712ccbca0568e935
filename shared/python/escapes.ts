const simple: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

export interface EscapeFailure {
  message: string;
  offset: number;
}

/** The characters a string literal stands for. Throws an EscapeFailure, whose offset is within `text`. */
export function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  let decoded = '';
  for (let at = 0; at < text.length;) {
    const character = text.charAt(at);
    if (character !== '\\') {
      decoded += character;
      at++;
      continue;
    }
    const next = text.charAt(at + 1);
    const plain = Object.hasOwn(simple, next) ? simple[next] : undefined;
    const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))?.[0];
    if (plain !== undefined) {
      decoded += plain;
      at += 2;
    } else if (octal) {
      decoded += String.fromCharCode(parseInt(octal, 8));
      at += 1 + octal.length;
    } else if (next === 'x' || next === 'u' || next === 'U') {
      const length = { x: 2, u: 4, U: 8 }[next];
      const code = new RegExp(`^[0-9a-fA-F]{${length}}`).exec(text.slice(at + 2, at + 2 + length))?.[0];
      if (!code) throw refuse(`truncated \\${next}${'X'.repeat(length)} escape`, at);
      if (parseInt(code, 16) > 0x10ffff) throw refuse('illegal Unicode character', at);
      decoded += String.fromCodePoint(parseInt(code, 16));
      at += 2 + length;
    } else if (next === 'N') {
      throw refuse('characters by name are not supported here; write the character itself or its \\u number', at);
    } else {
      // Python keeps a backslash it does not know.
      decoded += `\\${next}`;
      at += 2;
    }
  }
  return decoded;
}

const refuse = (message: string, offset: number): EscapeFailure => ({
  message: `(unicode error) 'unicodeescape' codec can't decode bytes in position ${offset}-${offset + 1}: ${message}`,
  offset,
});
