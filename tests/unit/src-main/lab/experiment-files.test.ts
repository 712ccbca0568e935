import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EpochPoint } from '../../../../shared/api/experiments';
import { readState, writeState } from '../../../../src-main/lab/checkpoint';
import { ExperimentFolder, listExperimentIds, nextExperimentId } from '../../../../src-main/lab/experiment-files';

let root: string;
let folder: ExperimentFolder;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'deltalab-experiment-'));
  folder = new ExperimentFolder(join(root, 'experiments', '001'));
  mkdirSync(join(folder.path, 'lane-1'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const point = (epoch: number, loss: number): EpochPoint => ({
  epoch,
  step: epoch * 3,
  learningRate: 0.1,
  training: { loss, metrics: { accuracy: 0.5 } },
  validation: null,
});

describe('metrics.jsonl', () => {
  it('keeps what is not finite as null and reads it back as no number', async () => {
    await folder.appendPoints('lane-1', [point(0, 1.25), point(1, Infinity)]);
    const text = readFileSync(folder.lanePath('lane-1', 'metrics.jsonl'), 'utf8');
    expect(text.split('\n')[1]).toContain('"loss":null');
    const points = await folder.readPoints('lane-1');
    expect(points[0]).toEqual(point(0, 1.25));
    expect(points[1]?.training.loss).toBeNaN();
    expect(await folder.readPoints('lane-1', 1)).toHaveLength(1);
  });

  it('passes over a torn last line, and names a line that is damaged', async () => {
    await folder.appendPoints('lane-1', [point(0, 1), point(1, 0.5)]);
    const path = folder.lanePath('lane-1', 'metrics.jsonl');
    appendFileSync(path, '{"epoch":2,"ste');
    expect(await folder.readPoints('lane-1')).toHaveLength(2);
    writeFileSync(path, '{"epoch":0}\n');
    await expect(folder.readPoints('lane-1')).rejects.toMatchObject({
      code: 'experiment.invalid-file',
      details: { path, reason: 'at-line', line: 1, field: 'step', issue: 'missing' },
    });
  });

  it('takes back what came after a checkpoint, byte for byte', async () => {
    await folder.appendPoints(
      'lane-1',
      [0, 1, 2].map((epoch) => point(epoch, 1 / (epoch + 1))),
    );
    const before = readFileSync(folder.lanePath('lane-1', 'metrics.jsonl'), 'utf8');
    await folder.appendPoints('lane-1', [point(3, 0.1), point(4, NaN)]);
    await folder.dropPointsAfter('lane-1', 2);
    expect(readFileSync(folder.lanePath('lane-1', 'metrics.jsonl'), 'utf8')).toBe(before);
  });

  it('is empty before the first epoch', async () => {
    expect(await folder.readPoints('lane-1')).toEqual([]);
  });
});

describe('state.bin', () => {
  const checkpoint = {
    kind: 'checkpoint' as const,
    step: 12,
    epoch: 4,
    sampleInEpoch: 0,
    samplesPerEpoch: 9,
    state: Uint8Array.of(1, 2, 3, 250),
    lanes: [
      { last: {}, best: null, bestPoint: point(2, 0.25) },
      { last: {}, best: null, bestPoint: null },
    ],
  };

  it('holds position, best points and the trainer’s bytes together', async () => {
    await writeState(folder.statePath, checkpoint);
    expect(await readState(folder.statePath)).toEqual({
      step: 12,
      epoch: 4,
      best: [point(2, 0.25), null],
      state: checkpoint.state,
    });
  });

  it.each([
    ['nothing', (bytes: Buffer) => bytes.subarray(0, 0)],
    ['another file', () => Buffer.from('PK\u0003\u0004 something else entirely')],
    ['half a header', (bytes: Buffer) => bytes.subarray(0, 30)],
    ['a header of a length that cannot be', (bytes: Buffer) => (bytes.writeUInt32LE(0xffffffff, 8), bytes)],
    ['a damaged header', (bytes: Buffer) => (bytes.write('xx', 13), bytes)],
  ])('refuses %s, naming the file', async (_, damage) => {
    await writeState(folder.statePath, checkpoint);
    writeFileSync(folder.statePath, damage(readFileSync(folder.statePath)));
    await expect(readState(folder.statePath)).rejects.toMatchObject({
      code: 'engine.state-unreadable',
      details: { path: folder.statePath },
    });
  });
});

describe('listExperimentIds', () => {
  it('lists folders in order, and neither files nor half-deleted ones', async () => {
    for (const name of ['010', '002', '003.deleted-17']) mkdirSync(join(root, 'experiments', name));
    writeFileSync(join(root, 'experiments', 'notes.txt'), '');
    expect(await listExperimentIds(root)).toEqual(['001', '002', '010']);
    expect(await listExperimentIds(join(root, 'nowhere'))).toEqual([]);
  });
});

describe('numbers of experiments', () => {
  it('are not given again once they were deleted', async () => {
    expect(await nextExperimentId(root)).toBe('002');
    const second = new ExperimentFolder(join(root, 'experiments', '002'));
    mkdirSync(second.path);
    await second.remove();
    expect(await nextExperimentId(root)).toBe('003');
    await folder.remove();
    expect(await nextExperimentId(root)).toBe('003');
    expect(await listExperimentIds(root)).toEqual([]);
  });
});
