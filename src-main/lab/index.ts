import { join } from 'node:path';
import {
  calls,
  type CallInput,
  type CallName,
  type CallOutput,
  type CallParsed,
  type EventName,
} from '../../shared/api/contract';
import type { LabHost, WireResult } from '../../shared/api/wire';
import { LabError, toErrorRecord } from '../../shared/errors';
import { issueAsReason } from '../../shared/errors/zod-issue';
import { closeIdleTables } from '../data/index';
import { packageRoot } from '../engine/package-root';
import { appHandlers } from './app';
import { Compute } from './compute';
import type { Handlers, LabContext, LabOptions } from './context';
import { dataHandlers } from './data';
import { DatasetCache } from './datasets';
import { Devices } from './devices';
import { Examples } from './examples';
import { ExperimentRegistry } from './experiment-registry';
import { experimentHandlers } from './experiments';
import { inspectHandlers } from './inspect/index';
import { Downloads, modelHandlers } from './models';
import { projectHandlers, ProjectRegistry } from './projects';
import { scratchpadHandlers, Scratchpads } from './scratchpad';
import { scratchpadAnswers } from './scratchpad-data';
import { networkAnswers, scratchpadNetworkHandlers } from './scratchpad-network';
import { UserFiles } from './settings';

export type { LabOptions } from './context';

export type LabListener = (event: string, payload: unknown) => void;

/** The host behind every door: all calls of LabApi, and its events. */
export interface Lab extends LabHost {
  call<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<CallOutput<Name>>;
  handle(name: string, input: unknown, holder?: object): Promise<WireResult>;
  release(holder: object): void;
  on(listener: LabListener): () => void;
  download(id: string): string | null;
  /** For commands that compute without a project. */
  readonly compute: Compute;
  /** Stops what runs (with a checkpoint), gives the locks back, ends the processes. */
  close(): Promise<void>;
}

export async function createLab(options: LabOptions): Promise<Lab> {
  const listeners = new Set<LabListener>();
  const emit = (event: EventName, payload: unknown): void => {
    for (const listener of listeners) listener(event, payload);
  };
  const compute = new Compute(options.engine);
  const context: LabContext = {
    options,
    user: await UserFiles.open(options.settingsFolder),
    examples: new Examples(options.examplesFolder ?? join(packageRoot, 'examples')),
    projects: new ProjectRegistry({
      isBusy: (session) => experiments.isBusy(session),
      close: async (session) => {
        await experiments.stopAll(session);
        await context.datasets.closeProject(session.id);
        await session.close();
      },
      vanishedAfter: options.vanishedAfter ?? 30_000,
    }),
    datasets: new DatasetCache(),
    compute,
    devices: new Devices(options.engine, compute, options.probeMilliseconds),
    emit,
    saved: ({ id, revision }) => emit('project.saved', { project: id, revision, savedAt: new Date().toISOString() }),
  };
  const experiments = new ExperimentRegistry(context);
  const scratchpads = new Scratchpads(
    options.engine,
    emit,
    (project) => ({
      ...scratchpadAnswers(context)(project),
      ...networkAnswers(context, experiments)(project),
      cards: () => context.devices.usable(),
    }),
    options.vanishedAfter ?? 30_000,
  );
  const downloads = new Downloads();
  const handlers: Handlers<CallName> = {
    ...appHandlers(context),
    ...projectHandlers(context),
    ...dataHandlers(context),
    ...experimentHandlers(context, experiments),
    ...inspectHandlers(context, experiments),
    ...modelHandlers(context, experiments, downloads),
    ...scratchpadHandlers(context, scratchpads),
    ...scratchpadNetworkHandlers(context, scratchpads),
  };

  /** Holds what is opened in this process, not by a page. */
  const host = {};

  async function call<Name extends CallName>(
    name: Name,
    input: unknown,
    holder: object = host,
  ): Promise<CallOutput<Name>> {
    const parsed = calls[name].input.safeParse(input);
    if (!parsed.success) throw new LabError('app.invalid-call', { call: name, ...issueAsReason(parsed.error) });
    return handlers[name](parsed.data as CallParsed<Name>, holder);
  }

  let closing: Promise<void> | null = null;
  return {
    call: (name, input) => call(name, input),
    handle: async (name, input, holder) => {
      try {
        if (!Object.hasOwn(calls, name)) throw new LabError('app.invalid-call', { call: name, reason: 'no-such-call' });
        return { ok: true, value: await call(name as CallName, input, holder) };
      } catch (error) {
        return { ok: false, error: toErrorRecord(error) };
      }
    },
    release: (holder) => {
      context.projects.release(holder);
      scratchpads.release(holder);
    },
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    download: (id) => downloads.path(id),
    compute: context.compute,
    close: () => {
      closing ??= (async () => {
        await scratchpads.closeAll();
        await context.projects.closeAll();
        await context.devices.close();
        await context.compute.close();
        await closeIdleTables();
      })();
      return closing;
    },
  };
}
