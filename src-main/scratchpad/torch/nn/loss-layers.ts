import { PyClass, type PyInstance, type Value } from '../../language/values';
import type { Library } from '../library';
import type { Modules } from './module';

/** Loss classes by the function of torch.nn.functional they call, with the parameters of `__init__` (names as there). */
const losses: readonly [name: string, calls: string, parameters: string][] = [
  ['MSELoss', 'mse_loss', "reduction: str='mean'"],
  ['L1Loss', 'l1_loss', "reduction: str='mean'"],
  ['SmoothL1Loss', 'smooth_l1_loss', "reduction: str='mean', beta=1.0"],
  ['HuberLoss', 'huber_loss', "reduction: str='mean', delta=1.0"],
  ['CrossEntropyLoss', 'cross_entropy', "weight=None, ignore_index=-100, reduction: str='mean', label_smoothing=0.0"],
  ['NLLLoss', 'nll_loss', "weight=None, ignore_index=-100, reduction: str='mean'"],
  ['BCELoss', 'binary_cross_entropy', "weight=None, reduction: str='mean'"],
  ['BCEWithLogitsLoss', 'binary_cross_entropy_with_logits', "weight=None, reduction: str='mean', pos_weight=None"],
  ['KLDivLoss', 'kl_div', "reduction: str='mean', log_target: bool=False"],
];

export function lossClasses(library: Library, modules: Modules, functions: ReadonlyMap<string, Value>): PyClass[] {
  return losses.map(([name, calls, parameters]) => {
    const made = new PyClass(name, modules.moduleClass, [], { module: 'torch.nn.modules.loss' });
    const initialise = library.make('__init__', `self, ${parameters}`, (args) => {
      const self = args[0] as PyInstance;
      modules.initialise(self);
      initialise.signature.parameters
        .slice(1)
        .forEach(({ name: option }, i) => self.attributes.set(option, args[i + 1] ?? null));
      return null;
    });
    const options = initialise.signature.parameters.slice(1).map(({ name: option }) => option);
    const forward = library.make('forward', 'self, input, target', ([self, input = null, target = null], context) => {
      const given = options.map((option) => [option, (self as PyInstance).attributes.get(option) ?? null] as const);
      return context.call(functions.get(calls) ?? null, [input, target], new Map(given));
    });
    made.attributes.set('__init__', initialise).set('forward', forward);
    return made;
  });
}
