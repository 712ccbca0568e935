/** "1, 28, 28", "1 28 28" or "1×28×28" as sizes; nothing as an empty list; null where it is something else. */
export function parseShape(text: string): number[] | null {
  const parts = text
    .replace(/^[\s[(]+|[\s\])]+$/g, '')
    .split(/[\s,;×x*]+/)
    .filter((part) => part !== '');
  const sizes = parts.map((part) => (/^[-−]?\d+$/.test(part) ? Number(part.replace('−', '-')) : Number.NaN));
  return sizes.some(Number.isNaN) ? null : sizes;
}
