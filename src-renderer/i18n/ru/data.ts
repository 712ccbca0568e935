import type { data as english } from '../en/data';

export const data: typeof english = {
  undo: { import: 'импорт данных', generate: 'создание данных' },
};
