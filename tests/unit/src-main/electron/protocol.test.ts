import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { answerPage } from '../../../../src-main/electron/protocol';
import { contentSecurityPolicy } from '../../../../src-main/security/csp';

const folder = mkdtempSync(join(tmpdir(), 'deltalab-page-'));
mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
writeFileSync(join(folder, 'page', 'index.html'), '<title>Deltalab</title>');
writeFileSync(join(folder, 'page', 'assets', 'a-1.js'), 'export {};');
writeFileSync(join(folder, 'secret.txt'), 'secret');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (url: string, method = 'GET'): Promise<Response> => answerPage({ url, method }, join(folder, 'page'));

test('the page and its files come with their types and the policy of every door', async () => {
  const page = await ask('app://deltalab/#train');
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Deltalab');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toBe(contentSecurityPolicy());
  expect((await ask('app://deltalab/assets/a-1.js?v=1')).headers.get('content-type')).toContain('text/javascript');
});

test.each([
  ['app://deltalab/missing.js', 'GET', 404],
  ['app://deltalab/..%2fsecret.txt', 'GET', 404],
  ['app://deltalab/%2e%2e/secret.txt', 'GET', 404],
  ['app://other/', 'GET', 403],
  ['https://deltalab/', 'GET', 403],
  ['app://deltalab/', 'POST', 405],
])('%s (%s) is answered with %i', async (url, method, status) => {
  const answer = await ask(url, method);
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe('');
  expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy());
});
