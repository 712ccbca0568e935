import type { MenuItemConstructorOptions } from 'electron';
import type { Language, Text } from '../../shared/text';

type Role = NonNullable<MenuItemConstructorOptions['role']>;

const texts = {
  file: { en: 'File', ru: 'Файл' },
  close: { en: 'Close window', ru: 'Закрыть окно' },
  quit: { en: 'Quit', ru: 'Выйти' },
  edit: { en: 'Edit', ru: 'Правка' },
  cut: { en: 'Cut', ru: 'Вырезать' },
  copy: { en: 'Copy', ru: 'Копировать' },
  paste: { en: 'Paste', ru: 'Вставить' },
  selectAll: { en: 'Select all', ru: 'Выделить всё' },
  view: { en: 'View', ru: 'Вид' },
  reload: { en: 'Reload page', ru: 'Обновить страницу' },
  zoomIn: { en: 'Zoom in', ru: 'Увеличить' },
  zoomOut: { en: 'Zoom out', ru: 'Уменьшить' },
  resetZoom: { en: 'Actual size', ru: 'Обычный размер' },
  fullScreen: { en: 'Full screen', ru: 'Во весь экран' },
  developer: { en: 'Developer tools', ru: 'Инструменты разработчика' },
  about: { en: 'About Deltalab', ru: 'О программе Deltalab' },
  hide: { en: 'Hide Deltalab', ru: 'Скрыть Deltalab' },
} satisfies Record<string, Text>;

/** Undo and redo are missing on purpose: they belong to the page, which names what they do. */
export function menuTemplate(language: Language, platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const item = (text: Text, role: Role): MenuItemConstructorOptions => ({ label: text[language], role });
  const line: MenuItemConstructorOptions = { type: 'separator' };
  const mac = platform === 'darwin';
  return [
    ...(mac
      ? [
          {
            label: 'Deltalab',
            submenu: [item(texts.about, 'about'), line, item(texts.hide, 'hide'), line, item(texts.quit, 'quit')],
          },
        ]
      : []),
    { label: texts.file[language], submenu: [item(texts.close, 'close'), ...(mac ? [] : [item(texts.quit, 'quit')])] },
    {
      label: texts.edit[language],
      submenu: [
        item(texts.cut, 'cut'),
        item(texts.copy, 'copy'),
        item(texts.paste, 'paste'),
        item(texts.selectAll, 'selectAll'),
      ],
    },
    {
      label: texts.view[language],
      submenu: [
        item(texts.reload, 'reload'),
        line,
        item(texts.zoomIn, 'zoomIn'),
        item(texts.zoomOut, 'zoomOut'),
        item(texts.resetZoom, 'resetZoom'),
        item(texts.fullScreen, 'togglefullscreen'),
        line,
        item(texts.developer, 'toggleDevTools'),
      ],
    },
  ];
}
