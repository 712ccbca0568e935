/** Interface languages; every text a person can meet exists in all of them. */
export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

/** A text in every language. `{name}` stands for a value given when it is shown. */
export type Text = Record<Language, string>;

/** Fills `{name}` placeholders; a missing value is left visible so that a test or a reader notices it. */
export function fill(template: string, values: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined || value === null) return whole;
    return Array.isArray(value) ? value.join(', ') : String(value);
  });
}
