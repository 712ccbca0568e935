import type { Text } from '../text';

export const engineErrors = {
  'engine.died': {
    en: 'The engine process ended ({cause}) while the experiment was running. Training can be resumed from the last checkpoint (epoch {epoch}).',
    ru: 'Процесс движка завершился ({cause}) во время эксперимента. Обучение можно продолжить с последней контрольной точки (эпоха {epoch}).',
  },
} satisfies Record<string, Text>;
