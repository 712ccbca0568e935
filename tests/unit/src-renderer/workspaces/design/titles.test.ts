import { describe, expect, it } from 'vitest';
import { checkNetwork } from '../../../../../shared/network/check';
import { renameLayer } from '../../../../../shared/network/edit';
import { issueText, layerTitle } from '../../../../../src-renderer/workspaces/design/titles';
import { layer, network, sequence, threeClasses } from '../../../shared/network/builders';

describe('titles', () => {
  it('are the user’s name, or the catalogue’s label with the number of the id', () => {
    expect(layerTitle(layer('linear', 'linear'), 'en')).toBe('Linear');
    expect(layerTitle(layer('linear-2', 'linear'), 'ru')).toBe('Полносвязный 2');
    expect(layerTitle(layer('leaky-relu-3', 'leaky-relu'), 'en')).toBe('Leaky ReLU 3');
    expect(layerTitle({ ...layer('linear-2', 'linear'), name: 'Hidden' }, 'en')).toBe('Hidden');
    expect(layerTitle(layer('x', 'quantum'), 'en')).toBe('quantum');
  });
});

describe('issue texts', () => {
  const loss = (name: string) => `[${name}]`;
  const first = (document: ReturnType<typeof sequence>, inputShape: number[]) => {
    const issue = checkNetwork(document, { inputShape, target: threeClasses, loss: null }).issues[0]!;
    return (language: 'en' | 'ru') => issueText(issue, document, language, loss);
  };

  it('call layers and parameters what the page calls them', () => {
    const images = first(sequence('input linear:8 linear:3 output'), [1, 28, 28]);
    expect(images('en')).toMatch(/^Linear needs a row of numbers and gets 1 × 28 × 28\./);
    expect(images('ru')).toMatch(/^Слою «Полносвязный» нужен ряд чисел/);
    expect(first(sequence('input linear:0 output'), [4])('ru')).toContain('Параметр «Нейроны» слоя «Полносвязный»');
    expect(first(sequence('input linear:3 softmax output'), [4])('en')).toContain('The loss "[cross-entropy]"');
  });

  it('use the user’s name, and titles in lists', () => {
    const cyclic = network(
      [layer('input'), layer('relu'), layer('tanh'), layer('output')],
      'relu>tanh tanh>relu input>output',
    );
    const named = renameLayer(cyclic, 'relu', 'Gate');
    const issue = checkNetwork(named, { inputShape: [3], target: threeClasses, loss: null }).issues[0]!;
    expect(issueText(issue, named, 'en', loss)).toBe(
      'The layers Gate, Tanh form a cycle. Remove one of the connections between them.',
    );
  });
});
