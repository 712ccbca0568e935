/** How dates may be written, most trusted first. `pattern` is the database's, `parts` names the groups of `regex`. */
export interface DateFormat {
  /** As people write it: recorded with a model, shown in notes. */
  name: string;
  pattern: string;
  regex: RegExp;
  parts: ('year' | 'month' | 'day' | 'hour' | 'minute' | 'second')[];
}

const day = '(\\d{1,2})';
const year = '(\\d{4})';

function format(name: string, pattern: string, regex: string, parts: DateFormat['parts']): DateFormat {
  return { name, pattern, regex: new RegExp(`^${regex}$`), parts };
}

export const dateFormats: DateFormat[] = [
  format('yyyy-mm-dd', '%Y-%m-%d', `${year}-${day}-${day}`, ['year', 'month', 'day']),
  format('yyyy-mm-dd hh:mm', '%Y-%m-%d %H:%M', `${year}-${day}-${day} ${day}:${day}`, [
    'year',
    'month',
    'day',
    'hour',
    'minute',
  ]),
  format('yyyy-mm-dd hh:mm:ss', '%Y-%m-%d %H:%M:%S', `${year}-${day}-${day} ${day}:${day}:${day}`, [
    'year',
    'month',
    'day',
    'hour',
    'minute',
    'second',
  ]),
  format('yyyy-mm-ddThh:mm:ss', '%Y-%m-%dT%H:%M:%S', `${year}-${day}-${day}T${day}:${day}:${day}`, [
    'year',
    'month',
    'day',
    'hour',
    'minute',
    'second',
  ]),
  format('yyyy-mm-ddThh:mm:ssZ', '%Y-%m-%dT%H:%M:%SZ', `${year}-${day}-${day}T${day}:${day}:${day}Z`, [
    'year',
    'month',
    'day',
    'hour',
    'minute',
    'second',
  ]),
  format('dd.mm.yyyy', '%d.%m.%Y', `${day}\\.${day}\\.${year}`, ['day', 'month', 'year']),
  format('dd.mm.yyyy hh:mm', '%d.%m.%Y %H:%M', `${day}\\.${day}\\.${year} ${day}:${day}`, [
    'day',
    'month',
    'year',
    'hour',
    'minute',
  ]),
  format('dd.mm.yyyy hh:mm:ss', '%d.%m.%Y %H:%M:%S', `${day}\\.${day}\\.${year} ${day}:${day}:${day}`, [
    'day',
    'month',
    'year',
    'hour',
    'minute',
    'second',
  ]),
  format('dd/mm/yyyy', '%d/%m/%Y', `${day}/${day}/${year}`, ['day', 'month', 'year']),
  format('mm/dd/yyyy', '%m/%d/%Y', `${day}/${day}/${year}`, ['month', 'day', 'year']),
  format('dd-mm-yyyy', '%d-%m-%Y', `${day}-${day}-${year}`, ['day', 'month', 'year']),
  format('yyyy/mm/dd', '%Y/%m/%d', `${year}/${day}/${day}`, ['year', 'month', 'day']),
];

/** Milliseconds since 1970 (UTC), or null. Without a format, or when it does not fit: the first format that fits. */
export function parseDate(text: string, formatName: string | null): number | null {
  const wanted = dateFormats.find((candidate) => candidate.name === formatName);
  for (const candidate of wanted ? [wanted, ...dateFormats] : dateFormats) {
    const value = parseWith(text, candidate);
    if (value !== null) return value;
  }
  return null;
}

function parseWith(text: string, { regex, parts }: DateFormat): number | null {
  const match = regex.exec(text);
  if (!match) return null;
  const found = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const [index, part] of parts.entries()) found[part] = Number(match[index + 1]);
  const date = new Date(Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second));
  // 31.02. rolls over to March: no date.
  const exists =
    date.getUTCFullYear() === found.year &&
    date.getUTCMonth() === found.month - 1 &&
    date.getUTCDate() === found.day &&
    found.hour < 24 &&
    found.minute < 60 &&
    found.second < 60;
  return exists ? date.getTime() : null;
}
