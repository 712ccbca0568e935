import { PythonError, valueError } from '../../language/errors';
import { PyTuple, type Value } from '../../language/values';
import { toNumber, toTensor } from '../arguments';
import type { Tape } from '../autograd/tape';
import type { Variable } from '../autograd/variable';
import type { Library } from '../library';
import { add, mul, numberOf } from '../math/pointwise';
import { bmm, dot, matmul, mm, mv } from '../math/products';
import { sum } from '../math/reducing';
import { permute, reshape } from '../math/shaping';
import { tensorList } from './joining';

export function addProducts(library: Library): void {
  const { session } = library;
  const { tape } = session;
  const pair = (name: string, other: string, f: (t: Tape, a: Variable, b: Variable) => Variable, help: string): void =>
    library.both(
      name,
      `input, ${other}`,
      ([input, second]) => {
        const [a, b] = [toTensor(input), toTensor(second, other, 2)];
        return session.wrap(f(tape, a.variable, b.variable), [a, b]);
      },
      help,
    );
  pair('matmul', 'other', matmul, 'The product of matrices, of vectors, or of many at once: a @ b.');
  pair('mm', 'mat2', mm, 'The product of two matrices.');
  pair('bmm', 'mat2', bmm, 'Products of many matrices.');
  pair('mv', 'vec', mv, 'A matrix by a vector.');
  pair('dot', 'other', dot, 'The sum of products of two vectors.');
  pair('outer', 'vec2', (t, a, b) => mul(t, reshape(t, a, [a.count, 1]), b), 'All products of two vectors.');
  library.alias('dot', 'inner', 'vdot');
  library.alias('outer', 'ger');
  library.withInPlace(
    'addmm',
    'input, mat1, mat2, *, beta=1, alpha=1',
    ([input, mat1, mat2, beta, alpha], context) => {
      const [x, a, b] = [toTensor(input), toTensor(mat1), toTensor(mat2)];
      const scaled = (v: Variable, factor: Value | undefined): Variable => {
        const number = toNumber(factor, context);
        return number === 1 ? v : mul(tape, v, numberOf(number, v.dtype));
      };
      const result = add(tape, scaled(x.variable, beta), scaled(mm(tape, a.variable, b.variable), alpha));
      if (result.edge) result.edge.node.name = 'AddmmBackward0';
      return session.wrap(result, [x, a, b]);
    },
    'input + mat1 @ mat2.',
  );
  library.function(
    'einsum',
    'equation: str, *operands',
    ([equation, operands], context) => {
      const given = operands instanceof PyTuple && operands.items[0] instanceof PyTuple ? operands.items[0] : operands;
      const tensors = tensorList(given, context);
      return session.wrap(
        einsum(
          tape,
          equation as string,
          tensors.map(({ variable }) => variable),
        ),
        tensors,
      );
    },
    'Sums of products as indices say: "ij,jk->ik".',
  );
  library.both('trace', 'input', ([input]) => {
    const x = toTensor(input);
    const [rows = 0, columns = 0] = x.shape;
    const mask = x.array.map((_, i) => Number(Math.floor(i / columns) === i % columns && rows > 0));
    return session.wrap(sum(tape, session.kept(x.variable, mask, 'DiagonalBackward0'), undefined, 'TraceBackward0'), [
      x,
    ]);
  });
}

/** One operand after another: aligned by letters, multiplied, and summed over letters that are no longer needed. */
function einsum(tape: Tape, equation: string, operands: readonly Variable[]): Variable {
  const [left = '', right] = equation.replace(/\s/g, '').split('->');
  const inputs = left.split(',');
  if (inputs.length !== operands.length)
    throw new PythonError(
      'RuntimeError',
      `einsum(): the number of operands in the equation (${inputs.length}) does not match the number given (${operands.length})`,
    );
  if (!/^[A-Za-z,]*$/.test(left) || (right !== undefined && !/^[A-Za-z]*$/.test(right)))
    throw valueError('einsum(): the equation takes letters, commas and one arrow, as in "ij,jk->ik"');
  const letters = [...left.replaceAll(',', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  const output = right === undefined ? once : [...right];
  const order = [...new Set([...output, ...letters])];
  const aligned = operands.map((operand, i) => align(tape, operand, inputs[i] as string, order));
  const product = aligned.reduce((a, b) => mul(tape, a, b));
  const gone = order.map((_, i) => i).slice(output.length);
  return gone.length === 0 ? product : sum(tape, product, { dims: gone, keep: false });
}

/** Dimensions in the order of letters; 1 for those it does not have. */
function align(tape: Tape, x: Variable, own: string, order: readonly string[]): Variable {
  if (own.length !== x.shape.length || new Set(own).size < own.length)
    throw new PythonError(
      'RuntimeError',
      `einsum(): the subscript "${own}" does not fit an operand with ${x.shape.length} dimensions (each letter once)`,
    );
  const places = order.flatMap((letter) => (own.includes(letter) ? [own.indexOf(letter)] : []));
  const turned = permute(tape, x, places);
  return reshape(
    tape,
    turned,
    order.map((letter) => (own.includes(letter) ? (x.shape[own.indexOf(letter)] as number) : 1)),
  );
}
