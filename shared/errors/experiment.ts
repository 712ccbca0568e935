import type { Text } from '../text';

export const experimentErrors = {
  'experiment.not-found': {
    en: 'There is no experiment "{experiment}" in this project. It may have been deleted.',
    ru: 'В проекте нет эксперимента «{experiment}». Возможно, он удалён.',
  },
  'experiment.lane-not-found': {
    en: 'The experiment "{experiment}" has no lane "{lane}". Lanes: {known}.',
    ru: 'В эксперименте «{experiment}» нет дорожки «{lane}». Дорожки: {known}.',
  },
  'experiment.none': {
    en: 'This project has no experiment yet. Train it first.',
    ru: 'В этом проекте ещё нет экспериментов. Сначала обучите сеть.',
  },
  'experiment.already-running': {
    en: 'The experiment "{experiment}" of this project is still {state}. Stop it before starting another.',
    ru: 'Эксперимент «{experiment}» этого проекта ещё не закончен ({state}). Остановите его, прежде чем запускать другой.',
  },
  'experiment.not-running': {
    en: 'The experiment "{experiment}" is not running ({state}). Resume it first.',
    ru: 'Эксперимент «{experiment}» не выполняется ({state}). Сначала возобновите его.',
  },
  'experiment.not-resumable': {
    en: 'The experiment "{experiment}" cannot be resumed: {reason}. Start a new one, or continue with one of its lanes.',
    ru: 'Эксперимент «{experiment}» нельзя возобновить: {reason}. Запустите новый или продолжите с одной из его дорожек.',
  },
  'experiment.sample-step': {
    en: 'Stepping by sample needs the online mode (now: {batch}). Set the batch to "online", or step by batch.',
    ru: 'Шаг по одному примеру возможен только в режиме «online» (сейчас: {batch}). Выберите «online» или шагайте по батчам.',
  },
  'experiment.data-changed': {
    en: 'The data of the experiment "{experiment}" are no longer what they were when it started. Put the old files back, or start a new experiment.',
    ru: 'Данные эксперимента «{experiment}» изменились с момента его запуска. Верните прежние файлы или запустите новый эксперимент.',
  },
  'experiment.no-weights': {
    en: 'The lane "{lane}" of "{experiment}" has no saved weights yet. Train it until its first checkpoint.',
    ru: 'У дорожки «{lane}» эксперимента «{experiment}» ещё нет сохранённых весов. Обучите её до первой контрольной точки.',
  },
  'experiment.empty-split': {
    en: 'The {split} split is empty. Give it a share on the Data page.',
    ru: 'Выборка «{split}» пуста. Задайте её долю на странице «Данные».',
  },
  'experiment.targets-not-shares': {
    en: 'Binary cross-entropy needs targets from 0 to 1, but the column "{column}" comes to {value} after scaling. Set its scaling to "none" on the Data page, or choose another loss.',
    ru: 'Бинарной перекрёстной энтропии нужны цели от 0 до 1, а в столбце «{column}» после масштабирования получается {value}. Отключите его масштабирование на странице «Данные» или выберите другую функцию потерь.',
  },
  'experiment.targets-not-distribution': {
    en: 'The Kullback-Leibler divergence needs targets that are shares from 0 to 1, but the column "{column}" comes to {value} after scaling. Set its scaling to "none" on the Data page, or choose another loss.',
    ru: 'Дивергенции Кульбака — Лейблера нужны цели-доли от 0 до 1, а в столбце «{column}» после масштабирования получается {value}. Отключите его масштабирование на странице «Данные» или выберите другую функцию потерь.',
  },
  'experiment.class-weights': {
    en: 'There are {got} class weights, but the target has {wanted} classes. Give one weight per class, or "balanced", on the Train page.',
    ru: 'Задано весов классов: {got}, а классов у цели: {wanted}. Задайте по одному весу на класс или «balanced» на странице «Обучение».',
  },
  'experiment.metric-unfit': {
    en: 'The metric "{metric}" says nothing about these targets with the loss "{loss}". Leave it out on the Train page.',
    ru: 'Метрика «{metric}» ничего не говорит об этих целях при функции потерь «{loss}». Уберите её на странице «Обучение».',
  },
  'experiment.invalid-file': {
    en: 'The file {path} cannot be used: {reason}. Delete the experiment, or restore the file.',
    ru: 'Файл {path} нельзя использовать: {reason}. Удалите эксперимент или восстановите файл.',
  },
} satisfies Record<string, Text>;
