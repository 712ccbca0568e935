import type { EagerArray } from '../../engine/native';
import { dataParts, type HostOutput } from '../host-calls';
import type { Host } from '../host-line';
import { closest } from '../language/attributes';
import { typeError, valueError, withHint } from '../language/errors';
import { HostFunction, type CallContext } from '../language/host';
import { typeName } from '../language/type-names';
import { PyList, PyTuple, type Value } from '../language/values';
import { askerOf } from './ask-host';
import { Variable } from './autograd/variable';
import type { Session } from './session';
import { float32, int64, type DType } from './tensor/dtype';
import type { Shape } from './tensor/shape';

/** Functions of the module `deltalab` that give the data of the project. */
export function projectDataFunctions(session: Session, host: Host): HostFunction[] {
  const ask = askerOf(host);
  const tensor = (values: ArrayLike<number | bigint>, shape: Shape, dtype: DType, context: CallContext): Value => {
    context.chargeMemory(values.length * (dtype === float32 ? 4 : 8));
    return session.wrap(Variable.of(toArray(values, dtype), shape, dtype));
  };

  const columnOf = (name: Value | undefined, context: CallContext): NonNullable<HostOutput<'dataColumn'>> => {
    const wanted = textOf(name, 'name');
    const found = ask('dataColumn', { name: wanted }, context);
    if (found) return found;
    const columns = ask('dataColumns', null, context);
    const similar = closest(
      wanted.toLowerCase(),
      columns.map((column) => column.toLowerCase()),
    );
    const meant = columns.find((column) => column.toLowerCase() === similar);
    throw withHint(
      valueError(`the data have no column '${wanted}'; there are ${columns.map((column) => `'${column}'`).join(', ')}`),
      meant === undefined ? null : `did you mean '${meant}'?`,
    );
  };

  return [
    new HostFunction(
      'columns',
      '',
      (_, context) => new PyList(ask('dataColumns', null, context)),
      "Names of the columns of the project's data, in the order of the file.",
    ),
    new HostFunction(
      'column',
      'name',
      ([name], context) => {
        const found = columnOf(name, context);
        if (found.kind === 'classes') return tensor(found.codes, [found.codes.length], int64, context);
        const rows = found.values.length / found.shape.reduce((product, size) => product * size, 1);
        return tensor(found.values, [rows, ...found.shape], float32, context);
      },
      'A column of the data, every row: numbers as float32 (blank: nan; dates as days since 1970), categories as the indices of deltalab.classes(name) (blank: -1), images as pixels from 0 to 255.',
    ),
    new HostFunction(
      'classes',
      'name=None',
      ([name = null], context) => {
        if (name === null) {
          const classes = ask('dataClasses', null, context);
          if (classes) return new PyList(classes);
          throw valueError('the target of the data has no classes: it is a number, or none is chosen');
        }
        const found = columnOf(name, context);
        if (found.kind === 'classes') return new PyList(found.classes);
        throw valueError(`column '${textOf(name, 'name')}' holds numbers, not categories`);
      },
      'Names of the classes of a column, in the order of their indices; without a name those of the target.',
    ),
    new HostFunction(
      'samples',
      "part='training'",
      ([part], context) => {
        const wanted = textOf(part, 'part');
        const known = dataParts.find((name) => name === wanted);
        if (!known) throw valueError(`there are 'training', 'validation', 'test' and 'all', but not '${wanted}'`);
        const { inputs, inputShape, targets, targetShape } = ask('dataSamples', { part: known }, context);
        const dtype = targets instanceof BigInt64Array ? int64 : float32;
        return new PyTuple([
          tensor(inputs, inputShape, float32, context),
          tensor(targets, targetShape, dtype, context),
        ]);
      },
      "Inputs and targets as training sees them, with the recipe of the Data page: of 'training', 'validation', 'test' or 'all' (one after the other). Classes are indices (int64).",
    ),
  ];
}

function textOf(value: Value | undefined, name: string): string {
  if (typeof value === 'string') return value;
  throw typeError(`argument '${name}' must be str, not ${typeName(value ?? null)}`);
}

function toArray(values: ArrayLike<number | bigint>, dtype: DType): EagerArray {
  // What came over the line belongs to nobody else.
  if (values instanceof Float32Array && dtype === float32) return values;
  const array = dtype.array(values.length);
  for (let i = 0; i < array.length; i++) array[i] = Number(values[i]);
  return array;
}
