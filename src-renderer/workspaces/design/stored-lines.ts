export interface StoredLine {
  name: string;
  value: string;
}

/** The entries of a JSON object, for people; null where the text is no such object. Nested lists keep their brackets. */
export function storedLines(text: string): StoredLine[] | null {
  if (!text.startsWith('{')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // Spoilt by hand: shown as it is; the checker says what is wrong with the layer.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return Object.entries(parsed as Record<string, unknown>).map(([name, value]) => ({
    name,
    value: words(value, true),
  }));
}

function words(value: unknown, outermost = false): string {
  if (Array.isArray(value)) {
    const list = value.map((item) => words(item)).join(', ');
    return outermost ? list || '–' : `[${list}]`;
  }
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([name, part]) => `${name} ${words(part)}`)
      .join(' ');
  // An omitted input has no name.
  return value === '' || value === null ? '–' : String(value);
}
