import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../../src-main/alive';
import { builtHost, root } from '../support/built';
import { deltalab } from '../support/cli';
import { testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
beforeEach(async () => {
  test = await testLab();
});
afterEach(() => test.close());

// The engine's number is read from /proc.
describe.skipIf(process.platform !== 'linux')('kill -9 of the whole app while it trains', () => {
  it('loses nothing that was reported: the next start finds it interrupted and goes on to the same bytes', async () => {
    const project = join(test.home, 'digits');
    const run = (...args: string[]) => deltalab(args, { home: test.home });
    // Seconds of training after the three epochs at which it is killed.
    const options = ['--lr', '0.05', '--epochs', '600', '--set', 'training.checkpointEvery=10', '--json'];
    expect((await run('new', project, '--example', 'digits')).code).toBe(0);
    expect((await run('train', project, ...options)).code).toBe(0);

    const { reported, engine } = await killedAt(project, options, 3);
    // Its engine process has nobody left to train for.
    const until = Date.now() + 5000;
    while (isAlive(engine) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isAlive(engine)).toBe(false);

    const opened = await test.lab.call('projects.open', { path: project });
    expect(opened.readOnly).toBeNull();
    const call = { project: opened.id, experiment: '002' };
    const found = await test.lab.call('experiments.get', call);
    expect(found).toMatchObject({ state: 'interrupted', error: { code: 'engine.closed' } });
    const series = await test.lab.call('experiments.series', { ...call, lane: 'lane-1' });
    expect(series.length).toBeGreaterThanOrEqual(reported);

    await test.lab.call('experiments.resume', call);
    await untilState(test, call, 'finished');
    for (const file of ['last.onnx', 'best.onnx', 'metrics.jsonl']) {
      const read = (experiment: string) => readFileSync(join(project, 'experiments', experiment, 'lane-1', file));
      expect(read('002'), file).toEqual(read('001'));
    }
  });

  /** Trains as another process, kills that with SIGKILL after some epochs; how many were reported, and its engine's number. */
  async function killedAt(project: string, options: string[], epochs: number) {
    const { cli, engine } = await builtHost();
    const child = spawn(process.execPath, [cli, 'train', project, ...options], {
      cwd: root,
      env: { ...process.env, DELTALAB_HOME: test.home, DELTALAB_ENGINE: engine },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`ended by itself (${code})`)));
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString('utf8');
        if (out.split('"event":"epoch"').length > epochs) resolve();
      });
    });
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number);
    child.removeAllListeners('exit');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    return { reported: out.split('"event":"epoch"').length - 1, engine: children.at(-1)! };
  }
});
