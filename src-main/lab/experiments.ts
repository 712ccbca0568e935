import type { CallParsed } from '../../shared/api/contract';
import { LabError } from '../../shared/errors';
import type { Handlers, LabContext } from './context';
import { evaluateLane } from './evaluation';
import { summaryOf, type ExperimentRegistry } from './experiment-registry';
import { hasData } from './data';
import { laneParameters } from './parameters';
import { trainingMemory } from './training-memory';
import { viewLanes } from './views';

type ExperimentCalls =
  | 'experiments.list'
  | 'experiments.get'
  | 'experiments.start'
  | 'experiments.memory'
  | 'experiments.continueWith'
  | 'experiments.pause'
  | 'experiments.resume'
  | 'experiments.step'
  | 'experiments.stop'
  | 'experiments.setLearningRate'
  | 'experiments.setSpeed'
  | 'experiments.setNote'
  | 'experiments.remove'
  | 'experiments.series'
  | 'experiments.view'
  | 'experiments.parameters'
  | 'experiments.evaluate';

export function experimentHandlers(context: LabContext, experiments: ExperimentRegistry): Handlers<ExperimentCalls> {
  const { projects } = context;
  const live = (input: { project: string; experiment: string }) =>
    experiments.live(projects.get(input.project), input.experiment);

  return {
    'experiments.list': ({ project }) => experiments.list(projects.get(project)),
    'experiments.get': async ({ project, experiment }) =>
      summaryOf(await experiments.get(projects.get(project), experiment)),
    'experiments.start': async ({ project, paused, document }) => {
      const session = projects.get(project);
      const started = document ?? session.document;
      if (!hasData(started.data)) throw new LabError('data.none');
      return experiments.start(session, started, paused);
    },
    'experiments.memory': ({ project, document }) => trainingMemory(context, projects.get(project), document),
    'experiments.continueWith': ({ project, experiment, lane, which, paused }) =>
      experiments.continueWith(projects.get(project), { experiment, lane, which }, paused),
    'experiments.pause': async (input) => {
      await (await live(input)).run.pause();
      return null;
    },
    'experiments.resume': async ({ project, experiment, device }) => {
      const session = projects.get(project);
      const { run } = await experiments.get(session, experiment);
      if (run && device === undefined) await run.resume();
      else await experiments.resume(session, experiment, device);
      return null;
    },
    'experiments.step': async (input) => {
      await step(input);
      return null;
    },
    'experiments.stop': async (input) => {
      await (await live(input)).run.stop();
      return null;
    },
    'experiments.setLearningRate': async (input) => {
      const experiment = await live(input);
      await experiment.run.setLearningRate(experiments.laneIndex(experiment, input.lane), input.learningRate);
      return null;
    },
    'experiments.setSpeed': async (input) => {
      await (await live(input)).run.setSpeed(input.epochsPerSecond);
      return null;
    },
    'experiments.setNote': async ({ project, experiment, note }) => {
      await experiments.setNote(projects.get(project), experiment, note);
      return null;
    },
    'experiments.remove': async ({ project, experiment }) => {
      await experiments.remove(projects.get(project), experiment);
      return null;
    },
    'experiments.series': async ({ project, experiment, lane, from }) => {
      const found = await experiments.get(projects.get(project), experiment);
      experiments.laneIndex(found, lane);
      await found.run?.settled();
      return found.folder.readPoints(lane, from);
    },
    'experiments.view': async ({ project, experiment, lanes }) => {
      const session = projects.get(project);
      return viewLanes(context, experiments, session, await experiments.get(session, experiment), lanes);
    },
    'experiments.parameters': async ({ project, experiment, lane }) =>
      laneParameters(experiments, await experiments.get(projects.get(project), experiment), lane),
    'experiments.evaluate': async ({ project, experiment, lane, which, split }) => {
      const session = projects.get(project);
      return evaluateLane(context, experiments, session, await experiments.get(session, experiment), {
        lane,
        which,
        split,
      });
    },
  };

  async function step(input: CallParsed<'experiments.step'>): Promise<void> {
    const { run, frozen } = await live(input);
    const { batch } = frozen.settings;
    if (input.unit === 'sample' && batch !== 'online') throw new LabError('experiment.sample-step', { batch });
    await run.step(input.unit === 'epoch' ? 'epochs' : 'steps', input.count);
  }
}
