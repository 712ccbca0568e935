import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseModel } from '../../../src-main/onnx/decode';
import type { ParsedModel } from '../../../src-main/onnx/model';
import { readTensor } from '../../../src-main/onnx/tensor';
import { modelType, type RawModel, type RawTensor, tensorType } from '../../../src-main/onnx/schema';
import type { Tensor } from '../../../src-main/engine/native';

/** One of ONNX's operator tests: a model, what goes in and what must come out, in the order of the model's ports. */
export interface OperatorCase {
  name: string;
  operators: string[];
  bytes: Uint8Array;
  inputs: Uint8Array[];
  outputs: Uint8Array[];
}

/** Every operator the engine has; a case that uses another is none of ours. */
export const coveredOperators: ReadonlySet<string> = new Set(
  [
    'Gemm MatMul Add Sub Mul Div Neg Abs Exp Log Sqrt Pow Clip Sum Max Min Conv ConvTranspose MaxPool AveragePool',
    'GlobalAveragePool GlobalMaxPool BatchNormalization LayerNormalization GroupNormalization InstanceNormalization',
    'Dropout Relu LeakyRelu PRelu Elu Selu Gelu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Softmax LogSoftmax',
    'Mish Flatten Reshape Transpose Squeeze Unsqueeze Concat Split Slice Pad Gather Identity Constant ReduceMean',
    'ReduceSum ReduceMax LSTM GRU RNN Celu ThresholdedRelu Erf Sin Cos Tan Atan Reciprocal Sign Floor Ceil Round',
    'Not And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual Where Mod Expand Tile Trilu CumSum ArgMax ArgMin',
    'ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp DepthToSpace SpaceToDepth LRN',
    'Resize Upsample',
  ].flatMap((line) => line.split(' ')),
);

/** Where Debian's package libonnx-testdata lies. */
export const debianFolder = '/usr/share/libonnx-testdata/data';
const golden = join(import.meta.dirname, '../../golden/onnx');

export function debianCases(): OperatorCase[] {
  if (!existsSync(debianFolder)) return [];
  return ['node', 'simple', 'pytorch-operator', 'pytorch-converted'].flatMap((kind) =>
    readdirSync(join(debianFolder, kind))
      .sort()
      .filter((name) => existsSync(join(debianFolder, kind, name, 'model.onnx')))
      .flatMap((name) => {
        const folder = join(debianFolder, kind, name);
        const bytes = readFileSync(join(folder, 'model.onnx'));
        const operators = floatOperators(bytes);
        if (!operators) return [];
        const files = (prefix: string): Uint8Array[] =>
          readdirSync(join(folder, 'test_data_set_0'))
            .filter((file) => file.startsWith(prefix))
            .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
            .map((file) => readFileSync(join(folder, 'test_data_set_0', file)));
        return [{ name: `${kind}/${name}`, operators, bytes, inputs: files('input_'), outputs: files('output_') }];
      }),
  );
}

const lineSchema = z.object({
  name: z.string(),
  model: z.string(),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
});

/** Those of tests/golden/onnx/operators.py, one JSON object a line, messages in base64. */
export function generatedCases(): OperatorCase[] {
  const decode = (text: string): Uint8Array => Buffer.from(text, 'base64');
  const lines = readFileSync(join(golden, 'operators.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { name, model, inputs, outputs } = lineSchema.parse(JSON.parse(line));
    const bytes = decode(model);
    const operators = floatOperators(bytes);
    if (!operators) throw new Error(`${name} is no float32 case of our operators`);
    return { name, operators, bytes, inputs: inputs.map(decode), outputs: outputs.map(decode) };
  });
}

/** Cases that are known not to pass, with the reason. */
export function exclusions(): Map<string, string> {
  const text = readFileSync(join(golden, 'operators-excluded.json'), 'utf8');
  const groups = z.array(z.object({ reason: z.string().min(20), cases: z.array(z.string()) })).parse(JSON.parse(text));
  return new Map(groups.flatMap(({ reason, cases }) => cases.map((name) => [name, reason] as const)));
}

const float32 = 1;
/** Types no input or output of a float32 case has: text, float16, float64, complex numbers, bfloat16. */
const otherTypes = new Set([8, 10, 11, 14, 15, 16]);

/** Operators whose answer is a truth value or a place, whatever goes in. */
const statements: ReadonlySet<string> = new Set([
  ...['Not', 'And', 'Or', 'Xor', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'ArgMax', 'ArgMin'],
]);

/** The operators of a model whose first output is float32 (or a statement's) and whose operators are all ours; otherwise null. */
function floatOperators(bytes: Uint8Array): string[] | null {
  const { graph } = modelType.decode(bytes) as unknown as RawModel;
  if (!graph) return null;
  const operators = [...new Set(graph.node.map(({ opType }) => opType))];
  const ours = graph.node.every(({ opType, domain }) => coveredOperators.has(opType) && domain === '');
  const types = [...graph.input, ...graph.output].map(({ type }) => type?.tensorType?.elemType);
  const plain = types.every((type) => type !== undefined && !otherTypes.has(type));
  const stated = operators.every((operator) => statements.has(operator));
  return ours && plain && (stated || graph.output[0]?.type?.tensorType?.elemType === float32) ? operators : null;
}

/** The model, its inputs by name and what its outputs must be. */
export function readCase({ name, bytes, inputs, outputs }: OperatorCase): {
  model: ParsedModel;
  given: Record<string, Tensor>;
  expected: Tensor[];
} {
  const tensor = (message: Uint8Array): Tensor => {
    const raw = tensorType.decode(message) as unknown as RawTensor;
    return readTensor(raw, name);
  };
  const model = parseModel(bytes, name);
  const given = Object.fromEntries(inputs.map((message, at) => [model.inputs[at]?.name ?? '', tensor(message)]));
  return { model, given, expected: outputs.map(tensor) };
}

/** What is wrong with an answer, by ONNX's own tolerances; null when it is right. */
export function difference(actual: Tensor, expected: Tensor): string | null {
  if (actual.dims.join() !== expected.dims.join()) return `shape [${actual.dims}], not [${expected.dims}]`;
  if (actual.data.constructor !== expected.data.constructor) return 'another type';
  let worst: string | null = null;
  let most = 1;
  for (let index = 0; index < expected.data.length; index += 1) {
    const [a, e] = [Number(actual.data[index]), Number(expected.data[index])];
    if (Object.is(a, e) || a === e) continue;
    const share = Math.abs(a - e) / (1e-7 + 1e-3 * Math.abs(e));
    if (Number.isFinite(share) && share <= most) continue;
    if (Number.isFinite(share)) most = share;
    worst = `${a} at ${index}, not ${e}`;
  }
  return worst;
}
