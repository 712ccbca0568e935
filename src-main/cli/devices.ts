import type { DeviceInfo } from '../../shared/api/contract';
import { reasonMessage } from '../../shared/errors';
import { allCards } from '../../shared/training/settings';
import { withLab } from './host';

export async function devices(options: { json?: boolean }): Promise<void> {
  const found = await withLab((lab) => lab.call('devices.list', {}));
  for (const device of found) console.log(options.json ? JSON.stringify(device) : line(device));
  const cards = found.filter(({ card, usable }) => card && usable).length;
  if (cards > 1 && !options.json) console.log(`${allCards}\tlanes are spread over all ${cards} cards`);
}

function line({ id, name, detail, card, reason }: DeviceInfo): string {
  const facts = card
    ? `${megabytes(card.memoryFree)} of ${megabytes(card.memoryTotal)} MB free, compute capability ${card.capability}, driver for CUDA ${card.driver}, ${card.blas ? 'with' : 'without'} cuBLASLt`
    : detail;
  return [id, name, facts, reason ? `not usable: ${reasonMessage(reason, 'en')}` : ''].filter(Boolean).join('\t');
}

/** Whole ones: of what is needed those begun, too. */
export function megabytes(bytes: number, round: 'up' | 'down' = 'down'): number {
  return round === 'up' ? Math.ceil(bytes / 2 ** 20) : Math.floor(bytes / 2 ** 20);
}
