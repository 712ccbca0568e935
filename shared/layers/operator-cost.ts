import { type AttributeValue, isNumberList } from '../network/graph';
import type { Shape } from './definition';
import { elements } from './sizes';

interface Node {
  attributes: Record<string, AttributeValue>;
  /** By place, of one sample; stored values as they are. Undefined: omitted. */
  inputs: readonly (Shape | undefined)[];
  output: Shape;
}

type Rule = (node: Node) => number;

const none: Shape = [];

/** One product and sum for each value that goes into a result. */
const perInput: Rule = ({ inputs: [input = none] }) => elements(input);
const normalisation: Rule = ({ output }) => 2 * elements(output);

const product: Rule = ({ attributes, inputs: [left = none], output }) =>
  elements(output) * ((attributes.transA === 1 ? left[0] : left.at(-1)) ?? 1);

/** Input and state of every step with their weights [directions, gates · hidden, …]. */
const recurrent: Rule = ({ inputs: [[steps = 1] = none, weight = none, recurrence = none] }) =>
  steps * (elements(weight) + elements(recurrence));

const window: Rule = ({ attributes: { kernel_shape: kernel }, output }) =>
  elements(output) * (isNumberList(kernel) ? elements(kernel) : 1);

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    Gemm: product,
    MatMul: product,
    // The weight is [filters, channels of a group, …window].
    Conv: ({ inputs: [, weight = none], output }) => elements(output) * elements(weight.slice(1)),
    ConvTranspose: ({ inputs: [input = none, weight = none] }) => elements(input) * elements(weight.slice(1)),
    LSTM: recurrent,
    GRU: recurrent,
    RNN: recurrent,
    MaxPool: window,
    AveragePool: window,
    GlobalAveragePool: perInput,
    GlobalMaxPool: perInput,
    PRelu: perInput,
    BatchNormalization: ({ output }) => elements(output),
    LayerNormalization: normalisation,
    GroupNormalization: normalisation,
    InstanceNormalization: normalisation,
    LRN: ({ attributes: { size = 1 }, output }) => elements(output) * Number(size),
    Resize: ({ attributes: { mode }, output }) =>
      mode === 'linear' ? 2 ** Math.min(2, output.length - 1) * elements(output) : 0,
    CumSum: perInput,
    ...Object.fromEntries(
      ['Sum', 'Mean', 'Max', 'Min', 'Prod', 'L1', 'L2', 'SumSquare', 'LogSum', 'LogSumExp'].map((name) => [
        `Reduce${name}`,
        perInput,
      ]),
    ),
  }),
);

/** Multiply-adds of a node for one sample, counted as the layers of the catalogue count theirs; 0 for what has no sums of products. */
export function operatorMultiplyAdds(opType: string, node: Node): number {
  return rules.get(opType)?.(node) ?? 0;
}
