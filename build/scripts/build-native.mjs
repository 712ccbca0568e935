#!/usr/bin/env node
// Builds the C++ engine with CMake into src-native/out. The build tool decides what is out of date.
//   node build/scripts/build-native.mjs              the addon (and the bench)
//   node build/scripts/build-native.mjs --tests      also the native tests, and runs them (warnings are errors, as with CI=true)
//   node build/scripts/build-native.mjs --sanitize   the native tests under sanitizers, and runs them (own folder)
//   node build/scripts/build-native.mjs --emulate    the native tests of the kernels on older processors, in qemu-x86_64
//   node build/scripts/build-native.mjs --cards      the kernels of graphics cards against the processor's, emulated: no card is needed (Linux);
//                                                    and a library with an emulated card, for other tests
//   node build/scripts/build-native.mjs --cuda       also the library for NVIDIA cards, where nvcc is found
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { root, runQuietly } from './tools.mjs';

const source = join(root, 'src-native');
const executable = (name) => (process.platform === 'win32' ? `${name}.exe` : name);

async function main(args) {
  const known = ['--tests', '--sanitize', '--emulate', '--cards', '--cuda'];
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) return fail(`Unknown option ${unknown[0]}. Known: ${known.join(', ')}.`);
  const sanitize = args.includes('--sanitize');
  const emulate = args.includes('--emulate');
  const cards = args.includes('--cards');
  const cuda = args.includes('--cuda') && hasNvcc();
  const tests = sanitize || emulate || args.includes('--tests');

  if (!runs('cmake')) return fail('CMake was not found. Install CMake 3.16 or newer (Debian: apt-get install cmake).');
  if (!hasCompiler()) {
    return fail(
      'No C++ compiler was found. Install one with C++17 (Debian: apt-get install g++; macOS: xcode-select --install).',
    );
  }
  if (!sanitize && !existsSync(join(root, 'node_modules', 'node-addon-api'))) {
    return fail('node_modules is missing. Run "npm ci" first.');
  }

  const output = join(source, 'out');
  const folder = join(output, sanitize ? 'sanitize' : 'build');
  const more = [
    ...(tests ? ['deltalab_tests'] : []),
    ...(cards ? ['deltalab_cuda_tests', 'deltalab_cuda_emulated'] : []),
    ...(cuda ? ['deltalab_cuda'] : []),
  ];
  const targets = sanitize ? ['deltalab_tests'] : ['deltalab', 'deltalab_bench', ...more];
  const strict = tests || cards || process.env.CI === 'true';
  if (!configure(folder, sanitize, strict)) return 1;
  if (cuda && !isOn(folder, 'DELTALAB_CUDA') && !setOption(folder, 'DELTALAB_CUDA', true)) return 1;
  if (!build(folder, targets)) {
    // The folder may still be strict from an earlier run with tests; warnings must not stop a plain build.
    if (strict || !isOn(folder, 'DELTALAB_WERROR') || !setOption(folder, 'DELTALAB_WERROR', false)) return 1;
    if (!build(folder, targets)) return 1;
  }
  if (!sanitize) publish(folder, output, 'deltalab.node');
  if (cards) publish(join(folder, 'cuda'), join(output, 'emulated'), 'deltalab_cuda_emulated.so');
  if (cuda)
    publish(
      join(folder, 'cuda', 'card'),
      output,
      process.platform === 'win32' ? 'deltalab_cuda.dll' : 'deltalab_cuda.so',
    );
  const program = join(folder, executable('deltalab_tests'));
  if (emulate) return runEmulated(program);
  if (cards) return runShared(join(folder, 'cuda', 'deltalab_cuda_tests'), availableParallelism());
  return tests ? runShared(program, sanitize ? availableParallelism() : 1) : 0;
}

