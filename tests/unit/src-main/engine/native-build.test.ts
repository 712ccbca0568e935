import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../../src-main/engine/package-root';

/** The compile commands CMake makes for the engine with these options; nothing is compiled. */
function compileCommands(...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'deltalab-cmake-'));
  try {
    const ninja = spawnSync('ninja', ['--version']).status === 0;
    const fixed = [...(ninja ? ['-G', 'Ninja'] : []), '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', '-DDELTALAB_ADDON=OFF'];
    const result = spawnSync('cmake', ['-S', join(packageRoot, 'src-native'), '-B', folder, ...fixed, ...options], {
      encoding: 'utf8',
    });
    expect(result.status, result.stderr).toBe(0);
    return readFileSync(join(folder, 'compile_commands.json'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(process.platform === 'win32')("the engine's build", () => {
  it('stops at a warning only when asked to, so that a newer compiler can build it', () => {
    const plain = compileCommands();
    expect(plain).toContain('-Wextra');
    expect(plain).not.toContain('-Werror');
    expect(compileCommands('-DDELTALAB_WERROR=ON')).toContain('-Werror');
  });
});
