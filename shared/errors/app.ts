import type { Text } from '../text';

export const appErrors = {
  'app.unexpected': {
    en: 'Something unexpected went wrong: {reason}. Your work is saved; try again, and report this if it repeats.',
    ru: 'Произошла непредвиденная ошибка: {reason}. Ваша работа сохранена; повторите действие и сообщите об ошибке, если она повторится.',
  },
  'app.file-failed': {
    en: '{path} could not be read or written: {reason}. Check the name and what you may do there, then try again.',
    ru: 'Не удалось прочитать или записать {path}: {reason}. Проверьте имя и права доступа и повторите.',
  },
  'app.invalid-call': {
    en: 'The call "{call}" was refused: {reason}.',
    ru: 'Вызов «{call}» отклонён: {reason}.',
  },
  'app.usage': {
    en: '{reason} See "deltalab --help".',
    ru: '{reason} См. «deltalab --help».',
  },
  'app.connection-lost': {
    en: 'The connection to the lab was lost before "{call}" was answered. It is being restored; then repeat the action.',
    ru: 'Связь с лабораторией прервалась до ответа на «{call}». Она восстанавливается; затем повторите действие.',
  },
  'app.disk-full': {
    en: 'The disk is full, so {path} could not be saved. The previous version of the file is untouched and your changes are still open here. Free some space, then save again.',
    ru: 'Диск заполнен, поэтому файл {path} не сохранён. Прежняя версия файла цела, ваши изменения остаются открытыми. Освободите место и сохраните снова.',
  },
  'app.read-only-place': {
    en: '{path} could not be saved: this place is write-protected ({reason}). The previous version of the file is untouched. Allow writing there, or choose another folder.',
    ru: 'Файл {path} не сохранён: место защищено от записи ({reason}). Прежняя версия файла цела. Разрешите запись или выберите другую папку.',
  },
  'app.write-failed': {
    en: '{path} could not be saved: {reason}. The previous version of the file is untouched. Check the disk, then try again.',
    ru: 'Файл {path} не сохранён: {reason}. Прежняя версия файла цела. Проверьте диск и повторите попытку.',
  },
  'app.folder-unreadable': {
    en: 'The folder {path} could not be read: {reason}. Choose another folder.',
    ru: 'Не удалось прочитать папку {path}: {reason}. Выберите другую папку.',
  },
} satisfies Record<string, Text>;
