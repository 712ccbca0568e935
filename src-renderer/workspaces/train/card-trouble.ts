import type { ErrorRecord } from '../../../shared/errors';
import type { ProjectDocument } from '../../../shared/project/document';
import { useExperimentsStore } from '../../stores/experiments';
import { useProjectStore } from '../../stores/project';

type Trouble = Pick<ErrorRecord, 'code' | 'details'> | null;

/** Whether the processor could do what a graphics card would not. */
export function isCardTrouble(error: Trouble): boolean {
  return error !== null && (error.code.startsWith('device.') || error.details.cause === 'card-failed');
}

/** Whether the device could do it in float32. */
export function isPrecisionTrouble(error: Trouble): boolean {
  return error?.code === 'device.precision';
}

/** Chooses the processor, which can be undone, and starts. */
export function runOnCpu(): Promise<void> {
  return runWith((training) => {
    training.device = 'cpu';
    training.precision = 'float32';
  });
}

/** Chooses float32, which can be undone, and starts. */
export function runInFloat32(): Promise<void> {
  return runWith((training) => (training.precision = 'float32'));
}

async function runWith(change: (training: ProjectDocument['training']) => void): Promise<void> {
  useProjectStore().edit('train.undo.setting', (draft) => change(draft.training));
  await useExperimentsStore().start();
}
