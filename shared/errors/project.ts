import type { Text } from '../text';

export const projectErrors = {
  'project.newer-format': {
    en: 'The project {path} was saved by a newer Deltalab (format {format}, this one reads up to {supported}). Update Deltalab to open it; nothing was changed.',
    ru: 'Проект {path} сохранён более новой версией Deltalab (формат {format}, эта читает до {supported}). Обновите Deltalab, чтобы открыть его; ничего не изменено.',
  },
} satisfies Record<string, Text>;
