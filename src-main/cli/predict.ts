import { readFile } from 'node:fs/promises';
import { errorMessage, LabError } from '../../shared/errors';
import { noteText, rejectionText } from '../../shared/errors/data-notes';
import type { Preprocessing } from '../../shared/project/preprocessing';
import {
  describeOutputs,
  linesOfRows,
  readTable,
  transformRows,
  type BadRow,
  type Cell,
  type OutputDescription,
  type ReadTable,
  unknownCategories,
} from '../data/index';
import { writeFileAtomic } from '../lab/files';
import { decodeModel } from '../onnx/decode';
import { readMetadata } from '../onnx/metadata';
import { withLab } from './host';
import { systemLanguage } from './outcome';

/** As many as an import report names. */
const badRowsShown = 100;

/**
 * The rows of a table with the model's answers beside them, as CSV, or with `json` an object for each answer and one at the end. Rows
 * that cannot be read are named, and the command fails; categories that training never saw are named only.
 */
export async function predict(
  model: string,
  file: string,
  options: { output?: string; json?: boolean },
): Promise<void> {
  const { graph, metadata } = decodeModel(await readFile(model), model);
  const { preprocessing, scalesItself, givesProbabilities } = readMetadata(metadata, model);
  if (!preprocessing) throw new LabError('model.no-preprocessing', { file: model });
  const table = await readTable(file);
  const prepared = scalesItself ? unscaled(preprocessing) : preprocessing;
  const bad: BadRow[] = [];
  const all = transformRows(prepared, table.columns, table.rows, bad);
  const unanswered = await tellUnanswered(file, table, bad);
  const { rows, inputs } = without(bad, table.rows, all);
  const unknown = unknownCategories(prepared, table.columns, rows);
  for (const { column, count, examples } of unknown)
    console.error(
      noteText({ code: 'data.note.unknown-categories', details: { column, count, examples } }, systemLanguage()),
    );
  if (rows.length === 0 && unanswered) throw unanswered;
  const outputs = await withLab((lab) => lab.compute.outputs(graph, inputs, rows.length));
  const answers = describeOutputs(prepared, outputs, rows.length, givesProbabilities);
  const header = [...table.columns, ...answerNames(answers[0])];
  const lines = rows.map((row, index) => csvLine([...row, ...answerCells(answers[index])]));
  const text = `${csvLine(header)}\n${lines.map((line) => `${line}\n`).join('')}`;
  const { output, json } = options;
  if (output !== undefined) await writeFileAtomic(output, text);
  if (json) {
    if (output === undefined)
      for (const answer of answers) console.log(JSON.stringify({ event: 'prediction', ...answer }));
    const total = table.rows.length + table.report.rejectedCount;
    const counts = { rows: rows.length, unanswered: total - rows.length };
    console.log(JSON.stringify({ event: 'finished', ...counts, output: output ?? null, unknownCategories: unknown }));
  } else if (output === undefined) process.stdout.write(text);
  else console.log(`Wrote ${rows.length} predictions to ${output}.`);
  if (unanswered) throw unanswered;
}

/** Names the rows that get no answer on standard error, the first of them by line; null when every row gets one. */
async function tellUnanswered(
  file: string,
  { report, rows }: ReadTable,
  bad: readonly BadRow[],
): Promise<LabError | null> {
  const count = report.rejectedCount + bad.length;
  if (count === 0) return null;
  const shown = bad.slice(0, badRowsShown);
  const lines = await linesOfRows(
    file,
    shown.map(({ index }) => index),
  );
  const language = systemLanguage();
  const told = [
    ...report.rejected.map(({ line, reason }) => ({
      line,
      text: errorMessage(
        { code: 'data.row-rejected', details: { line, file, reason: rejectionText(reason, language) } },
        language,
      ),
    })),
    ...shown.map(({ error: { code, details } }, place) => {
      const line = lines[place] ?? 0;
      return { line, text: errorMessage({ code, details: { ...details, row: line } }, language) };
    }),
  ];
  told.sort((a, b) => a.line - b.line);
  for (const { text } of told) console.error(text);
  return new LabError('data.rows-unanswered', { file, count, total: rows.length + report.rejectedCount });
}

function without(
  bad: readonly BadRow[],
  rows: Cell[][],
  inputs: Float32Array,
): { rows: Cell[][]; inputs: Float32Array } {
  if (bad.length === 0) return { rows, inputs };
  const width = inputs.length / rows.length;
  const left = new Set(bad.map(({ index }) => index));
  const kept = [...rows.keys()].filter((index) => !left.has(index));
  const values = new Float32Array(kept.length * width);
  for (const [place, index] of kept.entries())
    values.set(inputs.subarray(index * width, (index + 1) * width), place * width);
  return { rows: rows.filter((_, index) => !left.has(index)), inputs: values };
}

/** For a model that scales by itself: raw values in, raw answers out, columns and categories as they were. */
function unscaled({ input, target, ...rest }: Preprocessing): Preprocessing {
  const plain = { offset: 0, scale: 1 };
  return {
    ...rest,
    input:
      input.kind === 'image'
        ? { ...input, ...plain }
        : {
            ...input,
            columns: input.columns.map((column) => (column.encoding === 'number' ? { ...column, ...plain } : column)),
          },
    target:
      target.kind === 'classes'
        ? target
        : { ...target, columns: target.columns.map(({ column }) => ({ column, ...plain })) },
  };
}

function answerNames(answer: OutputDescription | undefined): string[] {
  if (!answer) return [];
  if (answer.kind === 'numbers') return answer.values.map(({ column }) => `predicted ${column}`);
  return [`predicted ${answer.column}`, ...answer.probabilities.map(({ label }) => `probability of ${label}`)];
}

function answerCells(answer: OutputDescription | undefined): Cell[] {
  if (!answer) return [];
  if (answer.kind === 'numbers') return answer.values.map(({ value }) => rounded(value));
  return [answer.label, ...answer.probabilities.map(({ probability }) => rounded(probability))];
}

/** As many digits as a float32 carries. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** RFC 4180: quoted where a comma, a quote or a line end is inside. */
function csvLine(cells: readonly Cell[]): string {
  return cells
    .map((cell) => {
      const text = cell === null ? '' : String(cell);
      return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    })
    .join(',');
}
