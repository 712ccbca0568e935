import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ExperimentProgress } from '../../../shared/api/experiments';
import { type LabHost, maximumCallBytes, type WireResult } from '../../../shared/api/wire';
import { LabError } from '../../../shared/errors';
import { type LabServer, type ServeOptions, startServer } from '../../../src-main/serve/server';

/** Answers with what it was asked; `wait` is answered when the test says so. */
class EchoLab implements LabHost {
  readonly listeners = new Set<(event: string, payload: unknown) => void>();
  readonly waiting: (() => void)[] = [];
  readonly downloads = new Map<string, string>();
  readonly holders: (object | undefined)[] = [];
  readonly released = new Set<object>();

  release(holder: object): void {
    this.released.add(holder);
  }

  async handle(name: string, input: unknown, holder?: object): Promise<WireResult> {
    this.holders.push(holder);
    if (name === 'wait') await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (name === 'fail') throw new Error('a defect');
    return { ok: true, value: { name, input } };
  }

  on(listener: (event: string, payload: unknown) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: string, payload: unknown): void {
    for (const listener of this.listeners) listener(event, payload);
  }

  download(id: string): string | null {
    return this.downloads.get(id) ?? null;
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let folder: string;
let lab: EchoLab;
let server: LabServer;
let sockets: WebSocket[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deltalab-serve-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<!doctype html><title>Deltalab</title>');
  writeFileSync(join(folder, 'page', 'assets', 'index-1a2b.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'not for the page');
  lab = new EchoLab();
  sockets = [];
  server = await start();
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: Partial<ServeOptions> = {}): Promise<LabServer> {
  return startServer(lab, { rendererFolder: join(folder, 'page'), ...options });
}

function ask(
  path: string,
  options: { headers?: Record<string, string>; method?: string; body?: Buffer; port?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: options.port ?? server.port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

/** The cookie a browser holds after opening the printed address. */
async function signIn(of: LabServer = server): Promise<string> {
  const url = new URL(of.url);
  const answer = await ask(`${url.pathname}${url.search}`, { port: of.port });
  expect(answer.status).toBe(303);
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

interface Page {
  socket: WebSocket;
  received: unknown[];
  call(id: number, call: string, input?: unknown): void;
  next(count: number): Promise<unknown[]>;
  closed: Promise<number>;
}

/** Resolves with the status code of a refused upgrade, or with the connected page. */
function open(headers: Record<string, string>, path = '/lab', port = server.port): Promise<Page | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    sockets.push(socket);
    const received: unknown[] = [];
    let wake = (): void => undefined;
    socket.on('message', (data: Buffer) => {
      received.push(decode(data));
      wake();
    });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', (error) => {
      if (socket.readyState === WebSocket.CONNECTING) reject(error);
    });
    const closed = new Promise<number>((done) => socket.once('close', done));
    socket.once('open', () =>
      resolve({
        socket,
        received,
        closed,
        call: (id, call, input) => socket.send(encode({ id, call, input })),
        next: async (count) => {
          while (received.length < count) await new Promise<void>((done) => (wake = done));
          return received.splice(0, count);
        },
      }),
    );
  });
}

async function connectPage(cookie: string, of: LabServer = server): Promise<Page> {
  const page = await open({ Cookie: cookie, Origin: `http://127.0.0.1:${of.port}` }, '/lab', of.port);
  if (typeof page === 'number') throw new Error(`refused with ${page}`);
  return page;
}

test('the printed address is swapped for a cookie and a clean address', async () => {
  const url = new URL(server.url);
  expect(url.host).toBe(`127.0.0.1:${server.port}`);
  const answer = await ask(`/${url.search}`);
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toBe('/');
  const cookie = answer.headers['set-cookie']![0]!;
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(cookie).not.toContain(url.searchParams.get('token'));

  const page = await ask('/', { headers: { Cookie: await signIn() } });
  expect(page.status).toBe(200);
  expect(page.body).toContain('Deltalab');
});

test('an address signs in one browser; the next one needs the next address', async () => {
  const told: string[] = [];
  await server.close();
  server = await start({ onSignIn: (next) => told.push(next) });
  const first = new URL(server.url).search;
  const cookie = (await ask(`/${first}`)).headers['set-cookie']![0]!.split(';')[0]!;
  expect((await ask(`/${first}`)).status).toBe(401);
  expect(told).toEqual([server.url]);
  expect(new URL(server.url).search).not.toBe(first);
  // Loaded anew, a second tab, the old address from the history: the browser that is signed in stays so.
  for (const path of ['/', '/', `/${first}`]) {
    const { status, headers } = await ask(path, { headers: { Cookie: cookie } });
    expect(status === 200 || headers.location === '/').toBe(true);
  }
  expect(told).toHaveLength(1);
  expect((await ask(`/${new URL(server.url).search}`)).status).toBe(303);
});

test('every answer carries the security headers', async () => {
  const cases: Record<string, string>[] = [{}, { Cookie: await signIn() }, { Host: 'evil.example' }];
  for (const headers of cases) {
    const answer = await ask('/', { headers });
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe-eval');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['referrer-policy']).toBe('no-referrer');
    expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
  }
});

test('without the right token or cookie nothing is given out', async () => {
  expect((await ask('/?token=wrong')).status).toBe(401);
  const name = (await signIn()).split('=')[0]!;
  for (const path of ['/', '/assets/index-1a2b.js', '/download/x', '/lab', '/nothing'])
    for (const cookie of ['', `${name}=wrong`, `other=${(await signIn()).split('=')[1]!}`]) {
      const answer = await ask(path, { headers: cookie ? { Cookie: cookie } : {} });
      expect(answer.status).toBe(401);
      expect(answer.body).toContain('deltalab serve');
    }
  expect((await ask('/upload?name=a', { method: 'POST', body: Buffer.from('x') })).status).toBe(401);
  expect((await ask('/', { headers: { 'Accept-Language': 'ru-RU' } })).body).toContain('токен');
});

test('a foreign Host is refused, whatever the cookie', async () => {
  const Cookie = await signIn();
  for (const Host of [
    'evil.example',
    `evil.example:${server.port}`,
    '127.0.0.1.evil.example',
    '0.0.0.0',
    '127.0.0.1@evil',
  ])
    expect((await ask('/', { headers: { Host, Cookie } })).status).toBe(403);
  for (const Host of [`localhost:${server.port}`, '127.0.0.1:9000', '[::1]:80'])
    expect((await ask('/', { headers: { Host, Cookie } })).status).toBe(200);
  const search = new URL(server.url).search;
  expect((await ask(`/${search}`, { headers: { Host: 'evil.example' } })).status).toBe(403);
});

test('what another site loads from here is refused, following a link is not', async () => {
  const Cookie = await signIn();
  const load = (site: string, mode: string): Promise<Answer> =>
    ask('/', { headers: { Cookie, 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode } });
  expect((await load('cross-site', 'no-cors')).status).toBe(403);
  expect((await load('same-site', 'cors')).status).toBe(403);
  expect((await load('same-origin', 'cors')).status).toBe(200);
  expect((await load('none', 'navigate')).status).toBe(200);
});

test('the WebSocket is refused for a wrong Host, Origin, cookie or path', async () => {
  const Cookie = await signIn();
  const Origin = `http://127.0.0.1:${server.port}`;
  expect(await open({ Origin })).toBe(401);
  expect(await open({ Origin, Cookie: `${Cookie}x` })).toBe(401);
  expect(await open({ Cookie })).toBe(403);
  expect(await open({ Cookie, Origin: 'http://evil.example' })).toBe(403);
  expect(await open({ Cookie, Origin: 'null' })).toBe(403);
  expect(await open({ Cookie, Origin: `http://localhost:${server.port}` })).toBe(403);
  expect(await open({ Cookie, Origin: 'http://127.0.0.1:1' })).toBe(403);
  expect(await open({ Cookie, Origin: 'http://evil.example', Host: 'evil.example' })).toBe(403);
  expect(await open({ Cookie, Origin }, '/other')).toBe(404);
  expect(typeof (await open({ Cookie, Origin }))).toBe('object');
});

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
  await server.close();
  server = await start({ limits: { pendingCalls: 2 } });
  const page = await connectPage(await signIn());
  for (const id of [1, 2, 3]) page.call(id, 'wait');
  expect(await page.next(1)).toMatchObject([
    { id: 3, ok: false, error: { code: 'serve.busy', details: { call: 'wait' } } },
  ]);
  for (const answer of lab.waiting) answer();
  expect(await page.next(2)).toMatchObject([{ ok: true }, { ok: true }]);
});

