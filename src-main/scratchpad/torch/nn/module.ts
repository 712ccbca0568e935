import { PythonError, typeError } from '../../language/errors';
import { HostObject, type CallContext } from '../../language/host';
import { PyDict } from '../../language/containers';
import { typeName } from '../../language/type-names';
import { PyClass, PyInstance, PyIterator, PyTuple, type Value } from '../../language/values';
import { toDType, toTensor } from '../arguments';
import type { Library } from '../library';
import { cast } from '../math/pointwise';
import { DType, float32, float64 } from '../tensor/dtype';
import { cpu, toDevice, type Device } from '../tensor/device';
import { sameShape, shapeText, type Shape } from '../tensor/shape';
import { isTensor, type Tensor } from '../tensor/tensor';

/** What PyInstance.native holds for a module. */
interface ModuleState {
  /** Names of attributes that are kept with the weights but not trained. */
  buffers: Set<string>;
  /** The tensors of its last call; null: none yet. */
  called: Form[] | null;
}

/** What a tensor is, without its numbers. */
export interface Form {
  shape: Shape;
  dtype: DType;
}

/** torch.nn.Module. A program's classes derive from it; layers are classes of the host that do so, too. */
export class Modules {
  readonly moduleClass: PyClass;

  constructor(private readonly library: Library) {
    this.moduleClass = new PyClass('Module', null, [], { module: 'torch.nn.modules.module' });
    this.addMethods();
  }

  isModule = (value: Value | undefined): value is PyInstance =>
    value instanceof PyInstance && value.type.isSubclassOf(this.moduleClass);

  isParameter = (value: Value | undefined): value is Tensor =>
    isTensor(value) && value.type === this.library.session.parameterClass;

  /** To be called by `__init__` of every module. */
  initialise(self: PyInstance): void {
    self.native ??= { buffers: new Set(), called: null } satisfies ModuleState;
    self.attributes.set('training', true);
  }

  registerBuffer(self: PyInstance, name: string, value: Value): void {
    (self.native as ModuleState).buffers.add(name);
    self.attributes.set(name, value);
  }

  /** The tensors it was last called with; null: never. */
  lastCall(self: PyInstance): readonly Form[] | null {
    return (self.native as ModuleState | undefined)?.called ?? null;
  }

  /** Modules directly inside, by name. */
  children(self: PyInstance): [string, PyInstance][] {
    return [...self.attributes].filter((entry): entry is [string, PyInstance] => this.isModule(entry[1]));
  }

  /** This module and all inside, each once, with their paths. */
  *walk(self: PyInstance, path = '', seen = new Set<PyInstance>()): Generator<[string, PyInstance]> {
    if (seen.has(self)) return;
    seen.add(self);
    yield [path, self];
    for (const [name, child] of this.children(self)) yield* this.walk(child, path ? `${path}.${name}` : name, seen);
  }

  /** Parameters, or buffers, of this module and all inside, each once. */
  tensors(self: PyInstance, kind: 'parameters' | 'buffers'): [string, Tensor][] {
    const found: [string, Tensor][] = [];
    const seen = new Set<Tensor>();
    for (const [path, module] of this.walk(self)) {
      for (const [name, value] of module.attributes) {
        const wanted =
          kind === 'parameters'
            ? this.isParameter(value)
            : isTensor(value) && ((module.native as ModuleState | undefined)?.buffers.has(name) ?? false);
        if (!wanted || seen.has(value as Tensor)) continue;
        seen.add(value as Tensor);
        found.push([path ? `${path}.${name}` : name, value as Tensor]);
      }
    }
    return found;
  }

  /** What repr(module) shows. */
  describe(self: PyInstance, context: CallContext): string {
    const extra = context.attribute(self, 'extra_repr');
    const words = extra === undefined ? '' : context.str(context.call(extra, []));
    const lines = grouped(
      this.children(self).map(([name, child]) => [name, this.describeInner(child, context)]),
      self.type.name === 'ModuleList',
    );
    const { name } = self.type;
    return lines.length === 0 ? `${name}(${words})` : `${name}(\n${lines.join('\n')}\n)`;
  }

  private describeInner(child: PyInstance, context: CallContext): string {
    return context.repr(child).replaceAll('\n', '\n  ');
  }

