import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inferNatively } from '../../../src-main/cli/arrays';
import { decodeNpy, encodeNpy, readNpy, writeNpy } from '../../../src-main/onnx/npy';
import { deltalab } from '../support/cli';
import { testLab, type TestLab } from '../support/lab';
import {
  coveredOperators,
  debianCases,
  debianFolder,
  difference,
  exclusions,
  generatedCases,
  type OperatorCase,
  readCase,
} from './operator-cases';

/** ONNX's own operator tests through what `deltalab infer --engine native` does, at ONNX's tolerances: rtol 1e-3, atol 1e-7. */
let lab: TestLab;
beforeAll(async () => {
  lab = await testLab();
});
afterAll(() => lab.close());

const generated = generatedCases();
const debian = debianCases();
const all = [...debian, ...generated];
const excluded = exclusions();

/** What is wrong with the engine's answers, or null. Arrays go through .npy as they do on the command line. */
async function run(item: OperatorCase): Promise<string | null> {
  try {
    const { model, given, expected } = readCase(item);
    const inputs = Object.fromEntries(
      Object.entries(given).map(([name, tensor]) => [name, decodeNpy(encodeNpy(tensor), name)]),
    );
    const outputs = await inferNatively(lab.lab.compute, model, inputs, 1);
    if (outputs.length !== expected.length) return `${outputs.length} outputs, not ${expected.length}`;
    for (const [at, { port, tensor }] of outputs.entries()) {
      const wrong = difference(
        decodeNpy(encodeNpy(tensor), port.name),
        expected[at] ?? { dims: [], data: new Float32Array() },
      );
      if (wrong) return `${port.name}: ${wrong}`;
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('the test data are there', () => {
  expect(generated.length).toBeGreaterThan(300);
  // In continuous integration they must be; elsewhere "apt-get install libonnx-testdata" brings them.
  if (process.env.CI) expect(debian.length).toBeGreaterThan(350);
});

/** A case of several operators counts for the one that is not just arithmetic around it: the last in this order. */
const operators = [...coveredOperators].filter((operator) => all.some((item) => item.operators.includes(operator)));

describe.each(operators)('%s', (operator) => {
  const cases = all.filter((item) => item.operators.at(-1) === operator && !excluded.has(item.name));
  test.skipIf(cases.length === 0)(`${cases.length} cases`, async () => {
    const wrong: Record<string, string> = {};
    for (const item of cases) {
      const reason = await run(item);
      if (reason) wrong[item.name] = reason;
    }
    expect(wrong).toEqual({});
  });
});

test('every operator is tested', () => {
  const tested = new Set(generated.filter(({ name }) => !excluded.has(name)).flatMap((item) => item.operators));
  expect([...coveredOperators].filter((operator) => !tested.has(operator) && operator !== 'Constant')).toEqual([]);
});

test('what is excluded exists and fails; what passes has no business there', async () => {
  const byName = new Map(all.map((item) => [item.name, item]));
  const wrong: string[] = [];
  for (const name of excluded.keys()) {
    const item = byName.get(name);
    if (!item && existsSync(debianFolder)) wrong.push(`${name} is no case`);
    if (item && (await run(item)) === null) wrong.push(`${name} passes`);
  }
  expect(wrong).toEqual([]);
});

test('a wrong answer is told: the comparison can fail', async () => {
  const item = generated.find(({ operators: [first] }) => first === 'Relu');
  if (!item) throw new Error('no case of Relu');
  const { expected } = readCase(item);
  const [answer] = expected;
  if (!answer) throw new Error('a case without outputs');
  const off = Float32Array.from(answer.data as Float32Array, (value) => value * 1.002 + 1e-6);
  expect(difference({ ...answer, data: off }, answer)).toMatch(/at \d+/);
  expect(difference({ ...answer, dims: [...answer.dims, 1] }, answer)).toMatch(/shape/);
  expect(difference(answer, answer)).toBeNull();
});

describe('through the command line', () => {
  const home = mkdtempSync(join(tmpdir(), 'deltalab-conformance-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const names = ['21/test_relu', '21/test_reshape_negative_dim', '21/test_clip_example', '21/test_gemm_all_attributes'];

  test.each(names)('%s', async (name) => {
    const item = generated.find((other) => other.name === name);
    if (!item) throw new Error(`no case ${name}`);
    const { model, given, expected } = readCase(item);
    const folder = join(home, name.replace('/', '-'));
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'model.onnx'), item.bytes);
    const inputs: string[] = [];
    for (const [input, tensor] of Object.entries(given)) {
      await writeNpy(join(folder, `in-${input}.npy`), tensor);
      inputs.push('--input', `${input}=${join(folder, `in-${input}.npy`)}`);
    }
    const out = join(folder, 'out');
    expect(
      await deltalab(['infer', join(folder, 'model.onnx'), ...inputs, '--output-dir', out, '--engine', 'native'], {
        home,
      }),
    ).toMatchObject({ code: 0, err: '' });
    for (const [at, { name: output }] of model.outputs.entries()) {
      const answer = expected[at];
      if (!answer) throw new Error(`no answer for ${output}`);
      expect(difference(await readNpy(join(out, `${output}.npy`)), answer)).toBeNull();
    }
  });
});
