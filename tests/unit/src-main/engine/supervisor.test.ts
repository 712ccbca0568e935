import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineExit, EngineHandle } from '../../../../src-main/engine/launcher';
import type { Command, Report } from '../../../../src-main/engine/protocol';
import { EngineSupervisor, type EngineCause, type EngineLimits } from '../../../../src-main/engine/supervisor';

const build = { version: '1', compiler: 'c', instructionSet: 'avx2', processors: 2 };
const graph = { name: 'g', nodes: [], initializers: [], inputs: [], outputs: [] };
const limits: EngineLimits = { start: 1000, exit: 300, term: 200, heartbeat: 4000, stall: 20_000 };

/** A process that says what the test tells it to say, and remembers what it was sent. */
class FakeProcess implements EngineHandle {
  readonly pid = 4711;
  readonly sent: Command[] = [];
  readonly signals: string[] = [];
  private tell: (message: unknown) => void = () => undefined;
  private end: (exit: EngineExit) => void = () => undefined;
  diesOf: string[] = ['SIGTERM', 'SIGKILL'];

  send(message: unknown): void {
    this.sent.push(message as Command);
  }
  onMessage(listener: (message: unknown) => void): void {
    this.tell = listener;
  }
  onExit(listener: (exit: EngineExit) => void): void {
    this.end = listener;
  }
  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(signal);
    if (this.diesOf.includes(signal)) this.exit({ code: null, signal });
  }
  says(report: Report): void {
    this.tell(report);
  }
  exit(exit: EngineExit): void {
    this.end(exit);
  }
}

let child: FakeProcess;
let deaths: EngineCause[];
let supervisor: EngineSupervisor;

beforeEach(() => {
  vi.useFakeTimers();
  child = new FakeProcess();
  deaths = [];
  supervisor = new EngineSupervisor(() => child, { onDeath: (cause) => deaths.push(cause) }, limits);
});
afterEach(() => {
  vi.useRealTimers();
});

async function started(): Promise<void> {
  const starting = supervisor.start();
  child.says({ kind: 'ready', build });
  await starting;
}

const progress = (phase: 'running' | 'paused' | 'finished', step = 1): Report => ({
  kind: 'progress',
  phase,
  step,
  epoch: 0,
  sampleInEpoch: 0,
  samplesPerEpoch: 1,
  samplesPerSecond: 0,
  lanes: [],
});

describe('states', () => {
  it('idle → starting → ready → running → paused → ready → stopping → dead', async () => {
    const seen = [supervisor.state];
    const starting = supervisor.start();
    seen.push(supervisor.state);
    child.says({ kind: 'ready', build });
    expect(await starting).toEqual(build);
    seen.push(supervisor.state);
    for (const phase of ['running', 'paused', 'finished'] as const) {
      child.says(progress(phase));
      seen.push(supervisor.state);
    }
    const stopping = supervisor.stop();
    seen.push(supervisor.state);
    expect(child.sent.at(-1)).toEqual({ kind: 'exit' });
    child.exit({ code: 0, signal: null });
    await stopping;
    expect([...seen, supervisor.state]).toEqual([
      'idle',
      'starting',
      'ready',
      'running',
      'paused',
      'ready',
      'stopping',
      'dead',
    ]);
    expect(deaths).toEqual([]);
  });

  it('cannot be started twice', async () => {
    await started();
    expect(() => supervisor.start()).toThrow('twice');
  });
});

describe('starting', () => {
  it('that takes too long is ended and reported', async () => {
    const starting = supervisor.start();
    const refused = expect(starting).rejects.toMatchObject({ code: 'engine.not-started' });
    await vi.advanceTimersByTimeAsync(1001);
    await refused;
    expect(child.signals).toEqual(['SIGKILL']);
    expect(supervisor.state).toBe('dead');
  });

  it('that fails says why, and the process is sent home', async () => {
    const starting = supervisor.start();
    const details = { path: 'deltalab.node', reason: 'no such file' };
    child.says({ kind: 'failed-to-start', error: { code: 'engine.addon-missing', message: '', details } });
    await expect(starting).rejects.toMatchObject({ code: 'engine.addon-missing', details });
    expect(child.sent).toEqual([{ kind: 'exit' }]);
    child.exit({ code: 1, signal: null });
    expect(deaths).toEqual([]);
  });
});

