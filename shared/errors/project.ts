import type { Text } from '../text';

export const projectErrors = {
  'project.newer-format': {
    en: 'The project {path} was saved by a newer Deltalab (format {format}, this one reads up to {supported}). Update Deltalab to open it; nothing was changed.',
    ru: 'Проект {path} сохранён более новой версией Deltalab (формат {format}, эта читает до {supported}). Обновите Deltalab, чтобы открыть его; ничего не изменено.',
  },
  'project.not-found': {
    en: 'There is no project in {path}: the file project.json is missing. Choose the folder that holds project.json.',
    ru: 'В папке {path} нет проекта: отсутствует файл project.json. Выберите папку, в которой лежит project.json.',
  },
  'project.not-json': {
    en: 'The file {path} is not valid JSON: {reason}. Correct it in a text editor, then open the project again; nothing was changed.',
    ru: 'Файл {path} не является правильным JSON: {reason}. Исправьте его в текстовом редакторе и откройте проект снова; ничего не изменено.',
  },
  'project.invalid': {
    en: 'The file {path} cannot be used: at "{field}" {reason}. Correct it in a text editor, then open the project again; nothing was changed.',
    ru: 'Файл {path} нельзя использовать: в поле «{field}»: {reason}. Исправьте его в текстовом редакторе и откройте проект снова; ничего не изменено.',
  },
  'project.weights-missing': {
    en: 'The weights of the imported network are missing: there is no file {path}. Put it back, or import the model again.',
    ru: 'Нет весов импортированной сети: файл {path} не найден. Верните его или импортируйте модель заново.',
  },
  'project.weights-changed': {
    en: 'The weights file {path} is not the one the network was imported with. Put the original back, or import the model again.',
    ru: 'Файл весов {path} — не тот, с которым сеть была импортирована. Верните исходный файл или импортируйте модель заново.',
  },
  'project.weights-outside': {
    en: 'The weights file {path} lies outside the project, so it is not read. Put it into the project folder and correct network.weights.path.',
    ru: 'Файл весов {path} лежит вне проекта и поэтому не читается. Поместите его в папку проекта и исправьте network.weights.path.',
  },
  'project.folder-not-empty': {
    en: 'The folder {path} already holds files. Choose an empty or a new folder.',
    ru: 'В папке {path} уже есть файлы. Выберите пустую или новую папку.',
  },
  'project.not-open': {
    en: 'The project is no longer open. Open it again from the welcome page.',
    ru: 'Проект больше не открыт. Откройте его снова на начальной странице.',
  },
  'project.read-only': {
    en: 'The project {path} is open in another Deltalab (process {pid} on {host}, since {since}), so nothing can be changed here. Close it there, then open it again.',
    ru: 'Проект {path} открыт в другом экземпляре Deltalab (процесс {pid} на {host}, с {since}), поэтому здесь ничего нельзя изменить. Закройте его там и откройте снова.',
  },
  'project.stale-revision': {
    en: 'The project was changed elsewhere since this page read it (revision {revision}, now {current}). The newer version was kept; repeat your last change on it.',
    ru: 'Проект изменился в другом месте после того, как его прочитала эта страница (ревизия {revision}, сейчас {current}). Сохранена новая версия; повторите последнее изменение.',
  },
  'project.changed-outside': {
    en: 'The file {path} was changed by another program since it was opened. It was not overwritten. Close the project and open it again to see those changes.',
    ru: 'Файл {path} изменён другой программой после открытия. Он не перезаписан. Закройте проект и откройте его снова, чтобы увидеть эти изменения.',
  },
  'project.no-example': {
    en: 'There is no example "{example}". Examples: {known}.',
    ru: 'Нет примера «{example}». Примеры: {known}.',
  },
  'project.unknown-path': {
    en: 'There is no setting "{field}". Nearest: {nearest}.',
    ru: 'Нет настройки «{field}». Похожие: {nearest}.',
  },
  'project.bad-value': {
    en: 'The setting "{field}" cannot be "{value}": {reason}.',
    ru: 'Настройка «{field}» не может быть «{value}»: {reason}.',
  },
} satisfies Record<string, Text>;
