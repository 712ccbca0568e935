import { indexError, typeError } from '../../language/errors';
import { PyDict } from '../../language/containers';
import type { CallContext } from '../../language/host';
import { sliceRange } from '../../language/slices';
import type { PyInstance } from '../../language/values';
import { PyClass, PyIterator, PySlice, PyTuple, type Value } from '../../language/values';
import type { Body, Library } from '../library';
import type { Modules } from './module';

/** Sequential, ModuleList and ModuleDict: modules under names of their own. */
export function containerClasses(library: Library, modules: Modules): PyClass[] {
  const make = (name: string, methods: Record<string, [signature: string, body: Body]>): PyClass => {
    const made = new PyClass(name, modules.moduleClass, [], { module: 'torch.nn.modules.container' });
    for (const [method, [signature, body]] of Object.entries(methods))
      made.attributes.set(method, library.make(method, `self${signature && `, ${signature}`}`, body));
    return made;
  };
  const inside = (self: Value | undefined): [string, PyInstance][] => modules.children(self as PyInstance);
  const add = (self: Value | undefined, name: string, module: Value | undefined): void => {
    if (!modules.isModule(module)) throw typeError(`${context(module)} is not a Module subclass`);
    (self as PyInstance).attributes.set(name, module);
  };
  const context = (value: Value | undefined): string =>
    value instanceof PyClass ? `the class ${value.name} (call it: ${value.name}())` : String(value);
  const iterator = (values: readonly Value[]): PyIterator =>
    new PyIterator('iterator', values[Symbol.iterator]() as Iterator<Value, Value, Value>);
  const at =
    (type: () => PyClass): Body =>
    ([self, index = null], context) => {
      const children = inside(self);
      if (index instanceof PySlice) {
        const { start, step, count } = sliceRange(index, children.length, context);
        const picked = Array.from({ length: count }, (_, i) => children[start + i * step]?.[1] as Value);
        return context.call(type(), type().name === 'ModuleList' ? [new PyTuple(picked)] : picked);
      }
      const place = Number(index);
      const found = children[place < 0 ? place + children.length : place];
      if (!found) throw indexError(`index ${place} is out of range`);
      return found[1];
    };
  const shared: Record<string, [string, Body]> = {
    __len__: ['', ([self]) => BigInt(inside(self).length)],
    __iter__: ['', ([self]) => iterator(inside(self).map(([, child]) => child))],
  };
  const append: Body = ([self, module]) => {
    add(self, String(inside(self).length), module);
    return self as Value;
  };

  const sequential = make('Sequential', {
    ...shared,
    __init__: [
      '*args',
      ([self, args]) => {
        modules.initialise(self as PyInstance);
        const items = args instanceof PyTuple ? args.items : [];
        const [first] = items;
        if (first instanceof PyDict) for (const [name, module] of first.entries()) add(self, String(name), module);
        else items.forEach((module, i) => add(self, String(i), module));
        return null;
      },
    ],
    forward: [
      'input',
      ([self, input = null], context) => inside(self).reduce((x: Value, [, child]) => context.call(child, [x]), input),
    ],
    append: ['module', append],
    __getitem__: ['index', at(() => sequential)],
  });
  const list: PyClass = make('ModuleList', {
    ...shared,
    __init__: [
      'modules=None',
      ([self, given], context) => {
        modules.initialise(self as PyInstance);
        if (given !== null && given !== undefined)
          [...context.iterate(given)].forEach((module, i) => add(self, String(i), module));
        return null;
      },
    ],
    append: ['module', append],
    extend: [
      'modules',
      ([self, given = null], context: CallContext) => {
        for (const module of context.iterate(given)) add(self, String(inside(self).length), module);
        return self as Value;
      },
    ],
    __getitem__: ['index', at(() => list)],
  });
  const dictionary = make('ModuleDict', {
    ...shared,
    __init__: [
      'modules=None',
      ([self, given]) => {
        modules.initialise(self as PyInstance);
        if (given instanceof PyDict) for (const [name, module] of given.entries()) add(self, String(name), module);
        return null;
      },
    ],
    __getitem__: [
      'key',
      ([self, key]) => {
        const found = inside(self).find(([name]) => name === key);
        if (!found) throw indexError(`'${String(key)}'`);
        return found[1];
      },
    ],
    __setitem__: [
      'key, module',
      ([self, key, module]) => {
        add(self, String(key), module);
        return null;
      },
    ],
    __iter__: ['', ([self]) => iterator(inside(self).map(([name]) => name))],
    keys: ['', ([self]) => iterator(inside(self).map(([name]) => name))],
    values: ['', ([self]) => iterator(inside(self).map(([, child]) => child))],
    items: ['', ([self]) => iterator(inside(self).map((entry) => new PyTuple(entry)))],
  });
  return [sequential, list, dictionary];
}
