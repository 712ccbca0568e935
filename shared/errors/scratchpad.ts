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
  'scratchpad.changed-elsewhere': {
    en: 'The notebook was changed in another window or by another program ({path}) while you changed it here. Nothing was written over: choose which of the two stays.',
    ru: 'Блокнот изменён в другом окне или другой программой ({path}), пока вы меняли его здесь. Ничего не перезаписано: выберите, что оставить.',
  },
  'scratchpad.no-project': {
    en: 'The notebook belongs to no project, so there are no data. Open a project and its Scratchpad.',
    ru: 'Блокнот не относится ни к одному проекту, поэтому данных нет. Откройте проект и его блокнот.',
  },
  'scratchpad.data-too-large': {
    en: 'These data take {megabytes} MB, and a notebook holds {limit} MB. Ask for less: one column, or a smaller part of the samples.',
    ru: 'Эти данные занимают {megabytes} МБ, а блокнот вмещает {limit} МБ. Запросите меньше: один столбец или меньшую часть примеров.',
  },
  'scratchpad.graph-no-variable': {
    en: 'There is no variable {name}. Run the cell that makes it first.',
    ru: 'Переменной {name} нет. Сначала выполните ячейку, в которой она создаётся.',
  },
  'scratchpad.graph-no-tensor': {
    en: '{name} is no tensor, so there is no graph of it. Choose the tensor that was computed.',
    ru: '{name} — не тензор, поэтому у неё нет графа. Выберите вычисленный тензор.',
  },
  'scratchpad.graph-too-large': {
    en: 'The graph of {name} has {nodes} nodes, too many to be drawn. Draw an earlier value, or one of fewer steps.',
    ru: 'В графе переменной {name} узлов: {nodes}. Это слишком много для рисунка. Выберите более раннее значение или меньше шагов.',
  },
} satisfies Record<string, Text>;
