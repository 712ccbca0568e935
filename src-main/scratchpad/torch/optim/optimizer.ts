import { PythonError, typeError, valueError } from '../../language/errors';
import { PyDict } from '../../language/containers';
import type { CallContext } from '../../language/host';
import { typeName } from '../../language/type-names';
import type { PyInstance } from '../../language/values';
import { PyClass, PyList, PyTuple, type Value } from '../../language/values';
import type { LanePlan } from '../../../engine/native';
import type { Buffer } from '../autograd/buffer';
import { Variable } from '../autograd/variable';
import type { Session } from '../session';
import type { Library } from '../library';
import type { Tensor } from '../tensor/tensor';
import { isTensor } from '../tensor/tensor';
import { rules, type Rule } from './rules';

/** What PyInstance.native holds for an optimizer. */
interface OptimizerState {
  rule: Rule;
  /** By parameter: what the formula remembers. */
  memory: Map<Tensor, Map<string, Buffer>>;
  steps: Map<Tensor, number>;
}

const usualBetas = new PyTuple([0.9, 0.999]);

export const groupsOf = (self: PyInstance): PyDict[] =>
  (self.attributes.get('param_groups') as PyList).items as PyDict[];

/** torch.optim.Optimizer and the classes of rules.ts. */
export function optimizerClasses(library: Library): PyClass[] {
  const base = new PyClass('Optimizer', null, [], { module: 'torch.optim.optimizer' });
  const define = (
    type: PyClass,
    name: string,
    signature: string,
    body: (self: PyInstance, args: Value[], context: CallContext) => Value,
  ): void =>
    void type.attributes.set(
      name,
      library.make(name, `self${signature && `, ${signature}`}`, ([self, ...args], context) =>
        body(self as PyInstance, args, context),
      ),
    );
  define(base, 'zero_grad', 'set_to_none: bool=True', (self, [none]) => {
    for (const x of groupsOf(self).flatMap(parametersOf)) {
      if (none === true) x.grad = null;
      else if (x.grad) x.grad.assign(Variable.of(x.dtype.array(x.count), x.shape, x.dtype));
    }
    return null;
  });
  define(base, 'step', 'closure=None', (self, [closure = null], context) => {
    const loss = closure === null ? null : library.session.withRecording(true, () => context.call(closure, []));
    step(library, self, context);
    return loss;
  });
  define(base, 'add_param_group', 'param_group', (self, [group]) => {
    if (!(group instanceof PyDict)) throw typeError('param_group must be a dict');
    (self.attributes.get('param_groups') as PyList).items.push(group);
    return null;
  });
  define(base, 'state_dict', '', (self) => new PyDict([['param_groups', self.attributes.get('param_groups') ?? null]]));
  define(base, '__repr__', '', (self, _, context) => describe(self, context));
  return [base, ...rules.map((rule) => optimizerClass(library, base, rule))];
}

function optimizerClass(library: Library, base: PyClass, rule: Rule): PyClass {
  const type = new PyClass(rule.name, base, [], { module: `torch.optim.${rule.name.toLowerCase()}` });
  const initialise = library.make('__init__', `self, params, ${rule.parameters}`, (args, context) => {
    const [self, params = null] = args;
    const names = initialise.signature.parameters.slice(2).map(({ name }) => name);
    const settings = names.map((name, i) => [name, args[i + 2] ?? (name === 'betas' ? usualBetas : null)] as const);
    const rate = args[2];
    if (typeof rate === 'number' && rate < 0) throw valueError(`Invalid learning rate: ${context.repr(rate)}`);
    (self as PyInstance).native = { rule, memory: new Map(), steps: new Map() } satisfies OptimizerState;
    (self as PyInstance).attributes.set('param_groups', new PyList(readGroups(params, settings, context)));
    return null;
  });
  type.attributes.set('__init__', initialise);
  return type;
}

