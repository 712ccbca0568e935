import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenProject } from '../../../shared/api/contract';
import { deltalab } from '../support/cli';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
beforeEach(async () => {
  test = await testLab();
});
afterEach(() => test.close());

const file = (project: OpenProject) => join(project.path, 'project.json');
const create = (name = 'net', example: string | null = 'xor') => test.lab.call('projects.create', { name, example });

describe('examples', () => {
  it('lists them in order, in both languages, and each one opens', async () => {
    const examples = await test.lab.call('examples.list', {});
    expect(examples.map(({ name }) => name)).toEqual([
      'lecture-regression',
      'xor',
      'two-spirals',
      'noisy-sine',
      'iris',
      'digits',
      'mnist',
    ]);
    for (const { name, title, description } of examples) {
      expect(title.en && title.ru && description.en && description.ru).toBeTruthy();
      const project = await test.lab.call('projects.create', { name, example: name });
      const summary = await test.lab.call('data.summary', { project: project.id });
      expect(summary?.issues, name).toEqual([]);
      expect(summary?.splits.training, name).toBeGreaterThan(10);
    }
  });

  it('names the ones there are when asked for another', async () => {
    await expect(create('x', 'cats')).rejects.toMatchObject({
      code: 'project.no-example',
      details: { example: 'cats', known: expect.arrayContaining(['iris']) as string[] },
    });
  });
});

