import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { errorMessage, reasonMessage } from '../../../shared/errors';
import type { ProjectDocument } from '../../../shared/project/document';
import { root } from '../support/built';
import { deltalab } from '../support/cli';
import { emulatedCard } from '../support/emulated-card';
import { createExample, testLab, untilState, type TestLab } from '../support/lab';

let test: TestLab;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deltalab-devices-'));
  vi.stubEnv('DELTALAB_CUDA', emulatedCard);
  test = await testLab({ probeMilliseconds: 1500 });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await test.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (change: (training: ProjectDocument['training']) => void) => {
  const { id } = await createExample(test, 'iris', ({ training }) => {
    training.epochs = 2;
    change(training);
  });
  return { project: id, experiment: (await test.lab.call('experiments.start', { project: id })).id };
};

/** The training losses of a lane. */
const lines = async (run: { project: string; experiment: string }, lane = 'lane-2') =>
  (await test.lab.call('experiments.series', { ...run, lane, from: 0 })).map(({ training }) => training.loss);

describe.runIf(process.platform === 'linux')('looking for graphics cards', () => {
  it('tells name, memory and versions of one that can be used', async () => {
    vi.stubEnv('DELTALAB_EMULATED_MEMORY', '64');
    const [cpu, card, ...more] = await test.lab.call('devices.list', {});
    expect(cpu).toMatchObject({ id: 'cpu', usable: true, reason: null, card: null });
    const memory = 64 * 2 ** 20;
    expect(card).toEqual({
      id: 'cuda:0',
      name: 'Emulated card',
      detail: '',
      card: { memoryTotal: memory, memoryFree: memory, capability: '9.0', driver: '0.0', blas: false },
      usable: true,
      reason: null,
    });
    expect(more).toEqual([]);
  });

  it.each([
    ['no-driver', 'cuda', { reason: 'no-driver' }, 'драйвера NVIDIA нет'],
    ['driver-too-old', 'cuda', { reason: 'driver-too-old', driver: '11.4', needed: '13.0' }, 'поддерживает CUDA 11.4'],
    ['card-too-old', 'cuda:0', { reason: 'card-too-old', capability: '6.1', needed: '7.5' }, 'версия 6.1'],
    ['foreign', 'cuda', { reason: 'library-differs', path: emulatedCard }, 'из другой сборки Deltalab'],
    ['crashing', 'cuda', { reason: 'probe-failed', cause: 'signal', signal: 'SIGABRT' }, 'сигнал SIGABRT'],
    ['hanging', 'cuda', { reason: 'probe-failed', cause: 'silent' }, 'не подавал признаков жизни'],
  ])('says why not: %s', async (fault, id, details, words) => {
    vi.stubEnv('DELTALAB_EMULATED_CARD', fault);
    const [cpu, card] = await test.lab.call('devices.list', {});
    expect(cpu!.usable).toBe(true);
    expect(card).toMatchObject({ id, usable: false, reason: { code: 'device.unavailable', details } });
    expect(reasonMessage(card!.reason!, 'ru')).toContain(words);
    // Asked for all the same, it is refused in the same words; the processor goes on.
    await expect(start((training) => (training.device = 'cuda'))).rejects.toMatchObject({
      code: 'device.unavailable',
      details: { ...details, device: 'cuda:0' },
    });
    const run = await start((training) => (training.device = 'auto'));
    expect((await untilState(test, run, 'finished')).device).toMatch(/^cpu \(/);
  });

  it.each([
    ['no file', () => join(folder, 'none.so'), 'library-absent'],
    ['a file that is no library', () => textFile(), 'library-missing'],
    ['another library', () => join(root, 'src-native/out/deltalab.node'), 'library-differs'],
  ])('says so where the library is %s', async (_, path, reason) => {
    vi.stubEnv('DELTALAB_CUDA', path());
    const [, card] = await test.lab.call('devices.list', {});
    expect(card).toMatchObject({ id: 'cuda', usable: false, reason: { details: { reason } } });
  });

  it('names a card that is not there, and layers that a card does not compute', async () => {
    await expect(start((training) => (training.device = 'cuda:3'))).rejects.toMatchObject({
      code: 'device.unavailable',
      details: { device: 'cuda:3', reason: 'no-such-card', count: 1 },
    });
    vi.stubEnv('DELTALAB_EMULATED_WITHOUT', 'Gemm');
    const error: unknown = await start((training) => (training.device = 'cuda:0')).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'device.operator', details: { device: 'cuda:0', operator: ['Gemm'] } });
    const { details, message } = error as { details: { node: string[] }; message: string };
    expect(details.node.length).toBeGreaterThan(1);
    expect(message).toContain(details.node[0]);
    expect(errorMessage({ code: 'device.operator', details }, 'ru')).toContain(details.node[0]);
  });

  it('is there for the command line', async () => {
    const home = join(folder, 'home');
    const listed = await deltalab(['devices'], { home });
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.out).toContain(
      'cuda:0\tEmulated card\t1024 of 1024 MB free, compute capability 9.0, driver for CUDA 0.0, without cuBLASLt\n',
    );
    const env = { DELTALAB_EMULATED_CARD: 'no-driver' };
    expect((await deltalab(['devices'], { home, env })).out).toContain('not usable: there is no NVIDIA driver');
    const [, card] = (await deltalab(['devices', '--json'], { home, env })).lines();
    expect(card).toMatchObject({
      id: 'cuda',
      reason: { code: 'device.unavailable', details: { reason: 'no-driver' } },
    });
  });
});

