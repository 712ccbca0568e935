import { encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ExperimentProgress } from '../../../shared/api/experiments';
import { maximumCallBytes } from '../../../shared/api/wire';
import { connectPage, lab, restart, signIn, useServer } from './harness';

useServer();

test('two pages get their own answers and all events', async () => {
  const cookie = await signIn();
  const [first, second] = [await connectPage(cookie), await connectPage(cookie)];
  first.call(1, 'app.info', { a: 1 });
  second.call(1, 'app.info', { b: 2 });
  expect(await first.next(1)).toEqual([{ id: 1, ok: true, value: { name: 'app.info', input: { a: 1 } } }]);
  expect(await second.next(1)).toEqual([{ id: 1, ok: true, value: { name: 'app.info', input: { b: 2 } } }]);
  lab.emit('project.saved', { revision: 3 });
  for (const page of [first, second])
    expect(await page.next(1)).toEqual([{ event: 'project.saved', payload: { revision: 3 } }]);
});

test('each page holds what it opens until it leaves', async () => {
  const cookie = await signIn();
  const [first, second] = [await connectPage(cookie), await connectPage(cookie)];
  first.call(1, 'projects.open');
  await first.next(1);
  second.call(1, 'projects.open');
  await second.next(1);
  expect(new Set(lab.holders).size).toBe(2);
  first.socket.terminate();
  while (lab.released.size === 0) await new Promise((done) => setTimeout(done, 5));
  expect([...lab.released]).toEqual([lab.holders[0]]);
});

test('a page that left is forgotten and can come back', async () => {
  const cookie = await signIn();
  const page = await connectPage(cookie);
  page.call(1, 'wait');
  while (lab.waiting.length === 0) await new Promise((done) => setTimeout(done, 5));
  page.socket.close();
  await page.closed;
  lab.waiting[0]!();
  while (lab.listeners.size > 0) await new Promise((done) => setTimeout(done, 5));

  const again = await connectPage(cookie);
  again.call(7, 'devices.list');
  expect(await again.next(1)).toEqual([{ id: 7, ok: true, value: { name: 'devices.list', input: null } }]);
});

test('a defect of the host is answered as an error, not by silence', async () => {
  const page = await connectPage(await signIn());
  page.call(2, 'fail');
  const [answer] = await page.next(1);
  expect(answer).toMatchObject({
    id: 2,
    ok: false,
    error: { code: 'app.unexpected', details: { reason: 'a defect' } },
  });
});

test('messages that are too long, no calls or no MessagePack end the connection', async () => {
  const cookie = await signIn();
  const long = await connectPage(cookie);
  long.socket.send(Buffer.alloc(maximumCallBytes + 1));
  expect(await long.closed).toBe(1009);
  const text = await connectPage(cookie);
  text.socket.send('{"id":1}');
  expect(await text.closed).toBe(1003);
  for (const message of [encode({ id: -1, call: 'x' }), encode({ call: 'x' }), new Uint8Array([0xc1]), encode(5)]) {
    const page = await connectPage(cookie);
    page.socket.send(message);
    expect(await page.closed).toBe(1008);
  }
  while (lab.listeners.size > 0) await new Promise((done) => setTimeout(done, 5));
});

test('more waiting calls than allowed are refused by name', async () => {
  await restart({ limits: { pendingCalls: 2 } });
  const page = await connectPage(await signIn());
  for (const id of [1, 2, 3]) page.call(id, 'wait');
  expect(await page.next(1)).toMatchObject([
    { id: 3, ok: false, error: { code: 'serve.busy', details: { call: 'wait' } } },
  ]);
  for (const answer of lab.waiting) answer();
  expect(await page.next(2)).toMatchObject([{ ok: true }, { ok: true }]);
});

test('a page that stops answering pings is let go', async () => {
  await restart({ limits: { pingInterval: 30 } });
  const page = await connectPage(await signIn());
  await new Promise((done) => setTimeout(done, 150));
  expect(page.socket.readyState).toBe(WebSocket.OPEN);
  page.socket.pause();
  while (lab.listeners.size > 0) await new Promise((done) => setTimeout(done, 5));
  page.socket.resume();
  expect(await page.closed).toBe(1006);
});

test('a slow page gets merged progress, with every epoch once and in order', async () => {
  await restart({ limits: { slowBytes: 0, pingInterval: 60_000 } });
  const page = await connectPage(await signIn());
  page.socket.pause();
  const ballast = 'x'.repeat(200_000);
  const count = 400;
  for (let epoch = 1; epoch <= count; epoch += 1) lab.emit('experiment.progress', progress(epoch, ballast));
  lab.emit('experiment.changed', { experiment: 'e' });
  page.socket.resume();
  const messages: { event: string; payload: ExperimentProgress }[] = [];
  while (messages.at(-1)?.event !== 'experiment.changed') messages.push(...((await page.next(1)) as typeof messages));
  const seen = messages.filter(({ event }) => event === 'experiment.progress');
  expect(seen.length).toBeLessThan(count);
  expect(seen.flatMap(({ payload }) => payload.lanes[0]!.points.map((point) => point.epoch))).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

function progress(epoch: number, secret: string): ExperimentProgress {
  return {
    project: 'p',
    experiment: `e${secret}`,
    state: 'running',
    step: epoch,
    epoch,
    sampleInEpoch: 0,
    samplesPerEpoch: 1,
    samplesPerSecond: 1,
    secondsLeft: null,
    error: null,
    lanes: [
      {
        id: 'lane-1',
        state: 'running',
        health: 'improving',
        learningRate: 0.1,
        batchLoss: null,
        divergedAt: null,
        bestEpoch: null,
        points: [{ epoch, step: epoch, learningRate: 0.1, training: { loss: 1, metrics: {} }, validation: null }],
        norms: [],
      },
    ],
  };
}
