import type { Text } from '../text';

/**
 * Words for values of error details. A detail called `reason` whose value is "too-small" is told as `reason.too-small`, filled from
 * the same details; a value without an entry (what another program said, a name) is told as it is.
 */
export const reasonTexts: Record<string, Text> = {
  // Where in a file or call something is wrong; the issue is one of those below
  'reason.at-field': { en: 'at "{field}" {issue}', ru: 'в поле «{field}»: {issue}' },
  'reason.at-line': { en: 'line {line}: {issue}', ru: 'строка {line}: {issue}' },

  // What zod has against a value
  'reason.wrong-type': { en: 'expected {expected}', ru: 'ожидается {expected}' },
  'reason.missing': { en: 'a value is missing (expected {expected})', ru: 'значение не задано (ожидается {expected})' },
  'reason.too-small': { en: 'must be at least {minimum}', ru: 'должно быть не меньше {minimum}' },
  'reason.not-above': { en: 'must be above {minimum}', ru: 'должно быть больше {minimum}' },
  'reason.too-large': { en: 'must be at most {maximum}', ru: 'должно быть не больше {maximum}' },
  'reason.not-below': { en: 'must be below {maximum}', ru: 'должно быть меньше {maximum}' },
  'reason.too-short': { en: 'must have a length of at least {minimum}', ru: 'длина должна быть не меньше {minimum}' },
  'reason.too-long': { en: 'must have a length of at most {maximum}', ru: 'длина должна быть не больше {maximum}' },
  'reason.not-multiple': { en: 'must be a multiple of {divisor}', ru: 'должно делиться на {divisor}' },
  'reason.unknown-fields': { en: 'unknown fields: {keys}', ru: 'неизвестные поля: {keys}' },
  'reason.not-one-of': { en: 'expected one of: {allowed}', ru: 'ожидается одно из: {allowed}' },
  'reason.no-form': {
    en: 'fits none of the forms that are possible here',
    ru: 'не подходит ни под одну из возможных форм',
  },
  'reason.wrong-form': { en: 'must look like {pattern}', ru: 'должно иметь вид {pattern}' },
  'reason.invalid': { en: 'the value is not allowed', ru: 'недопустимое значение' },
  'expected.number': { en: 'a number', ru: 'число' },
  'expected.int': { en: 'a whole number', ru: 'целое число' },
  'expected.finite': { en: 'a finite number', ru: 'конечное число' },
  'expected.string': { en: 'text', ru: 'текст' },
  'expected.boolean': { en: 'true or false', ru: 'true или false' },
  'expected.array': { en: 'a list', ru: 'список' },
  'expected.object': { en: 'an object', ru: 'объект' },
  'expected.record': { en: 'an object', ru: 'объект' },
  'expected.null': { en: 'null', ru: 'null' },
  'pattern.auto, cpu, cuda, cuda:<number> or cuda:all': {
    en: 'auto, cpu, cuda, cuda:<number> or cuda:all',
    ru: 'auto, cpu, cuda, cuda:<номер> или cuda:all',
  },

  'pattern.lower-case letters, digits and hyphens': {
    en: 'lower-case letters, digits and hyphens',
    ru: 'строчные латинские буквы, цифры и дефисы',
  },
  'pattern.layer.weight': {
    en: 'a weight of a layer, such as "embedding.weight" or "embedding.weight^T"',
    ru: 'вес слоя, например «embedding.weight» или «embedding.weight^T»',
  },
  'field.': { en: '(whole file)', ru: '(весь файл)' },

  // What the system has against a file
  'reason.ENOENT': { en: 'there is no such file or folder', ru: 'такого файла или папки нет' },
  'reason.EACCES': { en: 'access is not allowed', ru: 'нет прав доступа' },
  'reason.EPERM': { en: 'this is not allowed', ru: 'операция не разрешена' },
  'reason.EISDIR': { en: 'it is a folder', ru: 'это папка' },
  'reason.ENOTDIR': { en: 'a part of the path is not a folder', ru: 'часть пути не является папкой' },
  'reason.ENOTEMPTY': { en: 'the folder is not empty', ru: 'папка не пуста' },
  'reason.EEXIST': { en: 'it is there already', ru: 'уже существует' },
  'reason.EROFS': { en: 'the file system is read-only', ru: 'файловая система только для чтения' },
  'reason.ENOSPC': { en: 'the disk is full', ru: 'диск заполнен' },
  'reason.EMFILE': { en: 'too many files are open', ru: 'открыто слишком много файлов' },
  'reason.EIO': { en: 'the disk reports an error', ru: 'диск сообщает об ошибке' },
  'reason.ENAMETOOLONG': { en: 'the name is too long', ru: 'слишком длинное имя' },
  'reason.EADDRINUSE': { en: 'the address is in use', ru: 'адрес занят' },

  // Resuming, calls, checkpoints
  'reason.last-epoch-reached': { en: 'it has reached its last epoch', ru: 'он уже дошёл до последней эпохи' },
  'reason.no-checkpoint': { en: 'it has no checkpoint', ru: 'у него нет контрольной точки' },
  'reason.no-such-call': { en: 'there is no such call', ru: 'такого вызова нет' },
  'reason.not-a-call': { en: 'it is not a call', ru: 'это не вызов' },
  'reason.no-images': { en: 'the data are no images', ru: 'данные не являются изображениями' },
  'reason.not-a-checkpoint': { en: 'it is no checkpoint of Deltalab', ru: 'это не контрольная точка Deltalab' },
  'reason.cut-short': { en: 'it is cut short', ru: 'файл обрезан' },
  'reason.json-ends-early': { en: 'it ends too early', ru: 'он обрывается слишком рано' },
  'reason.json-wrong-at': { en: 'something is wrong in line {line}', ru: 'ошибка в строке {line}' },
  'reason.json-wrong-near': { en: 'something is wrong near "{text}"', ru: 'ошибка рядом с «{text}»' },
  'reason.json-unreadable': { en: 'it cannot be read', ru: 'его не удаётся прочитать' },
  'reason.not-json': { en: 'it is not valid JSON', ru: 'это не правильный JSON' },
  'reason.connection-closed': { en: 'the connection was closed', ru: 'соединение закрылось' },
  'reason.format-unknown': { en: 'format {format} was never released', ru: 'формат {format} никогда не выпускался' },

  // How an engine process ended
  'cause.signal': { en: 'signal {signal}', ru: 'сигнал {signal}' },
  'cause.exit': { en: 'exit code {exitCode}', ru: 'код завершения {exitCode}' },
  'cause.not-launched': { en: 'it could not be launched: {why}', ru: 'его не удалось запустить: {why}' },
  'cause.silent': { en: 'no sign of life for {seconds} s', ru: 'не подавал признаков жизни {seconds} с' },
  'cause.stalled': {
    en: 'the training thread made no step for {seconds} s',
    ru: 'поток обучения не сделал ни шага за {seconds} с',
  },
  'cause.slow-start': { en: 'it did not answer within {seconds} s', ru: 'не ответил за {seconds} с' },
  'cause.bad-message': {
    en: 'it sent a message that cannot be used ({why})',
    ru: 'прислал непригодное сообщение ({why})',
  },
  'cause.card-failed': { en: 'the graphics card failed: {call}, {why}', ru: 'сбой видеокарты: {call}, {why}' },
  'cause.no-process': { en: 'no process', ru: 'процесса нет' },

  // Why a graphics card cannot be used
  'reason.library-absent': {
    en: 'the part for graphics cards was not built (npm run build:native -- --cuda)',
    ru: 'часть для видеокарт не собрана (npm run build:native -- --cuda)',
  },
  'reason.library-missing': { en: 'its library cannot be loaded: {why}', ru: 'не загружается её библиотека: {why}' },
  'reason.library-differs': {
    en: 'the library {path} belongs to another build of Deltalab',
    ru: 'библиотека {path} из другой сборки Deltalab',
  },
  'reason.no-driver': { en: 'there is no NVIDIA driver', ru: 'драйвера NVIDIA нет' },
  'reason.driver-too-old': {
    en: 'the driver goes up to CUDA {driver}, and {needed} is needed',
    ru: 'драйвер поддерживает CUDA {driver}, а нужна {needed}',
  },
  'reason.driver-failed': { en: 'the driver says: {why}', ru: 'драйвер сообщает: {why}' },
  'reason.no-card': { en: 'there is no NVIDIA card', ru: 'видеокарты NVIDIA нет' },
  'reason.no-such-card': {
    en: 'there is no card with this number (cards: {count})',
    ru: 'видеокарты с таким номером нет (всего: {count})',
  },
  'reason.card-too-old': {
    en: 'its compute capability is {capability}, and {needed} is needed',
    ru: 'её вычислительная версия {capability}, а нужна {needed}',
  },
  'reason.processor': { en: 'processors compute in float32', ru: 'процессор считает во «float32»' },
  'reason.no-tensor-cores': { en: 'it has no tensor cores for that', ru: 'у неё нет тензорных ядер для этого' },
  'precision.tf32': { en: 'TF32', ru: '«TF32»' },
  'precision.bf16': { en: 'bfloat16', ru: '«bfloat16»' },
  'reason.memory-needed': { en: 'and {needed} MB are needed', ru: 'а нужно {needed} МБ' },
  'reason.memory-refused': { en: 'and its driver got no more ({call})', ru: 'и больше драйвер не получил ({call})' },
  'reason.probe-failed': {
    en: 'looking for cards ended the process that did it ({cause})',
    ru: 'процесс, искавший видеокарты, завершился ({cause})',
  },

  // States, splits, batches
  'state.idle': { en: 'idle', ru: 'не запущен' },
  'state.starting': { en: 'starting', ru: 'запускается' },
  'state.ready': { en: 'ready', ru: 'готов' },
  'state.running': { en: 'running', ru: 'выполняется' },
  'state.paused': { en: 'paused', ru: 'на паузе' },
  'state.stopping': { en: 'stopping', ru: 'завершается' },
  'state.dead': { en: 'dead', ru: 'завершён' },
  'state.finished': { en: 'finished', ru: 'закончен' },
  'state.stopped': { en: 'stopped', ru: 'остановлен' },
  'state.interrupted': { en: 'interrupted', ru: 'прерван' },
  'state.failed': { en: 'failed', ru: 'не удался' },
  'split.training': { en: 'training', ru: 'обучающая' },
  'split.validation': { en: 'validation', ru: 'валидационная' },
  'split.test': { en: 'test', ru: 'тестовая' },
  'batch.mini-batch': { en: 'mini-batches', ru: 'мини-батчи' },
  'batch.full': { en: 'full batch', ru: 'полный батч' },

  // Why the engine refuses; the codes are those of src-native
  'refusal.engine.argument': { en: 'it cannot work with "{argument}"', ru: 'аргумент «{argument}» непригоден' },
  'refusal.graph.cycle': { en: 'the layers {layers} form a cycle', ru: 'слои {layers} образуют цикл' },
  'refusal.graph.input': { en: 'the input "{input}" does not fit', ru: 'вход «{input}» не подходит' },
  'refusal.graph.operator': {
    en: 'it has no operator {operator} (layer {node})',
    ru: 'в нём нет операции {operator} (слой {node})',
  },
  'refusal.graph.shape': {
    en: 'the shapes do not fit at the layer "{node}" ({operator})',
    ru: 'размеры не подходят в слое «{node}» ({operator})',
  },
  'refusal.graph.value': { en: 'the value "{value}" cannot be used', ru: 'значение «{value}» непригодно' },
  'refusal.plan.data': { en: 'the data ({split}) cannot be used', ru: 'данные ({split}) непригодны' },
  'refusal.plan.metric': {
    en: 'the metric "{metric}" says nothing with the loss "{loss}"',
    ru: 'метрика «{metric}» ничего не говорит при функции потерь «{loss}»',
  },
  'refusal.plan.nothing-to-train': {
    en: 'the answer of the network depends on no weight that is trained',
    ru: 'ответ сети не зависит ни от одного обучаемого веса',
  },
  'refusal.plan.output': {
    en: 'the output of the network ({shape}) does not suit the loss "{loss}"',
    ru: 'выход сети ({shape}) не подходит функции потерь «{loss}»',
  },
  'refusal.plan.setting': { en: 'the setting "{setting}" cannot be used', ru: 'настройка «{setting}» непригодна' },
  'refusal.state.mismatch': {
    en: 'the checkpoint belongs to another training',
    ru: 'контрольная точка относится к другому обучению',
  },
  'refusal.trainer.busy': { en: 'training is running', ru: 'идёт обучение' },
  'refusal.trainer.disposed': { en: 'this training is over', ru: 'это обучение уже завершено' },
  'refusal.session.disposed': { en: 'this network has been put away', ru: 'эта сеть уже закрыта' },
  'refusal.engine.disposed': { en: 'this operator has been put away', ru: 'этот оператор уже закрыт' },
  'refusal.engine.unexpected': { en: 'something unexpected happened', ru: 'произошло непредвиденное' },
};

/** Why a file or socket failed: a word of the table where the system gave a code that we have words for, else its own words. */
export function systemReason(error: unknown): string {
  if (error instanceof SyntaxError) return 'not-json';
  return knownCode(error) ?? (error instanceof Error ? error.message : String(error));
}

/** The path that a failed call to the file system was about; null for any other error. */
export function failedFile(error: unknown): string | null {
  const path = error instanceof Error && 'path' in error ? error.path : undefined;
  return typeof path === 'string' && knownCode(error) !== null ? path : null;
}

function knownCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) && Object.hasOwn(reasonTexts, `reason.${code}`)
    ? code
    : null;
}
