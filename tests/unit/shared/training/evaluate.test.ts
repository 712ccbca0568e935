import { describe, expect, it } from 'vitest';
import {
  classScores,
  confusionOf,
  lossOf,
  metricsOf,
  predictedClasses,
  probabilities,
  targetsFor,
} from '../../../../shared/training/evaluate';

const numbers = {
  outputs: Float32Array.of(1, 2, 3, 5),
  targets: Float32Array.of(1, 0, 2, 2),
  count: 2,
  width: 2,
};
const classes = {
  outputs: Float32Array.of(2, 0, 0, 0, 1, 0, 0, 0, 4),
  targets: BigInt64Array.of(0n, 2n, 2n),
  count: 3,
  width: 3,
};

describe('lossOf', () => {
  // Squares: 0, 4, 1, 9.
  it('mse: mean over all values; half-squared: half the sum of a row, mean over the rows', () => {
    expect(lossOf('mse', numbers)).toBe(3.5);
    expect(lossOf('half-squared', numbers)).toBe(3.5);
    expect(lossOf('half-squared', { ...numbers, outputs: Float32Array.of(1, 0, 2, 2) })).toBe(0);
  });
  it('cross-entropy: -log of the probability of the right class', () => {
    const expected =
      -(
        Math.log(Math.exp(2) / (Math.exp(2) + 2)) +
        Math.log(1 / (Math.E + 2)) +
        Math.log(Math.exp(4) / (Math.exp(4) + 2))
      ) / 3;
    expect(lossOf('cross-entropy', classes)).toBeCloseTo(expected, 12);
  });
  it('cross-entropy and bce do not overflow', () => {
    const far = { outputs: Float32Array.of(1000, -1000), targets: BigInt64Array.of(1n), count: 1, width: 2 };
    expect(lossOf('cross-entropy', far)).toBe(2000);
    expect(lossOf('bce-logits', { ...far, targets: Float32Array.of(0, 1) })).toBe(1000);
  });
  it('bce-logits at zero is log 2', () => {
    const even = { outputs: Float32Array.of(0, 0), targets: Float32Array.of(0, 1), count: 2, width: 1 };
    expect(lossOf('bce-logits', even)).toBeCloseTo(Math.LN2, 12);
  });
});

describe('classes under squared errors', () => {
  it('are a target of 0 or 1 for each class', () => {
    expect([...targetsFor('mse', classes.targets, 3)]).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 1]);
    expect(targetsFor('cross-entropy', classes.targets, 3)).toBe(classes.targets);
    // Rows: (2-1)² = 1; 1 + 1 = 2; (4-1)² = 9.
    expect(lossOf('half-squared', classes)).toBe((1 + 2 + 9) / 2 / 3);
    expect(lossOf('mse', classes)).toBeCloseTo((1 + 2 + 9) / 9, 12);
  });
  it('are as sure as their output says, within 0 to 1', () => {
    expect(probabilities('half-squared', Float32Array.of(1.2, -0.1, 0.25), 0, 3)).toEqual([1, 0, 0.25]);
  });
});

describe('metricsOf', () => {
  it('measures numbers', () => {
    const { mae, rmse, r2 } = metricsOf(['mae', 'rmse', 'r2'], numbers);
    expect(mae).toBe(1.5);
    expect(rmse).toBeCloseTo(Math.sqrt(3.5), 12);
    // Columns: 1 - 1/0.5 = -1 and 1 - 13/2 = -5.5.
    expect(r2).toBeCloseTo((-1 - 5.5) / 2, 12);
  });
  it('counts right classes; for bce the sign decides', () => {
    expect(metricsOf(['accuracy'], classes).accuracy).toBeCloseTo(2 / 3, 12);
    const signs = { outputs: Float32Array.of(1, -1, 1, -1), targets: Float32Array.of(1, 0, 0, 0), count: 4, width: 1 };
    expect(metricsOf(['accuracy'], signs).accuracy).toBe(0.75);
  });
});

describe('classes', () => {
  it('confusion: rows are the truth', () => {
    expect(confusionOf(classes, 3)).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 1],
    ]);
  });
  it('two classes stand behind the one logit of binary cross-entropy', () => {
    const answers = {
      outputs: Float32Array.of(2, -1, 0.5, -3),
      targets: BigInt64Array.of(1n, 0n, 0n, 1n),
      count: 4,
      width: 1,
    };
    const scores = classScores(answers.outputs, 4, 2);
    expect([...scores]).toEqual([0, 2, 0, -1, 0, 0.5, 0, -3]);
    expect([...predictedClasses(scores, 4, 2)]).toEqual([1, 0, 1, 0]);
    expect(probabilities('bce-logits', scores, 0, 2)[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
    expect(confusionOf(answers, 2)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    // log(1 + e^-2), log(1 + e^-1), log(1 + e^0.5) and log(1 + e^3).
    const losses = [-2, -1, 0.5, 3].map((z) => Math.log1p(Math.exp(z)));
    expect(lossOf('bce-logits', answers)).toBeCloseTo(losses.reduce((a, b) => a + b) / 4, 12);
    const metrics = metricsOf(['accuracy', 'precision', 'recall', 'auc', 'mae'], answers, { loss: 'bce-logits' });
    expect(metrics).toMatchObject({ accuracy: 0.5, precision: 0.5, recall: 0.5, auc: 0.5 });
    const errors = [1 / (1 + Math.exp(2)), 1 / (1 + Math.E), 1 / (1 + Math.exp(-0.5)), 1 / (1 + Math.exp(-3))];
    expect(metrics.mae).toBeCloseTo(errors.reduce((a, b) => a + b) / 4, 6);
    // Anything else is scores already.
    expect(classScores(Float32Array.of(1, 2), 1, 2)).toEqual(Float32Array.of(1, 2));
    expect(classScores(Float32Array.of(1), 1, 1)).toEqual(Float32Array.of(1));
  });
  it('takes the first of equal outputs, and probabilities add up to one', () => {
    expect([...predictedClasses(Float32Array.of(1, 1), 1, 2)]).toEqual([0]);
    const shares = probabilities('cross-entropy', classes.outputs, 1, 3);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares[1]).toBeCloseTo(Math.E / (Math.E + 2), 6);
  });

  it('measures errors of classes against columns of 0 and 1, and of binary cross-entropy as probabilities', () => {
    const one = { outputs: Float32Array.of(0.25, 1), targets: BigInt64Array.of(1n), count: 1, width: 2 };
    expect(metricsOf(['mae'], one, { loss: 'mse' }).mae).toBe(0.125);
    const logits = { outputs: Float32Array.of(0), targets: Float32Array.of(1), count: 1, width: 1 };
    expect(metricsOf(['mae'], logits, { loss: 'bce-logits' }).mae).toBe(0.5);
    expect(metricsOf(['mae'], logits, { targetScales: [20] }).mae).toBe(20);
  });

  it('leaves out a metric that has no value', () => {
    const single = { outputs: Float32Array.of(1, 2), targets: BigInt64Array.of(1n), count: 1, width: 2 };
    expect(metricsOf(['accuracy', 'auc', 'f1'], single, { loss: 'cross-entropy' })).toEqual({ accuracy: 1, f1: 1 });
  });
});
