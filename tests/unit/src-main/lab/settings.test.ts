import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { userFolders } from '../../../../src-main/lab/home';
import { UserFiles } from '../../../../src-main/lab/settings';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'deltalab-settings-')), 'settings');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('UserFiles', () => {
  it('keeps language, theme and recent projects over a restart, newest first', async () => {
    const files = await UserFiles.open(folder);
    expect(files.settings).toEqual({ language: 'auto', theme: 'auto' });
    await files.setSettings({ language: 'ru', theme: 'dark' });
    await files.remember('/a', 'A');
    await files.remember('/b', 'B');
    await files.remember('/a', 'A again');
    const again = await UserFiles.open(folder);
    expect(again.settings).toEqual({ language: 'ru', theme: 'dark' });
    expect(again.recent().map(({ path, name, exists }) => [path, name, exists])).toEqual([
      ['/a', 'A again', false],
      ['/b', 'B', false],
    ]);
  });

  it('starts with defaults where a file is damaged', async () => {
    await (await UserFiles.open(folder)).setSettings({ language: 'ru', theme: 'dark' });
    writeFileSync(join(folder, 'settings.json'), '{"language": "kl');
    writeFileSync(join(folder, 'recent.json'), '[{"path": 3}]');
    const files = await UserFiles.open(folder);
    expect(files.settings.language).toBe('auto');
    expect(files.recent()).toEqual([]);
  });
});

describe('a settings folder that is none', () => {
  it('gives defaults, and remembers a project without failing', async () => {
    writeFileSync(folder, 'a file');
    const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const files = await UserFiles.open(folder);
    expect(files.settings.language).toBe('auto');
    await files.remember('/a', 'A');
    await files.remember('/b', 'B');
    expect(files.recent().map(({ path }) => path)).toEqual(['/b', '/a']);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    await expect(files.setSettings(files.settings)).rejects.toThrow();
  });
});

describe('userFolders', () => {
  it('puts everything under DELTALAB_HOME where it is set', () => {
    expect(userFolders({ DELTALAB_HOME: '/h' })).toEqual({
      settingsFolder: join('/h', 'settings'),
      projectsFolder: join('/h', 'projects'),
    });
  });
  it.skipIf(process.platform !== 'linux')('follows XDG on Linux', () => {
    expect(userFolders({ XDG_CONFIG_HOME: '/x' }).settingsFolder).toBe('/x/deltalab');
  });
});
