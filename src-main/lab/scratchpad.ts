import { randomUUID } from 'node:crypto';
import type { EventName } from '../../shared/api/contract';
import type {
  CellOutcome,
  Drawing,
  NetworkSource,
  Suggestion,
  ValueView,
  VariableInfo,
} from '../../shared/api/scratchpad';
import { dataNameTyped } from '../../shared/python/suggest';
import { LabError } from '../../shared/errors';
import type { Graph } from '../../shared/network/graph';
import type { RecordedGraph } from '../../shared/recorded-graph/recorded-graph';
import type { EngineLauncher } from '../engine/launcher';
import type { EngineInput } from '../engine/protocol';
import { EngineSupervisor } from '../engine/supervisor';
import { answerHostCall, dataParts, type HostAnswers } from '../scratchpad/host-calls';
import type { Handlers, LabContext } from './context';
import { readCells, writeCells } from './scratchpad-file';

type ScratchpadCalls =
  | 'scratchpad.open'
  | 'scratchpad.load'
  | 'scratchpad.save'
  | 'scratchpad.close'
  | 'scratchpad.run'
  | 'scratchpad.stop'
  | 'scratchpad.reset'
  | 'scratchpad.variables'
  | 'scratchpad.graph'
  | 'scratchpad.view'
  | 'scratchpad.complete';

type Emit = (event: EventName, payload: unknown) => void;

/** One notebook: a process that is started for its first cell, and anew after it died. */
class Scratchpad {
  private process: { supervisor: EngineSupervisor; started: Promise<unknown> } | null = null;
  private cell: string | null = null;

  constructor(
    readonly id: string,
    /** The page it is open in; null: none at the moment. */
    public holder: object | null,
    private readonly launch: EngineLauncher,
    private readonly emit: Emit,
    private readonly answers: (project: string | null) => HostAnswers,
  ) {}

  /** Whose data its cells may ask for. */
  project: string | null = null;

  /** The cell that runs. */
  get runningCell(): string | null {
    return this.cell;
  }

  async run(cell: string, code: string): Promise<CellOutcome> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    this.cell = cell;
    try {
      return await (await this.running()).call('runCell', { code });
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      if (error.code === 'engine.call-lost') throw new LabError('scratchpad.died', error.details);
      if (error.code === 'device.failed') throw await this.cardFailed(error);
      throw error;
    } finally {
      this.cell = null;
    }
  }

  /** Nothing can be asked of a card that failed in this process any more: it ends, as if it had died by itself. */
  private async cardFailed({ details: { call, reason } }: LabError): Promise<LabError> {
    const died = new LabError('scratchpad.died', { cause: 'card-failed', call: call ?? '', why: reason ?? '' });
    await this.close();
    this.emit('scratchpad.died', { scratchpad: this.id, error: died.toRecord() });
    return died;
  }

  async stop(): Promise<void> {
    // A cell that was asked for while the process is starting is stopped as soon as it begins.
    if (this.cell !== null) await (await this.running()).call('stopCell', null);
  }

  async reset(): Promise<void> {
    await this.process?.supervisor.call('resetNotebook', null);
  }

  async variables(): Promise<VariableInfo[]> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    return this.process ? (await this.running()).call('listVariables', null) : [];
  }

  async view(name: string, as: ValueView): Promise<Drawing | null> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    return (await this.running()).call('viewVariable', { name, as });
  }

  async graph(name: string): Promise<RecordedGraph> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    return (await this.running()).call('recordedGraph', { name });
  }

  async networkSource(name: string): Promise<NetworkSource> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    return (await this.running()).call('networkSource', { name });
  }

  /** A variable as the graph of a network. */
  async networkGraph(choice: EngineInput<'networkGraph'>): Promise<Graph> {
    if (this.cell !== null) throw new LabError('scratchpad.busy');
    return (await this.running()).call('networkGraph', choice);
  }

  async complete(code: string, line: number, column: number): Promise<Suggestion[]> {
    const typed = dataNameTyped((code.split('\n')[line - 1] ?? '').slice(0, column));
    if (typed) return this.dataNames(typed.asks);
    return (await this.running()).call('suggest', { code, line, column });
  }

  /** Of the project's data; none where they cannot be read. */
  private async dataNames(asked: 'column' | 'part'): Promise<Suggestion[]> {
    const { dataColumns } = this.answers(this.project);
    const names = asked === 'part' ? dataParts : await dataColumns(null).catch(() => []);
    return names.map((name) => ({ name, kind: 'text', signature: null, help: '' }));
  }

  async close(): Promise<void> {
    const { process } = this;
    this.process = null;
    await process?.supervisor.stop();
  }

  private async running(): Promise<EngineSupervisor> {
    const process = this.process ?? this.start();
    await process.started;
    return process.supervisor;
  }

  private start(): NonNullable<Scratchpad['process']> {
    const supervisor = new EngineSupervisor(this.launch, {
      onCellOutput: (pieces) => this.emit('scratchpad.output', { scratchpad: this.id, cell: this.cell ?? '', pieces }),
      onHostCall: (call) => answerHostCall(this.answers(this.project), call),
      onDeath: (cause) => {
        this.forget(supervisor);
        this.emit('scratchpad.died', {
          scratchpad: this.id,
          error: new LabError('scratchpad.died', cause).toRecord(),
        });
      },
    });
    const started = supervisor.start();
    started.catch(() => this.forget(supervisor));
    this.process = { supervisor, started };
    return this.process;
  }

  private forget(supervisor: EngineSupervisor): void {
    if (this.process?.supervisor === supervisor) this.process = null;
  }
}