describe('a project on disk', () => {
  it('is written in the order of the schema, two spaces, with a newline, and read back as it was', async () => {
    const project = await create();
    const text = readFileSync(file(project), 'utf8');
    expect(text.startsWith('{\n  "format": 1,\n  "name": "net",\n  "data": {')).toBe(true);
    expect(text.endsWith('}\n')).toBe(true);
    await test.lab.call('projects.close', { project: project.id });
    const again = await test.lab.call('projects.open', { path: project.path });
    expect(again.document).toEqual(project.document);
  });

  it('gets a folder of its own whatever its name', async () => {
    const names = ['a/b: c?', 'a/b: c?', '..', '   '];
    const paths: string[] = [];
    for (const name of names) paths.push((await create(name, null)).path);
    expect(paths.map((path) => path.slice(join(test.home, 'projects').length + 1))).toEqual([
      'a b c',
      'a b c 2',
      'project',
      'project 2',
    ]);
  });

  it('is refused into a folder that holds files', async () => {
    const folder = join(test.home, 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'years of work');
    await expect(test.lab.call('projects.create', { name: 'x', folder })).rejects.toMatchObject({
      code: 'project.folder-not-empty',
    });
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('takes one change after the other, and refuses one made from an older revision', async () => {
    const project = await create();
    const update = (revision: number, name: string) =>
      test.lab.call('projects.update', { project: project.id, revision, document: { ...project.document, name } });
    const { revision } = await update(project.revision, 'first');
    await expect(update(project.revision, 'late')).rejects.toMatchObject({ code: 'project.stale-revision' });
    await update(revision, 'second');
    expect(JSON.parse(readFileSync(file(project), 'utf8'))).toMatchObject({ name: 'second' });
    expect(test.events.filter(({ event }) => event === 'project.saved')).toHaveLength(2);
  });

  it('never overwrites what another program wrote', async () => {
    const project = await create();
    const edited = readFileSync(file(project), 'utf8').replace('"net"', '"edited by hand"');
    writeFileSync(file(project), edited);
    const document = { ...project.document, name: 'mine' };
    await expect(
      test.lab.call('projects.update', { project: project.id, revision: project.revision, document }),
    ).rejects.toMatchObject({ code: 'project.changed-outside' });
    expect(readFileSync(file(project), 'utf8')).toBe(edited);
  });

  it('is remembered as recent, and forgotten on request', async () => {
    const project = await create();
    expect(await test.lab.call('projects.recent', {})).toMatchObject([
      { path: project.path, name: 'net', exists: true },
    ]);
    await test.lab.call('projects.close', { project: project.id });
    rmSync(project.path, { recursive: true });
    expect(await test.lab.call('projects.recent', {})).toMatchObject([{ exists: false }]);
    await test.lab.call('projects.forget', { path: project.path });
    expect(await test.lab.call('projects.recent', {})).toEqual([]);
  });
});

describe('a project.json that cannot be used', () => {
  it.each([
    [
      'a newer format',
      (text: string) => text.replace('"format": 1', '"format": 7'),
      'project.newer-format',
      { format: 7 },
    ],
    [
      'a bad value',
      (text: string) => text.replace('"seed": 42,\n    "epochs"', '"seed": -1,\n    "epochs"'),
      'project.invalid',
      { field: 'training.seed' },
    ],
    ['an unknown key', (text: string) => text.replace('"name"', '"colour": 1, "name"'), 'project.invalid', {}],
    ['broken JSON', (text: string) => text.slice(0, 200), 'project.not-json', {}],
    ['no object', () => '[]', 'project.invalid', {}],
    ['nothing', () => '', 'project.not-json', {}],
  ])('%s: says what and where, changes nothing', async (_, damage, code, details) => {
    const project = await create();
    await test.lab.call('projects.close', { project: project.id });
    const damaged = damage(readFileSync(file(project), 'utf8'));
    writeFileSync(file(project), damaged);
    await expect(test.lab.call('projects.open', { path: project.path })).rejects.toMatchObject({
      code,
      details: { path: file(project), ...details },
    });
    expect(readFileSync(file(project), 'utf8')).toBe(damaged);
    expect(existsSync(join(project.path, '.lock'))).toBe(false);
  });

  it('a folder without one is no project, and gets no lock', async () => {
    const folder = mkdtempSync(join(test.home, 'empty-'));
    await expect(test.lab.call('projects.open', { path: folder })).rejects.toMatchObject({ code: 'project.not-found' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the lock', () => {
  it('lets a second process read, and nothing else', async () => {
    const project = await create();
    const second = await deltalab(['train', project.path], { home: join(test.home, 'second') });
    expect(second.code).toBe(1);
    expect(second.err).toContain(String(process.pid));
    expect(second.err).toContain(hostname());
    await test.lab.call('projects.close', { project: project.id });
    expect(existsSync(join(project.path, '.lock'))).toBe(false);
  });

  it('of a process that was killed is taken over', async () => {
    const project = await create();
    await test.lab.call('projects.close', { project: project.id });
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(join(project.path, '.lock'), lock(child.pid!));
    const held = await test.lab.call('projects.open', { path: project.path });
    expect(held.readOnly).toMatchObject({ pid: child.pid, host: hostname() });
    await expect(
      test.lab.call('projects.update', { project: held.id, revision: held.revision, document: held.document }),
    ).rejects.toMatchObject({ code: 'project.read-only' });
    await test.lab.call('projects.close', { project: held.id });
    child.kill('SIGKILL');
    await gone;
    const taken = await test.lab.call('projects.open', { path: project.path });
    expect(taken.readOnly).toBeNull();
  });

  it('is shared by two pages of one process, until both have closed', async () => {
    const first = await create();
    const second = await test.lab.call('projects.open', { path: join(first.path, 'project.json') });
    expect(second.id).toBe(first.id);
    await test.lab.call('projects.close', { project: first.id });
    expect(existsSync(join(first.path, '.lock'))).toBe(true);
    await test.lab.call('projects.close', { project: first.id });
    expect(existsSync(join(first.path, '.lock'))).toBe(false);
  });

  it('is let go of when its last page vanishes, and no page can close it for another', async () => {
    const quick = await testLab({ vanishedAfter: 20 });
    try {
      const [left, right] = [{}, {}];
      const created = await quick.lab.handle('projects.create', { name: 'net', example: 'xor' }, left);
      const { id, path } = (created as { value: OpenProject }).value;
      const held = () => existsSync(join(path, '.lock'));
      await quick.lab.handle('projects.open', { path }, right);
      await quick.lab.handle('projects.close', { project: id }, right);
      await quick.lab.handle('projects.close', { project: id }, right);
      expect(held()).toBe(true);
      // Loaded anew: the same page again, in time.
      quick.lab.release(left);
      await quick.lab.handle('projects.open', { path }, left);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(held()).toBe(true);
      quick.lab.release(left);
      await vi.waitFor(() => expect(held()).toBe(false));
    } finally {
      await quick.close();
    }
  });

  it('goes on training without a page, and is let go of afterwards', async () => {
    const quick = await testLab({ vanishedAfter: 20 });
    try {
      const page = {};
      const project = await createExample(quick, 'xor', ({ training }) => (training.epochs = 1_000_000));
      await quick.lab.handle('projects.open', { path: project.path }, page);
      await quick.lab.call('projects.close', { project: project.id });
      const { id } = await quick.lab.call('experiments.start', { project: project.id });
      await untilState(quick, { project: project.id, experiment: id }, 'running');
      quick.lab.release(page);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect((await quick.lab.call('experiments.get', { project: project.id, experiment: id })).state).toBe('running');
      await quick.lab.call('experiments.stop', { project: project.id, experiment: id });
      await vi.waitFor(() => expect(existsSync(join(project.path, '.lock'))).toBe(false));
    } finally {
      await quick.close();
    }
  });

  it('is let go of with a paused race, whose checkpoint can be resumed', async () => {
    const quick = await testLab({ vanishedAfter: 20 });
    try {
      const page = {};
      const project = await createExample(quick, 'xor', ({ training }) => (training.epochs = 1_000_000));
      await quick.lab.handle('projects.open', { path: project.path }, page);
      await quick.lab.call('projects.close', { project: project.id });
      const { id } = await quick.lab.call('experiments.start', { project: project.id, paused: true });
      await untilState(quick, { project: project.id, experiment: id }, 'paused');
      quick.lab.release(page);
      await vi.waitFor(() => expect(existsSync(join(project.path, '.lock'))).toBe(false), 10_000);
      await quick.lab.call('projects.open', { path: project.path });
      const call = { project: project.id, experiment: id };
      expect(await quick.lab.call('experiments.get', call)).toMatchObject({ state: 'stopped', checkpointEpoch: 0 });
      await quick.lab.call('experiments.resume', call);
      await untilState(quick, call, 'running');
    } finally {
      await quick.close();
    }
  });

  it('takes a start with it that is still being prepared', async () => {
    const project = await createExample(test, 'mnist', ({ training }) => (training.epochs = 1_000_000));
    const starting = test.lab.call('experiments.start', { project: project.id });
    const refused = expect(starting).rejects.toMatchObject({ code: 'project.not-open' });
    await test.lab.call('projects.close', { project: project.id });
    await refused;
    expect(existsSync(join(project.path, '.lock'))).toBe(false);
    expect(existsSync(join(project.path, 'experiments'))).toBe(false);
    expect(test.events.filter(({ event }) => event === 'experiment.changed')).toEqual([]);
  });

  it('is read anew when its page was loaded anew and the file is another', async () => {
    const page = {};
    const created = await test.lab.handle('projects.create', { name: 'net', example: 'xor' }, page);
    const project = (created as { value: OpenProject }).value;
    writeFileSync(file(project), readFileSync(file(project), 'utf8').replace('"net"', '"edited"'));
    test.lab.release(page);
    const again = await test.lab.handle('projects.open', { path: project.path }, page);
    expect((again as { value: OpenProject }).value).toMatchObject({ document: { name: 'edited' }, readOnly: null });
  });

  function lock(pid: number): string {
    return JSON.stringify({ pid, host: hostname(), since: 'earlier', processStart: null, token: 'x' });
  }
});

/** A real file system of 256 KB, where we may mount one (root on Linux); nothing else fills up the same way. */
describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'deltalab-disk-'));
  let mounted = false;
  beforeAll(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    mounted = true;
  });
  afterAll(() => {
    if (mounted) execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  it('loses nothing: the old file stays whole, the error says so, and saving works again when there is room', async () => {
    const project = await test.lab.call('projects.create', { name: 'full', folder: join(disk, 'p'), example: 'xor' });
    const before = readFileSync(file(project), 'utf8');
    writeFileSync(join(disk, 'filler'), Buffer.alloc(150 * 1024));
    const document = structuredClone(project.document);
    document.network.layers[0]!.name = 'x'.repeat(60);
    for (let count = 0; count < 400; count++)
      document.network.layers.push({ id: `relu-${count}`, kind: 'relu', parameters: {}, position: { x: 0, y: count } });
    const update = { project: project.id, revision: project.revision, document };
    for (let count = 0; readdirSync(disk).length < 400; count++) {
      try {
        writeFileSync(join(disk, `more-${count}`), Buffer.alloc(4096));
      } catch {
        break;
      }
    }
    await expect(test.lab.call('projects.update', update)).rejects.toMatchObject({
      code: 'app.disk-full',
      details: { path: file(project) },
    });
    expect(readFileSync(file(project), 'utf8')).toBe(before);
    expect(readdirSync(project.path).sort()).toEqual(['.lock', 'project.json']);
    rmSync(join(disk, 'filler'));
    await test.lab.call('projects.update', update);
    expect(readFileSync(file(project), 'utf8')).toContain('"relu-399"');
    await test.lab.call('projects.close', { project: project.id });
  });
});
