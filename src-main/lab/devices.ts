import { cpus } from 'node:os';
import type { DeviceInfo } from '../../shared/api/contract';
import type { Compute } from './compute';

/** What training can run on, as the engine itself reports it. */
export async function listDevices(compute: Compute): Promise<DeviceInfo[]> {
  const build = await compute.info();
  return [
    {
      id: 'cpu',
      name: cpus()[0]?.model.trim() || 'CPU',
      detail: `${build.processors} threads, ${build.instructionSet}`,
      usable: true,
      reason: null,
    },
  ];
}
