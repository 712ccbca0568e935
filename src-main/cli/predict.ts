import { readFile } from 'node:fs/promises';
import { LabError } from '../../shared/errors';
import type { Preprocessing } from '../../shared/project/preprocessing';
import { describeOutputs, readTable, transformRows, type Cell, type OutputDescription } from '../data/index';
import { writeFileAtomic } from '../lab/files';
import { decodeModel } from '../onnx/decode';
import { readMetadata } from '../onnx/metadata';
import { withLab } from './host';

/** The rows of a table with the model's answers beside them, as CSV. */
export async function predict(model: string, file: string, options: { output?: string }): Promise<void> {
  const { graph, metadata } = decodeModel(await readFile(model), model);
  const { preprocessing, scalesItself, givesProbabilities } = readMetadata(metadata, model);
  if (!preprocessing)
    throw new LabError('app.usage', {
      reason: `The model ${model} does not say how its inputs were prepared, so a table cannot be given to it. Use "deltalab infer" with arrays.`,
    });
  const table = await readTable(file);
  const prepared = scalesItself ? unscaled(preprocessing) : preprocessing;
  // Line 1 is the header.
  const inputs = transformRows(prepared, table.columns, table.rows, 2);
  const outputs = await withLab((lab) => lab.compute.outputs(graph, inputs, table.rows.length));
  const answers = describeOutputs(prepared, outputs, givesProbabilities);
  const header = [...table.columns, ...answerNames(answers[0])];
  const lines = table.rows.map((row, index) => csvLine([...row, ...answerCells(answers[index])]));
  const text = `${csvLine(header)}\n${lines.map((line) => `${line}\n`).join('')}`;
  if (options.output === undefined) process.stdout.write(text);
  else {
    await writeFileAtomic(options.output, text);
    console.log(`Wrote ${table.rows.length} predictions to ${options.output}.`);
  }
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
