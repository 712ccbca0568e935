import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answer, ask, connectPage, folder, lab, restart, server, signIn, useServer } from './harness';

useServer();

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
  await restart();
  expect(existsSync(path)).toBe(false);
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
  await restart({ uploadLimit: 1000 });
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