describe.runIf(process.platform === 'linux')('training on a graphics card', () => {
  const onCard = (training: ProjectDocument['training']) => {
    training.device = 'cuda:0';
    training.optimizer = { name: 'sgd' };
    training.lanes = [{ learningRate: 0.05 }, { learningRate: 0.2 }];
  };
  it('comes to what the processor comes to, and says where it was done', async () => {
    const card = await start((training) => {
      onCard(training);
      training.epochs = 20;
    });
    const done = await untilState(test, card, 'finished');
    expect(done.device).toBe('cuda:0 (Emulated card)');
    const cpu = await start((training) => {
      onCard(training);
      training.epochs = 20;
      training.device = 'cpu';
    });
    await untilState(test, cpu, 'finished');
    const [a, b] = [await lines(card), await lines(cpu)];
    expect(a.length).toBe(b.length);
    a.forEach((loss, epoch) => expect(loss).toBeCloseTo(b[epoch]!, 4));
  });

  it('is chosen where a step is enough work for it, and never several', async () => {
    vi.stubEnv('DELTALAB_EMULATED_CARDS', '2');
    const { id } = await createExample(test, 'iris', ({ training, network }) => {
      training.batch = 'full';
      training.lanes = Array.from({ length: 64 }, () => ({ learningRate: 0.1 }));
      network.layers.find(({ id: layer }) => layer === 'linear-1')!.parameters.units = 512;
    });
    const { id: experiment } = await test.lab.call('experiments.start', { project: id, paused: true });
    const run = { project: id, experiment };
    expect((await untilState(test, run, 'paused')).device).toBe('cuda:0 (Emulated card)');
    await test.lab.call('experiments.stop', run);
  });

  it('goes on after a fault of the card, from its checkpoint, to the same curve', async () => {
    const settings = (training: ProjectDocument['training']) => {
      onCard(training);
      training.batch = 'full';
      training.epochs = 30;
      training.checkpointEvery = 1;
    };
    const reference = await start(settings);
    await untilState(test, reference, 'finished');
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '40');
    const run = await start(settings);
    const broken = await untilState(test, run, 'interrupted');
    expect(broken.error).toMatchObject({ code: 'engine.died', details: { cause: 'card-failed', why: 'emulated' } });
    expect(broken.checkpointEpoch).not.toBeNull();
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '0');
    await test.lab.call('experiments.resume', run);
    expect((await untilState(test, run, 'finished')).device).toBe('cuda:0 (Emulated card)');
    expect(await lines(run)).toEqual(await lines(reference));
  }, 120_000);

  it('is told beforehand what it takes of the memory, which is what it is refused for', async () => {
    const { id, document } = await createExample(test, 'digits', ({ training }) => onCard(training));
    const ask = (training: Partial<ProjectDocument['training']>) =>
      test.lab.call('experiments.memory', {
        project: id,
        document: { ...document, training: { ...document.training, ...training } },
      });
    const [card, ...more] = await ask({});
    expect(card).toMatchObject({ id: 'cuda:0', name: 'Emulated card', free: 2 ** 30, total: 2 ** 30 });
    expect(more).toEqual([]);
    const needed = card!.needed;
    expect(needed).toBeGreaterThan(2 ** 20);
    const lanes = Array.from({ length: 8 }, () => ({ learningRate: 0.1 }));
    expect((await ask({ lanes }))[0]!.needed).toBeGreaterThan(needed);
    expect((await ask({ optimizer: { name: 'adam' } }))[0]!.needed).toBeGreaterThan(needed);
    expect((await ask({ batchSize: 512 }))[0]!.needed).toBeGreaterThan(needed);
    expect(await ask({ device: 'cpu' })).toEqual([]);
    expect(await ask({ device: 'auto' }), 'too little work for a card').toEqual([]);

    vi.stubEnv('DELTALAB_EMULATED_MEMORY', '1');
    const error: unknown = await test.lab.call('experiments.start', { project: id }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'device.memory', details: { needed: Math.ceil(needed / 2 ** 20), total: 1 } });
  });

  it('is refused where its memory is not enough, with figures', async () => {
    vi.stubEnv('DELTALAB_EMULATED_MEMORY', '1');
    const { id } = await createExample(test, 'digits', ({ training }) => onCard(training));
    const error: unknown = await test.lab.call('experiments.start', { project: id }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'device.memory', details: { total: 1 } });
    expect((error as Error).message).toMatch(/has \d MB free of 1 MB, and \d+ MB are needed/);
  });
});

