import { createI18n } from 'vue-i18n';
import type { Language } from '../../shared/text';
import { data as dataEn } from './en/data';
import { design as designEn } from './en/design';
import { frame as frameEn } from './en/frame';
import { graph as graphEn } from './en/graph';
import { inspect as inspectEn } from './en/inspect';
import { rules as rulesEn } from './en/rules';
import { scratchpad as scratchpadEn } from './en/scratchpad';
import { train as trainEn } from './en/train';
import { welcome as welcomeEn } from './en/welcome';
import { russianPlural } from './plural';
import { data as dataRu } from './ru/data';
import { design as designRu } from './ru/design';
import { frame as frameRu } from './ru/frame';
import { graph as graphRu } from './ru/graph';
import { inspect as inspectRu } from './ru/inspect';
import { rules as rulesRu } from './ru/rules';
import { scratchpad as scratchpadRu } from './ru/scratchpad';
import { train as trainRu } from './ru/train';
import { welcome as welcomeRu } from './ru/welcome';

export const messages = {
  en: {
    frame: frameEn,
    welcome: welcomeEn,
    data: dataEn,
    design: designEn,
    train: trainEn,
    graph: graphEn,
    inspect: inspectEn,
    scratchpad: scratchpadEn,
    rules: rulesEn,
  },
  ru: {
    frame: frameRu,
    welcome: welcomeRu,
    data: dataRu,
    design: designRu,
    train: trainRu,
    graph: graphRu,
    inspect: inspectRu,
    scratchpad: scratchpadRu,
    rules: rulesRu,
  },
};

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages,
  pluralRules: { ru: russianPlural },
});

/** 'auto' is the language of the system where we have it. */
export function resolveLanguage(setting: 'auto' | Language, preferred: readonly string[]): Language {
  if (setting !== 'auto') return setting;
  for (const language of preferred) {
    if (/^ru\b/i.test(language)) return 'ru';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}