function readGroups(params: Value, settings: readonly (readonly [string, Value])[], context: CallContext): PyDict[] {
  if (isTensor(params))
    throw typeError(
      `params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.${params.dtype.scalarName}Tensor`,
    );
  const items = [...context.iterate(params)];
  if (items.length === 0) throw valueError('optimizer got an empty parameter list');
  const groups = items.every((item) => item instanceof PyDict)
    ? (items as PyDict[])
    : [new PyDict([['params', new PyList(items)]])];
  return groups.map((group) => {
    const given = group.get('params') ?? null;
    const tensors = isTensor(given) ? [given] : [...context.iterate(given)];
    for (const x of tensors) {
      if (!isTensor(x)) throw typeError(`optimizer can only optimize Tensors, but one of the params is ${typeName(x)}`);
      if (!x.isLeaf) throw valueError("can't optimize a non-leaf Tensor");
    }
    const own = new PyDict([['params', new PyList(tensors)]]);
    for (const [name, value] of settings) own.set(name, group.get(name) ?? value);
    return own;
  });
}

const parametersOf = (group: PyDict): Tensor[] => ((group.get('params') as PyList).items as Tensor[]).filter(isTensor);

function step({ session }: Library, self: PyInstance, context: CallContext): void {
  const state = self.native as OptimizerState | undefined;
  if (!state) throw new PythonError('RuntimeError', 'call super().__init__() first');
  for (const group of groupsOf(self)) {
    const setting = (name: string): number => Number(group.get(name) ?? 0);
    const pair = group.get('betas');
    const betas = pair === undefined ? [] : [...context.iterate(pair)].map(Number);
    for (const x of parametersOf(group)) {
      if (!x.grad) continue;
      const count = (state.steps.get(x) ?? 0) + 1;
      state.steps.set(x, count);
      let memory = state.memory.get(x);
      if (!memory) state.memory.set(x, (memory = new Map<string, Buffer>()));
      const made = moved(session, state.rule, { x, gradient: x.grad, memory, number: count, setting, betas });
      session.withoutRecording(() => x.assign(new Variable(made, x.shape, x.dtype, null)));
    }
  }
}

interface Move {
  x: Tensor;
  gradient: Tensor;
  memory: Map<string, Buffer>;
  number: number;
  setting(name: string): number;
  betas: readonly number[];
}

/** The weights after a step, which is taken where they are. */
function moved({ tape }: Session, rule: Rule, { x, gradient, memory, number, setting, betas }: Move): Buffer {
  const weights = x.variable.buffer;
  const { card } = weights;
  const to = tape.buffer(x.count, x.dtype, card);
  const remember = (name: string, value = 0): Buffer => {
    let kept = memory.get(name) ?? tape.zeros(x.count, x.dtype, card);
    if (kept.card !== card) kept = kept.movedTo(card);
    if (!memory.has(name) && value !== 0) kept.written.fill(value);
    memory.set(name, kept);
    return kept;
  };
  if (card) {
    const step = {
      optimizer: rule.onCard,
      settings: settingsOf(setting, betas),
      number,
      maximize: setting('maximize') !== 0,
    };
    const slots = rule.remembers(setting).map((name) => remember(name));
    card.update(step, weights, gradient.variable.buffer, to, slots);
  } else {
    rule.step({
      weights: weights.array,
      gradient: gradient.array,
      to: to.array,
      step: number,
      setting,
      betas,
      remember: (name, value) => remember(name, value).written,
    });
  }
  return to;
}

/** As the engine calls them: of those that an optimizer does not have, nothing. */
const settingsOf = (setting: Move['setting'], [beta1 = 0.9, beta2 = 0.999]: readonly number[]): LanePlan => ({
  learningRate: setting('lr'),
  momentum: setting('momentum'),
  dampening: setting('dampening'),
  nesterov: setting('nesterov') !== 0,
  weightDecay: setting('weight_decay'),
  beta1,
  beta2,
  amsgrad: setting('amsgrad') !== 0,
  alpha: setting('alpha'),
  centered: setting('centered') !== 0,
  epsilon: setting('eps'),
  learningRateDecay: setting('lr_decay'),
  initialAccumulator: setting('initial_accumulator_value'),
});

function describe(self: PyInstance, context: CallContext): string {
  const groups = groupsOf(self).map((group, i) => {
    const lines = [...group.entries()]
      .filter(([name]) => name !== 'params')
      .map(([name, value]) => `    ${String(name)}: ${context.str(value)}`);
    return `Parameter Group ${i}\n${lines.sort().join('\n')}\n`;
  });
  return `${self.type.name} (\n${groups.join('\n')})`;
}
