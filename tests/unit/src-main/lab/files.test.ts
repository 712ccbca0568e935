import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendLines, readTextIfThere, writeError, writeFileAtomic } from '../../../../src-main/lab/files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deltalab-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing else behind', async () => {
    const path = join(folder, 'a.json');
    await writeFileAtomic(path, 'first');
    await writeFileAtomic(path, 'second');
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('keeps the old file and no temporary one when the last step fails', async () => {
    // A folder of that name: everything works until the rename.
    const path = join(folder, 'taken');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'kept');
    await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ code: 'app.write-failed', details: { path } });
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('kept');
  });

  it('says when the folder is not there', async () => {
    const path = join(folder, 'gone', 'a.json');
    await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ code: 'app.write-failed', details: { path } });
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('says when writing is not allowed', async () => {
    chmodSync(folder, 0o500);
    await expect(writeFileAtomic(join(folder, 'a'), 'x')).rejects.toMatchObject({ code: 'app.read-only-place' });
    chmodSync(folder, 0o700);
  });
});

describe('writeError', () => {
  it.each([
    ['ENOSPC', 'app.disk-full'],
    ['EDQUOT', 'app.disk-full'],
    ['EROFS', 'app.read-only-place'],
    ['EACCES', 'app.read-only-place'],
    ['EIO', 'app.write-failed'],
  ])('%s becomes %s', (code, expected) => {
    const error = Object.assign(new Error(`${code}: no`), { code });
    expect(writeError('/p/f', error)).toMatchObject({ code: expected, details: { path: '/p/f' } });
  });
});

describe('appendLines and readTextIfThere', () => {
  it('adds whole lines, and nothing for none', async () => {
    const path = join(folder, 'log');
    await appendLines(path, []);
    expect(await readTextIfThere(path)).toBeNull();
    await appendLines(path, ['a', 'b']);
    await appendLines(path, ['c']);
    expect(await readTextIfThere(path)).toBe('a\nb\nc\n');
  });
});
