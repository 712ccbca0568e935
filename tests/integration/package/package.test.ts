import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * Packs the real build around a stand-in for Electron's runtime: proves the packaging rules without the runtime. The app itself
 * runs in the end-to-end suite.
 */
const root = resolve(import.meta.dirname, '../../..');
let folder: string;
let resources: string;
let executable: string;
/** Paths inside the archive, with forward slashes and without the first one. */
let packed: string[];
let extracted: string;

/** What electron-builder expects of a runtime: an executable with a fuse wire, its version and its licences. */
function makeRuntime(path: string): void {
  mkdirSync(join(path, 'resources'), { recursive: true });
  mkdirSync(join(path, 'locales'));
  // The mark that fuses are found by, the wire's version, its length, and each fuse on ("1").
  const wire = Buffer.concat([
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
    Buffer.from([1, 8]),
    Buffer.from('11111111'),
  ]);
  writeFileSync(
    join(path, 'electron'),
    Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(64), wire, Buffer.alloc(64)]),
  );
  chmodSync(join(path, 'electron'), 0o755);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', join('locales', 'en-US.pak')])
    writeFileSync(join(path, name), 'x');
  writeFileSync(join(path, 'version'), '0.0.0');
}

/** The rules are the same everywhere; the native modules npm installed are those of this machine. */
const canPack = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(canPack)('the packed app', () => {
  beforeAll(() => {
    for (const path of [
      'out/main/main.js',
      'out/preload/preload.cjs',
      'out/renderer/index.html',
      'src-native/out/deltalab.node',
    ])
      if (!existsSync(join(root, path))) throw new Error(`${path} is not built: run "npm run build" first`);
    folder = mkdtempSync(join(tmpdir(), 'deltalab-package-'));
    const runtime = join(folder, 'electron');
    makeRuntime(runtime);
    const options = [
      `-c.electronDist=${runtime}`,
      `-c.directories.output=${join(folder, 'release')}`,
      '--publish',
      'never',
    ];
    execFileSync(
      process.execPath,
      [
        join(root, 'node_modules', 'electron-builder', 'cli.js'),
        '--dir',
        '--linux',
        '--x64',
        '--config',
        'build/electron-builder.yml',
        ...options,
      ],
      { cwd: root, stdio: 'pipe' },
    );
    const app = join(folder, 'release', 'linux-unpacked');
    resources = join(app, 'resources');
    executable = join(app, 'deltalab');
    const archive = join(resources, 'app.asar');
    packed = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/').slice(1));
    extracted = join(folder, 'extracted');
    extractAll(archive, extracted);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the archive holds what runs, and of our folders nothing else', () => {
    const ours = new Set(packed.map((path) => path.split('/')[0]).filter((name) => name !== 'node_modules'));
    expect([...ours].sort()).toEqual(['LICENSE', 'out', 'package.json', 'src-native']);
    for (const path of ['out/main/main.js', 'out/main/engine.js', 'out/preload/preload.cjs', 'out/renderer/index.html'])
      expect(packed).toContain(path);
    expect(new Set(packed.filter((path) => path.startsWith('out/')).map((path) => path.split('/')[1]))).toEqual(
      new Set(['main', 'preload', 'renderer']),
    );
    expect(packed).not.toContain('out/main/cli.js');
  });

  test('no source, test, map or development file is inside', () => {
    const unwanted = packed.filter(
      (path) =>
        /\.(ts|mts|cts|vue|cpp|cc|cu|h|map|md|py|flow)$/i.test(path) ||
        /(^|\/)(tests?|__tests__|\.github|\.bin)\//i.test(path) ||
        /(^|\/)(tsconfig[^/]*\.json|vitest[^/]*|eslint[^/]*|\.eslintrc[^/]*|\.nycrc)$/i.test(path),
    );
    expect(unwanted).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(extracted, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ name: 'deltalab', main: 'out/main/main.js' });
    expect(manifest.devDependencies).toBeUndefined();
    const modules = packed.filter((path) => path.startsWith('node_modules/')).map((path) => path.split('/')[1]);
    for (const name of ['vue', 'vite', 'vitest', 'electron', 'typescript', 'naive-ui', 'chart.js', 'playwright-core'])
      expect(modules).not.toContain(name);
  });

  test('native code lies beside the archive, for this system only', () => {
    const unpacked = join(resources, 'app.asar.unpacked');
    for (const path of [
      'src-native/out/deltalab.node',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
      'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
      'node_modules/@duckdb/node-bindings-linux-x64/duckdb.node',
      'node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so',
    ])
      expect([path, existsSync(join(unpacked, path))]).toEqual([path, true]);
    // The library for NVIDIA cards is there where nvcc was.
    const built = readdirSync(join(unpacked, 'src-native/out')).filter((name) => name !== 'deltalab_cuda.so');
    expect(built).toEqual(['deltalab.node']);
    const native = packed.filter((path) => /\.(node|so|so\.\d+|dylib|dll)$/.test(path));
    for (const path of native) expect([path, existsSync(join(unpacked, path))]).toEqual([path, true]);
    expect(packed.filter((path) => /onnxruntime-node\/bin\/napi-v\d+\/(?!linux(\/x64|$))/.test(path))).toEqual([]);
  });

  test('examples are plain files beside the archive', () => {
    const expected = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(expected.length).toBeGreaterThan(0);
    for (const { name } of expected)
      expect([name, existsSync(join(resources, 'examples', name, 'project.json'))]).toEqual([name, true]);
  });

  test('every module the packed code asks for is there and loads', () => {
    const entries = packed.filter((path) => /^out\/main\/.*\.js$/.test(path));
    const wanted = new Set<string>();
    for (const entry of entries) {
      const code = readFileSync(join(extracted, entry), 'utf8');
      for (const [, name = ''] of code.matchAll(
        /(?:^import\s(?:[^'"]*?\sfrom\s)?|\bimport\()\s*["']([^."'][^"']*)["']/gm,
      ))
        if (!name.startsWith('node:') && !builtinModules.includes(name) && name !== 'electron') wanted.add(name);
    }
    for (const name of ['onnxruntime-node', '@duckdb/node-api', 'protobufjs/light.js', 'zod'])
      expect([...wanted]).toContain(name);
    const script = [...wanted].map((name) => `await import(${JSON.stringify(name)});`).join('\n');
    const file = join(extracted, 'load-all.mjs');
    writeFileSync(file, `${script}\nconsole.log('loaded');\n`);
    // NODE_PATH and the checkout are out of reach: the folder is a temporary one.
    expect(relative(root, extracted).startsWith('..')).toBe(true);
    const output = execFileSync(process.execPath, [file], {
      cwd: extracted,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect(output).toBe('loaded\n');
  });

  test('the fuses are set in the executable', async () => {
    const wire = await getCurrentFuseWire(executable);
    // The wire's characters: '1' is on, '0' off.
    const on = '1'.charCodeAt(0);
    const states = Object.fromEntries(
      [
        FuseV1Options.RunAsNode,
        FuseV1Options.EnableCookieEncryption,
        FuseV1Options.EnableNodeOptionsEnvironmentVariable,
        FuseV1Options.EnableNodeCliInspectArguments,
        FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
        FuseV1Options.OnlyLoadAppFromAsar,
        FuseV1Options.LoadBrowserProcessSpecificV8Snapshot,
        FuseV1Options.GrantFileProtocolExtraPrivileges,
      ].map((fuse) => [FuseV1Options[fuse], wire[fuse] === on]),
    );
    expect(states).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
    });
  });

  test('the preload script is one CommonJS file that needs nothing but electron', () => {
    expect(readdirSync(join(extracted, 'out/preload'))).toEqual(['preload.cjs']);
    const code = readFileSync(join(extracted, 'out/preload/preload.cjs'), 'utf8');
    expect([...code.matchAll(/require\(["']([^"']+)["']\)/g)].map(([, name]) => name)).toEqual(['electron']);
    expect(code).not.toMatch(/^\s*(import|export)\s/m);
  });
});
