// npm run bench: speed of the engine on this machine, one JSON object per line.
//   npm run bench -- [W1 … W7] [W3N] [W6N] [LSTM] [GRU] [RNN] [growth] [sweep] [--threads N]     none: all workloads, on one thread and on two
//   npm run bench -- --peers [W1 … W7] [W3N] [W6N] [LSTM] [GRU] [RNN] [--threads N] [--turns N]  in turns with PyTorch, JAX and onnxruntime-node, as far as they are installed
// Each turn of --peers runs every side once in a process of its own; what is printed are medians over the turns, and the ratio (above 1: we
// are ahead).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, onPath, root, run } from './tools.mjs';

const native = join(
  root,
  'src-native/out/build',
  process.platform === 'win32' ? 'Release/deltalab_bench.exe' : 'deltalab_bench',
);
const workloads = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7'];
/** Only where they are asked for: W3 and W6 with batch normalisation before every activation, and digits read row by row. */
const extra = ['W3N', 'W6N', 'LSTM', 'GRU', 'RNN'];

function main(args) {
  const options = parse(args);
  if (!options) return 2;
  must(run(process.execPath, [join(root, 'build/scripts/build-native.mjs')]));
  return options.peers ? compare(options) : run(native, args);
}

function parse(args) {
  const options = { peers: args.includes('--peers'), names: [], threads: [1, 2], turns: 3 };
  if (!options.peers) return options;
  for (let i = 0; i < args.length; ++i) {
    if (args[i] === '--peers') continue;
    if (args[i] === '--threads') options.threads = [Number(args[++i])];
    else if (args[i] === '--turns') options.turns = Number(args[++i]);
    else if ([...workloads, ...extra].includes(args[i])) options.names.push(args[i]);
    else
      return fail(
        `Unknown argument ${args[i]}. Known: ${[...workloads, ...extra].join(', ')}, --threads N, --turns N.`,
      );
  }
  if (![...options.threads, options.turns].every((value) => Number.isInteger(value) && value > 0))
    return fail('--threads and --turns need whole numbers above 0.');
  if (options.names.length === 0) options.names = workloads;
  return options;
}

function fail(message) {
  console.error(message);
  return null;
}

function compare({ names, threads, turns }) {
  const python = onPath('python3', 'python');
  if (!python) {
    console.error('Python was not found: the peers PyTorch and JAX are left out.');
    return run(native, names);
  }
  const folder = mkdtempSync(join(tmpdir(), 'deltalab-bench-'));
  try {
    const model = join(folder, 'w7.onnx');
    const peers = join(root, 'tests/bench/peers.py');
    if (names.includes('W7')) linesOf(python, [peers, 'W7', '1', '--export', model]);
    for (const count of threads)
      for (const name of names) {
        const found = [];
        for (let turn = 0; turn < turns; ++turn) {
          found.push(...linesOf(native, [name, '--threads', `${count}`]));
          found.push(...linesOf(python, [peers, name, `${count}`]));
          if (name === 'W7')
            found.push(
              ...linesOf(process.execPath, [join(root, 'tests/bench/peers-onnxruntime.mjs'), model, `${count}`]),
            );
        }
        report(found);
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}

/** The JSON objects a program prints; its other output is shown. */
function linesOf(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${result.status}.`);
  return result.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

function report(found) {
  for (const workload of new Set(found.map((line) => line.workload))) {
    const here = found.filter((line) => line.workload === workload);
    const own = here.filter((line) => line.peer === undefined);
    const { threads, unit } = own[0];
    const line = { workload, threads, unit, median: rounded(median(own.map((entry) => entry.median))) };
    const fraction = rounded(median(own.map((entry) => entry.fractionOfCeiling)));
    const names = new Set(here.map((entry) => entry.peer).filter((peer) => peer !== undefined));
    if (names.size === 0) console.log(JSON.stringify({ ...line, fractionOfCeiling: fraction }));
    for (const peer of names) {
      const theirs = rounded(median(here.filter((entry) => entry.peer === peer).map((entry) => entry.median)));
      const ratio = unit === 'ms' ? theirs / line.median : line.median / theirs;
      const result = { ...line, fractionOfCeiling: fraction, peer, peerMedian: theirs, ratio: rounded(ratio) };
      console.log(JSON.stringify(result));
    }
  }
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Four digits. */
function rounded(value) {
  return Number(value.toPrecision(4));
}

process.exit(main(process.argv.slice(2)));
