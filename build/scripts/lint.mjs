// npm run lint: format, rules, types of every runtime, import boundaries. Runs all of them and fails if one failed.
import { availableParallelism } from 'node:os';
import { bin, runQuietly } from './tools.mjs';

// The longest first, so that no core is left to itself at the end.
const steps = [
  ['types: tests', 'vue-tsc', ['-p', 'tests']],
  ['types: page', 'vue-tsc', ['-p', 'src-renderer']],
  ['rules', 'eslint', ['--max-warnings', '0', '.']],
  ['types: host', 'tsc', ['-p', 'src-main']],
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['types: shared', 'tsc', ['-p', 'shared']],
  ['types: preload', 'tsc', ['-p', 'src-main/electron/tsconfig.preload.json']],
  ['types: configuration', 'tsc', ['-p', '.']],
  [
    'import boundaries',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'src-main', 'src-renderer', 'shared'],
  ],
];

const failed = [];
const waiting = [...steps];
await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (failed.length > 0) {
  console.error(`lint failed: ${failed.join(', ')}`);
  process.exit(1);
}

/** Takes one step after another. */
async function worker() {
  for (let step = waiting.shift(); step; step = waiting.shift()) {
    const [name, program, args] = step;
    const started = Date.now();
    const { code, output } = await runQuietly(bin(program), args);
    console.log(`${output}${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (code !== 0) failed.push(name);
  }
}