test('a page that stops answering pings is let go', async () => {
  await server.close();
  server = await start({ limits: { pingInterval: 30 } });
  const page = await connectPage(await signIn());
  await new Promise((done) => setTimeout(done, 150));
  expect(page.socket.readyState).toBe(WebSocket.OPEN);
  page.socket.pause();
  while (lab.listeners.size > 0) await new Promise((done) => setTimeout(done, 5));
  page.socket.resume();
  expect(await page.closed).toBe(1006);
});

test('a slow page gets merged progress, with every epoch once and in order', async () => {
  await server.close();
  server = await start({ limits: { slowBytes: 0, pingInterval: 60_000 } });
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

test('no path leaves the page folder', async () => {
  const headers = { Cookie: await signIn() };
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'page', 'link.txt'));
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '//../secret.txt',
    `/${encodeURIComponent(join(folder, 'secret.txt'))}`,
    '/link.txt',
    '/%00',
    '/%zz',
    '/assets',
  ]) {
    const answer = await ask(path, { headers });
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.body).not.toContain('not for the page');
  }
  const script = await ask('/assets/index-1a2b.js', { headers });
  expect(script.status).toBe(200);
  expect(script.headers['content-type']).toMatch(/^text\/javascript/);
  expect(script.headers['cache-control']).toContain('immutable');
  expect((await ask('/', { headers })).headers['cache-control']).toBe('no-cache');
  expect((await ask('/', { headers, method: 'PUT' })).status).toBe(405);
  expect((await ask('/', { headers, method: 'HEAD' })).body).toBe('');
});

