import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineHandle } from '../../../src-main/engine/launcher';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
let pids: number[];
/** Changes what the engine processes say. */
let tamper: (message: unknown) => unknown;

beforeEach(async () => {
  pids = [];
  tamper = (message) => message;
  test = await testLab({
    onLaunch: (pid) => pids.push(pid),
    wrap: (handle: EngineHandle) => ({
      ...handle,
      onMessage: (listener) => handle.onMessage((message) => listener(tamper(message))),
    }),
  });
});
afterEach(() => test.close());

async function trained() {
  const project = await createExample(test, 'iris', ({ training }) => {
    training.epochs = 3;
    training.lanes = [{ learningRate: 0.1 }];
  });
  const { id } = await test.lab.call('experiments.start', { project: project.id });
  const call = { project: project.id, experiment: id };
  await untilState(test, call, 'finished');
  return { project, call };
}

describe('an export whose answers differ', () => {
  it('is an error with the row, and the file is not kept', async () => {
    const { project, call } = await trained();
    // The engine's answers, a thousandth off.
    tamper = (message) => {
      const { kind, value } = message as { kind: string; value?: Record<string, { data?: Float32Array }> };
      const data = kind === 'answer' ? value?.output?.data : undefined;
      data?.forEach((number, index) => (data[index] = number + 0.01));
      return message;
    };
    await expect(test.lab.call('models.export', { ...call, lane: 'lane-1' })).rejects.toMatchObject({
      code: 'model.verification-failed',
      details: { limit: 1e-4 },
    });
    expect(readdirSync(join(project.path, 'exports'))).toEqual([]);
    expect(existsSync(join(project.path, 'experiments/001/lane-1/export.json'))).toBe(false);
    tamper = (message) => message;
    expect((await test.lab.call('models.export', { ...call, lane: 'lane-1' })).verification.rows).toBe(30);
  });
});

describe('an export to a name that is taken', () => {
  it('replaces an earlier export and nothing else', async () => {
    const { project, call } = await trained();
    const exportTo = (path: string) => test.lab.call('models.export', { ...call, lane: 'lane-1', path });
    const own = join(project.path, 'notes.onnx.unchecked');
    writeFileSync(own, 'mine');
    await exportTo('notes.onnx');
    await exportTo('notes.onnx');
    expect(readFileSync(own, 'utf8')).toBe('mine');

    const csv = project.document.data.kind === 'table' ? project.document.data.path : '';
    for (const file of ['project.json', csv, 'data', 'experiments/001/lane-1/last.onnx', './experiments/x.onnx']) {
      const path = join(project.path, file);
      const before = existsSync(path) && file !== 'data' ? readFileSync(path) : null;
      await expect(exportTo(file), file).rejects.toMatchObject({ code: 'model.not-replaced' });
      if (before) expect(readFileSync(path), file).toEqual(before);
    }
  });

  it('lets two exports to one name run at once', async () => {
    const { call } = await trained();
    const both = [1, 2].map(() => test.lab.call('models.export', { ...call, lane: 'lane-1', path: 'twice.onnx' }));
    const [one, two] = await Promise.all(both);
    expect(readFileSync(one!.path).length).toBe(two!.bytes);
  });
});

describe('the process for short computations', () => {
  it('is started anew after it was killed', async () => {
    const [cpu] = await test.lab.call('devices.list', {});
    expect(cpu).toMatchObject({ id: 'cpu', usable: true });
    const first = pids.at(-1)!;
    process.kill(first, 'SIGKILL');
    await expect
      .poll(async () => (await test.lab.handle('devices.list', {})).ok && pids.at(-1) !== first, { timeout: 10_000 })
      .toBe(true);
  });
});

describe('files that are gone or damaged', () => {
  it('are named, do not hold up the others, and can be deleted', async () => {
    const { project, call } = await trained();
    rmSync(join(project.path, 'experiments/001/lane-1/best.onnx'));
    await expect(test.lab.call('experiments.evaluate', { ...call, lane: 'lane-1' })).rejects.toMatchObject({
      code: 'experiment.no-weights',
      details: { lane: 'lane-1' },
    });
    writeFileSync(join(project.path, 'experiments/001/experiment.json'), '{}');
    await expect(test.lab.call('experiments.get', call)).rejects.toMatchObject({ code: 'experiment.invalid-file' });
    expect(await test.lab.call('experiments.list', { project: project.id })).toMatchObject([
      { id: '001', state: 'failed', error: { code: 'experiment.invalid-file' } },
    ]);
    // It can still be deleted, whatever is in it.
    await test.lab.call('experiments.remove', call);
    expect(await test.lab.call('experiments.list', { project: project.id })).toEqual([]);
  });

  it('refuses names that would leave the project', async () => {
    const { call } = await trained();
    for (const experiment of ['../001', '..', '001/../../x', ''])
      expect(await test.lab.handle('experiments.get', { ...call, experiment })).toMatchObject({ ok: false });
  });
});
