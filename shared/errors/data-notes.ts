import { fill, type Language, type Text } from '../text';

/** Remarks of an import report: nothing is wrong, but a person should know how their file was read. */
export const dataNotes = {
  'data.note.duplicate-header': {
    en: 'The column name "{name}" occurs more than once; column {position} is called "{renamed}".',
    ru: 'Имя столбца «{name}» повторяется; столбец {position} назван «{renamed}».',
  },
  'data.note.empty-header': {
    en: 'Column {position} has no name; it is called "{renamed}".',
    ru: 'У столбца {position} нет имени; он назван «{renamed}».',
  },
  'data.note.no-header': {
    en: 'The first line holds values, not names; the columns are called {first}, …',
    ru: 'В первой строке значения, а не имена; столбцы названы {first}, …',
  },
  'data.note.dates-read-as': {
    en: 'The dates of "{column}" were read as {format}.',
    ru: 'Даты в столбце «{column}» прочитаны как {format}.',
  },
  'data.note.dates-ambiguous': {
    en: 'The dates of "{column}" fit {format} and {other}; they were read as {format}.',
    ru: 'Даты в столбце «{column}» подходят и под {format}, и под {other}; прочитаны как {format}.',
  },
  'data.note.unpacked': {
    en: 'The file is compressed with gzip and was unpacked for reading.',
    ru: 'Файл сжат gzip и был распакован для чтения.',
  },
  'data.note.file-changed': {
    en: 'The file has changed since its recipe was made; columns were matched by name.',
    ru: 'Файл изменился с тех пор, как был составлен рецепт; столбцы сопоставлены по именам.',
  },
  'data.note.new-column': {
    en: 'The column "{column}" is not in the recipe; it is ignored.',
    ru: 'Столбца «{column}» нет в рецепте; он не используется.',
  },
  'data.note.constant-column': {
    en: 'The input "{column}" has the same value in every row; it tells the network nothing.',
    ru: 'Вход «{column}» одинаков во всех строках; сети он ничего не сообщает.',
  },
  'data.note.blank-target': {
    en: '{count} rows without a target were left out.',
    ru: 'Строк без значения цели, не вошедших в набор: {count}.',
  },
  'data.note.blank-dropped': {
    en: '{count} rows with a blank in "{column}" were left out.',
    ru: 'Строк с пропуском в столбце «{column}», не вошедших в набор: {count}.',
  },
  'data.note.unknown-categories': {
    en: 'The model knows nothing of {count} values in "{column}", such as {examples}: it answers these rows as if the column told nothing.',
    ru: 'Модели незнакомы значения в столбце «{column}» ({count}), например {examples}: на такие строки она отвечает так, будто столбец ничего не сообщает.',
  },
  'data.note.small-class': {
    en: 'The class "{class}" has only {count} rows, too few for every split.',
    ru: 'В классе «{class}» строк: {count} — не хватает на все части разбиения.',
  },
} satisfies Record<string, Text>;

export type DataNoteCode = keyof typeof dataNotes;

/** Why a row was left out: values of `reason` in the import report. */
export const rejectionReasons = {
  'too-many-values': { en: 'more values than columns', ru: 'значений больше, чем столбцов' },
  'too-few-values': { en: 'fewer values than columns', ru: 'значений меньше, чем столбцов' },
  'unclosed-quote': { en: 'a quoted value is not closed properly', ru: 'значение в кавычках закрыто неверно' },
  'line-too-long': { en: 'the line is too long', ru: 'строка слишком длинная' },
  'bad-encoding': { en: 'bytes that are no text', ru: 'байты, не являющиеся текстом' },
  'not-a-number': { en: 'text in a column of numbers', ru: 'текст в столбце чисел' },
  'not-a-date': { en: 'no date in a column of dates', ru: 'не дата в столбце дат' },
} satisfies Record<string, Text>;

export type RejectionReason = keyof typeof rejectionReasons;

export function noteText(
  note: { code: string; details: Record<string, string | number | readonly string[]> },
  language: Language,
): string {
  return isKey(dataNotes, note.code) ? fill(dataNotes[note.code][language], note.details) : note.code;
}

export function rejectionText(reason: string, language: Language): string {
  return isKey(rejectionReasons, reason) ? rejectionReasons[reason][language] : reason;
}

function isKey<Table extends object>(table: Table, key: string): key is Extract<keyof Table, string> {
  return Object.hasOwn(table, key);
}
