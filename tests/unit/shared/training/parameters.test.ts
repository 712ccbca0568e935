import { describe, expect, it } from 'vitest';
import { balancedWeights } from '../../../../shared/training/losses';
import { hyperparameterNames, optimizerNames, optimizers, parametersOf } from '../../../../shared/training/optimizers';
import { laneParameters } from '../../../../shared/training/parameters';
import { laneSchema, trainingSchema } from '../../../../shared/training/settings';

describe('what a lane trains with', () => {
  it('comes from the lane, else from the settings, else from the optimizer', () => {
    const settings = trainingSchema.parse({ optimizer: { name: 'adam', beta2: 0.99 }, weightDecay: 0.1, clipNorm: 1 });
    expect(laneParameters(settings, { learningRate: 0.1, beta1: 0.5 })).toMatchObject({
      learningRate: 0.1,
      beta1: 0.5,
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: 0.1,
      clipNorm: 1,
    });
  });

  it('has nothing the optimizer does not read', () => {
    const settings = trainingSchema.parse({
      optimizer: { name: 'rprop', beta1: 0.5 },
      momentum: 0.9,
      weightDecay: 0.1,
    });
    const lane = laneParameters(settings, { learningRate: 0.1, nesterov: true });
    expect(lane).toMatchObject({ momentum: 0, nesterov: false, weightDecay: 0, etaPlus: 1.2 });
    expect(lane).not.toHaveProperty('beta1');
  });

  it('fits the schema, for every optimizer', () => {
    for (const name of optimizerNames) {
      const settings = trainingSchema.parse({ optimizer: { name } });
      expect(laneSchema.safeParse(laneParameters(settings, { learningRate: optimizers[name].rates[0] })).success).toBe(
        true,
      );
      for (const parameter of parametersOf(name)) expect(hyperparameterNames).toContain(parameter);
    }
  });
});

describe('settings of older projects', () => {
  it('mean plain SGD at a constant rate', () => {
    const settings = trainingSchema.parse({ momentum: 0.9, lanes: [{ learningRate: 0.1, nesterov: true }] });
    expect(settings.optimizer).toEqual({ name: 'sgd' });
    expect(settings.schedule).toEqual({ kind: 'constant', unit: 'epoch' });
    expect(settings).toMatchObject({ patience: null, maxSeconds: null, metrics: null, lossOptions: {} });
  });
});

describe('balanced class weights', () => {
  it('are those of scikit-learn', () => {
    expect(balancedWeights(BigInt64Array.of(0n, 0n, 0n, 1n), 2)).toEqual([4 / 6, 2]);
    expect(balancedWeights(BigInt64Array.of(0n, 0n), 2)).toEqual([0.5, 1]);
  });
});
