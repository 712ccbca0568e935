import { interruption, PythonError } from './errors';

export interface LimitSettings {
  /** Iterations of loops, calls, and elements that built-in functions touch. */
  steps: number;
  milliseconds: number;
  /** Bytes a program may hold. */
  memory: number;
  /** Characters a cell may print. */
  output: number;
  /** Calls inside calls. */
  depth: number;
}

export const defaultLimits: LimitSettings = {
  steps: 20_000_000_000,
  milliseconds: 30 * 60_000,
  memory: 2 ** 29,
  output: 1_000_000,
  depth: 1000,
};

/** What goes on around a program while it runs. */
export interface LimitWatch {
  /** Not 0: the user wants the program to end. */
  stopFlag?: Int32Array;
  /** Bytes held now, after a garbage collection. Without it what was ever taken counts as held. */
  measure?(): number;
  /** Asked often. */
  onCheck?(): void;
}

const stepsBetweenChecks = 500;

/** What a program has used up. One for the run of a cell; memory is held across cells and is measured anew. */
export class Limits {
  private steps = 0;
  private nextCheck = stepsBetweenChecks;
  private readonly end: number;
  private printed = 0;
  private held: number;
  private taken = 0;

  constructor(
    readonly settings: LimitSettings = defaultLimits,
    private readonly watch: LimitWatch = {},
  ) {
    this.end = performance.now() + settings.milliseconds;
    this.held = watch.measure?.() ?? 0;
  }

  charge(steps: number): void {
    this.steps += steps;
    if (this.steps >= this.nextCheck) this.check();
  }

  /** Before work that may take long, whatever its number of steps: ends the program if the user wants it. */
  poll(): void {
    const { stopFlag, onCheck } = this.watch;
    onCheck?.();
    if (stopFlag && Atomics.load(stopFlag, 0) !== 0) throw interruption('Stopped', 'stopped');
  }

  private check(): void {
    this.nextCheck = this.steps + stepsBetweenChecks;
    this.poll();
    const { steps, milliseconds } = this.settings;
    if (this.steps > steps)
      throw interruption('StepLimit', `the cell was ended after ${steps.toLocaleString('en')} steps`);
    if (performance.now() > this.end)
      throw interruption('TimeLimit', `the cell was ended after ${Math.round(milliseconds / 1000)} s`);
  }

  chargeMemory(bytes: number): void {
    this.taken += bytes;
    if (this.held + this.taken > this.settings.memory) this.collect(bytes);
  }

  private collect(bytes: number): void {
    const { memory } = this.settings;
    if (this.watch.measure && bytes <= memory) {
      this.held = this.watch.measure();
      this.taken = bytes;
    }
    // With little room left every new value would ask for a garbage collection: it ends here.
    if (this.held + this.taken > memory * 0.9) {
      this.taken -= bytes;
      throw new PythonError('MemoryError', `out of memory: the limit is ${Math.round(memory / 2 ** 20)} MB`);
    }
  }

  chargeOutput(characters: number): void {
    this.printed += characters;
    if (this.printed > this.settings.output) {
      const most = this.settings.output.toLocaleString('en');
      throw interruption('OutputLimit', `the cell was ended: it printed more than ${most} characters`);
    }
  }
}