describe.runIf(process.platform === 'linux')('lanes over several graphics cards', () => {
  beforeEach(() => void vi.stubEnv('DELTALAB_EMULATED_CARDS', '2'));

  const race = (training: ProjectDocument['training']) => {
    training.device = 'cuda:all';
    training.optimizer = { name: 'adam' };
    training.lanes = [{ learningRate: 0.01 }, { learningRate: 0.05 }, { learningRate: 0.2 }];
    training.epochs = 12;
  };
  const oneCard = (training: ProjectDocument['training']) => {
    race(training);
    training.device = 'cuda:1';
  };

  it('come to what one card comes to, and the cards are named', async () => {
    const several = await start(race);
    expect((await untilState(test, several, 'finished')).device).toBe('cuda:0+1 (Emulated card ×2)');
    const one = await start(oneCard);
    expect((await untilState(test, one, 'finished')).device).toBe('cuda:1 (Emulated card)');
    for (const lane of ['lane-1', 'lane-2', 'lane-3'])
      expect(await lines(several, lane)).toEqual(await lines(one, lane));
  });

  it('are told what they take of each', async () => {
    const { id, document } = await createExample(test, 'iris', ({ training }) => race(training));
    const cards = await test.lab.call('experiments.memory', { project: id, document });
    expect(cards.map((card) => card.id)).toEqual(['cuda:0', 'cuda:1']);
    // Three lanes: one, and two.
    expect(cards[0]!.needed).toBeGreaterThan(0);
    expect(cards[1]!.needed).toBeGreaterThan(cards[0]!.needed);
  });

  it('take as many cards as there are lanes, and those that can be used', async () => {
    const lone = await start((training) => {
      race(training);
      training.lanes = [{ learningRate: 0.01 }];
    });
    expect((await untilState(test, lone, 'finished')).device).toBe('cuda:0 (Emulated card)');
    vi.stubEnv('DELTALAB_EMULATED_CARDS', '3');
    vi.stubEnv('DELTALAB_EMULATED_CARD', 'card-too-old');
    expect((await test.lab.call('devices.list', {})).map(({ usable }) => usable)).toEqual([true, true, true, false]);
    const run = await start(race);
    expect((await untilState(test, run, 'finished')).device).toBe('cuda:0+1 (Emulated card ×2)');
  });

  it('are refused where no card can be used, or the cards lack an operator', async () => {
    vi.stubEnv('DELTALAB_EMULATED_WITHOUT', 'Gemm');
    await expect(start(race)).rejects.toMatchObject({ code: 'device.operator', details: { device: 'cuda:0+1' } });
    vi.stubEnv('DELTALAB_EMULATED_CARD', 'no-driver');
    await test.lab.call('devices.list', {});
    await expect(start(race)).rejects.toMatchObject({
      code: 'device.unavailable',
      details: { device: 'cuda:all', reason: 'no-driver' },
    });
  });

  it('go on upon the same cards, and are told which one is gone', async () => {
    const settings = (training: ProjectDocument['training']) => {
      race(training);
      training.batch = 'full';
      training.epochs = 30;
      training.checkpointEvery = 1;
    };
    const reference = await start(settings);
    await untilState(test, reference, 'finished');
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '80');
    const run = await start(settings);
    expect((await untilState(test, run, 'interrupted')).checkpointEpoch).not.toBeNull();
    vi.stubEnv('DELTALAB_EMULATED_FAILURE', '0');
    vi.stubEnv('DELTALAB_EMULATED_CARDS', '1');
    await expect(test.lab.call('experiments.resume', run)).rejects.toMatchObject({
      code: 'device.unavailable',
      details: { device: 'cuda:1', reason: 'no-such-card', count: 1 },
    });
    vi.stubEnv('DELTALAB_EMULATED_CARDS', '2');
    await test.lab.call('experiments.resume', run);
    expect((await untilState(test, run, 'finished')).device).toBe('cuda:0+1 (Emulated card ×2)');
    for (const lane of ['lane-1', 'lane-3']) expect(await lines(run, lane)).toEqual(await lines(reference, lane));
  }, 120_000);

  it('are there for the command line', async () => {
    const home = join(folder, 'home');
    expect((await deltalab(['devices'], { home })).out).toContain('cuda:all\tlanes are spread over all 2 cards\n');
    const project = join(folder, 'iris');
    await deltalab(['new', project, '--example', 'iris'], { home });
    const options = ['--lr', '0.01,0.1', '--epochs', '2', '--device', 'cuda:all'];
    const trained = await deltalab(['train', project, ...options], { home });
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.out + trained.err).toContain('cuda:0+1 (Emulated card ×2)');
    expect(trained.out).toMatch(
      /\nMemory needed on cuda:0: \d+ of 1024 MB free; on cuda:1: \d+ of 1024 MB free\nepoch/,
    );
    const [started] = (await deltalab(['train', project, ...options, '--json'], { home })).lines();
    expect(started).toMatchObject({
      event: 'started',
      cardMemory: [{ id: 'cuda:0' }, { id: 'cuda:1', free: 2 ** 30 }],
    });
    expect(await deltalab(['train', project, '--device', 'cuda:both'], { home })).toMatchObject({
      code: 2,
      err: expect.stringContaining('cuda:<number> or cuda:all') as string,
    });
  });
});

function textFile(): string {
  const path = join(folder, 'text.so');
  writeFileSync(path, 'no library');
  return path;
}
