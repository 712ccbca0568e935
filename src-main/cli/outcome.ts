import type { Language } from '../../shared/text';

/** 0 done, 1 failed, 2 wrong usage, 3 stopped by the user. Scripts rely on them. */
export const exitCodes = { done: 0, failed: 1, usage: 2, stopped: 3 } as const;

/** Ctrl+C ended the command in good order. */
export class StoppedByUser extends Error {
  constructor() {
    super('stopped by the user');
    this.name = 'StoppedByUser';
  }
}

/** Of messages on standard error. */
export function systemLanguage(environment: NodeJS.ProcessEnv = process.env): Language {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return locale.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}
