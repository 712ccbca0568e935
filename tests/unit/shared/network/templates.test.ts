import { describe, expect, it } from 'vitest';
import { checkNetwork } from '../../../../shared/network/check';
import { networkSchema } from '../../../../shared/network/document';
import { mlp, networkTemplates, outputsFor, suggestedTemplate } from '../../../../shared/network/templates';
import { languages } from '../../../../shared/text';
import { oneNumber, threeClasses } from './builders';

describe('templates', () => {
  const contexts = [
    { inputShape: [4], target: threeClasses },
    { inputShape: [1], target: oneNumber },
    { inputShape: [1, 28, 28], target: threeClasses },
    { inputShape: [3, 8, 10], target: threeClasses },
    { inputShape: [28, 28], target: oneNumber },
    { inputShape: [12], target: oneNumber },
    { inputShape: [64], target: threeClasses },
  ];

  it.each(contexts)('are ready to train on $inputShape', (context) => {
    const suitable = networkTemplates.filter((template) => template.suits(context));
    expect(suitable.length).toBeGreaterThan(1);
    for (const template of suitable) {
      const document = networkSchema.parse(template.build(context));
      expect(checkNetwork(document, { ...context, loss: null }).issues).toEqual([]);
    }
  });

  it('can be built before there are data', () => {
    for (const template of networkTemplates) {
      const document = template.build({ inputShape: null, target: null });
      // Those for images and sequences are offered once the data are known to be such.
      if (template.suits({ inputShape: null, target: null }))
        expect(checkNetwork(document, { inputShape: [3], target: oneNumber, loss: null }).issues).toEqual([]);
      for (const language of languages) expect(template.label[language] && template.help[language]).toBeTruthy();
    }
  });

  it('offer convolutions for images only, and sequences for what can be read step by step', () => {
    const offered = (inputShape: number[]) =>
      networkTemplates.filter((template) => template.suits({ inputShape, target: oneNumber })).map(({ id }) => id);
    expect(offered([4])).toEqual(['linear-regression', 'mlp-small', 'mlp']);
    expect(offered([8])).toEqual(['linear-regression', 'mlp-small', 'mlp', 'lstm', 'attention']);
    expect(offered([64])).toContain('conv-small');
    expect(offered([65])).not.toContain('conv-small');
    expect(offered([3, 32, 32])).toEqual([
      'linear-regression',
      'mlp-small',
      'mlp-wide',
      'conv-small',
      'lenet',
      'conv-norm',
    ]);
  });

  it('mlp builds 4-16-3 from left to right', () => {
    const document = mlp({ inputShape: [4], hidden: [16], activation: 'relu', outputs: 3 });
    expect(document.layers.map(({ id }) => id)).toEqual(['input', 'linear', 'relu', 'linear-2', 'output']);
    expect(document.layers.map(({ position }) => position.x)).toEqual([0, 126, 310, 430, 614]);
    expect(document.edges).toHaveLength(4);
  });

  it('begins images with a wide layer and all else with a small network', () => {
    expect(suggestedTemplate({ inputShape: [1, 28, 28], target: null })?.id).toBe('mlp-wide');
    expect(suggestedTemplate({ inputShape: [4], target: threeClasses })?.id).toBe('mlp-small');
    expect(suggestedTemplate({ inputShape: null, target: null })?.id).toBe('mlp-small');
  });

  it('counts the outputs a target needs', () => {
    expect([outputsFor(null), outputsFor(oneNumber), outputsFor(threeClasses)]).toEqual([1, 1, 3]);
  });
});