/** The notebooks that pages have open. Their text is the page's: whatever happens to a process loses variables only. */
export class Scratchpads {
  private readonly open = new Map<string, Scratchpad>();

  constructor(
    private readonly launch: EngineLauncher,
    private readonly emit: Emit,
    /** What cells of a project's notebook may ask for. */
    private readonly answers: (project: string | null) => HostAnswers,
    /** Milliseconds a notebook waits for its page to come back. */
    private readonly vanishedAfter: number,
  ) {}

  get(id: string): Scratchpad {
    const found = this.open.get(id);
    if (!found) throw new LabError('scratchpad.not-open');
    return found;
  }

  /** Takes up a notebook again, or makes a new one. */
  hold(id: string | null, holder: object, project: string | null): Scratchpad {
    const known = id === null ? undefined : this.open.get(id);
    const scratchpad = known ?? new Scratchpad(randomUUID(), holder, this.launch, this.emit, this.answers);
    scratchpad.holder = holder;
    scratchpad.project = project;
    this.open.set(scratchpad.id, scratchpad);
    return scratchpad;
  }

  async close(id: string): Promise<void> {
    const scratchpad = this.get(id);
    this.open.delete(id);
    await scratchpad.close();
  }

  /** The page is gone; it may be loaded anew in a moment. */
  release(holder: object): void {
    for (const scratchpad of this.open.values()) {
      if (scratchpad.holder !== holder) continue;
      scratchpad.holder = null;
      const timer = setTimeout(() => {
        if (scratchpad.holder === null && this.open.has(scratchpad.id)) void this.close(scratchpad.id);
      }, this.vanishedAfter);
      timer.unref();
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((id) => this.close(id)));
  }
}

export function scratchpadHandlers(context: LabContext, scratchpads: Scratchpads): Handlers<ScratchpadCalls> {
  return {
    'scratchpad.load': ({ project }) => readCells(context.projects.get(project).path),
    'scratchpad.save': async ({ project, cells, revision }) => {
      const session = context.projects.get(project);
      session.assertWritable();
      const saved = await session.inTurn(() => writeCells(session.path, cells, revision));
      context.emit('scratchpad.saved', { project, revision: saved });
      return { revision: saved };
    },
    'scratchpad.open': async ({ scratchpad, project }, holder) => {
      const opened = scratchpads.hold(scratchpad, holder, project);
      const running = opened.runningCell;
      return { scratchpad: opened.id, running, variables: running === null ? await opened.variables() : [] };
    },
    'scratchpad.close': async ({ scratchpad }) => {
      await scratchpads.close(scratchpad);
      return null;
    },
    'scratchpad.run': ({ scratchpad, cell, code }) => scratchpads.get(scratchpad).run(cell, code),
    'scratchpad.stop': async ({ scratchpad }) => {
      await scratchpads.get(scratchpad).stop();
      return null;
    },
    'scratchpad.reset': async ({ scratchpad }) => {
      await scratchpads.get(scratchpad).reset();
      return null;
    },
    'scratchpad.variables': ({ scratchpad }) => scratchpads.get(scratchpad).variables(),
    'scratchpad.view': ({ scratchpad, name, as }) => scratchpads.get(scratchpad).view(name, as),
    'scratchpad.graph': ({ scratchpad, name }) => scratchpads.get(scratchpad).graph(name),
    'scratchpad.complete': ({ scratchpad, code, line, column }) =>
      scratchpads.get(scratchpad).complete(code, line, column),
  };
}
