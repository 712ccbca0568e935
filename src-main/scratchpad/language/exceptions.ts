import { PythonError } from './errors';
import { HostFunction, type CallContext } from './host';
import { PyClass, PyInstance, PyTuple, type Value } from './values';

/** Python's classes of exceptions, as far as anything here raises them or a program may want to. */
const tree: readonly [name: string, base: string | null][] = [
  ['BaseException', null],
  ['KeyboardInterrupt', 'BaseException'],
  ['SystemExit', 'BaseException'],
  ['GeneratorExit', 'BaseException'],
  ['Exception', 'BaseException'],
  ['StopIteration', 'Exception'],
  ['ArithmeticError', 'Exception'],
  ['OverflowError', 'ArithmeticError'],
  ['ZeroDivisionError', 'ArithmeticError'],
  ['FloatingPointError', 'ArithmeticError'],
  ['AssertionError', 'Exception'],
  ['AttributeError', 'Exception'],
  ['ImportError', 'Exception'],
  ['ModuleNotFoundError', 'ImportError'],
  ['LookupError', 'Exception'],
  ['IndexError', 'LookupError'],
  ['KeyError', 'LookupError'],
  ['MemoryError', 'Exception'],
  ['NameError', 'Exception'],
  ['UnboundLocalError', 'NameError'],
  ['OSError', 'Exception'],
  ['RuntimeError', 'Exception'],
  ['NotImplementedError', 'RuntimeError'],
  ['RecursionError', 'RuntimeError'],
  ['OutOfMemoryError', 'RuntimeError'],
  ['SyntaxError', 'Exception'],
  ['TypeError', 'Exception'],
  ['ValueError', 'Exception'],
];

/** What super().__init__(…) of a class of the program runs. */
const initialise = new HostFunction('__init__', 'self, *args', ([self, args]) => {
  (self as PyInstance).attributes.set('args', args as Value);
  return null;
});

export const exceptionClasses: ReadonlyMap<string, PyClass> = tree.reduce((classes, [name, base]) => {
  const parent = base === null ? null : (classes.get(base) ?? null);
  const attributes: [string, Value][] = parent ? [] : [['__init__', initialise]];
  return classes.set(name, new PyClass(name, parent, attributes, { module: 'builtins' }));
}, new Map<string, PyClass>());

const classNamed = (name: string): PyClass =>
  exceptionClasses.get(name) ?? (exceptionClasses.get('RuntimeError') as PyClass);

export const baseException = classNamed('BaseException');

export function newException(type: PyClass, args: readonly Value[]): PyInstance {
  const exception = new PyInstance(type);
  exception.attributes.set('args', new PyTuple(args));
  if (type.name === 'StopIteration') exception.attributes.set('value', args[0] ?? null);
  return exception;
}

/** The object an `except … as e` binds. */
export function exceptionOf(error: PythonError): PyInstance {
  error.exception ??= newException(classNamed(error.kind), error.message === '' ? [] : [error.message]);
  return error.exception;
}

/** str(exception): its one argument, or all of them as a tuple. */
export function exceptionText(exception: PyInstance, context: CallContext): string {
  const args = exception.attributes.get('args');
  if (!(args instanceof PyTuple) || args.items.length === 0) return '';
  const [only] = args.items;
  if (args.items.length > 1) return context.repr(args);
  return exception.type.isSubclassOf(classNamed('KeyError')) ? context.repr(only as Value) : context.str(only as Value);
}

/** An error that carries an object of the program. */
export function errorOf(exception: PyInstance, context: CallContext): PythonError {
  const own = exception.type.lookup('__str__') !== undefined;
  const error = new PythonError(exception.type.name, own ? context.str(exception) : exceptionText(exception, context));
  error.exception = exception;
  return error;
}

export function keyError(key: Value, context: CallContext): PythonError {
  return errorOf(newException(classNamed('KeyError'), [key]), context);
}

export function stopIteration(value: Value = null): PythonError {
  const error = new PythonError('StopIteration', '');
  error.exception = newException(classNamed('StopIteration'), value === null ? [] : [value]);
  return error;
}

/** What JavaScript itself throws when a program is too deep or too large; anything else is a defect of ours. */
export function toPythonError(error: unknown): PythonError {
  if (error instanceof PythonError) return error;
  if (error instanceof RangeError) {
    return error.message.includes('call stack')
      ? new PythonError('RecursionError', 'maximum recursion depth exceeded')
      : new PythonError('MemoryError', `out of memory (${error.message})`);
  }
  throw error;
}
