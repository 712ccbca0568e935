import type { CallName, CallOutput, CallParsed, EventName, LabEvents } from '../../shared/api/contract';
import type { EngineLauncher } from '../engine/launcher';
import type { Compute } from './compute';
import type { Devices } from './devices';
import type { DatasetCache } from './datasets';
import type { Examples } from './examples';
import type { ProjectRegistry } from './projects';
import type { ProjectSession } from './session';
import type { UserFiles } from './settings';

export interface LabOptions {
  version: string;
  door: 'electron' | 'browser' | 'cli';
  /** settings.json and recent.json; made when needed. */
  settingsFolder: string;
  /** Where new projects go unless the user says otherwise. */
  projectsFolder: string;
  /** Milliseconds a project stays open after its last page vanished without closing it: a page loaded anew takes it up again. */
  vanishedAfter?: number;
  /** Opened by the page at its start. */
  openProject?: string | null;
  engine: EngineLauncher;
  /** How long looking for graphics cards may take. */
  probeMilliseconds?: number;
  /** Default: the package's examples/. */
  examplesFolder?: string;
}

/** `holder` stands for the page that calls; what it opens is held for it. */
export type Handler<Name extends CallName> = (input: CallParsed<Name>, holder: object) => Promise<CallOutput<Name>>;
/** Every domain file gives the handlers of its calls. */
export type Handlers<Names extends CallName> = { [Name in Names]: Handler<Name> };

/** What the handlers share. */
export interface LabContext {
  readonly options: LabOptions;
  readonly user: UserFiles;
  readonly examples: Examples;
  readonly projects: ProjectRegistry;
  readonly datasets: DatasetCache;
  readonly compute: Compute;
  readonly devices: Devices;
  emit<Name extends EventName>(event: Name, payload: LabEvents[Name]): void;
  /** Tells everyone that project.json was written. */
  saved(session: ProjectSession): void;
}