test('uploads are kept under a safe name until the server ends', async () => {
  const headers = { Cookie: await signIn(), Origin: `http://127.0.0.1:${server.port}` };
  const body = Buffer.from('a,b\n1,2\n');
  const upload = (name: string): Promise<Answer> =>
    ask(`/upload?name=${encodeURIComponent(name)}`, { method: 'POST', headers, body });
  const answer = await upload('../../мои данные.csv');
  expect(answer.status).toBe(200);
  const { path } = JSON.parse(answer.body) as { path: string };
  expect(path.endsWith('/мои данные.csv')).toBe(true);
  expect(readFileSync(path)).toEqual(body);

  expect((await ask('/upload?name=a', { method: 'POST', headers: { Cookie: headers.Cookie }, body })).status).toBe(403);
  const foreign = { ...headers, Origin: 'http://evil.example' };
  expect((await ask('/upload?name=a', { method: 'POST', headers: foreign, body })).status).toBe(403);
  await server.close();
  expect(existsSync(path)).toBe(false);
  server = await start();
});

test('an upload is deleted once the call that takes it over was answered, and not before', async () => {
  const cookie = await signIn();
  const headers = { Cookie: cookie, Origin: `http://127.0.0.1:${server.port}` };
  const upload = async (name: string): Promise<string> => {
    const answer = await ask(`/upload?name=${name}`, { method: 'POST', headers, body: Buffer.from('a') });
    return (JSON.parse(answer.body) as { path: string }).path;
  };
  const [table, model, read] = [await upload('a.csv'), await upload('m.onnx'), await upload('b.csv')];
  const page = await connectPage(cookie);
  const other = join(folder, 'own.csv');
  writeFileSync(other, 'a');
  // Without a copy the project goes on reading the file; and what was no upload is nobody's to delete.
  page.call(1, 'data.import', { project: 'p', paths: [read, other], copy: false });
  page.call(2, 'data.import', { project: 'p', paths: [table, other], copy: true });
  page.call(3, 'models.import', { path: model });
  await page.next(3);
  expect([table, model, read, other].map((path) => existsSync(path))).toEqual([false, false, true, true]);
});

test('an upload over the limit is refused, announced or not, and nothing of it is kept', async () => {
  await server.close();
  server = await start({ uploadLimit: 1000 });
  const headers = { Cookie: await signIn(), Origin: `http://127.0.0.1:${server.port}` };
  const body = Buffer.alloc(1001);
  const announced = await ask('/upload?name=big.csv', { method: 'POST', headers, body });
  expect(announced.status).toBe(413);
  expect(JSON.parse(announced.body)).toMatchObject({ code: 'serve.upload-too-large', details: { file: 'big.csv' } });
  const chunked = { ...headers, 'Transfer-Encoding': 'chunked' };
  expect((await ask('/upload?name=big.csv', { method: 'POST', headers: chunked, body })).status).toBe(413);
  const exact = await ask('/upload?name=big.csv', { method: 'POST', headers, body: body.subarray(1) });
  expect(exact.status).toBe(200);
});

test('exports are downloaded by id only', async () => {
  const headers = { Cookie: await signIn() };
  writeFileSync(join(folder, 'модель "1".onnx'), 'weights');
  lab.downloads.set('abc', join(folder, 'модель "1".onnx'));
  const answer = await ask('/download/abc', { headers });
  expect(answer.body).toBe('weights');
  expect(answer.headers['content-disposition']).toBe(
    `attachment; filename="______ _1_.onnx"; filename*=UTF-8''${encodeURIComponent('модель "1".onnx')}`,
  );
  expect((await ask('/download/other', { headers })).status).toBe(404);
  rmSync(join(folder, 'модель "1".onnx'));
  expect((await ask('/download/abc', { headers })).status).toBe(404);
});

test('raw rubbish and half requests leave the server running', async () => {
  for (const text of ['\x00\x01\x02', 'GET / HTTP/1.1\r\n', 'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n']) {
    const socket = connect(server.port, '127.0.0.1');
    await new Promise<void>((done) => socket.write(text, () => done()));
    socket.destroy();
  }
  expect((await ask('/', { headers: { Cookie: await signIn() } })).status).toBe(200);
});

test('what cannot be served is said before anything listens', async () => {
  const code = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'started',
      (error: unknown) => (error instanceof LabError ? error.code : String(error)),
    );
  expect(await code(start({ host: '0.0.0.0' }))).toBe('serve.remote-refused');
  expect(await code(start({ host: '::' }))).toBe('serve.remote-refused');
  expect(await code(start({ host: 'box.example' }))).toBe('serve.remote-refused');
  expect(await code(start({ port: server.port }))).toBe('serve.port-in-use');
  expect(await code(start({ rendererFolder: join(folder, 'nothing') }))).toBe('serve.page-missing');
  const remote = await start({ host: '0.0.0.0', allowRemote: true });
  expect(remote.url).toContain(`http://127.0.0.1:${remote.port}/`);
  await remote.close();
});
