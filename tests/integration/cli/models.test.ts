import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileNetwork } from '../../../shared/network/compile';
import type { Preprocessing } from '../../../shared/project/preprocessing';
import { modelMetadata } from '../../../src-main/lab/model-files';
import { encodeModel } from '../../../src-main/onnx/encode';
import { readNpy, writeNpy } from '../../../src-main/onnx/npy';
import { sequence } from '../../unit/shared/network/builders';
import { deltalab } from '../support/cli';

let home: string;
let project: string;
let model: string;

const run = (...args: string[]) => deltalab(args, { home });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'deltalab-cli-'));
  project = join(home, 'iris');
  model = join(home, 'iris.onnx');
  expect((await run('new', project, '--example', 'iris')).code).toBe(0);
  expect((await run('train', project, '--lr', '0.001,0.1')).code).toBe(0);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('export, predict, infer, gradients', () => {
  it('exports the better lane, checked by onnxruntime on the validation rows', async () => {
    const exported = await run('export', project, '--to', 'onnx', '-o', model, '--json');
    expect(exported.code).toBe(0);
    const [report] = exported.lines() as unknown as {
      lane: string;
      path: string;
      verification: { rows: number; largestDifference: number };
    }[];
    expect(report).toMatchObject({ lane: 'lane-2', path: model, verification: { rows: 30 } });
    expect(report?.verification.largestDifference).toBeLessThan(1e-4);
  });

  it('predicts the species of a table, whether the file scales or not', async () => {
    const table = join(project, 'data/iris.csv');
    const plain = await run('predict', model, table);
    expect(plain.code).toBe(0);
    const rows = plain.out.trim().split('\n');
    expect(rows).toHaveLength(151);
    expect(rows[0]).toContain('predicted species,probability of setosa');
    const right = rows.slice(1).filter((row) => row.split(',')[4] === row.split(',')[5]);
    expect(right.length).toBeGreaterThanOrEqual(140);

    const baked = join(home, 'baked.onnx');
    const answers = join(home, 'answers.csv');
    expect((await run('export', project, '--to', 'onnx', '-o', baked, '--bake', '--probabilities')).code).toBe(0);
    expect((await run('predict', baked, table, '-o', answers)).code).toBe(0);
    const species = (lines: string[]) => lines.slice(1).map((row) => row.split(',')[5]);
    expect(species(readFileSync(answers, 'utf8').trim().split('\n'))).toEqual(species(rows));
  });

  it('predicts what it can of a table with bad rows, names them by line and fails', async () => {
    const table = join(home, 'ragged.csv');
    const header = 'note,sepal_length,sepal_width,petal_length,petal_width';
    const good = 'x,5.1,3.5,1.4,0.2';
    const lines = [header, good, '"two\nlines",5.1,3.5,1.4,0.2', 'short,5.1,3.5', '', good, 'x,5.1,wide,1.4,0.2', good];
    writeFileSync(table, `${[...lines, good, good].join('\n')}\n`);
    const { code, out, err } = await run('predict', model, table);
    expect(code).toBe(1);
    expect(out.trim().split('\n')).toHaveLength(1 + 6 + 1);
    expect(out.match(/0\.2,setosa/g)).toHaveLength(6);
    expect(err.trim().split('\n')).toEqual([
      `Line 5 of ${table} was left out: fewer values than columns.`,
      'Row 8, column "sepal_width": "wide" is no number. Correct it, or leave the cell empty.',
      expect.stringContaining(`2 of 8 rows of ${table} got no prediction`),
    ]);
  });

  it('names categories that training never saw, and answers nevertheless', async () => {
    const network = sequence('input linear:1 output');
    const preprocessing: Preprocessing = {
      format: 1,
      input: { kind: 'columns', columns: [{ column: 'colour', encoding: 'one-hot', values: ['green', 'red'] }] },
      target: { kind: 'numbers', columns: [{ column: 'y', offset: 0, scale: 1 }] },
    };
    const metadata = modelMetadata(
      { preprocessing, loss: 'mse' },
      { project: null, scalesItself: false, givesProbabilities: false },
    );
    const colours = join(home, 'colours.onnx');
    writeFileSync(colours, encodeModel(compileNetwork(network, { inputShape: [2], seed: 1 }), { metadata }));
    const table = join(home, 'colours.csv');
    writeFileSync(table, 'colour,size\nred,1\nviolet,2\nmauve,3\nviolet,4\n');
    const { code, out, err } = await run('predict', colours, table);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(5);
    expect(err).toContain('3 values in "colour", such as violet, mauve');
    const json = await run('predict', colours, table, '--json');
    const lines = json.lines();
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({ event: 'prediction', kind: 'numbers' });
    expect(lines.at(-1)).toEqual({
      event: 'finished',
      rows: 4,
      unanswered: 0,
      output: null,
      unknownCategories: [{ column: 'colour', count: 3, examples: ['violet', 'mauve'] }],
    });
  });

  it('runs arrays through the engine and through onnxruntime alike', async () => {
    const input = join(home, 'x.npy');
    await writeNpy(input, { dims: [3, 4], data: Float32Array.from({ length: 12 }, (_, index) => Math.sin(index)) });
    for (const engine of ['native', 'onnxruntime'])
      expect(
        await run('infer', model, '--input', `input=${input}`, '--output-dir', join(home, engine), '--engine', engine),
      ).toMatchObject({ code: 0, err: '' });
    const native = await readNpy(join(home, 'native/output.npy'));
    const other = await readNpy(join(home, 'onnxruntime/output.npy'));
    expect(native.dims).toEqual([3, 3]);
    native.data.forEach((value, index) => expect(value).toBeCloseTo(Number(other.data[index]), 5));
  });

  it('writes the loss and a gradient for each initializer', async () => {
    const [input, target, folder] = [join(home, 'g.npy'), join(home, 't.npy'), join(home, 'gradients')];
    await writeNpy(input, { dims: [2, 4], data: Float32Array.of(1, 2, 3, 4, -1, 0, 1, 2) });
    await writeNpy(target, { dims: [2], data: BigInt64Array.of(0n, 2n) });
    const args = ['--loss', 'cross-entropy', '--input', `input=${input}`, '--target', target, '--output-dir', folder];
    expect(await run('gradients', model, ...args)).toMatchObject({ code: 0, err: '' });
    expect(Number((await readNpy(join(folder, 'loss.npy'))).data[0])).toBeGreaterThan(0);
    const bias = await readNpy(join(folder, 'linear-2.bias.npy'));
    // Softmax minus one-hot sums to zero in every row.
    expect(Array.from(bias.data as Float32Array).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
    expect((await readNpy(join(folder, 'linear-1.weight.npy'))).dims).toEqual([16, 4]);
  });

  it('names what is wrong with an input', async () => {
    const missing = await run('infer', model, '--input', `x=${join(home, 'x.npy')}`, '--output-dir', join(home, 'no'));
    expect(missing.code).toBe(1);
    expect(missing.err).toMatch(/input/);
    expect(await run('infer', model, '--input', 'x', '--output-dir', home)).toMatchObject({ code: 2 });
  });

  it('lists the devices', async () => {
    const [cpu] = (await run('devices', '--json')).lines();
    expect(cpu).toMatchObject({ id: 'cpu', usable: true, reason: null });
  });
});
