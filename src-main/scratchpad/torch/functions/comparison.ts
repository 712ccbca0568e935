import { typeError } from '../../language/errors';
import type { CompareOperator } from '../../language/host';
import type { Value } from '../../language/values';
import { toNumber, toTensor } from '../arguments';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { choose, compute, computePairs, cast, spreadArray, spread } from '../math/pointwise';
import { broadcast } from '../math/shaping';
import type { Session } from '../session';
import { bool } from '../tensor/dtype';
import { sameShape } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';
import { operandsOf } from './arithmetic';

const comparisons: Record<CompareOperator, (x: number, y: number) => boolean> = {
  '==': (x, y) => x === y,
  '!=': (x, y) => x !== y,
  '<': (x, y) => x < y,
  '<=': (x, y) => x <= y,
  '>': (x, y) => x > y,
  '>=': (x, y) => x >= y,
};

/** Of ONNX; it has none for "not equal". */
const comparisonOperators: Partial<Record<CompareOperator, string>> = {
  '==': 'Equal',
  '<': 'Less',
  '<=': 'LessOrEqual',
  '>': 'Greater',
  '>=': 'GreaterOrEqual',
};

/** A bool tensor; undefined: not for these operands. */
export function comparison(session: Session, operator: CompareOperator, left: Value, right: Value): Tensor | undefined {
  const operands = operandsOf(session, left, right);
  if (!operands) return undefined;
  const f = comparisons[operator];
  const { a, b, tensors } = operands;
  const { tape } = session;
  const opType = comparisonOperators[operator];
  const compared = (): Variable => computePairs(tape, a, b, bool, (x, y) => Number(f(x, y)));
  return session.wrap(opType ? tape.as(opType, [a, b], {}, compared) : compared(), tensors);
}

export function addComparison(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const names = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;
  for (const [name, operator] of Object.entries(names)) {
    library.both(
      name,
      'input, other',
      ([input = null, other = null]) => {
        const result = comparison(session, operator, input, other);
        if (!result) throw typeError(`${name}(): a tensor and a tensor or number are needed`);
        return result;
      },
      `input ${operator} other, element by element.`,
    );
  }
  library.alias('ne', 'not_equal');
  library.alias('lt', 'less');
  library.alias('gt', 'greater');
  const logical = (name: string, f: (x: boolean, y: boolean) => boolean): void =>
    library.both(name, 'input, other', ([input, other]) => {
      const [a, b] = [toTensor(input), toTensor(other, 'other', 2)];
      return session.wrap(
        computePairs(tape, a.variable, b.variable, bool, (x, y) => Number(f(x !== 0, y !== 0))),
        [a, b],
      );
    });
  logical('logical_and', (x, y) => x && y);
  logical('logical_or', (x, y) => x || y);
  logical('logical_xor', (x, y) => x !== y);
  library.both('logical_not', 'input', ([input]) => inverted(session, toTensor(input)));
  const test = (name: string, f: (x: number) => boolean): void =>
    library.both(name, 'input', ([input]) => {
      const x = toTensor(input);
      return session.wrap(
        compute(tape, x.variable, bool, (value) => Number(f(value))),
        [x],
      );
    });
  test('isnan', Number.isNaN);
  test('isinf', (x) => Math.abs(x) === Infinity);
  test('isfinite', Number.isFinite);

  library.both(
    'equal',
    'input, other',
    ([input, other]) => {
      const [a, b] = [toTensor(input), toTensor(other, 'other', 2)];
      const { array } = b;
      return sameShape(a.shape, b.shape) && a.array.every((value, i) => value === array[i]);
    },
    'Whether both have the same shape and values.',
  );
  const close = ([input, other, rtol, atol, equalNan]: Value[], context: Parameters<typeof toNumber>[1]): Tensor => {
    const [a, b] = [toTensor(input), toTensor(other, 'other', 2)];
    const [relative, absolute] = [toNumber(rtol, context), toNumber(atol, context)];
    const near = (x: number, y: number): boolean =>
      x === y ||
      Math.abs(x - y) <= absolute + relative * Math.abs(y) ||
      (equalNan === true && Number.isNaN(x) && Number.isNaN(y));
    return session.wrap(
      computePairs(tape, a.variable, b.variable, bool, (x, y) => Number(near(x, y))),
      [a, b],
    );
  };
  const tolerances = 'input, other, rtol: float=1e-05, atol: float=1e-08, equal_nan: bool=False';
  library.both('isclose', tolerances, close);
  library.both(
    'allclose',
    tolerances,
    (args, context) => close(args, context).array.every((value) => value === 1),
    'Whether all values are equal up to a tolerance.',
  );

  library.function(
    'where',
    'condition, input=None, other=None',
    ([condition, input = null, other = null]) => {
      const mask = toTensor(condition, 'condition');
      const operands = operandsOf(session, input, other);
      if (!operands) throw typeError('where(): expected condition, input, other, where both are tensors or numbers');
      const shape = spread(mask.shape, spread(operands.a.shape, operands.b.shape));
      const [a, b] = [broadcast(tape, operands.a, shape), broadcast(tape, operands.b, shape)];
      const chosen = tape.as('Where', [mask.variable, a, b], {}, () =>
        choose(tape, spreadArray(mask.variable, shape), a, b),
      );
      return session.wrap(chosen, [mask, ...operands.tensors]);
    },
    'Of input where the condition is true, of other elsewhere.',
  );
  library.method('where', 'input, condition, other', ([input = null, condition = null, other = null], context) =>
    context.call(library.functions.get('where') ?? null, [condition, input, other]),
  );
  library.withInPlace(
    'masked_fill',
    'input, mask, value',
    ([input, mask, value], context) => {
      const [x, where] = [toTensor(input), toTensor(mask, 'mask', 2)];
      const number = isTensor(value)
        ? cast(tape, value.variable, x.dtype)
        : cast(tape, session.number(toNumber(value, context)), x.dtype);
      const shape = spread(x.shape, where.shape);
      const [filled, kept] = [broadcast(tape, number, shape), broadcast(tape, x.variable, shape)];
      const values = tape.as('Where', [where.variable, filled, kept], {}, () =>
        choose(tape, spreadArray(where.variable, shape), filled, kept, 'MaskedFillBackward0'),
      );
      return session.wrap(values, [x, where]);
    },
    'value where the mask is true.',
  );
}

export function inverted(session: Session, x: Tensor): Tensor {
  const { tape } = session;
  const turned = (): Variable => compute(tape, x.variable, bool, (value) => Number(value === 0));
  return session.wrap(x.dtype === bool ? tape.as('Not', [x.variable], {}, turned) : turned(), [x]);
}
