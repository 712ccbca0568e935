import { LabError } from '../../../shared/errors';
import type { NativeEngine } from '../native';
import type { EngineInput, EngineOutput } from '../protocol';
import { Inspection } from './inspection';

type InspectCallName =
  'inspectOpen' | 'inspectRun' | 'inspectRead' | 'inspectGraph' | 'inspectCheck' | 'inspectWhatIf' | 'inspectClose';
type InspectAnswers = {
  [Name in InspectCallName]: (input: EngineInput<Name>) => EngineOutput<Name> | Promise<EngineOutput<Name>>;
};

/** The networks under inspection in this process, by name. */
export function inspectAnswers(native: NativeEngine): InspectAnswers {
  const open = new Map<string, Inspection>();
  const get = (id: string): Inspection => {
    const found = open.get(id);
    if (!found) throw new LabError('inspect.closed');
    return found;
  };
  return {
    inspectOpen: ({ id, ...plan }) => {
      open.set(id, new Inspection(native, plan));
      return null;
    },
    inspectRun: ({ id, input, target, edits }) => get(id).run(input, target, edits),
    inspectRead: ({ id, reads }) => get(id).read(reads),
    inspectGraph: (id) => get(id).recordedGraph(),
    inspectCheck: ({ id, places }) => get(id).check(places),
    inspectWhatIf: ({ id, rates }) => get(id).whatIf(rates),
    inspectClose: (id) => {
      open.delete(id);
      return null;
    },
  };
}
