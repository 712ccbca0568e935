import type { Text } from '../text';

export const scratchpadErrors = {
  'scratchpad.not-open': {
    en: 'This notebook is not running. Run the cell again: it is opened anew, and its text is as you left it.',
    ru: 'Этот блокнот не запущен. Выполните ячейку снова: он откроется заново, а его текст останется прежним.',
  },
  'scratchpad.busy': {
    en: 'A cell is still running. Wait until it has finished, or stop it.',
    ru: 'Ячейка ещё выполняется. Дождитесь её окончания или остановите её.',
  },
  'scratchpad.died': {
    en: 'The process of the notebook ended ({cause}) while a cell was running. The text is kept, the variables are gone: run the cells again from the top.',
    ru: 'Процесс блокнота завершился ({cause}) во время выполнения ячейки. Текст сохранён, переменные потеряны: выполните ячейки заново с начала.',
  },
} satisfies Record<string, Text>;
