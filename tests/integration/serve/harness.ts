import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import type { LabHost, WireResult } from '../../../shared/api/wire';
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

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A folder with a page and a file beside it, made anew for every test. */
export let folder: string;
export let lab: EchoLab;
export let server: LabServer;
let sockets: WebSocket[];

/** A server for every test of the file. */
export function useServer(): void {
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
}

export function start(options: Partial<ServeOptions> = {}): Promise<LabServer> {
  return startServer(lab, { rendererFolder: join(folder, 'page'), ...options });
}

/** Another server in the place of the first. */
export async function restart(options: Partial<ServeOptions> = {}): Promise<LabServer> {
  await server.close();
  server = await start(options);
  return server;
}

export function ask(
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
export async function signIn(of: LabServer = server): Promise<string> {
  const url = new URL(of.url);
  const answer = await ask(`${url.pathname}${url.search}`, { port: of.port });
  expect(answer.status).toBe(303);
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

export interface Page {
  socket: WebSocket;
  received: unknown[];
  call(id: number, call: string, input?: unknown): void;
  next(count: number): Promise<unknown[]>;
  closed: Promise<number>;
}

/** Resolves with the status code of a refused upgrade, or with the connected page. */
export function open(headers: Record<string, string>, path = '/lab', port = server.port): Promise<Page | number> {
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

export async function connectPage(cookie: string, of: LabServer = server): Promise<Page> {
  const page = await open({ Cookie: cookie, Origin: `http://127.0.0.1:${of.port}` }, '/lab', of.port);
  if (typeof page === 'number') throw new Error(`refused with ${page}`);
  return page;
}
