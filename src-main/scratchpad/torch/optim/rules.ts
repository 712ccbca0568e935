import type { OptimizerName } from '../../../../shared/training/optimizers';
import type { EagerArray } from '../../../engine/native';

/** One step for one tensor. */
export interface RuleInput {
  weights: EagerArray;
  gradient: EagerArray;
  /** The new weights. */
  to: EagerArray;
  /** 1 for the first. */
  step: number;
  setting(name: string): number;
  betas: readonly number[];
  /** An array that is kept from step to step; at first filled with `value`. */
  remember(name: string, value?: number): EagerArray;
}

/** An optimizer: the parameters of its class, and its formula as in PyTorch's documentation. */
export interface Rule {
  name: string;
  parameters: string;
  step(input: RuleInput): void;
  /** The engine's own, which takes the steps on a card, and what that keeps from step to step, in its order. */
  onCard: OptimizerName;
  remembers(setting: RuleInput['setting']): string[];
}

const at = (array: EagerArray, i: number): number => array[i] as number;

/** The gradient with the L2 penalty and the sign of `maximize`. */
const gradientAt = ({ weights, gradient }: RuleInput, i: number, decay: number, sign: number): number =>
  sign * at(gradient, i) + decay * at(weights, i);

function adam(input: RuleInput, decoupled: boolean): void {
  const {
    weights,
    to,
    step,
    setting,
    betas: [beta1 = 0.9, beta2 = 0.999],
    remember,
  } = input;
  const [rate, eps, decay] = [setting('lr'), setting('eps'), setting('weight_decay')];
  const sign = setting('maximize') ? -1 : 1;
  const amsgrad = setting('amsgrad') !== 0;
  const mean = remember('exp_avg');
  const square = remember('exp_avg_sq');
  const most = amsgrad ? remember('max_exp_avg_sq') : square;
  const correction1 = 1 - beta1 ** step;
  const correction2 = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < to.length; i++) {
    const g = gradientAt(input, i, decoupled ? 0 : decay, sign);
    mean[i] = at(mean, i) + (g - at(mean, i)) * (1 - beta1);
    square[i] = at(square, i) * beta2 + g * g * (1 - beta2);
    if (amsgrad) most[i] = Math.max(at(most, i), at(square, i));
    const shrunk = decoupled ? at(weights, i) * (1 - rate * decay) : at(weights, i);
    to[i] = shrunk - (rate / correction1) * (at(mean, i) / (Math.sqrt(at(most, i)) / correction2 + eps));
  }
}

const adamMemory: Rule['remembers'] = (setting) => [
  'exp_avg',
  'exp_avg_sq',
  ...(setting('amsgrad') === 0 ? [] : ['max_exp_avg_sq']),
];

const common = 'maximize: bool=False, foreach=None, differentiable: bool=False, fused=None';

export const rules: readonly Rule[] = [
  {
    name: 'SGD',
    parameters: `lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov: bool=False, *, ${common}`,
    step: (input) => {
      const { weights, to, step, setting, remember } = input;
      const [rate, momentum, dampening, decay] = [
        setting('lr'),
        setting('momentum'),
        setting('dampening'),
        setting('weight_decay'),
      ];
      const sign = setting('maximize') ? -1 : 1;
      const nesterov = setting('nesterov') !== 0;
      const buffer = momentum === 0 ? null : remember('momentum_buffer');
      for (let i = 0; i < to.length; i++) {
        let g = gradientAt(input, i, decay, sign);
        if (buffer) {
          buffer[i] = step === 1 ? g : momentum * at(buffer, i) + (1 - dampening) * g;
          g = nesterov ? g + momentum * at(buffer, i) : at(buffer, i);
        }
        to[i] = at(weights, i) - rate * g;
      }
    },
    onCard: 'sgd',
    remembers: (setting) => (setting('momentum') === 0 ? [] : ['momentum_buffer']),
  },
  {
    name: 'Adam',
    parameters: `lr=0.001, betas=None, eps=1e-08, weight_decay=0, amsgrad: bool=False, *, ${common}`,
    step: (input) => adam(input, false),
    onCard: 'adam',
    remembers: adamMemory,
  },
  {
    name: 'AdamW',
    parameters: `lr=0.001, betas=None, eps=1e-08, weight_decay=0.01, amsgrad: bool=False, *, ${common}`,
    step: (input) => adam(input, true),
    onCard: 'adamw',
    remembers: adamMemory,
  },
  {
    name: 'RMSprop',
    parameters: `lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered: bool=False, *, ${common}`,
    step: (input) => {
      const { weights, to, setting, remember } = input;
      const [rate, alpha, eps, decay, momentum] = ['lr', 'alpha', 'eps', 'weight_decay', 'momentum'].map(setting) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const sign = setting('maximize') ? -1 : 1;
      const square = remember('square_avg');
      const mean = setting('centered') ? remember('grad_avg') : null;
      const buffer = momentum > 0 ? remember('momentum_buffer') : null;
      for (let i = 0; i < to.length; i++) {
        const g = gradientAt(input, i, decay, sign);
        square[i] = at(square, i) * alpha + g * g * (1 - alpha);
        if (mean) mean[i] = at(mean, i) + (g - at(mean, i)) * (1 - alpha);
        const spread = Math.sqrt(at(square, i) - (mean ? at(mean, i) ** 2 : 0)) + eps;
        if (buffer) buffer[i] = at(buffer, i) * momentum + g / spread;
        to[i] = at(weights, i) - rate * (buffer ? at(buffer, i) : g / spread);
      }
    },
    onCard: 'rmsprop',
    remembers: (setting) => [
      'square_avg',
      ...(setting('centered') === 0 ? [] : ['grad_avg']),
      ...(setting('momentum') > 0 ? ['momentum_buffer'] : []),
    ],
  },
  {
    name: 'Adagrad',
    parameters: `lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, *, ${common}`,
    step: (input) => {
      const { weights, to, step, setting, remember } = input;
      const rate = setting('lr') / (1 + (step - 1) * setting('lr_decay'));
      const [decay, eps] = [setting('weight_decay'), setting('eps')];
      const sign = setting('maximize') ? -1 : 1;
      const total = remember('sum', setting('initial_accumulator_value'));
      for (let i = 0; i < to.length; i++) {
        const g = gradientAt(input, i, decay, sign);
        total[i] = at(total, i) + g * g;
        to[i] = at(weights, i) - (rate * g) / (Math.sqrt(at(total, i)) + eps);
      }
    },
    onCard: 'adagrad',
    remembers: () => ['sum'],
  },
];
