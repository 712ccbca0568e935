import type { Text } from '../text';

export const modelErrors = {
  'model.verification-failed': {
    en: 'The exported file gives different answers in onnxruntime: {difference} relative at validation row {row}, more than {limit}. The file {file} was not kept.',
    ru: 'Экспортированный файл даёт в onnxruntime другие ответы: относительная разница {difference} в проверочной строке {row}, больше {limit}. Файл {file} не сохранён.',
  },
} satisfies Record<string, Text>;
