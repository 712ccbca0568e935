import type { Text } from '../text';

/** Thrown when data can't be read at all, and listed in `DataSummary.issues` when the recipe needs a decision first. */
export const dataErrors = {
  // The file
  'data.empty-file': {
    en: 'The file {file} is empty. Choose a file with a header line and at least one row.',
    ru: 'Файл {file} пуст. Выберите файл со строкой заголовков и хотя бы одной строкой данных.',
  },
  'data.header-only': {
    en: 'The file {file} has a header but no rows. Add rows, or choose another file.',
    ru: 'В файле {file} есть заголовок, но нет строк. Добавьте строки или выберите другой файл.',
  },
  'data.file-not-found': {
    en: 'The file {file} was not found. Put it back, or choose it again on the Data page.',
    ru: 'Файл {file} не найден. Верните его на место или выберите снова на странице «Данные».',
  },
  'data.file-unreadable': {
    en: 'The file {file} cannot be read: {reason}. Check that it is a file and that you may read it.',
    ru: 'Файл {file} не читается: {reason}. Проверьте, что это файл и что у вас есть право на чтение.',
  },
  'data.table-unreadable': {
    en: 'The table in {file} cannot be read: {reason}. Save it again as CSV in UTF-8, or choose another file.',
    ru: 'Таблица в файле {file} не читается: {reason}. Сохраните её заново как CSV в UTF-8 или выберите другой файл.',
  },
  'data.row-too-long': {
    en: 'The row of {file} that begins in line {line} has {bytes} bytes; at most {maximum} are read. A quotation mark without its pair may have joined many lines to one: look at that line.',
    ru: 'Строка таблицы {file}, которая начинается в строке {line} файла, занимает {bytes} байт; читается не больше {maximum}. Возможно, кавычка без пары соединила много строк в одну: посмотрите на это место.',
  },
  'data.is-folder': {
    en: '{file} is a folder, not a file. Choose a file in it.',
    ru: '{file} — папка, а не файл. Выберите файл в ней.',
  },
  'data.not-a-file': {
    en: '{file} is not a file that can be read. Choose a file.',
    ru: '{file} — не файл, который можно прочитать. Выберите файл.',
  },
  'data.binary-file': {
    en: 'The file {file} holds binary data, not a text table. Save it as CSV or TSV, or choose an IDX pair.',
    ru: 'Файл {file} содержит двоичные данные, а не текстовую таблицу. Сохраните его как CSV или TSV либо выберите пару IDX.',
  },
  'data.not-a-table': {
    en: 'The file {file} is not a text table (it looks like {found}). Save it as CSV or TSV, or choose an IDX pair.',
    ru: 'Файл {file} не является текстовой таблицей (похоже на {found}). Сохраните его как CSV или TSV либо выберите пару IDX.',
  },
  'data.all-rows-rejected': {
    en: 'No row of {file} could be read: all {count} were rejected, the first at line {line}. Check the separator and the quoting.',
    ru: 'Ни одна строка файла {file} не прочитана: отклонены все {count}, первая — строка {line}. Проверьте разделитель и кавычки.',
  },
  'data.too-many-columns': {
    en: 'The file {file} has {count} columns; at most {limit} can be used. Remove some, or check the separator.',
    ru: 'В файле {file} столбцов: {count}; можно не больше {limit}. Удалите лишние или проверьте разделитель.',
  },
  'data.too-large': {
    en: 'The prepared samples of {file} would take {needed} GB of memory; {available} GB are there. Use fewer rows or columns.',
    ru: 'Подготовленные примеры из {file} заняли бы {needed} ГБ памяти; есть {available} ГБ. Возьмите меньше строк или столбцов.',
  },
  'data.which-files': {
    en: 'These files do not make one data set: {files}. Choose one table, or an IDX pair: one file of images and one of labels.',
    ru: 'Эти файлы не составляют один набор данных: {files}. Выберите одну таблицу или пару IDX: файл изображений и файл меток.',
  },
  'data.none': {
    en: 'The project has no data yet. Choose a file or a generated set on the Data page.',
    ru: 'В проекте ещё нет данных. Выберите файл или генератор на странице «Данные».',
  },

  // IDX
  'data.idx-header': {
    en: 'The file {file} is no IDX file: its first bytes are {found}. Choose the images and the labels of an IDX pair (MNIST).',
    ru: 'Файл {file} не в формате IDX: он начинается с байтов {found}. Выберите изображения и метки из пары IDX (MNIST).',
  },
  'data.idx-type': {
    en: 'The IDX file {file} holds values of type {type} in {dimensions} dimensions. Images must be bytes in 3 or 4 dimensions, labels whole numbers in 1.',
    ru: 'IDX-файл {file} содержит значения типа {type}, измерений: {dimensions}. Изображения должны быть байтами в 3 или 4 измерениях, метки — целыми числами в одном.',
  },
  'data.idx-size': {
    en: 'The header of {file} claims {claimed} bytes ({dimensions}), but the file has {actual}. It was cut short or damaged: get it again.',
    ru: 'Заголовок {file} обещает байт: {claimed} ({dimensions}), а в файле их {actual}. Файл обрезан или повреждён: получите его заново.',
  },
  'data.gzip-damaged': {
    en: 'The compressed file {file} is damaged or cut short ({reason}). Get it again.',
    ru: 'Сжатый файл {file} повреждён или обрезан ({reason}). Получите его заново.',
  },
  'data.idx-mismatch': {
    en: '{images} holds {imageCount} images, but {labels} holds {labelCount} labels. Choose two files of the same set.',
    ru: 'В {images} изображений: {imageCount}, а в {labels} меток: {labelCount}. Выберите два файла одного набора.',
  },
  'data.labels-missing': {
    en: '{file} holds images. Choose its file of labels together with it (for example train-labels-idx1-ubyte).',
    ru: '{file} содержит изображения. Выберите вместе с ним файл меток (например, train-labels-idx1-ubyte).',
  },
  'data.images-missing': {
    en: '{file} holds labels. Choose its file of images together with it (for example train-images-idx3-ubyte).',
    ru: '{file} содержит метки. Выберите вместе с ним файл изображений (например, train-images-idx3-ubyte).',
  },
  'data.choose-idx': {
    en: 'Choose the file of {missing}: the data set needs an IDX pair, images and labels.',
    ru: 'Выберите файл ({missing}): набору нужна пара IDX — изображения (images) и метки (labels).',
  },

  // The recipe
  'data.unknown-column': {
    en: 'The column "{column}" is in the recipe but not in {file}. Choose another column, or the file it came from.',
    ru: 'Столбец «{column}» есть в рецепте, но его нет в файле {file}. Выберите другой столбец или прежний файл.',
  },
  'data.no-target': {
    en: 'No target is chosen. Set the role of the column to predict to "target".',
    ru: 'Цель не выбрана. Задайте столбцу, который нужно предсказывать, роль «цель».',
  },
  'data.no-input': {
    en: 'No input is chosen. Set the role of at least one column to "input".',
    ru: 'Вход не выбран. Задайте хотя бы одному столбцу роль «вход».',
  },
  'data.empty-column': {
    en: 'The column "{column}" has no values. Set its role to "ignore".',
    ru: 'В столбце «{column}» нет значений. Задайте ему роль «не используется».',
  },
  'data.not-numbers': {
    en: 'The column "{column}" is text ("{example}") and cannot be read as numbers. Use one-hot or class for it, or ignore it.',
    ru: 'Столбец «{column}» текстовый («{example}») и не читается как числа. Выберите для него one-hot или класс либо не используйте его.',
  },
  'data.not-dates': {
    en: 'The column "{column}" cannot be read as dates ("{example}"). Choose another encoding for it, or ignore it.',
    ru: 'Столбец «{column}» не читается как даты («{example}»). Выберите другую кодировку или не используйте его.',
  },
  'data.too-many-categories': {
    en: 'The column "{column}" has {count} different values, too many for one-hot inputs (at most {limit}). Ignore it, or read it as numbers.',
    ru: 'В столбце «{column}» различных значений: {count} — слишком много для one-hot (не больше {limit}). Не используйте его или читайте как числа.',
  },
  'data.one-class': {
    en: 'The target "{column}" has only one class ("{class}"). There is nothing to tell apart: choose another target or more rows.',
    ru: 'У цели «{column}» только один класс («{class}»). Различать нечего: выберите другую цель или добавьте строки.',
  },
  'data.too-many-classes': {
    en: 'The target "{column}" has {count} classes; at most {limit} are possible. Read it as numbers, or choose another target.',
    ru: 'У цели «{column}» классов: {count}; возможно не больше {limit}. Читайте её как числа или выберите другую цель.',
  },
  'data.mixed-targets': {
    en: 'Several targets are chosen and "{column}" holds classes. Choose one class target, or only numeric targets.',
    ru: 'Выбрано несколько целей, и «{column}» содержит классы. Выберите одну цель с классами или только числовые цели.',
  },
  'data.split-sum': {
    en: 'Training, validation and test shares add up to {sum}. They may add up to 1 at most.',
    ru: 'Доли обучения, проверки и теста в сумме дают {sum}. Сумма может быть не больше 1.',
  },
  'data.no-generated-split': {
    en: 'These data prescribe no split of their own. Choose a split by ratio.',
    ru: 'У этих данных нет собственного разбиения. Выберите разбиение по долям.',
  },
  'data.no-rows-left': {
    en: 'No row is left: all {count} have a blank or an unreadable value in a column that is used. Fill blanks with the mean or the median, or ignore the column "{column}".',
    ru: 'Не осталось ни одной строки: во всех {count} есть пропуск или нечитаемое значение в используемом столбце. Заполняйте пропуски средним или медианой либо не используйте столбец «{column}».',
  },

  // Raw values given to a trained model
  'data.missing-column': {
    en: 'The table has no column "{column}", which the model needs. Its columns are: {columns}.',
    ru: 'В таблице нет столбца «{column}», который нужен модели. Её столбцы: {columns}.',
  },
  'data.row-rejected': {
    en: 'Line {line} of {file} was left out: {reason}.',
    ru: 'Строка {line} файла {file} пропущена: {reason}.',
  },
  'data.rows-unanswered': {
    en: '{count} of {total} rows of {file} got no prediction; the first of them are named above. Correct them and predict again.',
    ru: 'Без ответа остались строки файла {file}: {count} из {total}; первые из них названы выше. Исправьте их и повторите.',
  },
  'data.bad-number': {
    en: 'Row {row}, column "{column}": "{value}" is no number. Correct it, or leave the cell empty.',
    ru: 'Строка {row}, столбец «{column}»: «{value}» — не число. Исправьте значение или оставьте ячейку пустой.',
  },
  'data.bad-date': {
    en: 'Row {row}, column "{column}": "{value}" is no date. Correct it, or leave the cell empty.',
    ru: 'Строка {row}, столбец «{column}»: «{value}» — не дата. Исправьте значение или оставьте ячейку пустой.',
  },
  'data.blank-value': {
    en: 'Row {row}, column "{column}" is blank, and the model was trained without blanks there. Fill it in.',
    ru: 'Строка {row}, столбец «{column}»: пусто, а модель обучалась без пропусков в нём. Заполните ячейку.',
  },
  'data.pixel-count': {
    en: 'Row {row} has {found} values; the model takes images of {needed} pixels ({shape}).',
    ru: 'В строке {row} значений: {found}; модель принимает изображения из {needed} пикселей ({shape}).',
  },
} satisfies Record<string, Text>;
