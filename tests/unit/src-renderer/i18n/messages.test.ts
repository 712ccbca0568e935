import { describe, expect, it } from 'vitest';
import { createI18n } from 'vue-i18n';
import { messages, resolveLanguage } from '../../../../src-renderer/i18n';
import { russianPlural } from '../../../../src-renderer/i18n/plural';

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string') texts.set(path, value);
    else for (const [inner, text] of flatten(value, path)) texts.set(inner, text);
  }
  return texts;
}

const english = flatten(messages.en);
const russian = flatten(messages.ru);
const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const forms = (text: string) => text.split(' | ').length;

describe('texts of the page', () => {
  it('exist in both languages under the same keys', () => {
    expect([...russian.keys()].sort()).toEqual([...english.keys()].sort());
    expect(english.size).toBeGreaterThan(200);
  });

  it('are never empty', () => {
    const empty = [...english, ...russian].filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  it('name the same values in both languages', () => {
    const different = [...english].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(russian.get(key) ?? '').join(),
    );
    expect(different).toEqual([]);
  });

  it('have three Russian forms (or four, with none) wherever English has two (or three)', () => {
    const wrong = [...english].filter(([key, text]) => {
      const count = forms(text);
      return forms(russian.get(key) ?? '') !== (count === 1 ? 1 : count + 1);
    });
    expect(wrong).toEqual([]);
  });

  it('are written in Cyrillic where they have words', () => {
    const words = (text: string) => text.replace(/\{\w+\}/g, '');
    const latin = [...russian].filter(([, text]) => /[a-z]{4,}/.test(words(text)) && !/[а-яё]/i.test(text));
    // Names that are the same in Russian.
    const names = new Set(['Deltalab', 'English', 'Nesterov', 'Linear', 'Softmax', 'Shift', 'Ctrl']);
    // And of PyTorch.
    for (const name of ['grad', 'requires_grad', 'no_grad', 'backward']) names.add(name);
    const unknown = latin.filter(
      ([, text]) =>
        !words(text)
          .split(/[^\w]+/)
          .every((word) => names.has(word) || !/[a-z]{4,}/.test(word)),
    );
    expect(unknown).toEqual([]);
  });

  it.each(['en', 'ru'] as const)('all compile (%s)', (locale) => {
    const failures: string[] = [];
    const i18n = createI18n({
      legacy: false,
      locale,
      messages,
      pluralRules: { ru: russianPlural },
      missing: (_, key) => {
        failures.push(key);
      },
    });
    for (const key of english.keys()) {
      const named = { count: 5, n: 5 };
      try {
        if (i18n.global.t(key, named) === key) failures.push(key);
      } catch (error) {
        failures.push(`${key}: ${String(error)}`);
      }
    }
    expect(failures).toEqual([]);
  });
});

describe('russianPlural', () => {
  const word = (count: number) => ['эпоха', 'эпохи', 'эпох'][russianPlural(count, 3)];

  it.each([
    [0, 'эпох'],
    [1, 'эпоха'],
    [2, 'эпохи'],
    [4, 'эпохи'],
    [5, 'эпох'],
    [11, 'эпох'],
    [12, 'эпох'],
    [14, 'эпох'],
    [21, 'эпоха'],
    [22, 'эпохи'],
    [111, 'эпох'],
    [112, 'эпох'],
    [1001, 'эпоха'],
    [-1, 'эпоха'],
  ])('%d %s', (count, expected) => {
    expect(word(count)).toBe(expected);
  });

  it('uses the first of four forms for none', () => {
    expect([0, 1, 2, 5].map((count) => russianPlural(count, 4))).toEqual([0, 1, 2, 3]);
  });
});

describe('resolveLanguage', () => {
  it('takes what was chosen, else the first language of the system that we have', () => {
    expect(resolveLanguage('ru', ['en-US'])).toBe('ru');
    expect(resolveLanguage('auto', ['de-DE', 'ru-RU', 'en-US'])).toBe('ru');
    expect(resolveLanguage('auto', ['de-DE', 'en-US', 'ru'])).toBe('en');
    expect(resolveLanguage('auto', ['de-DE'])).toBe('en');
    expect(resolveLanguage('auto', [])).toBe('en');
  });
});
