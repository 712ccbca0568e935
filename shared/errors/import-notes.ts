import type { ImportReport } from '../api/contract';
import { fill, type Language, type Text } from '../text';

const notes = {
  tied: {
    en: 'Weights that several layers share, and that are trained as one: {names}.',
    ru: 'Веса, общие для нескольких слоёв, обучаются как один: {names}.',
  },
  untied: {
    en: 'Weights that several nodes shared are separate now: {names}.',
    ru: 'Веса, общие для нескольких узлов, теперь раздельны: {names}.',
  },
  inputs: {
    en: 'The inputs of the file are one input now: {columns}.',
    ru: 'Входы файла теперь образуют один вход: {columns}.',
  },
  columns: { en: 'columns {from} to {to} are "{name}"', ru: 'столбцы {from}–{to} — «{name}»' },
  column: { en: 'column {from} is "{name}"', ru: 'столбец {from} — «{name}»' },
  unusedInputs: {
    en: 'Inputs that the output does not depend on were left out: {names}.',
    ru: 'Входы, от которых выход не зависит, опущены: {names}.',
  },
  droppedOutputs: {
    en: 'The network ends in the output "{output}"; left out were: {names}.',
    ru: 'Сеть заканчивается выходом «{output}»; опущены: {names}.',
  },
  answer: {
    en: 'The output "{output}" is the place of the largest of "{values}" ({operator}), which cannot be trained; the network gives these values instead.',
    ru: 'Выход «{output}» — это место наибольшего из «{values}» ({operator}), через него обучать нельзя; сеть выдаёт сами значения.',
  },
} satisfies Record<string, Text>;

/** What a person should know of how a model was read, in the order of the way through it. */
export function importNotes(report: ImportReport, language: Language): string[] {
  const say = (key: keyof typeof notes, values: Record<string, unknown>): string => fill(notes[key][language], values);
  const columns = report.inputs.map(({ name, from, size }) =>
    say(size === 1 ? 'column' : 'columns', { name, from: from + 1, to: from + size }),
  );
  const { output } = report;
  return [
    ...(columns.length > 0 ? [say('inputs', { columns })] : []),
    ...(report.unusedInputs.length > 0 ? [say('unusedInputs', { names: report.unusedInputs })] : []),
    ...(report.droppedOutputs.length > 0 ? [say('droppedOutputs', { output, names: report.droppedOutputs })] : []),
    ...(report.answer ? [say('answer', { output, ...report.answer })] : []),
    ...(report.tied.length > 0 ? [say('tied', { names: report.tied })] : []),
    ...(report.untied.length > 0 ? [say('untied', { names: report.untied })] : []),
  ];
}
