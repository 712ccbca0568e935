import type { Text } from '../text';

export const inspectErrors = {
  'inspect.closed': {
    en: 'This inspection is closed. Open the network again.',
    ru: 'Этот просмотр закрыт. Откройте сеть снова.',
  },
  'inspect.no-weights': {
    en: 'The lane "{lane}" has no saved weights yet. Let it train for a moment, or inspect the network as it is drawn.',
    ru: 'У дорожки «{lane}» ещё нет сохранённых весов. Дайте ей немного поучиться или откройте сеть такой, какой она нарисована.',
  },
  'inspect.input-size': {
    en: 'The sample has {got} input values, but the network takes {wanted}.',
    ru: 'У примера {got} входных значений, а сеть принимает {wanted}.',
  },
  'inspect.target-size': {
    en: 'The sample has {got} target values, but {wanted} are needed.',
    ru: 'У примера {got} значений ответа, а нужно {wanted}.',
  },
  'inspect.row': {
    en: 'There is no sample {row} in this split; it has {count}.',
    ru: 'В этой части нет примера {row}; всего их {count}.',
  },
  'inspect.no-neuron': {
    en: 'The layer "{layer}" has no neuron {neuron}.',
    ru: 'В слое «{layer}» нет нейрона {neuron}.',
  },
} satisfies Record<string, Text>;
