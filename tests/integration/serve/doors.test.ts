import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LabError } from '../../../shared/errors';
import { type Answer, ask, folder, open, restart, server, signIn, start, useServer } from './harness';

useServer();

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
  await restart({ onSignIn: (next) => told.push(next) });
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
