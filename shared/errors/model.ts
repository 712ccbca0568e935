import type { Text } from '../text';

export const modelErrors = {
  'model.verification-failed': {
    en: 'The exported file gives different answers in onnxruntime: {difference} relative at validation row {row}, more than {limit}. The file {file} was not kept.',
    ru: 'Экспортированный файл даёт в onnxruntime другие ответы: относительная разница {difference} в проверочной строке {row}, больше {limit}. Файл {file} не сохранён.',
  },
  'model.not-finite': {
    en: 'The model answers validation row {row} with something that is no finite number, so it cannot be checked. The file {file} was not kept. Export the best weights, or a lane that did not diverge.',
    ru: 'На проверочную строку {row} модель отвечает не конечным числом, поэтому её нельзя проверить. Файл {file} не сохранён. Экспортируйте лучшие веса или дорожку, которая не разошлась.',
  },
  'model.not-onnx': {
    en: 'The file {file} is not an ONNX model, or it is damaged: {reason}. Export it again, or choose another file.',
    ru: 'Файл {file} не является моделью ONNX или повреждён: {reason}. Экспортируйте его заново или выберите другой файл.',
  },
  'model.file-unreadable': {
    en: 'The file {file} could not be read: {reason}. Check that it is there and that you may read it.',
    ru: 'Файл {file} не удалось прочитать: {reason}. Проверьте, что он на месте и доступен для чтения.',
  },
  'model.no-preprocessing': {
    en: 'The model {file} does not say how its inputs were prepared, so a table cannot be given to it. Use "deltalab infer" with arrays.',
    ru: 'В модели {file} не сказано, как готовились её входы, поэтому таблицу ей дать нельзя. Используйте «deltalab infer» с массивами.',
  },
  'model.file-unwritable': {
    en: 'The file {file} could not be written: {reason}. Choose another folder or free some space.',
    ru: 'Файл {file} не удалось записать: {reason}. Выберите другую папку или освободите место.',
  },
  'model.not-replaced': {
    en: 'The file {file} is there already and is no exported model, or it belongs to an experiment; it was left as it is. Choose another name for the export.',
    ru: 'Файл {file} уже существует и не является экспортированной моделью либо принадлежит эксперименту; он оставлен как есть. Выберите для экспорта другое имя.',
  },
  'model.opset': {
    en: 'The file {file} uses ONNX operator set {opset}; this Deltalab reads {oldest} to {newest}. Export it with one of these.',
    ru: 'Файл {file} использует набор операторов ONNX {opset}; эта версия Deltalab читает с {oldest} по {newest}. Экспортируйте его с одним из них.',
  },
  'model.node-domain': {
    en: 'The node {node} ({operator}) in {file} comes from the operator collection "{domain}"; only standard ONNX operators can be read. Export the model without it.',
    ru: 'Узел {node} ({operator}) в {file} взят из набора операторов «{domain}»; читаются только стандартные операторы ONNX. Экспортируйте модель без него.',
  },
  'model.node-input': {
    en: 'The node {node} ({operator}) in {file} uses the value "{value}", which nothing before it computes. The file is damaged; export it again.',
    ru: 'Узел {node} ({operator}) в {file} использует значение «{value}», которое до него ничто не вычисляет. Файл повреждён; экспортируйте его заново.',
  },
  'model.value-twice': {
    en: 'The value "{value}" is made twice in {file}, the second time by {node}. The file is damaged; export it again.',
    ru: 'Значение «{value}» в {file} создаётся дважды, второй раз — {node}. Файл повреждён; экспортируйте его заново.',
  },
  'model.old-form': {
    en: 'The node {node} ({operator}) in {file} has a form of operator set {opset} that has no counterpart today: {form}. Export the model in inference mode with operator set 13 or newer.',
    ru: 'Узел {node} ({operator}) в {file} записан в форме из набора операторов {opset}, которой сегодня ничто не соответствует: {form}. Экспортируйте модель в режиме вывода с набором операторов 13 или новее.',
  },
  'model.sub-graph': {
    en: 'The node {node} ({operator}) in {file} holds a graph of its own (a branch or a loop), which cannot be trained here. Export the model without it, for a fixed path through it.',
    ru: 'Узел {node} ({operator}) в {file} содержит вложенный граф (ветвление или цикл), который здесь нельзя обучать. Экспортируйте модель без него, с одним фиксированным путём.',
  },
  'model.sparse': {
    en: 'The file {file} holds sparse weights, which cannot be read. Save the model with ordinary (dense) weights.',
    ru: 'Файл {file} содержит разреженные веса, которые не читаются. Сохраните модель с обычными (плотными) весами.',
  },
  'model.too-large': {
    en: 'The file {file} was not read: it has {count} {what}, more than the {maximum} that are allowed. If it is no damaged file, split the model.',
    ru: 'Файл {file} не прочитан: {what} — {count}, больше допустимых {maximum}. Если файл не повреждён, разделите модель.',
  },
  'model.input-shape-given': {
    en: 'The input "{name}" of {file} needs the shape [{wanted}]; given was [{given}]. Give an array of that shape.',
    ru: 'Входу «{name}» модели {file} нужна форма [{wanted}], а передана [{given}]. Передайте массив такой формы.',
  },
  'model.input-type-given': {
    en: 'The input "{name}" of {file} is of type {wanted}, and the array given for it holds other values. Save the array as {wanted}.',
    ru: 'Вход «{name}» модели {file} имеет тип {wanted}, а в переданном массиве другие значения. Сохраните массив как {wanted}.',
  },
  'model.operators': {
    en: 'The file {file} was not imported: the engine has no kernels for the nodes {nodes}. Export the model without these operators.',
    ru: 'Файл {file} не импортирован: движок не умеет вычислять узлы {nodes}. Экспортируйте модель без этих операторов.',
  },
  'model.output-unknown': {
    en: 'The model {file} has no output "{name}"; it has: {names}. Choose one of these.',
    ru: 'У модели {file} нет выхода «{name}»; есть: {names}. Выберите один из них.',
  },
  'model.no-batch': {
    en: 'The input "{name}" of {file} does not say its dimensions, of which the first must be the batch. Export the model with the shape of its input.',
    ru: 'Вход «{name}» модели {file} не указывает измерения, первым из которых должен быть батч. Экспортируйте модель с формой входа.',
  },
  'model.fixed-batch': {
    en: 'The model {file} cannot be run on batches of other sizes, which training needs: {reason}. Export it with an open first dimension (dynamic_axes).',
    ru: 'Модель {file} не работает с батчами другого размера, а для обучения это нужно: {reason}. Экспортируйте её с открытым первым измерением (dynamic_axes).',
  },
  'model.nothing-computed': {
    en: 'The output "{name}" of {file} does not depend on its input, so there is nothing to train. Choose another file.',
    ru: 'Выход «{name}» модели {file} не зависит от её входа, обучать нечего. Выберите другой файл.',
  },
  'model.import-differs': {
    en: 'The network made from {file} does not answer as the file does ({difference}), so it was not imported. Please report this with the file.',
    ru: 'Сеть, построенная по {file}, отвечает не так, как сам файл ({difference}), поэтому она не импортирована. Сообщите об этом, приложив файл.',
  },
  'model.external-data': {
    en: 'The weights {name} of {file} lie in another file. Save the model with all weights inside (onnx.save without external data).',
    ru: 'Веса {name} модели {file} лежат в другом файле. Сохраните модель со всеми весами внутри (onnx.save без внешних данных).',
  },
  'model.bake-text-column': {
    en: 'The column "{column}" is text and becomes several inputs; an ONNX file can\'t take it raw. Export without built-in preprocessing: the recipe stays in the metadata.',
    ru: 'Столбец «{column}» текстовый и превращается в несколько входов; файл ONNX не может принять его сырым. Экспортируйте без встроенной предобработки: рецепт останется в метаданных.',
  },
  'model.no-probabilities': {
    en: 'This model predicts numbers, not classes, so it has no probabilities. Export it without them.',
    ru: 'Эта модель предсказывает числа, а не классы, поэтому вероятностей у неё нет. Экспортируйте её без них.',
  },
  'model.preprocessing-mismatch': {
    en: "The preprocessing does not fit the model: it makes {expected} values, the model's {port} has {actual}. Train again with the present data, then export.",
    ru: 'Предобработка не подходит к модели: она даёт {expected} значений, а у модели ({port}) их {actual}. Обучите модель заново на нынешних данных и экспортируйте.',
  },
  'model.metadata': {
    en: 'The file {file} says how its inputs are prepared, but not in a form this Deltalab understands: {reason}. Export it again with this version.',
    ru: 'В файле {file} описана подготовка входов, но эта версия Deltalab её не понимает: {reason}. Экспортируйте его заново этой версией.',
  },
  'model.input-names': {
    en: 'The model {file} has the inputs {expected}; given were: {given}. Give each of its inputs by name.',
    ru: 'У модели {file} входы {expected}; переданы: {given}. Передайте каждый вход по имени.',
  },
  'model.run-failed': {
    en: 'onnxruntime could not run {file}: {reason}. Check the shapes of the inputs against the model.',
    ru: 'onnxruntime не смог выполнить {file}: {reason}. Сверьте размеры входов с моделью.',
  },
  'model.output-type': {
    en: 'The output {name} of {file} is {type}; only numbers can be shown.',
    ru: 'Выход {name} в {file} имеет тип {type}; показать можно только числа.',
  },
  'model.output-size': {
    en: 'The model {file} gives {actual} values for {rows} rows where {expected} were expected. Its outputs do not fit the data.',
    ru: 'Модель {file} даёт {actual} значений на {rows} строк вместо {expected}. Её выходы не подходят к данным.',
  },
  'model.empty': {
    en: 'The file {file} holds no usable graph: it has no nodes with an output, or names no operator set. Export the model again.',
    ru: 'В файле {file} нет пригодного графа: нет выходов или не указан набор операторов. Экспортируйте модель заново.',
  },
  'model.constant-shape': {
    en: 'The constant {name} in {file} has the impossible shape [{shape}]. The file is damaged; export it again.',
    ru: 'Константа {name} в {file} имеет невозможную форму [{shape}]. Файл повреждён; экспортируйте его заново.',
  },
  'model.constant-size': {
    en: 'The constant {name} in {file} has the shape [{shape}], that is {expected} values, but the file has {actual}. The file is damaged; export it again.',
    ru: 'Константа {name} в {file} имеет форму [{shape}], то есть {expected} значений, а в файле их {actual}. Файл повреждён; экспортируйте его заново.',
  },
  'model.constant-type': {
    en: 'The constant {name} in {file} has values of type {type}; float32, float64, int32 and int64 can be read. Export the model with float32 weights.',
    ru: 'Константа {name} в {file} имеет тип {type}; читаются float32, float64, int32 и int64. Экспортируйте модель с весами float32.',
  },
  'model.constant-value': {
    en: 'The node {node} (Constant) in {file} gives no single tensor or number. Export the model without it.',
    ru: 'Узел {node} (Constant) в {file} не даёт одного тензора или числа. Экспортируйте модель без него.',
  },
  'model.attribute-type': {
    en: "The attribute {attribute} of the node {node} ({operator}) in {file} is of kind {type}, which can't be read (inner graphs and tensors can't). Export the model without this node.",
    ru: 'Атрибут {attribute} узла {node} ({operator}) в {file} имеет вид {type}, который не читается (как вложенные графы и тензоры). Экспортируйте модель без этого узла.',
  },
  'model.attribute-too-large': {
    en: 'The attribute {attribute} of the node {node} ({operator}) in {file} is {value}, too large for any shape. The file is damaged; export it again.',
    ru: 'Атрибут {attribute} узла {node} ({operator}) в {file} равен {value} — слишком много для любой формы. Файл повреждён; экспортируйте его заново.',
  },
  'model.input-type': {
    en: 'The input "{name}" of {file} is of type {type}; only float32 tensors can be fed. Export the model with float32 inputs.',
    ru: 'Вход «{name}» модели {file} имеет тип {type}; подать можно только тензоры float32. Экспортируйте модель с входами float32.',
  },
  'model.input-shape': {
    en: 'The input "{name}" of {file} leaves its dimension {dimension} open ({size}). Only the first one, the batch, may be; export the model with fixed sizes.',
    ru: 'У входа «{name}» модели {file} не задано измерение {dimension} ({size}). Открытым может быть только первое, батч; экспортируйте модель с заданными размерами.',
  },
  'model.output-kind': {
    en: 'The output "{name}" of {file} is of type {type}; only float32 tensors can be used. Export the model with float32 outputs.',
    ru: 'Выход «{name}» модели {file} имеет тип {type}; использовать можно только тензоры float32. Экспортируйте модель с выходами float32.',
  },
  'model.output-shape': {
    en: 'The output "{name}" of {file} leaves its dimension {dimension} open ({size}). Only the first one, the batch, may be; export the model with fixed sizes.',
    ru: 'У выхода «{name}» модели {file} не задано измерение {dimension} ({size}). Открытым может быть только первое, батч; экспортируйте модель с заданными размерами.',
  },
  'model.output-missing': {
    en: 'No node of {file} computes its output "{name}". The file is damaged; export it again.',
    ru: 'Ни один узел {file} не вычисляет выход «{name}». Файл повреждён; экспортируйте его заново.',
  },
  'model.npy-foreign': {
    en: 'The file {file} is no NumPy array of plain numbers, or it ends too early. Save one with numpy.save.',
    ru: 'Файл {file} не является массивом чисел NumPy или обрывается. Сохраните массив через numpy.save.',
  },
  'model.npy-version': {
    en: 'The file {file} has the NumPy format version {version}; 1 to 3 are known. Save it with numpy.save.',
    ru: 'Файл {file} имеет версию формата NumPy {version}; известны версии с 1 по 3. Сохраните его через numpy.save.',
  },
  'model.npy-order': {
    en: 'The array in {file} is stored by columns. Save numpy.ascontiguousarray(array) instead.',
    ru: 'Массив в {file} записан по столбцам. Сохраните numpy.ascontiguousarray(array).',
  },
  'model.npy-type': {
    en: 'The array in {file} is of type {type}. Save it as float32 or int64.',
    ru: 'Массив в {file} имеет тип {type}. Сохраните его как float32 или int64.',
  },
  'model.npy-size': {
    en: 'The array in {file} should have the shape ({shape}), but the file has {actual} values. The file is damaged; save it again.',
    ru: 'Массив в {file} должен иметь форму ({shape}), но значений в файле {actual}. Файл повреждён; сохраните его заново.',
  },
} satisfies Record<string, Text>;
