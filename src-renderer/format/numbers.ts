import type { Language } from '../../shared/text';

const locales: Record<Language, string> = { en: 'en-GB', ru: 'ru-RU' };

const cache = new Map<string, Intl.NumberFormat>();
function formatter(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language}${JSON.stringify(options)}`;
  const known = cache.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locales[language], options);
  cache.set(key, made);
  return made;
}

/** Words for what is no number; the same in both languages, as in every tool of the field. */
function special(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '−∞';
  return null;
}

/** 4 significant digits, scientific below 1e-3 and above 1e5; whole digits are never rounded away. A true minus sign. */
export function formatNumber(value: number, language: Language, digits = 4): string {
  const word = special(value);
  if (word !== null) return word;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5) && !(Number.isInteger(value) && size < 1e6)) {
    return scientific(value, language, digits);
  }
  const whole = size >= 10 ** (digits - 1);
  const options = whole ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return formatter(language, options).format(value).replace('-', '−');
}

function scientific(value: number, language: Language, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const written = mantissa.replace(/\.?0+$/, '').replace('-', '−');
  const decimal = language === 'ru' ? ',' : '.';
  return `${written.replace('.', decimal)}e${exponent.replace('+', '').replace('-', '−')}`;
}

/** Counts, grouped in threes. */
export function formatCount(value: number, language: Language): string {
  return formatter(language, { maximumFractionDigits: 0 }).format(value);
}

/** `share` 0..1 as a percentage. */
export function formatPercent(share: number, language: Language, digits = 1): string {
  return special(share) ?? formatter(language, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

const units: Record<Language, readonly string[]> = {
  en: ['B', 'KB', 'MB', 'GB', 'TB'],
  ru: ['Б', 'КБ', 'МБ', 'ГБ', 'ТБ'],
};

/** 1,024 bytes are 1 KB. */
export function formatBytes(bytes: number, language: Language): string {
  const step = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${formatNumber(bytes / 1024 ** step, language, 3)} ${units[language][step] ?? ''}`;
}

/** Every digit, as it can be pasted into a program: for titles and copying. */
export function fullNumber(value: number): string {
  return special(value) ?? String(value);
}

/** Reads what a person typed: a decimal comma or point, spaces as group separators, a true minus. Null: no number. */
export function parseNumber(text: string): number | null {
  const plain = text
    .trim()
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace(/−/g, '-')
    .replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  return Number(plain);
}

export function formatDate(iso: string, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

export function formatTime(time: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { timeStyle: 'medium' }).format(new Date(time));
}
