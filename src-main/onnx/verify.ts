import { LabError } from '../../shared/errors';
import { countValues } from './tensor';
import { loadModel, onnxruntimeVersion } from './run';

export interface VerifyOptions {
  /** The file as written, or its bytes. */
  model: string | Uint8Array;
  /** For messages. */
  file: string;
  /** Rows of one sample each, [rows, ...inputShape]. */
  inputs: Float32Array;
  rows: number;
  inputShape: readonly number[];
  /** What the engine answers to them, flattened per row. */
  expected: Float32Array;
  /** 1e-4 unless told. */
  limit?: number;
}

export interface Verification {
  rows: number;
  /** Largest |onnxruntime - engine| over all outputs, as a share of the largest |engine| of the same output column. */
  largestDifference: number;
  /** Where it was found, 0-based. */
  row: number;
  limit: number;
  onnxruntime: string;
}

/** Rows given to onnxruntime at once: about 16 MB of inputs, so that large images do not take all memory. */
const valuesPerRun = 4_000_000;
/** Where a column holds nothing larger, no relative difference can be told: float32 ends at 1e-38. */
const smallestScale = 1e-30;

/**
 * Runs an exported file in onnxruntime on real rows and compares with the engine's answers. A difference above the limit is an
 * error, with the row and the size, and so are answers that are no numbers; what becomes of the file is the caller's affair.
 *
 * Each column is measured by its own largest answer, for targets come in any unit: a length in metres beside one in microns.
 */
export async function verifyModel(options: VerifyOptions): Promise<Verification> {
  const { file, inputs, rows, inputShape, expected, limit = 1e-4 } = options;
  const sampleSize = countValues(inputShape) ?? 0;
  if (rows < 1 || inputs.length !== rows * sampleSize || expected.length % rows !== 0)
    throw new LabError('model.output-size', { file, rows, expected: rows * sampleSize, actual: inputs.length });

  const perRow = expected.length / rows;
  const scales = columnScales(expected, perRow, file);
  const worst = { difference: 0, row: 0 };
  const model = await loadModel(options.model, file);
  try {
    const [inputName = ''] = model.inputNames;
    const [outputName = ''] = model.outputNames;
    const step = Math.max(1, Math.floor(valuesPerRun / Math.max(1, sampleSize)));
    for (let start = 0; start < rows; start += step) {
      const count = Math.min(step, rows - start);
      const data = inputs.subarray(start * sampleSize, (start + count) * sampleSize);
      const outputs = await model.run({ [inputName]: { dims: [count, ...inputShape], data } });
      const actual = outputs[outputName]?.data;
      if (!(actual instanceof Float32Array) || actual.length !== count * perRow)
        throw new LabError('model.output-size', {
          file,
          rows: count,
          expected: count * perRow,
          actual: actual?.length ?? 0,
        });
      for (let index = 0; index < actual.length; index += 1) {
        const off = Math.abs((actual[index] ?? NaN) - (expected[start * perRow + index] ?? NaN));
        const difference = Number.isFinite(off) ? off / (scales[index % perRow] ?? NaN) : Infinity;
        if (difference > worst.difference) {
          worst.difference = difference;
          worst.row = start + Math.floor(index / perRow);
        }
      }
    }
  } finally {
    await model.close();
  }
  if (worst.difference > limit)
    throw new LabError('model.verification-failed', {
      file,
      row: worst.row,
      limit,
      difference: Number.isFinite(worst.difference) ? Number(worst.difference.toPrecision(3)) : 'infinite',
    });
  return { rows, largestDifference: worst.difference, row: worst.row, limit, onnxruntime: onnxruntimeVersion };
}

/** The largest |answer| of every column. */
function columnScales(expected: Float32Array, perRow: number, file: string): Float64Array {
  const scales = new Float64Array(perRow).fill(smallestScale);
  expected.forEach((value, index) => {
    if (!Number.isFinite(value)) throw new LabError('model.not-finite', { file, row: Math.floor(index / perRow) });
    const column = index % perRow;
    scales[column] = Math.max(scales[column] ?? 0, Math.abs(value));
  });
  return scales;
}
