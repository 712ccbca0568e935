import { typeError } from '../../language/errors';
import type { PyDict } from '../../language/containers';
import type { CallContext } from '../../language/host';
import { PyClass, PyInstance, PyList, type Value } from '../../language/values';
import { toInt, toNumber } from '../arguments';
import type { Library } from '../library';
import { groupsOf } from './optimizer';

/** The rate of a group after `epoch` steps of the schedule. `rate`: what it is now; `base`: what it was at the start. */
type Formula = (state: {
  epoch: number;
  rate: number;
  base: number;
  number(name: string): number;
  get(name: string): Value;
  context: CallContext;
}) => number;

// As in torch/optim/lr_scheduler.py: from the rate before, so that a rate that was changed by hand is respected.
const schedules: readonly [name: string, parameters: string, formula: Formula][] = [
  [
    'StepLR',
    'step_size, gamma=0.1',
    ({ epoch, rate, number }) => (epoch > 0 && epoch % number('step_size') === 0 ? rate * number('gamma') : rate),
  ],
  [
    'MultiStepLR',
    'milestones, gamma=0.1',
    ({ epoch, rate, number, get, context }) => {
      const hits = [...context.iterate(get('milestones'))].filter((at) => Number(at) === epoch).length;
      return rate * number('gamma') ** hits;
    },
  ],
  ['ExponentialLR', 'gamma', ({ epoch, rate, number }) => (epoch === 0 ? rate : rate * number('gamma'))],
  [
    'CosineAnnealingLR',
    'T_max, eta_min=0.0',
    ({ epoch, rate, base, number }) => {
      const [half, least] = [number('T_max'), number('eta_min')];
      if (epoch === 0) return rate;
      if ((epoch - 1 - half) % (2 * half) === 0) return rate + ((base - least) * (1 - Math.cos(Math.PI / half))) / 2;
      return (
        ((1 + Math.cos((Math.PI * epoch) / half)) / (1 + Math.cos((Math.PI * (epoch - 1)) / half))) * (rate - least) +
        least
      );
    },
  ],
  [
    'LinearLR',
    'start_factor=0.3333333333333333, end_factor=1.0, total_iters=5',
    ({ epoch, rate, number }) => {
      const [start, end, total] = [number('start_factor'), number('end_factor'), number('total_iters')];
      if (epoch === 0) return rate * start;
      return epoch > total ? rate : rate * (1 + (end - start) / (total * start + (epoch - 1) * (end - start)));
    },
  ],
  [
    'ConstantLR',
    'factor=0.3333333333333333, total_iters=5',
    ({ epoch, rate, number }) => {
      if (epoch === 0) return rate * number('factor');
      return epoch === number('total_iters') ? rate / number('factor') : rate;
    },
  ],
  [
    'LambdaLR',
    'lr_lambda',
    ({ epoch, base, get, context }) => base * toNumber(context.call(get('lr_lambda'), [BigInt(epoch)]), context),
  ],
];

export function scheduleClasses(library: Library): PyClass[] {
  const base = new PyClass('LRScheduler', null, [], { module: 'torch.optim.lr_scheduler' });
  const made = schedules.map(([name, parameters, formula]) => {
    const type = new PyClass(name, base, [], { module: 'torch.optim.lr_scheduler' });
    const advance = (self: PyInstance, context: CallContext): void => {
      const get = (key: string): Value => self.attributes.get(key) ?? null;
      const epoch = toInt(get('last_epoch'), context) + 1;
      self.attributes.set('last_epoch', BigInt(epoch));
      const rates = (self.native as { groups: PyDict[]; bases: number[] }).groups.map((group, i) => {
        const bases = (self.native as { bases: number[] }).bases;
        const state = {
          epoch,
          rate: toNumber(group.get('lr'), context),
          base: bases[i] as number,
          number: (key: string) => toNumber(get(key), context),
          get,
          context,
        };
        const rate = formula(state);
        group.set('lr', rate);
        return rate;
      });
      self.attributes.set('_last_lr', new PyList(rates));
    };
    const initialise = library.make('__init__', `self, optimizer, ${parameters}, last_epoch=-1`, (args, context) => {
      const [self, optimizer] = args as [PyInstance, Value];
      if (!(optimizer instanceof PyInstance) || !optimizer.attributes.has('param_groups'))
        throw typeError('an optimizer is needed');
      const groups = groupsOf(optimizer);
      initialise.signature.parameters
        .slice(2)
        .forEach(({ name: key }, i) => self.attributes.set(key, args[i + 2] ?? null));
      self.native = { groups, bases: groups.map((group) => toNumber(group.get('lr'), context)) };
      advance(self, context);
      return null;
    });
    type.attributes.set('__init__', initialise);
    type.attributes.set(
      'step',
      library.make('step', 'self, epoch=None', ([self], context) => {
        advance(self as PyInstance, context);
        return null;
      }),
    );
    type.attributes.set(
      'get_last_lr',
      library.make('get_last_lr', 'self', ([self]) => (self as PyInstance).attributes.get('_last_lr') ?? null),
    );
    return type;
  });
  return [...made, plateauClass(library)];
}

/** Lowers the rate when a metric has not become better for a while. */
function plateauClass(library: Library): PyClass {
  const type = new PyClass('ReduceLROnPlateau', null, [], { module: 'torch.optim.lr_scheduler' });
  const signature =
    "self, optimizer, mode: str='min', factor=0.1, patience=10, threshold=0.0001, threshold_mode: str='rel', cooldown=0, min_lr=0, eps=1e-08";
  const initialise = library.make('__init__', signature, (args) => {
    const [self, optimizer] = args as [PyInstance, Value];
    if (!(optimizer instanceof PyInstance) || !optimizer.attributes.has('param_groups'))
      throw typeError('an optimizer is needed');
    initialise.signature.parameters.slice(2).forEach(({ name }, i) => self.attributes.set(name, args[i + 2] ?? null));
    self.native = { groups: groupsOf(optimizer), best: null as number | null, bad: 0, resting: 0 };
    return null;
  });
  type.attributes.set('__init__', initialise);
  type.attributes.set(
    'step',
    library.make('step', 'self, metrics', ([self, metrics], context) => {
      const instance = self as PyInstance;
      const state = instance.native as { groups: PyDict[]; best: number | null; bad: number; resting: number };
      const number = (name: string): number => toNumber(instance.attributes.get(name), context);
      const value = toNumber(metrics, context);
      const least = instance.attributes.get('mode') !== 'max';
      const relative = instance.attributes.get('threshold_mode') !== 'abs';
      const margin = number('threshold') * (least ? -1 : 1);
      const bar = state.best === null ? null : relative ? state.best * (1 + margin) : state.best + margin;
      if (bar === null || (least ? value < bar : value > bar)) [state.best, state.bad] = [value, 0];
      else state.bad += 1;
      if (state.resting > 0) [state.resting, state.bad] = [state.resting - 1, 0];
      if (state.bad <= number('patience')) return null;
      for (const group of state.groups) {
        const old = toNumber(group.get('lr'), context);
        const next = Math.max(old * number('factor'), number('min_lr'));
        if (old - next > number('eps')) group.set('lr', next);
      }
      [state.resting, state.bad] = [number('cooldown'), 0];
      return null;
    }),
  );
  type.attributes.set(
    'get_last_lr',
    library.make(
      'get_last_lr',
      'self',
      ([self]) =>
        new PyList(
          ((self as PyInstance).native as { groups: PyDict[] }).groups.map((group) => group.get('lr') ?? null),
        ),
    ),
  );
  return type;
}
