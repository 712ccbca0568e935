import { z } from 'zod';

export const optimizerNames = ['sgd', 'adagrad', 'rmsprop', 'adam', 'adamw', 'adadelta', 'rprop'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/**
 * Hyperparameters of optimizers and of regularisation, any of which a lane may have of its own. Names and meanings are those of
 * src-native/core/hyperparameters.h.
 */
export const hyperparameterSchemas = {
  momentum: z.number().min(0).max(1),
  dampening: z.number().min(0).max(1),
  nesterov: z.boolean(),
  weightDecay: z.number().min(0).finite(),
  beta1: z.number().min(0).lt(1),
  beta2: z.number().min(0).lt(1),
  amsgrad: z.boolean(),
  alpha: z.number().min(0).max(1),
  centered: z.boolean(),
  rho: z.number().min(0).max(1),
  epsilon: z.number().min(0).finite(),
  learningRateDecay: z.number().min(0).finite(),
  initialAccumulator: z.number().min(0).finite(),
  etaMinus: z.number().gt(0).lt(1),
  etaPlus: z.number().gt(1).finite(),
  minStep: z.number().min(0).finite(),
  maxStep: z.number().positive().finite(),
  l1: z.number().min(0).finite(),
  maxNorm: z.number().min(0).finite(),
  clipValue: z.number().min(0).finite(),
  clipNorm: z.number().min(0).finite(),
} as const;
export type HyperparameterName = keyof typeof hyperparameterSchemas;

export const hyperparameterNames = Object.keys(hyperparameterSchemas) as HyperparameterName[];

/** Shared by all optimizers; 0 turns each off. */
export const regularisationNames = ['l1', 'maxNorm', 'clipValue', 'clipNorm'] as const;
/** Settings of the training itself rather than of `training.optimizer`: they were there before there was a choice of optimizers. */
export const sharedNames = ['momentum', 'dampening', 'nesterov', 'weightDecay', ...regularisationNames] as const;
export type SharedName = (typeof sharedNames)[number];
/** Settings of `training.optimizer`. */
export type OwnName = Exclude<HyperparameterName, SharedName>;

export interface OptimizerInfo {
  /** As it is written in the literature. */
  label: string;
  /** Learning rates to start a race with; the first is the usual one. */
  rates: readonly [number, number];
  /** Weight decay to start with. */
  weightDecay: number;
  /** Shared settings it reads, regularisation aside. */
  shared: readonly SharedName[];
  /** Settings of its own, with PyTorch's defaults. */
  own: Partial<Record<OwnName, number | boolean>>;
}

/** Formulas stand in src-native/optimizers, one file each; they are those of torch.optim 2.13. */
export const optimizers: Record<OptimizerName, OptimizerInfo> = {
  sgd: {
    label: 'SGD',
    rates: [0.01, 0.1],
    weightDecay: 0,
    shared: ['momentum', 'nesterov', 'weightDecay', 'dampening'],
    own: {},
  },
  adam: {
    label: 'Adam',
    rates: [0.001, 0.01],
    weightDecay: 0,
    shared: ['weightDecay'],
    own: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, amsgrad: false },
  },
  adamw: {
    label: 'AdamW',
    rates: [0.001, 0.01],
    weightDecay: 0.01,
    shared: ['weightDecay'],
    own: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, amsgrad: false },
  },
  rmsprop: {
    label: 'RMSprop',
    rates: [0.001, 0.01],
    weightDecay: 0,
    shared: ['momentum', 'weightDecay'],
    own: { alpha: 0.99, epsilon: 1e-8, centered: false },
  },
  adagrad: {
    label: 'AdaGrad',
    rates: [0.01, 0.1],
    weightDecay: 0,
    shared: ['weightDecay'],
    own: { learningRateDecay: 0, initialAccumulator: 0, epsilon: 1e-10 },
  },
  adadelta: {
    label: 'Adadelta',
    rates: [1, 0.1],
    weightDecay: 0,
    shared: ['weightDecay'],
    own: { rho: 0.9, epsilon: 1e-6 },
  },
  rprop: {
    label: 'Rprop',
    rates: [0.01, 0.001],
    weightDecay: 0,
    shared: [],
    own: { etaMinus: 0.5, etaPlus: 1.2, minStep: 1e-6, maxStep: 50 },
  },
};

type OptionalSchemas<Name extends HyperparameterName> = {
  [Key in Name]: z.ZodOptional<(typeof hyperparameterSchemas)[Key]>;
};

function optionals<Name extends HyperparameterName>(names: readonly Name[]): OptionalSchemas<Name> {
  return Object.fromEntries(
    names.map((name) => [name, hyperparameterSchemas[name].optional()]),
  ) as OptionalSchemas<Name>;
}

const ownNames = hyperparameterNames.filter(
  (name): name is OwnName => !(sharedNames as readonly string[]).includes(name),
);

/** What is left out has the optimizer's default; what the optimizer does not read is kept for when it is chosen again. */
export const optimizerSchema = z.strictObject({
  name: z.enum(optimizerNames).default('sgd'),
  ...optionals(ownNames),
});
export type OptimizerSettings = z.infer<typeof optimizerSchema>;

/** For lanes: any hyperparameter may be a lane's own. */
export const hyperparameterOptionals = optionals(hyperparameterNames);

/** Every hyperparameter the optimizer reads, regularisation included. */
export function parametersOf(name: OptimizerName): HyperparameterName[] {
  const { shared, own } = optimizers[name];
  return [...shared, ...(Object.keys(own) as OwnName[]), ...regularisationNames];
}
