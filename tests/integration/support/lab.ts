import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventName, LabEvents, OpenProject } from '../../../shared/api/contract';
import type { ExperimentSummary } from '../../../shared/api/experiments';
import type { ProjectDocument } from '../../../shared/project/document';
import { forkEngine, type EngineHandle } from '../../../src-main/engine/launcher';
import { createLab, type Lab } from '../../../src-main/lab/index';
import { builtHost } from './built';

export interface TestLab {
  lab: Lab;
  home: string;
  /** Every event so far, oldest first. */
  events: { event: string; payload: unknown; at: number }[];
  close(): Promise<void>;
}

/** The real host with real engine processes, in a home of its own. */
export async function testLab(
  options: {
    home?: string;
    vanishedAfter?: number;
    probeMilliseconds?: number;
    onLaunch?: (pid: number) => void;
    wrap?: (handle: EngineHandle) => EngineHandle;
  } = {},
): Promise<TestLab> {
  const { engine } = await builtHost();
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'deltalab-lab-'));
  const fork = forkEngine(engine);
  const lab = await createLab({
    version: '0.0.0-test',
    door: 'browser',
    settingsFolder: join(home, 'settings'),
    projectsFolder: join(home, 'projects'),
    vanishedAfter: options.vanishedAfter,
    probeMilliseconds: options.probeMilliseconds,
    engine: () => {
      const handle = fork();
      if (handle.pid !== undefined) options.onLaunch?.(handle.pid);
      return options.wrap?.(handle) ?? handle;
    },
  });
  const events: TestLab['events'] = [];
  lab.on((event, payload) => events.push({ event, payload: structuredClone(payload), at: Date.now() }));
  return {
    lab,
    home,
    events,
    close: async () => {
      await lab.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function createExample(
  { lab }: TestLab,
  example: string,
  change: (document: ProjectDocument) => void = () => undefined,
): Promise<OpenProject> {
  const created = await lab.call('projects.create', { name: example, example });
  const document = structuredClone(created.document);
  change(document);
  const { revision } = await lab.call('projects.update', { project: created.id, revision: created.revision, document });
  return { ...created, document, revision };
}

/** Waits for an event that `accept` takes, past ones included. */
export async function waitFor<Name extends EventName>(
  { events }: TestLab,
  name: Name,
  accept: (payload: LabEvents[Name]) => boolean,
  milliseconds = 30_000,
): Promise<{ payload: LabEvents[Name]; at: number }> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const found = events.find(({ event, payload }) => event === name && accept(payload as LabEvents[Name]));
    if (found) return { payload: found.payload as LabEvents[Name], at: found.at };
    if (Date.now() > until) throw new Error(`no ${name} within ${milliseconds} ms; ${events.length} events`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export async function untilState(
  test: TestLab,
  { project, experiment }: { project: string; experiment: string },
  state: ExperimentSummary['state'],
): Promise<ExperimentSummary> {
  const { payload } = await waitFor(
    test,
    'experiment.changed',
    (change) => change.project === project && change.experiment === experiment && change.summary?.state === state,
  );
  if (!payload.summary) throw new Error('the experiment was deleted');
  return payload.summary;
}
