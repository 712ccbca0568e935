import type { Text } from '../text';

export const engineErrors = {
  'engine.died': {
    en: 'The engine process ended ({cause}) while the experiment was running. Training can be resumed from the last checkpoint (epoch {epoch}).',
    ru: 'Процесс движка завершился ({cause}) во время эксперимента. Обучение можно продолжить с последней контрольной точки (эпоха {epoch}).',
  },
  'engine.died-before-checkpoint': {
    en: 'The engine process ended ({cause}) before the first checkpoint. Start the experiment again.',
    ru: 'Процесс движка завершился ({cause}) до первой контрольной точки. Запустите эксперимент заново.',
  },
  'engine.call-lost': {
    en: 'The engine process ended ({cause}, while {state}) before it answered "{call}". Repeat the action.',
    ru: 'Процесс движка завершился ({cause}, состояние {state}), не ответив на «{call}». Повторите действие.',
  },
  'engine.not-started': {
    en: 'The engine process did not start: {cause}. Start again; if it repeats, build the engine anew with "npm run build:native".',
    ru: 'Процесс движка не запустился: {cause}. Повторите запуск; если не поможет, соберите движок заново: «npm run build:native».',
  },
  'engine.addon-missing': {
    en: 'The engine {path} could not be loaded: {reason}. Build it with "npm run build:native", then try again.',
    ru: 'Не удалось загрузить движок {path}: {reason}. Соберите его командой «npm run build:native» и повторите.',
  },
  'engine.bench-missing': {
    en: 'The bench is not there: {path}. It is part of a checkout; build it with "npm run build:native", then try again.',
    ru: 'Программа измерений не найдена: {path}. Она есть только в исходном дереве; соберите её командой «npm run build:native» и повторите.',
  },
  'engine.bench-failed': {
    en: 'The bench ended early ({outcome}). Its own message is above; put right what it names, then try again.',
    ru: 'Измерения прервались ({outcome}). Причина указана выше; устраните её и повторите.',
  },
  'engine.closed': {
    en: 'The app was closed while the experiment was running. Training can be resumed from the last checkpoint (epoch {epoch}).',
    ru: 'Приложение закрылось во время эксперимента. Обучение можно продолжить с последней контрольной точки (эпоха {epoch}).',
  },
  'engine.closed-before-checkpoint': {
    en: 'The app was closed before the first checkpoint of this experiment. Start it again.',
    ru: 'Приложение закрылось до первой контрольной точки этого эксперимента. Запустите его заново.',
  },
  'engine.failed': {
    en: 'The engine refused: {refusal}. Its own words: {detail}. Check the network and the training settings.',
    ru: 'Движок отказал: {refusal}. Его собственные слова: {detail}. Проверьте сеть и настройки обучения.',
  },
  'engine.state-unreadable': {
    en: 'The checkpoint {path} cannot be read: {reason}. Start the experiment again; its curves and models are kept.',
    ru: 'Контрольную точку {path} не удалось прочитать: {reason}. Запустите эксперимент заново; кривые и модели сохранены.',
  },
} satisfies Record<string, Text>;
