import type { Text } from '../text';

export const appErrors = {
  'app.unexpected': {
    en: 'Something unexpected went wrong: {reason}. Your work is saved; try again, and report this if it repeats.',
    ru: 'Произошла непредвиденная ошибка: {reason}. Ваша работа сохранена; повторите действие и сообщите об ошибке, если она повторится.',
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
} satisfies Record<string, Text>;
