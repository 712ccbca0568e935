import { PythonError } from '../language/errors';
import { HostFunction, HostModule } from '../language/host';
import type { Session } from './session';

const mostGpus = 8n;

/** The module `deltalab`: what PyTorch does not have, `others` with it. */
export function deltalabModule(session: Session, others: readonly HostFunction[]): HostModule {
  const simulate = new HostFunction(
    'simulate_gpus',
    'count: int=1',
    ([count]) => {
      const number = typeof count === 'bigint' ? count : 1n;
      if (number < 0n || number > mostGpus)
        throw new PythonError('ValueError', `count must be from 0 to ${mostGpus}, but it is ${number}`);
      session.simulateGpus(Number(number));
      return null;
    },
    'Adds devices cuda:0, cuda:1, … (behind the real ones) that compute on the processor: to see what a program does with several GPUs.',
  );
  return new HostModule('deltalab', new Map([simulate, ...others].map((member) => [member.name, member])));
}
