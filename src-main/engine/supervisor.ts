import type { ZodError } from 'zod';
import { LabError, isErrorCode, type ErrorDetails } from '../../shared/errors';
import type { CellOutput } from '../../shared/api/scratchpad';
import type { HostAnswer, HostCall } from '../scratchpad/host-calls';
import type { EngineExit, EngineHandle, EngineLauncher } from './launcher';
import type { EngineBuild } from './native';
import {
  engineCalls,
  reportSchema,
  type Command,
  type EngineCallName,
  type EngineCheckpoint,
  type EngineFailure,
  type EngineInput,
  type EngineOutput,
  type EngineProgress,
  type Report,
} from './protocol';

/**
 * Life of an engine process.
 *
 *   idle → starting → ready ⇄ running ⇄ paused → stopping → dead
 *
 * Any state may fall to dead, when the process ends by itself; then what was pending is rejected with the cause.
 */
export type EngineState = 'idle' | 'starting' | 'ready' | 'running' | 'paused' | 'stopping' | 'dead';

/** How a process ended: a word of shared/errors/reasons.ts with its values, as details of an error. */
export type EngineCause = ErrorDetails & { cause: string };

export interface EngineListeners {
  onProgress?(progress: EngineProgress): void;
  onCheckpoint?(checkpoint: EngineCheckpoint): void;
  /** What the running cell of a notebook wrote or drew. */
  onCellOutput?(pieces: CellOutput[]): void;
  /** What the running cell of a notebook asks for. */
  onHostCall?(call: HostCall): Promise<HostAnswer>;
  /** Training threw; the process is still there and should be stopped. */
  onBroken?(error: LabError): void;
  /** The process ended and nobody had asked it to. */
  onDeath?(cause: EngineCause): void;
}

export interface EngineLimits {
  start: number;
  /** From the exit message to SIGTERM, and from there to SIGKILL. */
  exit: number;
  term: number;
  /** Without a heartbeat of the process, while it has nothing to compute that would hold it back. */
  heartbeat: number;
  /** Without a step of the training thread while it runs; without an answer or a heartbeat while it computes one. */
  stall: number;
}

export const defaultLimits: EngineLimits = {
  start: 20_000,
  exit: 3000,
  term: 2000,
  heartbeat: 15_000,
  stall: 600_000,
};

const stateOfPhase = {
  starting: 'ready',
  running: 'running',
  paused: 'paused',
  finished: 'ready',
  stopped: 'ready',
} as const satisfies Record<EngineProgress['phase'], EngineState>;

/** Computed on the thread that sends the heartbeat: while one is pending there is none. */
const holdsHeartbeat: ReadonlySet<EngineCallName> = new Set([
  'open',
  'predict',
  'weights',
  'infer',
  'gradients',
  'missingOperators',
  'trainingMemory',
]);

