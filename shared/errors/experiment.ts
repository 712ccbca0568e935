import type { Text } from '../text';

export const experimentErrors = {
  'experiment.not-found': {
    en: 'There is no experiment "{experiment}" in this project. It may have been deleted.',
    ru: 'В проекте нет эксперимента «{experiment}». Возможно, он удалён.',
  },
} satisfies Record<string, Text>;
