import type { TargetSummary } from '../../../../shared/api/data';
import type { Layer, NetworkDocument } from '../../../../shared/network/document';
import { chain } from '../../../../shared/network/templates';

/** 'input linear:3 relu output' as a chain. */
export function sequence(text: string): NetworkDocument {
  return chain(
    text.split(' ').map((word): [string, Layer['parameters']] => {
      const [kind = '', units] = word.split(':');
      return [kind, units === undefined ? {} : { units: Number(units) }];
    }),
  );
}

export function layer(id: string, kind = id, parameters: Layer['parameters'] = {}): Layer {
  return { id, kind, parameters, position: { x: 0, y: 0 } };
}

/** 'a>b' or 'a>b.1' (port 1). */
export function network(layers: Layer[], edges: string): NetworkDocument {
  return {
    layers,
    edges: edges
      .split(' ')
      .filter(Boolean)
      .map((text) => {
        const [from = '', target = ''] = text.split('>');
        const [to = '', port = '0'] = target.split('.');
        return { from, to, port: Number(port) };
      }),
  };
}

export const threeClasses: TargetSummary = {
  kind: 'classes',
  classes: ['setosa', 'versicolor', 'virginica'],
  balance: { training: [40, 40, 40], validation: [10, 10, 10], test: [0, 0, 0] },
  suggestedLoss: 'cross-entropy',
};

export const oneNumber: TargetSummary = { kind: 'numbers', names: ['y'], suggestedLoss: 'mse' };