describe('calls', () => {
  it('are answered by their number, in any order', async () => {
    await started();
    const first = supervisor.call('weights', 0);
    const second = supervisor.call('predict', { lane: 0, inputs: new Float32Array(1), count: 1 });
    const [one, two] = child.sent.map((command) => (command.kind === 'call' ? command.id : -1));
    child.says({ kind: 'answer', id: two!, ok: true, value: Float32Array.of(7) });
    child.says({ kind: 'answer', id: one!, ok: true, value: { last: {}, best: null } });
    expect(await second).toEqual(Float32Array.of(7));
    expect(await first).toEqual({ last: {}, best: null });
  });

  it("carry the addon's own refusal, its words kept", async () => {
    await started();
    const call = supervisor.call('run', null);
    child.says({
      kind: 'refusal',
      id: 1,
      error: { code: 'shape.mismatch', message: 'Gemm wants 4', details: { node: 'g' } },
    });
    await expect(call).rejects.toMatchObject({
      code: 'engine.failed',
      details: { refusal: 'shape.mismatch', detail: 'Gemm wants 4', node: 'g' },
    });
  });

  it('are rejected with cause and state when the process dies, and so are later ones', async () => {
    await started();
    child.says(progress('running'));
    const call = supervisor.call('weights', 0);
    child.exit({ code: null, signal: 'SIGKILL' });
    await expect(call).rejects.toMatchObject({
      code: 'engine.call-lost',
      details: { call: 'weights', cause: 'signal', signal: 'SIGKILL', state: 'running' },
    });
    expect(deaths).toEqual([{ cause: 'signal', signal: 'SIGKILL' }]);
    await expect(supervisor.call('run', null)).rejects.toMatchObject({ code: 'engine.call-lost' });
  });

  it('with an answer of the wrong shape fail instead of passing it on', async () => {
    await started();
    const call = supervisor.call('weights', 0);
    child.says({ kind: 'answer', id: 1, ok: true, value: { last: 'everything' } });
    await expect(call).rejects.toThrow('weights');
  });
});

describe('a message that cannot be used', () => {
  it('ends the process, with the cause, and not the app', async () => {
    await started();
    const lost = expect(supervisor.call('weights', 0)).rejects.toMatchObject({ code: 'engine.call-lost' });
    expect(() => child.says({ kind: 'heartbeat', step: -1 })).not.toThrow();
    await lost;
    expect(child.signals).toEqual(['SIGKILL']);
    expect(deaths).toEqual([{ cause: 'bad-message', why: expect.stringContaining('step: ') as string }]);
  });
});

describe('ending', () => {
  it('goes from a message to SIGTERM to SIGKILL', async () => {
    await started();
    child.diesOf = ['SIGKILL'];
    const stopping = supervisor.stop();
    await vi.advanceTimersByTimeAsync(299);
    expect(child.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(child.signals).toEqual(['SIGTERM']);
    await vi.advanceTimersByTimeAsync(200);
    expect(child.signals).toEqual(['SIGTERM', 'SIGKILL']);
    await stopping;
  });
});

describe('the watch', () => {
  it('ends a process that gives no sign of life, and says so', async () => {
    await started();
    for (let second = 0; second < 10; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      child.says({ kind: 'heartbeat', step: null });
    }
    expect(deaths).toEqual([]);
    await vi.advanceTimersByTimeAsync(6000);
    expect(deaths).toEqual([{ cause: 'silent', seconds: 4 }]);
  });

  it('gives a process the long limit while it computes an answer, which holds its heartbeat back', async () => {
    await started();
    const call = supervisor.call('infer', { graph, inputs: {}, threads: 0 });
    await vi.advanceTimersByTimeAsync(18_000);
    expect(deaths).toEqual([]);
    child.says({ kind: 'answer', id: 1, ok: true, value: {} });
    expect(await call).toEqual({});
    await vi.advanceTimersByTimeAsync(6000);
    expect(deaths).toEqual([{ cause: 'silent', seconds: 4 }]);
  });

  it('ends one that never answers', async () => {
    await started();
    const lost = expect(supervisor.call('infer', { graph, inputs: {}, threads: 0 })).rejects.toMatchObject({
      details: { cause: 'silent', seconds: 20 },
    });
    await vi.advanceTimersByTimeAsync(22_000);
    await lost;
  });

  it('does not take a small command for a computation', async () => {
    await started();
    const lost = expect(supervisor.call('setSpeed', 1)).rejects.toMatchObject({ code: 'engine.call-lost' });
    await vi.advanceTimersByTimeAsync(6000);
    await lost;
    expect(deaths).toEqual([{ cause: 'silent', seconds: 4 }]);
  });

  it('ends a process whose training thread stands still while it should run', async () => {
    await started();
    child.says(progress('running', 5));
    for (let second = 0; second < 22; second++) {
      child.says({ kind: 'heartbeat', step: 5 });
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(deaths).toEqual([{ cause: 'stalled', seconds: 20 }]);
  });

  it('waits for the next epoch of one that was slowed down, and no longer than that', async () => {
    await started();
    void supervisor.call('setSpeed', 1 / 100).catch(() => undefined);
    child.says({ kind: 'answer', id: 1, ok: true, value: null });
    child.says(progress('running', 5));
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        child.says({ kind: 'heartbeat', step: 5 });
        await vi.advanceTimersByTimeAsync(1000);
      }
    };
    await pass(110);
    expect(deaths).toEqual([]);
    await pass(15);
    expect(deaths).toEqual([{ cause: 'stalled', seconds: 120 }]);
  });

  it('lets one that is paused stand as long as it likes', async () => {
    await started();
    child.says(progress('paused', 5));
    for (let second = 0; second < 60; second++) {
      child.says({ kind: 'heartbeat', step: 5 });
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(deaths).toEqual([]);
  });
});
