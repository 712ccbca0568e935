import type { Text } from '../text';

export const networkErrors = {
  'network.cycle': {
    en: 'The layers {layers} form a cycle. Remove one of the connections between them.',
    ru: 'Слои {layers} образуют цикл. Удалите одну из связей между ними.',
  },
} satisfies Record<string, Text>;
