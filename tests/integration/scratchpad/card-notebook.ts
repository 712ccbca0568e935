import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Host } from '../../../src-main/scratchpad/host-line';
import { noHost } from '../../../src-main/scratchpad/torch/ask-host';
import { notebook, type Outcome } from '../../unit/src-main/scratchpad/torch/notebook';
import { emulatedCard } from '../support/emulated-card';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

const facts = { name: 'Emulated card', memoryTotal: 2 ** 30, capability: '8.6' };

/** A host that has found the emulated card (build-native.mjs --cards), and nothing else. */
export const cardHost: Host = {
  ask: ((call, input, wait) =>
    call === 'cards'
      ? [{ plan: { library: emulatedCard, card: 0 }, ...facts }]
      : noHost.ask(call, input, wait)) as Host['ask'],
};

/** A new notebook on a machine with that card. */
export const cardNotebook = (): ((source: string) => Outcome) =>
  notebook({ host: cardHost, collectGarbage: (young) => (young ? collect({ type: 'minor' }) : collect()) });

/** What a program prints. Fails when it ends with an error. */
export function printed(source: string, cell = cardNotebook()): string {
  const { output, error } = cell(source);
  if (error) throw new Error(`${error.kind}: ${error.message} (line ${error.position?.line ?? 0})\n${output}`);
  return output;
}
