import { describe, expect, it } from 'vitest';
import { optimizerNames, optimizers } from '../../../../../../shared/training/optimizers';
import { trainingSchema } from '../../../../../../shared/training/settings';
import {
  withHyperparameter,
  withLossOption,
  withOptimizer,
} from '../../../../../../src-renderer/workspaces/train/settings/rule-edits';

const fresh = trainingSchema.parse({});

describe('another optimizer', () => {
  it.each(optimizerNames)('%s: a race nobody has touched takes its usual rates and decay', (name) => {
    const next = withOptimizer(fresh, name);
    expect(next.optimizer.name).toBe(name);
    expect(next.lanes.map(({ learningRate }) => learningRate).sort()).toEqual([...optimizers[name].rates].sort());
    expect(next.weightDecay).toBe(optimizers[name].weightDecay);
    expect(trainingSchema.parse(next)).toEqual(next);
    const back = withOptimizer(next, 'sgd');
    expect(back.lanes.map(({ learningRate }) => learningRate)).toEqual([0.01, 0.1]);
    expect(back.weightDecay).toBe(0);
  });

  it('leaves what a person has chosen', () => {
    const chosen = trainingSchema.parse({ lanes: [{ learningRate: 0.5 }], weightDecay: 0.3, momentum: 0.9 });
    expect(withOptimizer(chosen, 'adamw')).toMatchObject({ lanes: chosen.lanes, weightDecay: 0.3, momentum: 0.9 });
  });
});

describe('settings', () => {
  it('go where they are kept', () => {
    expect(withHyperparameter(fresh, 'momentum', 0.9).momentum).toBe(0.9);
    expect(withHyperparameter(fresh, 'beta1', 0.5).optimizer).toEqual({ name: 'sgd', beta1: 0.5 });
  });

  it('of the loss are left out again', () => {
    const balanced = withLossOption({ delta: 2 }, 'classWeights', 'balanced');
    expect(balanced).toEqual({ delta: 2, classWeights: 'balanced' });
    expect(withLossOption(balanced, 'classWeights', null)).toEqual({ delta: 2 });
  });
});