  private addMethods(): void {
    const { library } = this;
    const { session } = library;
    const own = (value: Value | undefined): PyInstance => {
      if (!this.isModule(value)) throw typeError('a Module is needed');
      return value;
    };
    const define = (
      name: string,
      signature: string,
      body: (self: PyInstance, args: Value[], context: CallContext) => Value,
      help?: string,
    ): void => {
      this.moduleClass.attributes.set(
        name,
        library.make(
          name,
          `self${signature ? `, ${signature}` : ''}`,
          ([self, ...args], context) => body(own(self), args, context),
          help,
        ),
      );
    };
    const listOf = (values: Iterable<Value>): PyIterator =>
      new PyIterator('generator', values[Symbol.iterator]() as Iterator<Value, Value, Value>);
    const pairs = (entries: readonly (readonly [string, Value])[]): PyIterator =>
      listOf(entries.map((entry) => new PyTuple(entry)));

    define('__init__', '*args, **kwargs', (self) => {
      this.initialise(self);
      return null;
    });
    define('__call__', '*args, **kwargs', (self, [args, keywords], context) => {
      const forward = context.attribute(self, 'forward');
      if (forward === undefined)
        throw new PythonError(
          'NotImplementedError',
          `Module [${self.type.name}] is missing the required "forward" function`,
        );
      const named =
        keywords instanceof PyDict
          ? [...keywords.entries()].map(([name, value]) => [String(name), value] as const)
          : [];
      const given = args instanceof PyTuple ? args.items : [];
      // Tensors given by name would have to be told from those by place: such a call is no example of how to call it.
      const form = ({ shape, dtype }: Tensor): Form => ({ shape, dtype });
      if (self.native && named.length === 0 && given.every(isTensor))
        (self.native as ModuleState).called = given.map(form);
      const layer = this.children(self).length === 0 ? self : null;
      return session.tape.trace.within(layer, () => context.call(forward, given, new Map(named)));
    });
    define('__setattr__', 'name: str, value', (self, [name, value = null]) => {
      if (!self.native && (this.isModule(value) || this.isParameter(value)))
        throw new PythonError(
          'AttributeError',
          `cannot assign ${this.isModule(value) ? 'module' : 'parameters'} before Module.__init__() call. Hint: call super().__init__() first in __init__.`,
        );
      const before = self.attributes.get(name as string);
      if (this.isParameter(before) && !this.isParameter(value) && value !== null)
        throw typeError(
          `cannot assign '${isTensor(value) ? `torch.${value.dtype.scalarName}Tensor` : typeName(value)}' as parameter '${String(name)}' (torch.nn.Parameter or None expected)`,
        );
      self.attributes.set(name as string, value);
      return null;
    });
    define('__repr__', '', (self, _, context) => this.describe(self, context));
    define('extra_repr', '', () => '');
    define(
      'parameters',
      'recurse: bool=True',
      (self) => listOf(this.tensors(self, 'parameters').map(([, x]) => x)),
      'All tensors that are trained.',
    );
    define('named_parameters', "prefix: str='', recurse: bool=True", (self) => pairs(this.tensors(self, 'parameters')));
    define('buffers', '', (self) => listOf(this.tensors(self, 'buffers').map(([, x]) => x)));
    define('named_buffers', '', (self) => pairs(this.tensors(self, 'buffers')));
    define('children', '', (self) => listOf(this.children(self).map(([, child]) => child)));
    define('named_children', '', (self) => pairs(this.children(self)));
    define('modules', '', (self) => listOf([...this.walk(self)].map(([, module]) => module)));
    define('named_modules', '', (self) => pairs([...this.walk(self)]));
    define('add_module', 'name: str, module', (self, [name, module = null]) => {
      self.attributes.set(name as string, module);
      return null;
    });
    define('register_parameter', 'name: str, param', (self, [name, value = null]) => {
      self.attributes.set(name as string, value);
      return null;
    });
    define('register_buffer', 'name: str, tensor, persistent: bool=True', (self, [name, value = null]) => {
      this.registerBuffer(self, name as string, value);
      return null;
    });
    define(
      'train',
      'mode: bool=True',
      (self, [mode]) => {
        for (const [, module] of this.walk(self)) module.attributes.set('training', mode === true);
        return self;
      },
      'Layers such as Dropout behave as in training.',
    );
    define(
      'eval',
      '',
      (self) => {
        for (const [, module] of this.walk(self)) module.attributes.set('training', false);
        return self;
      },
      'Layers such as Dropout behave as when the network is used.',
    );
    define('zero_grad', 'set_to_none: bool=True', (self) => {
      for (const [, x] of this.tensors(self, 'parameters')) x.grad = null;
      return null;
    });
    define('requires_grad_', 'requires_grad: bool=True', (self, [requires]) => {
      for (const [, x] of this.tensors(self, 'parameters')) x.setRequiresGrad(requires === true);
      return self;
    });
    define('apply', 'fn', (self, [fn = null], context) => {
      for (const [, module] of [...this.walk(self)].reverse()) context.call(fn, [module]);
      return self;
    });
    const convert = (self: PyInstance, dtype: DType): PyInstance => {
      for (const kind of ['parameters', 'buffers'] as const)
        for (const [, x] of this.tensors(self, kind))
          if (x.dtype.kind === 'float')
            session.withoutRecording(() => x.replace(cast(session.tape, x.variable, dtype)));
      return self;
    };
    const move = (self: PyInstance, device: Device): PyInstance => {
      for (const kind of ['parameters', 'buffers'] as const)
        for (const [, x] of this.tensors(self, kind)) if (x.device !== device) x.moveTo(device);
      return self;
    };
    define('to', '*args, dtype=None, device=None', (self, [args, dtype, device]) => {
      for (const arg of [...(args instanceof PyTuple ? args.items : []), dtype ?? null, device ?? null]) {
        if (arg instanceof DType) convert(self, toDType(arg) as DType);
        else if (arg !== null) move(self, toDevice(session, arg));
      }
      return self;
    });
    define('float', '', (self) => convert(self, float32));
    define('double', '', (self) => convert(self, float64));
    define('cpu', '', (self) => move(self, cpu));
    define('cuda', 'device=None', (self, [device]) => move(self, toDevice(session, device ?? 'cuda')));
    /** Module by module: parameters, then buffers. */
    const everything = (self: PyInstance): [string, Tensor][] => {
      const own = (name: string): string => name.slice(0, name.lastIndexOf('.') + 1);
      const [parameters, buffers] = [this.tensors(self, 'parameters'), this.tensors(self, 'buffers')];
      const paths = [...this.walk(self)].map(([path]) => (path ? `${path}.` : ''));
      return paths.flatMap((path) =>
        [parameters, buffers].flatMap((list) => list.filter(([name]) => own(name) === path)),
      );
    };
    define(
      'state_dict',
      '',
      (self) =>
        new PyDict(
          everything(self).map(
            ([name, x]) => [name, x.viewed(x.variable.alias(x.shape, null), 0, x.strides, true)] as const,
          ),
        ),
      'All weights by name.',
    );
    define('load_state_dict', 'state_dict, strict: bool=True', (self, [state]) => {
      if (!(state instanceof PyDict)) throw typeError('Expected state_dict to be dict-like');
      const problems: string[] = [];
      const own = new Map(everything(self));
      for (const [name, x] of own) {
        const value = state.get(name);
        if (value === undefined) problems.push(`Missing key(s) in state_dict: "${name}".`);
        else if (!sameShape(toTensor(value).shape, x.shape))
          problems.push(
            `size mismatch for ${name}: copying a param with shape torch.Size(${shapeText(toTensor(value).shape)}) from checkpoint, the shape in current model is torch.Size(${shapeText(x.shape)}).`,
          );
        else session.withoutRecording(() => x.assign(toTensor(value).variable.alias(x.shape, null)));
      }
      for (const key of state.keys())
        if (!own.has(String(key))) problems.push(`Unexpected key(s) in state_dict: "${String(key)}".`);
      if (problems.length > 0)
        throw new PythonError(
          'RuntimeError',
          `Error(s) in loading state_dict for ${self.type.name}:\n\t${problems.join('\n\t')}`,
        );
      return new MatchingKeys();
    });
  }
}

/** Lines of the modules inside; in a ModuleList equal neighbours share one: (0-1): 2 x Linear(…). */
function grouped(parts: readonly (readonly [name: string, text: string])[], join: boolean): string[] {
  const lines: string[] = [];
  for (let first = 0; first < parts.length;) {
    const [name, text] = parts[first] as readonly [string, string];
    let last = first;
    while (join && parts[last + 1]?.[1] === text) last += 1;
    lines.push(
      last === first ? `  (${name}): ${text}` : `  (${name}-${parts[last]?.[0]}): ${last - first + 1} x ${text}`,
    );
    first = last + 1;
  }
  return lines;
}

const keysClass = new PyClass('_IncompatibleKeys', null, [], { module: 'torch.nn.modules.module' });

class MatchingKeys extends HostObject {
  readonly type = keysClass;
  repr(): string {
    return '<All keys matched successfully>';
  }
}
