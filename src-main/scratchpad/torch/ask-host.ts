import { LabError } from '../../../shared/errors';
import type { HostCallName, HostInput, HostOutput } from '../host-calls';
import { HostRefusal, type Host } from '../host-line';
import { PythonError } from '../language/errors';
import type { CallContext } from '../language/host';

/** Of a notebook that runs outside of the program. */
export const noHost: Host = {
  ask: (call) => {
    if (call === 'cards') return [] as never;
    const { code, message } = new LabError('scratchpad.no-project');
    throw new HostRefusal(code, message);
  },
};

/** Enough of them to look again whether the cell is to end. */
export const stepsOfWaiting = 500;

/** Asks on behalf of a call of the program. Throws PythonError where the host refuses. */
export type Ask = <Name extends HostCallName>(
  call: Name,
  input: HostInput<Name>,
  context: CallContext,
) => HostOutput<Name>;

export const askerOf =
  (host: Host): Ask =>
  (call, input, context) => {
    try {
      return host.ask(call, input, () => context.charge(stepsOfWaiting));
    } catch (error) {
      if (!(error instanceof HostRefusal)) throw error;
      const kind = error.code.endsWith('-too-large') ? 'MemoryError' : 'RuntimeError';
      throw new PythonError(kind, error.message);
    }
  };
