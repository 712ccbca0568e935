// npm test: builds what is missing, then every suite: native, unit, page, integration, end to end.
// Arguments name suites to run alone: `npm test -- unit e2e`. The last line reads like "212 passed, 0 failed, 3 skipped".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bin, findChromium, must, root, run } from './tools.mjs';

const suites = ['native', 'unit', 'renderer', 'integration', 'e2e'];
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = chosen.filter((name) => !suites.includes(name));
if (unknown.length > 0) {
  console.error(`There is no suite "${unknown[0]}". Suites: ${suites.join(', ')}.`);
  process.exit(2);
}
const wanted = new Set(chosen.length > 0 ? chosen : suites);
const inCi = Boolean(process.env.CI);
const total = { passed: 0, failed: 0, skipped: 0 };
const results = join(root, 'test-results');
mkdirSync(results, { recursive: true });

must(run(process.execPath, [join(root, 'build/scripts/build.mjs'), '--if-needed']));

if (wanted.has('native')) {
  native('sanitizers', ['--sanitize']);
  olderProcessors();
  if (process.platform === 'linux') native('graphics cards, emulated', ['--cards']);
  else skipped('graphics cards, emulated', 'the emulation runs on Linux only');
}
// Tests of the host open the library with the emulated card, too.
else if (wanted.has('integration') && process.platform === 'linux') native('graphics cards, emulated', ['--cards']);
for (const suite of ['unit', 'renderer', 'integration']) if (wanted.has(suite)) vitest(suite);
if (wanted.has('e2e')) endToEnd();

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/** The C++ tests, as build-native.mjs runs them with these options. */
function native(name, options) {
  const result = spawnSync(process.execPath, [join(root, 'build/scripts/build-native.mjs'), ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const output = `${result.stdout}${result.stderr}`;
  const counts = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  const sum = (index) => counts.reduce((total, match) => total + Number(match[index]), 0);
  // Anything but a clean end (a sanitizer's report, a crash, a build that fails) is a failure, whatever was counted.
  if (result.status !== 0 || counts.length === 0) process.stdout.write(output);
  total.passed += sum(1);
  total.failed += result.status === 0 && counts.length > 0 ? sum(2) : Math.max(1, sum(2));
  console.log(
    `native, ${name}: ${counts.length > 0 ? `${sum(1)} passed, ${sum(2)} failed` : `ended with ${result.status ?? result.signal}`}`,
  );
}

/** The kernels on processors without AVX-512 and without AVX, in an emulator: a wrong instruction would end them. */
function olderProcessors() {
  if (process.arch !== 'x64' || process.platform !== 'linux')
    return skipped('older processors', 'only Linux on x64 has the emulator for them');
  if (spawnSync('qemu-x86_64', ['--version']).error) {
    if (inCi) total.failed++;
    return skipped('older processors', 'install qemu-user to run them (Debian: apt-get install qemu-user)');
  }
  native('older processors', ['--emulate']);
}

function skipped(name, reason) {
  console.log(`native, ${name}: ${reason}`);
  total.skipped++;
}

function vitest(project) {
  const report = join(results, `${project}.json`);
  rmSync(report, { force: true });
  const code = run(bin('vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let counted;
  try {
    counted = JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    console.error(`${project}: no report was written (${error.message})`);
    total.failed++;
    return;
  }
  const failedFiles = counted.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  total.passed += counted.numPassedTests;
  total.skipped += counted.numPendingTests + counted.numTodoTests;
  // A failure outside any test (a file that can't be loaded, an unhandled rejection) counts too.
  total.failed += Math.max(counted.numFailedTests + failedFiles.length, code === 0 ? 0 : 1);
}

function endToEnd() {
  if (findChromium()) return vitest('e2e');
  console.log(
    'End-to-end tests need a Chromium. Install one (Debian: apt-get install chromium) or name yours in DELTALAB_CHROMIUM.',
  );
  if (inCi) total.failed++;
  else total.skipped++;
}
