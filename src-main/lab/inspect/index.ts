import { LabError } from '../../../shared/errors';
import type { Handlers, LabContext } from '../context';
import type { ExperimentRegistry } from '../experiment-registry';
import { Inspection } from './inspection';
import { viewNeuron } from './neuron';
import { pictureLayers } from './picture';
import { listSamples } from './samples';
import { takeSpecimen } from './source';
import { checkGradients, viewWeight } from './weight';

type InspectCalls =
  | 'inspect.open'
  | 'inspect.run'
  | 'inspect.samples'
  | 'inspect.picture'
  | 'inspect.neuron'
  | 'inspect.weight'
  | 'inspect.graph'
  | 'inspect.check'
  | 'inspect.whatIf'
  | 'inspect.close';

/** Kept open at once: one for each page that looks, and some that were left open by pages that vanished. */
const mostOpen = 8;

export function inspectHandlers(context: LabContext, experiments: ExperimentRegistry): Handlers<InspectCalls> {
  const { projects, compute } = context;
  /** Oldest first. */
  const open = new Map<string, Inspection>();
  let indices: ReadonlyMap<string, readonly number[]> | null = null;

  const get = (id: string): Inspection => {
    const found = open.get(id);
    if (!found) throw new LabError('inspect.closed');
    projects.get(found.project);
    return found;
  };
  async function close(inspection: Inspection): Promise<void> {
    if (open.delete(inspection.id)) await inspection.close();
  }

  return {
    'inspect.open': async ({ project, source }) => {
      const session = projects.get(project);
      const specimen = await takeSpecimen(context, experiments, session, source);
      indices ??= new Map((await compute.operators()).map((operator) => [operator.opType, operator.indices]));
      const inspection = new Inspection(session.id, specimen, compute, indices);
      open.set(inspection.id, inspection);
      for (const old of [...open.values()].slice(0, Math.max(0, open.size - mostOpen))) await close(old);
      return inspection.summary();
    },
    'inspect.run': ({ inspection, sample }) => get(inspection).run(sample),
    'inspect.samples': ({ inspection, ...wanted }) => {
      const found = get(inspection);
      return listSamples(context, projects.get(found.project), found, wanted);
    },
    'inspect.picture': ({ inspection, most, pinned }) => pictureLayers(get(inspection), most, pinned),
    'inspect.neuron': ({ inspection, place }) => viewNeuron(get(inspection), place),
    'inspect.weight': ({ inspection, weight }) => viewWeight(get(inspection), weight),
    'inspect.graph': ({ inspection }) => get(inspection).recordedGraph(),
    'inspect.check': ({ inspection, scope }) => checkGradients(get(inspection), scope),
    'inspect.whatIf': async ({ inspection, from, to, count }) => {
      const rates = Array.from({ length: count }, (_, index) => from * (to / from) ** (index / (count - 1)));
      const [now = NaN, ...losses] = await get(inspection).ask('inspectWhatIf', {
        id: inspection,
        rates: [0, ...rates],
      });
      return { rates, losses, now };
    },
    'inspect.close': async ({ inspection }) => {
      const found = open.get(inspection);
      if (found) await close(found);
      return null;
    },
  };
}
