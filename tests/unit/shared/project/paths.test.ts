import { describe, expect, it } from 'vitest';
import { projectSchema } from '../../../../shared/project/document';
import { applySettings } from '../../../../shared/project/paths';

const document = projectSchema.parse({
  format: 1,
  name: 'net',
  data: { kind: 'idx', images: '', labels: '' },
  network: {
    layers: [
      { id: 'input', kind: 'input', parameters: {}, position: { x: 0, y: 0 } },
      { id: 'linear-1', kind: 'linear', parameters: { units: 3 }, position: { x: 0, y: 1 } },
    ],
    edges: [],
  },
  training: {},
});
const set = (field: string, value: string) => applySettings(document, [{ field, value }]);

describe('applySettings', () => {
  it.each([
    ['training.epochs', '7', (d: typeof document) => d.training.epochs, 7],
    ['training.shuffle', 'false', (d: typeof document) => d.training.shuffle, false],
    ['training.batch', 'full', (d: typeof document) => d.training.batch, 'full'],
    ['training.targetLoss', 'null', (d: typeof document) => d.training.targetLoss, null],
    ['training.lanes.1.learningRate', '3e-2', (d: typeof document) => d.training.lanes[1]?.learningRate, 0.03],
    ['training.lanes.0.momentum', '0.9', (d: typeof document) => d.training.lanes[0]?.momentum, 0.9],
    ['training.optimizer.name', 'adam', (d: typeof document) => d.training.optimizer, { name: 'adam' }],
    ['training.optimizer.beta1', '0.8', (d: typeof document) => d.training.optimizer.beta1, 0.8],
    ['training.schedule.kind', 'cosine', (d: typeof document) => d.training.schedule.kind, 'cosine'],
    [
      'training.lossOptions.classWeights',
      'balanced',
      (d: typeof document) => d.training.lossOptions,
      { classWeights: 'balanced' },
    ],
    ['training.metrics', '["f1","auc"]', (d: typeof document) => d.training.metrics, ['f1', 'auc']],
    ['training.lanes.0.beta2', '0.9', (d: typeof document) => d.training.lanes[0]?.beta2, 0.9],
    ['training.lanes', '[{"learningRate":1}]', (d: typeof document) => d.training.lanes, [{ learningRate: 1 }]],
    ['name', '12', (d: typeof document) => d.name, '12'],
    [
      'data.images',
      '/data/a=b.gz',
      (d: typeof document) => (d.data.kind === 'idx' ? d.data.images : null),
      '/data/a=b.gz',
    ],
    [
      'data.split.validation',
      '0.1',
      (d: typeof document) => (d.data.kind === 'idx' && d.data.split.kind === 'ratio' ? d.data.split.validation : null),
      0.1,
    ],
    [
      'network.layers.linear-1.parameters.units',
      '64',
      (d: typeof document) => d.network.layers[1]?.parameters.units,
      64,
    ],
    ['network.layers.1.name', 'first', (d: typeof document) => d.network.layers[1]?.name, 'first'],
  ])('%s=%s', (field, value, read, expected) => {
    expect(read(set(field, value))).toEqual(expected);
  });

  it('leaves the document it was given alone', () => {
    set('training.epochs', '7');
    expect(document.training.epochs).toBe(100);
  });

  it.each([
    ['training.epoch', 'training.epochs'],
    ['epochs', 'training.epochs'],
    ['trainin.seed', 'training.seed'],
    ['data.image', 'data.images'],
    ['network.layers.linear-9.kind', ''],
    ['training.lanes.5.learningRate', ''],
    ['training.epochs.deep', ''],
    ['__proto__.polluted', ''],
    ['constructor', ''],
  ])('refuses %s and offers what is near', (field, near) => {
    try {
      set(field, '1');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'project.unknown-path', details: { field } });
      if (near) expect(error).toHaveProperty('details.nearest', expect.arrayContaining([near]));
    }
  });

  it.each([
    ['training.epochs', 'many'],
    ['training.epochs', '1.5'],
    ['training.batch', 'huge'],
    ['training.device', 'tpu'],
    ['training.lanes', '[]'],
  ])('refuses %s=%s and names both', (field, value) => {
    expect(() => set(field, value)).toThrow(
      expect.objectContaining({
        code: 'project.bad-value',
        details: expect.objectContaining({ field, value }) as unknown,
      }),
    );
  });
});
