import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { laneVariables } from '../../../../src-renderer/lanes';

const css = readFileSync('src-renderer/styles/tokens.css', 'utf8');

function tokens(theme: 'dark' | 'light'): Record<string, string> {
  const start = css.indexOf(`[data-theme='${theme}'] {`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** WCAG 2: relative luminance and contrast. */
function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each(['dark', 'light'] as const)('%s theme', (theme) => {
  const token = tokens(theme);
  const backgrounds = ['bg', 'panel', 'raised', 'hover'];

  it('has the tokens of the other one', () => {
    expect(Object.keys(tokens('dark'))).toEqual(Object.keys(tokens('light')));
    expect(Object.keys(token).length).toBeGreaterThan(25);
  });

  it.each(['text', 'text-muted', 'accent', 'info', 'success', 'warning', 'error'])(
    'shows %s at 4.5:1 or better on every background',
    (name) => {
      for (const background of backgrounds) {
        expect(contrast(token[name]!, token[background]!), `on ${background}`).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it('shows text on its own coloured grounds at 4.5:1 or better', () => {
    expect(contrast(token['on-accent']!, token['accent']!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(token['accent']!, token['accent-soft']!)).toBeGreaterThanOrEqual(4.5);
    for (const ground of ['error-soft', 'warning-soft', 'success-soft']) {
      expect(contrast(token['text']!, token[ground]!)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('draws lanes and splits at 3:1 or better, as WCAG asks of graphics', () => {
    const drawn = { ...laneVariables(theme === 'dark') };
    for (const name of ['split-training', 'split-validation', 'split-test']) drawn[name] = token[name]!;
    for (const [name, colour] of Object.entries(drawn)) {
      for (const background of ['bg', 'panel']) {
        expect(contrast(colour, token[background]!), `${name} on ${background}`).toBeGreaterThanOrEqual(3);
      }
    }
  });
});
