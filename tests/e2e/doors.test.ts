import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLab, type RunningLab } from './harness/lab';

/** What a page that is not ours, or no longer is, can get out of the lab: nothing. In a real browser, against the real server. */
const inBrowser = process.env.DELTALAB_E2E_DOOR !== 'electron';

let lab: RunningLab;
let foreign: Server;
let foreignAddress: string;
let requests: string[];

beforeAll(async () => {
  requests = [];
  foreign = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(200, { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': '*' });
    response.end('<!doctype html><title>Another site</title>');
  });
  await new Promise<void>((listening) => foreign.listen(0, '127.0.0.1', listening));
  foreignAddress = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  lab = await openLab();
});

afterAll(async () => {
  await lab.close();
  await new Promise((closed) => foreign.close(closed));
});

/** Resolves with how a fetch ended, as the page sees it. */
function tryFetch(page: Page, address: string): Promise<string> {
  return page.evaluate(
    (target) =>
      fetch(target, { credentials: 'include' }).then(
        async (answer) => `${answer.status} ${(await answer.text()).slice(0, 200)}`,
        (error: unknown) => `refused: ${String(error)}`,
      ),
    address,
  );
}

test('the page loads under its policy without a word in the console', async () => {
  await lab.page.waitForLoadState('networkidle');
  expect(lab.consoleErrors).toEqual([]);
});

test('the page can reach no other origin, run no inline script, and evaluate no text', async () => {
  expect(await tryFetch(lab.page, `${foreignAddress}/stolen`)).toMatch(/^refused/);
  const image = await lab.page.evaluate(
    (address) =>
      new Promise<string>((done) => {
        const element = new Image();
        element.onload = () => done('loaded');
        element.onerror = () => done('refused');
        element.src = address;
      }),
    `${foreignAddress}/pixel`,
  );
  expect(image).toBe('refused');
  expect(requests).toEqual([]);
  const inline = await lab.page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.wasRun = true';
    document.head.append(script);
    return 'wasRun' in window;
  });
  expect(inline).toBe(false);
  // Not by page.evaluate's own means, which the policy does not bind: by a timer, as a page would.
  const evaluated = await lab.page.evaluate(async () => {
    setTimeout('window.wasEvaluated = true', 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return 'wasEvaluated' in window;
  });
  expect(evaluated).toBe(false);
  const frame = await lab.page.evaluate(
    (address) =>
      new Promise<string>((done) => {
        const element = document.createElement('iframe');
        element.onload = () => done(element.contentDocument === null ? 'blocked' : 'loaded');
        element.src = address;
        document.body.append(element);
      }),
    `${foreignAddress}/frame`,
  );
  expect(frame).toBe('blocked');
  expect(requests).toEqual([]);
});

describe.runIf(inBrowser)('of the browser door', () => {
  test('the token is gone from the address, and the cookie is out of reach of scripts', async () => {
    expect(lab.page.url()).not.toContain('token');
    expect(await lab.page.evaluate(() => document.cookie)).toBe('');
    expect(await lab.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
  });

  test('another site in the same browser gets neither the page nor the socket', async () => {
    const page = await lab.page.context().newPage();
    try {
      await page.goto(foreignAddress);
      expect(await tryFetch(page, lab.url)).toMatch(/^refused/);
      const socket = await page.evaluate(
        (address) =>
          new Promise<string>((done) => {
            const connection = new WebSocket(address);
            connection.onopen = () => done('open');
            connection.onerror = () => done('refused');
          }),
        `${lab.url.replace('http', 'ws')}lab`,
      );
      expect(socket).toBe('refused');
      // The same server under another of its names is another origin, too: its cookie stays behind.
      const answer = await page.goto(lab.url.replace('127.0.0.1', 'localhost'));
      expect(answer?.status()).toBe(401);
    } finally {
      await page.close();
    }
  });

  test('a browser without the cookie is told where to find the address', async () => {
    const context = await lab.page.context().browser()!.newContext();
    try {
      const page = await context.newPage();
      const answer = await page.goto(lab.url);
      expect(answer?.status()).toBe(401);
      expect(await page.textContent('body')).toContain('deltalab serve');
    } finally {
      await context.close();
    }
  });

  test('a second page of the same browser works beside the first', async () => {
    const page = await lab.page.context().newPage();
    try {
      await page.goto(lab.url);
      await page.waitForSelector('#app > *');
      expect(await page.title()).toContain('Deltalab');
    } finally {
      await page.close();
    }
  });
});

describe.runIf(!inBrowser)('of the Electron door', () => {
  test('no window opens and the page stays where it is', async () => {
    expect(await lab.page.evaluate((address) => window.open(address) === null, foreignAddress)).toBe(true);
    await lab.page.evaluate((address) => {
      location.href = address;
    }, foreignAddress);
    await lab.page.waitForTimeout(500);
    expect(lab.page.url()).toMatch(/^app:\/\/deltalab\//);
    expect(requests).toEqual([]);
  });

  test('the page has the bridge and nothing of Node', async () => {
    const found = await lab.page.evaluate(() => ({
      bridge: Object.keys((window as unknown as { deltalab: object }).deltalab).sort(),
      node: 'require' in window || 'process' in window,
    }));
    expect(found).toEqual({ bridge: ['call', 'on', 'pathForFile', 'showInFolder'], node: false });
  });
});