interface Pending {
  call: EngineCallName;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class EngineSupervisor {
  private currentState: EngineState = 'idle';
  private handle: EngineHandle | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  /** Why we killed it, when we did. */
  private killedFor: EngineCause | null = null;
  private started: { resolve(build: EngineBuild): void; reject(error: Error): void } | null = null;
  private readonly ends: (() => void)[] = [];
  private watch: NodeJS.Timeout | null = null;
  /** What the training thread was slowed down to. */
  private epochsPerSecond: number | null = null;
  private sign = { time: 0, checked: 0, step: -1, stepTime: 0 };

  constructor(
    private readonly launch: EngineLauncher,
    private readonly listeners: EngineListeners = {},
    private readonly limits: EngineLimits = defaultLimits,
  ) {}

  get state(): EngineState {
    return this.currentState;
  }

  get pid(): number | undefined {
    return this.handle?.pid;
  }

  start(): Promise<EngineBuild> {
    if (this.currentState !== 'idle') throw new Error(`engine process started twice (${this.currentState})`);
    this.currentState = 'starting';
    const handle = this.launch();
    this.handle = handle;
    handle.onMessage((message) => {
      const report = reportSchema.safeParse(message);
      if (report.success) this.receive(report.data);
      else this.kill({ cause: 'bad-message', why: describe(report.error) });
    });
    handle.onExit((exit) => this.ended(exit));
    const timer = setTimeout(
      () => this.kill({ cause: 'slow-start', seconds: this.limits.start / 1000 }),
      this.limits.start,
    );
    return new Promise<EngineBuild>((resolve, reject) => {
      this.started = { resolve, reject };
    }).finally(() => clearTimeout(timer));
  }

  call<Name extends EngineCallName>(call: Name, input: EngineInput<Name>): Promise<EngineOutput<Name>> {
    if (this.currentState === 'idle' || this.currentState === 'starting' || this.currentState === 'dead')
      return Promise.reject(lost(call, { cause: 'no-process' }, this.currentState));
    if (call === 'setSpeed') this.epochsPerSecond = input as EngineInput<'setSpeed'>;
    const id = this.nextId++;
    return new Promise<EngineOutput<Name>>((resolve, reject) => {
      this.pending.set(id, {
        call,
        resolve: (value) => {
          const parsed = engineCalls[call].output.safeParse(value);
          if (parsed.success) resolve(parsed.data as EngineOutput<Name>);
          else reject(new Error(`the engine's answer to ${call} cannot be used: ${parsed.error.message}`));
        },
        reject,
      });
      this.post({ kind: 'call', id, call, input });
    });
  }

  /** Asks the process to end, then insists: exit message, SIGTERM, SIGKILL. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.currentState === 'idle' || this.currentState === 'dead') return;
    const gone = new Promise<void>((resolve) => this.ends.push(resolve));
    if (this.currentState !== 'stopping') {
      this.currentState = 'stopping';
      this.post({ kind: 'exit' });
    }
    const term = setTimeout(() => this.handle?.kill('SIGTERM'), this.limits.exit);
    const kill = setTimeout(() => this.handle?.kill('SIGKILL'), this.limits.exit + this.limits.term);
    await gone;
    clearTimeout(term);
    clearTimeout(kill);
  }

  private post(command: Command): void {
    this.handle?.send(command);
  }

  private kill(cause: EngineCause): void {
    this.killedFor ??= cause;
    this.handle?.kill('SIGKILL');
  }

  private receive(report: Report): void {
    if (this.currentState === 'dead') return;
    this.sign.time = Date.now();
    switch (report.kind) {
      case 'ready':
        if (this.currentState !== 'starting') return;
        this.currentState = 'ready';
        this.startWatch();
        this.started?.resolve(report.build);
        return;
      case 'failed-to-start':
        this.started?.reject(fromFailure(report.error));
        void this.stop();
        return;
      case 'answer':
        this.take(report.id)?.resolve(report.value);
        return;
      case 'refusal':
        this.take(report.id)?.reject(fromFailure(report.error));
        return;
      case 'progress':
        if (this.currentState !== 'stopping') this.currentState = stateOfPhase[report.phase];
        this.sign.stepTime = Date.now();
        this.listeners.onProgress?.(report);
        return;
      case 'checkpoint':
        this.listeners.onCheckpoint?.(report);
        return;
      case 'cell-output':
        this.listeners.onCellOutput?.(report.pieces);
        return;
      case 'host-call':
        void this.answerHostCall(report);
        return;
      case 'broken':
        this.listeners.onBroken?.(fromFailure(report.error));
        return;
      case 'heartbeat':
        if (report.step !== null && report.step !== this.sign.step) {
          this.sign.step = report.step;
          this.sign.stepTime = Date.now();
        }
        return;
    }
  }

  private async answerHostCall(asked: HostCall): Promise<void> {
    const answer = await this.listeners.onHostCall?.(asked);
    // The process may be gone by now, and its question with it.
    if (answer) await this.call('answerCell', { id: asked.id, answer }).catch(() => undefined);
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private startWatch(): void {
    const now = Date.now();
    this.sign = { time: now, checked: now, step: -1, stepTime: now };
    const every = Math.min(1000, this.limits.heartbeat / 4);
    this.watch = setInterval(() => this.check(every), every);
    this.watch.unref();
  }

  private check(every: number): void {
    const now = Date.now();
    // We were asleep ourselves (a closed lid, a debugger): the process gets the whole time again.
    if (now - this.sign.checked > every + 2000) this.sign = { ...this.sign, time: now, stepTime: now };
    this.sign.checked = now;
    const computes = [...this.pending.values()].some(({ call }) => holdsHeartbeat.has(call));
    const silence = computes ? this.limits.stall : this.limits.heartbeat;
    if (now - this.sign.time > silence) this.kill({ cause: 'silent', seconds: Math.round(silence / 1000) });
    // A slowed run makes an epoch's steps at once, then waits until the next is due.
    const stall = this.limits.stall + (this.epochsPerSecond === null ? 0 : 1000 / this.epochsPerSecond);
    if (this.currentState === 'running' && now - this.sign.stepTime > stall)
      this.kill({ cause: 'stalled', seconds: Math.round(stall / 1000) });
  }

  private ended(exit: EngineExit): void {
    if (this.currentState === 'dead') return;
    const state = this.currentState;
    const cause = this.killedFor ?? causeOf(exit);
    this.currentState = 'dead';
    if (this.watch) clearInterval(this.watch);
    this.started?.reject(new LabError('engine.not-started', cause));
    for (const { call, reject } of this.pending.values()) reject(lost(call, cause, state));
    this.pending.clear();
    if (state !== 'stopping' && state !== 'starting') this.listeners.onDeath?.(cause);
    for (const end of this.ends) end();
  }
}

function causeOf({ code, signal, failure }: EngineExit): EngineCause {
  if (failure !== undefined) return { cause: 'not-launched', why: failure };
  return signal ? { cause: 'signal', signal } : { cause: 'exit', exitCode: code ?? '?' };
}

/** Where the first thing wrong was found, in one line. */
function describe({ issues: [issue] }: ZodError): string {
  return issue ? `${issue.path.join('.')}: ${issue.message}` : 'no reason given';
}

function lost(call: string, cause: EngineCause, state: EngineState): LabError {
  return new LabError('engine.call-lost', { call, ...cause, state });
}

/** An error of the engine process; the addon's own codes are wrapped, their words kept. */
export function fromFailure(failure: EngineFailure): LabError {
  const details: ErrorDetails = failure.details;
  if (isErrorCode(failure.code)) return new LabError(failure.code, details);
  return new LabError('engine.failed', { ...details, refusal: failure.code, detail: failure.message });
}
