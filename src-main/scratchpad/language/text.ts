/** Python counts characters by code points, JavaScript by UTF-16 units. They differ only where there are surrogates. */

const surrogate = /[\ud800-\udfff]/;
let lastText = '';
let lastPoints: string[] | null = null;

/** The characters of a text that has surrogates; null: its units are its characters. */
export function codePoints(text: string): string[] | null {
  // A loop over the places of one text asks again and again.
  if (text !== lastText) {
    lastPoints = surrogate.test(text) ? [...text] : null;
    lastText = text;
  }
  return lastPoints;
}

export const textLength = (text: string): number => codePoints(text)?.length ?? text.length;

/** Characters from `start` to before `end`. */
export function textSlice(text: string, start: number, end: number): string {
  const points = codePoints(text);
  return points ? points.slice(start, end).join('') : text.slice(start, end);
}

export const characterAt = (text: string, index: number): string => codePoints(text)?.[index] ?? text.charAt(index);

/** Index in characters of a place in UTF-16 units. */
export function characterIndex(text: string, unit: number): number {
  return unit < 0 || !codePoints(text) ? unit : [...text.slice(0, unit)].length;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** repr of a str. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  let quoted = mark;
  for (const character of text) {
    if (character === mark) quoted += `\\${mark}`;
    else if (Object.hasOwn(escapes, character)) quoted += escapes[character];
    else if (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|[^\S ]/u.test(character)) quoted += escapeCode(character);
    else quoted += character;
  }
  return quoted + mark;
}

/** A text with nothing but ASCII in it, other characters by their codes. */
export const escapeNonAscii = (text: string): string => text.replace(/\P{ASCII}/gu, escapeCode);

function escapeCode(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
