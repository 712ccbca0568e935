import { PythonError } from '../../language/errors';
import type { Tape } from '../autograd/tape';
import { Variable } from '../autograd/variable';
import { broadcastShape, shapeText } from '../tensor/shape';
import { reshape } from './shaping';

/** A product by the engine; nothing where a dimension is empty. */
function multiply(tape: Tape, a: Variable, b: Variable, shape: readonly number[], name: string): Variable {
  if (a.count === 0 || b.count === 0)
    return Variable.of(
      tape.allocate(
        shape.reduce((x, y) => x * y, 1),
        a.dtype,
      ),
      shape,
      a.dtype,
    );
  return tape.apply('MatMul', [a, b], { name });
}

function refuseDtypes(a: Variable, b: Variable): void {
  if (a.dtype === b.dtype) return;
  throw new PythonError(
    'RuntimeError',
    `expected m1 and m2 to have the same dtype, but got: ${a.dtype.cName} != ${b.dtype.cName}. Hint: x.float() makes a tensor torch.float32.`,
  );
}

/** (n, k) · (k, m) */
export function mm(tape: Tape, a: Variable, b: Variable): Variable {
  if (a.shape.length !== 2) throw new PythonError('RuntimeError', 'self must be a matrix');
  if (b.shape.length !== 2) throw new PythonError('RuntimeError', 'mat2 must be a matrix');
  const [n = 0, k] = a.shape;
  const [rows, m = 0] = b.shape;
  if (k !== rows)
    throw new PythonError('RuntimeError', `mat1 and mat2 shapes cannot be multiplied (${n}x${k} and ${rows}x${m})`);
  refuseDtypes(a, b);
  return multiply(tape, a, b, [n, m], 'MmBackward0');
}

/** (n) · (n) */
export function dot(tape: Tape, a: Variable, b: Variable): Variable {
  if (a.shape.length !== 1 || b.shape.length !== 1)
    throw new PythonError(
      'RuntimeError',
      `1D tensors expected, but got ${a.shape.length}D and ${b.shape.length}D tensors`,
    );
  if (a.shape[0] !== b.shape[0])
    throw new PythonError(
      'RuntimeError',
      `inconsistent tensor size, expected tensor [${a.shape[0]}] and src [${b.shape[0]}] to have the same number of elements, but got ${a.shape[0]} and ${b.shape[0]} elements respectively`,
    );
  refuseDtypes(a, b);
  return multiply(tape, a, b, [], 'DotBackward0');
}

/** (n, k) · (k) */
export function mv(tape: Tape, a: Variable, b: Variable): Variable {
  if (a.shape.length !== 2 || b.shape.length !== 1)
    throw new PythonError(
      'RuntimeError',
      `vector + matrix @ vector expected, got ${b.shape.length}, ${a.shape.length}, ${b.shape.length}`,
    );
  if (a.shape[1] !== b.shape[0])
    throw new PythonError(
      'RuntimeError',
      `size mismatch, got input (${a.shape[0]}), mat (${a.shape[0]}x${a.shape[1]}), vec (${b.shape[0]})`,
    );
  refuseDtypes(a, b);
  return multiply(tape, a, b, [a.shape[0] as number], 'MvBackward0');
}

/** (b, n, k) · (b, k, m) */
export function bmm(tape: Tape, a: Variable, b: Variable): Variable {
  if (a.shape.length !== 3 || b.shape.length !== 3)
    throw new PythonError('RuntimeError', `batch${a.shape.length === 3 ? 2 : 1} must be a 3D tensor`);
  const [batch = 0, n = 0, k = 0] = a.shape;
  if (b.shape[0] !== batch || b.shape[1] !== k)
    throw new PythonError(
      'RuntimeError',
      `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${k}] but got: [${b.shape[0]}, ${b.shape[1]}].`,
    );
  refuseDtypes(a, b);
  return multiply(tape, a, b, [batch, n, b.shape[2] as number], 'BmmBackward0');
}

/** torch.matmul: products of vectors and matrices, or of many matrices with broadcasting. */
export function matmul(tape: Tape, a: Variable, b: Variable): Variable {
  const [p, q] = [a.shape.length, b.shape.length];
  if (p === 0 || q === 0)
    throw new PythonError(
      'RuntimeError',
      `both arguments to matmul need to be at least 1D, but they are ${p}D and ${q}D`,
    );
  if (p === 1 && q === 1) return dot(tape, a, b);
  if (p === 2 && q === 1) return mv(tape, a, b);
  if (p === 2 && q === 2) return mm(tape, a, b);
  if (p === 1 && q === 2) {
    if (a.shape[0] !== b.shape[0])
      throw new PythonError(
        'RuntimeError',
        `size mismatch, got input (${b.shape[1]}), mat (${b.shape[1]}x${b.shape[0]}), vec (${a.shape[0]})`,
      );
    return reshape(
      tape,
      mm(tape, reshape(tape, a, [1, a.shape[0] as number]), b),
      [b.shape[1] as number],
      'SqueezeBackward4',
    );
  }
  const [inner, rows] = [a.shape.at(-1), b.shape.at(q === 1 ? -1 : -2)];
  const lead = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (inner !== rows || !lead) throw new PythonError('RuntimeError', sizesDiffer(a, b, lead === null));
  refuseDtypes(a, b);
  const shape = [
    ...lead,
    ...(p === 1 ? [] : [a.shape.at(-2) as number]),
    ...(q === 1 ? [] : [b.shape.at(-1) as number]),
  ];
  return multiply(
    tape,
    a,
    b,
    shape,
    p === 3 && q === 3 && a.shape[0] === b.shape[0] ? 'BmmBackward0' : 'UnsafeViewBackward0',
  );
}

function sizesDiffer(a: Variable, b: Variable, batch: boolean): string {
  const shapes = `Hint: the shapes are ${shapeText(a.shape)} and ${shapeText(b.shape)}.`;
  if (batch)
    return `The size of tensor a (${a.shape[0]}) must match the size of tensor b (${b.shape[0]}) at non-singleton dimension 0. ${shapes}`;
  const columns = a.shape.at(-1) ?? 1;
  const rows = a.shape.slice(0, -1).reduce((x, y) => x * y, 1);
  const [k, m] = b.shape.length === 1 ? [b.shape[0], 1] : [b.shape.at(-2), b.shape.at(-1)];
  return `mat1 and mat2 shapes cannot be multiplied (${rows}x${columns} and ${k}x${m}). ${shapes}`;
}