/** Processors without AVX and without AVX-512, and the tests of what differs between them. */
function runEmulated(program) {
  const kernels = ['gemm_', 'elementwise_', 'conv_', 'pool_', 'optimizer', 'gradients_', 'row_kernels_'];
  return runTogether(
    ['Nehalem', 'Haswell'].map((processor) => ['qemu-x86_64', ['-cpu', processor, program, ...kernels]]),
  );
}

/** All tests, dealt out to some processes. */
function runShared(program, processes) {
  return runTogether(
    Array.from({ length: processes }, (_, from) => [program, [`--every=${processes}`, `--from=${from}`]]),
  );
}

/** Runs commands at the same time and prints what each of them said when it ends; 1 if one of them failed. */
async function runTogether(commands) {
  const codes = await Promise.all(
    commands.map(async ([command, args]) => {
      const { code, output } = await runQuietly(command, args);
      process.stdout.write(output);
      return code;
    }),
  );
  return codes.some((code) => code !== 0) ? 1 : 0;
}

/** Configures once; afterwards the build tool reconfigures by itself when a CMake file or the list of sources changes. */
function configure(folder, sanitize, strict) {
  const cache = join(folder, 'CMakeCache.txt');
  const configured = ['build.ninja', 'Makefile'].some((file) => existsSync(join(folder, file)));
  if (existsSync(cache) && configured) {
    // A moved or copied checkout cannot reuse absolute paths.
    if (readFileSync(cache, 'utf8').includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${source.replaceAll('\\', '/')}\n`))
      // Strict once is strict from then on: going back and forth would compile everything anew each time.
      return !strict || isOn(folder, 'DELTALAB_WERROR') || setOption(folder, 'DELTALAB_WERROR', true);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const generator = runs('ninja') ? ['-G', 'Ninja'] : [];
  const sanitizing = sanitize ? ['-DDELTALAB_SANITIZE=ON', '-DDELTALAB_ADDON=OFF'] : [];
  const options = [...generator, '-DCMAKE_BUILD_TYPE=Release', option('DELTALAB_WERROR', strict), ...sanitizing];
  return run('cmake', ['-S', source, '-B', folder, ...options]) === 0;
}

const option = (name, on) => `-D${name}=${on ? 'ON' : 'OFF'}`;

/** Whether an option of CMakeLists.txt is on in a configured folder. */
function isOn(folder, name) {
  return readFileSync(join(folder, 'CMakeCache.txt'), 'utf8').includes(`${name}:BOOL=ON`);
}

function setOption(folder, name, on) {
  return run('cmake', ['-S', source, '-B', folder, option(name, on)]) === 0;
}

function build(folder, targets) {
  const jobs = String(availableParallelism());
  return run('cmake', ['--build', folder, '--config', 'Release', '--parallel', jobs, '--target', ...targets]) === 0;
}

/** Replaces a library by a rename, so that a process that has the old one loaded keeps it. */
function publish(folder, output, file) {
  const built = [join(folder, file), join(folder, 'Release', file)].find((path) => existsSync(path));
  const target = join(output, file);
  if (!built || (existsSync(target) && readFileSync(target).equals(readFileSync(built)))) return;
  const temporary = `${target}.${process.pid}`;
  mkdirSync(output, { recursive: true });
  copyFileSync(built, temporary);
  renameSync(temporary, target);
}

function hasCompiler() {
  if (process.platform === 'win32') return true; // CMake finds Visual Studio by itself and says so when it cannot.
  return [process.env.CXX, 'c++', 'g++', 'clang++'].some((name) => name && runs(name));
}

function hasNvcc() {
  if (runs(process.env.CUDACXX ?? 'nvcc')) return true;
  console.log('nvcc was not found: the library for NVIDIA cards is left out. Training runs on the processor.');
  return false;
}

function runs(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Runs a command; its output is shown only when it fails. */
function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error) return fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) process.stderr.write(`${result.stdout}${result.stderr}`);
  return result.status ?? 1;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  return 1;
}

process.exitCode = await main(process.argv.slice(2));
