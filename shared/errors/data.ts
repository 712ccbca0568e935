import type { Text } from '../text';

export const dataErrors = {
  'data.empty-file': {
    en: 'The file {file} is empty. Choose a file with a header line and at least one row.',
    ru: 'Файл {file} пуст. Выберите файл со строкой заголовков и хотя бы одной строкой данных.',
  },
  'data.header-only': {
    en: 'The file {file} has a header but no rows. Add rows, or choose another file.',
    ru: 'В файле {file} есть заголовок, но нет строк. Добавьте строки или выберите другой файл.',
  },
  'data.file-not-found': {
    en: 'The file {file} was not found. Put it back, or choose it again on the Data page.',
    ru: 'Файл {file} не найден. Верните его на место или выберите снова на странице «Данные».',
  },
} satisfies Record<string, Text>;
