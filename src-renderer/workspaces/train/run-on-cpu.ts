import type { ErrorRecord } from '../../../shared/errors';
import { useExperimentsStore } from '../../stores/experiments';
import { useProjectStore } from '../../stores/project';

/** Whether the processor could do what a graphics card would not. */
export function isCardTrouble(error: Pick<ErrorRecord, 'code'> | null): boolean {
  return error !== null && error.code.startsWith('device.');
}

/** Chooses the processor, which can be undone, and starts. */
export async function runOnCpu(): Promise<void> {
  useProjectStore().edit('train.undo.setting', (draft) => void (draft.training.device = 'cpu'));
  await useExperimentsStore().start();
}
