import { createReadStream } from 'node:fs';
import { access as accessFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import { type LabHost, maximumCallBytes } from '../../shared/api/wire';
import {
  type ErrorCode,
  type ErrorDetails,
  errorMessage,
  LabError,
  systemReason,
  toErrorRecord,
} from '../../shared/errors';
import { securityHeaders } from '../security/csp';
import { findPageFile } from '../security/files';
import {
  type Access,
  createAccess,
  hasSession,
  isForeignLoad,
  isLoopback,
  isOwnOrigin,
  sessionCookie,
  takeToken,
  trustedHost,
} from './access';
import { attachSocket, defaultSocketLimits, type SocketLimits } from './socket';
import { Uploads } from './uploads';

export interface ServeOptions {
  /** 0 or absent: a free one. */
  port?: number;
  host?: string;
  /** Needed for a host that other machines can reach. */
  allowRemote?: boolean;
  /** The built page. */
  rendererFolder: string;
  uploadLimit?: number;
  limits?: Partial<SocketLimits>;
  /** A browser has used the address up; the next one needs this. */
  onSignIn?(nextUrl: string): void;
}

export interface LabServer {
  /** With the token in force: for the person who started the server, and nobody else. */
  readonly url: string;
  port: number;
  close(): Promise<void>;
}

const gigabyte = 1024 ** 3;

/** The browser door: the page, its calls and events over one WebSocket, uploads and downloads. */
export async function startServer(lab: LabHost, options: ServeOptions): Promise<LabServer> {
  const host = options.host ?? '127.0.0.1';
  if (!isLoopback(host) && !options.allowRemote) throw new LabError('serve.remote-refused', { host });
  await accessFile(join(options.rendererFolder, 'index.html')).catch(() => {
    throw new LabError('serve.page-missing', { folder: options.rendererFolder });
  });

  const http = createServer();
  // An upload over a slow line may take long; a connection on which nothing moves may not.
  http.requestTimeout = 0;
  http.headersTimeout = 15_000;
  http.timeout = 60_000;
  http.maxConnections = 512;
  await listen(http, host, options.port ?? 0);

  const { port } = http.address() as AddressInfo;
  const access = createAccess(port, isLoopback(host) ? [host] : [host, ...ownNames()]);
  const uploads = new Uploads(options.uploadLimit ?? 16 * gigabyte);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maximumCallBytes, perMessageDeflate: false });
  const limits = { ...defaultSocketLimits, ...options.limits };

  http.on('request', (request, response) => {
    const door = new RequestHandler(request, response, {
      lab,
      access,
      uploads,
      rendererFolder: options.rendererFolder,
      signedIn: () => options.onSignIn?.(address()),
    });
    void door.handle();
  });
  http.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(request, access);
    if (refusal) {
      endUpgrade(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connected) => attachSocket(connected, uploads.around(lab), limits));
  });

  // A browser on this machine opens "every address" through the loopback one.
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const address = (): string => `http://${isIP(shown) === 6 ? `[${shown}]` : shown}:${port}/?token=${access.token}`;
  return {
    get url() {
      return address();
    },
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(1001, 'the lab is closing');
      const timer = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        http.closeAllConnections();
      }, 500);
      http.closeIdleConnections();
      await closed;
      clearTimeout(timer);
      await uploads.close();
    },
  };
}

function listen(http: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const details = { host, port, reason: systemReason(error) };
      reject(new LabError(error.code === 'EADDRINUSE' ? 'serve.port-in-use' : 'serve.address-refused', details));
    });
    http.listen(port, host.replace(/^\[(.*)\]$/, '$1'), () => {
      http.removeAllListeners('error');
      resolve();
    });
  });
}

/** Names under which other machines may know this one. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [hostname(), ...addresses.map((address) => address.address)];
}

function refuseUpgrade(request: IncomingMessage, access: Access): 401 | 403 | 404 | null {
  const host = trustedHost(request.headers, access);
  if (!host || !isOwnOrigin(request.headers, host)) return 403;
  if (!hasSession(request.headers, access)) return 401;
  return request.url === '/lab' ? null : 404;
}

function endUpgrade(socket: Duplex, status: 401 | 403 | 404): void {
  const words = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status];
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

interface HandlerContext {
  lab: LabHost;
  access: Access;
  uploads: Uploads;
  rendererFolder: string;
  signedIn(): void;
}

class RequestHandler {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly context: HandlerContext,
  ) {}

  async handle(): Promise<void> {
    try {
      await this.#route();
    } catch (error) {
      if (error instanceof LabError)
        this.#refuse(error.code === 'serve.upload-too-large' ? 413 : 400, error.code, error.details);
      else {
        const { code, details } = toErrorRecord(error);
        this.#refuse(500, code, details);
      }
    }
  }

  async #route(): Promise<void> {
    const { request, response, context } = this;
    const host = trustedHost(request.headers, context.access);
    this.#setHeaders(securityHeaders(host ? `ws://${host}` : undefined));
    if (!host || isForeignLoad(request.headers)) return this.#refuse(403, 'serve.foreign-request');

    const url = parseUrl(request.url ?? '/');
    if (!url) return this.#refuse(404, 'serve.not-found', { path: '?' });

    const token = url.query.get('token');
    if (url.path === '/' && token !== null && request.method === 'GET') {
      // From the history of a browser that is signed in already, the address leads to the page as well.
      const known = hasSession(request.headers, context.access);
      if (!known && !takeToken(token, context.access)) return this.#refuse(401, 'serve.not-signed-in');
      if (!known) context.signedIn();
      response.writeHead(303, {
        Location: '/',
        'Set-Cookie': sessionCookie(context.access),
        'Cache-Control': 'no-store',
      });
      response.end();
      return;
    }
    if (!hasSession(request.headers, context.access)) return this.#refuse(401, 'serve.not-signed-in');

    if (url.path === '/upload') {
      if (request.method !== 'POST') return this.#refuseMethod('POST', url.path);
      if (!isOwnOrigin(request.headers, host)) return this.#refuse(403, 'serve.foreign-request');
      return this.#upload(url.query.get('name') ?? '');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return this.#refuseMethod('GET, HEAD', url.path);
    if (url.path.startsWith('/download/')) return this.#download(url.path);
    return this.#page(url.path);
  }

  async #upload(name: string): Promise<void> {
    const path = await this.context.uploads.receive(this.request, name);
    this.#sendJson(200, { path });
  }

  async #download(urlPath: string): Promise<void> {
    const id = decode(urlPath.slice('/download/'.length));
    const path = id === null ? null : (this.context.lab.download?.(id) ?? null);
    const found = path === null ? null : await stat(path).catch(() => null);
    if (path === null || !found?.isFile()) return this.#refuse(404, 'serve.not-found', { path: urlPath });
    await this.#sendFile(path, found.size, {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': attachment(basename(path)),
      'Cache-Control': 'no-store',
    });
  }

  async #page(urlPath: string): Promise<void> {
    const file = await findPageFile(this.context.rendererFolder, urlPath);
    if (!file) return this.#refuse(404, 'serve.not-found', { path: urlPath });
    await this.#sendFile(file.path, file.bytes, {
      'Content-Type': file.contentType,
      'Cache-Control': file.cacheControl,
    });
  }

  async #sendFile(path: string, bytes: number, headers: Record<string, string>): Promise<void> {
    this.response.writeHead(200, { ...headers, 'Content-Length': bytes });
    if (this.request.method === 'HEAD' || bytes === 0) {
      this.response.end();
      return;
    }
    try {
      // Never more than was announced, should the file grow meanwhile.
      await pipeline(createReadStream(path, { end: bytes - 1 }), this.response);
    } catch {
      // The head is sent: an error can only be shown by cutting the answer short. A page that left causes the same.
      this.response.destroy();
    }
  }

  #sendJson(status: number, value: unknown): void {
    this.response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
    this.response.end(JSON.stringify(value));
  }

  #refuseMethod(allowed: string, path: string): void {
    this.response.setHeader('Allow', allowed);
    this.#refuse(405, 'serve.not-found', { path });
  }

  /** Uploads are asked for by the page and get a record; a person who follows a link gets words. */
  #refuse(status: number, code: ErrorCode, details: ErrorDetails = {}): void {
    const { request, response } = this;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const message = errorMessage({ code, details }, 'en');
    if (!request.complete) response.setHeader('Connection', 'close');
    if (request.method === 'POST') {
      this.#sendJson(status, { code, message, details });
    } else {
      const russian = /^ru\b/i.test(request.headers['accept-language'] ?? '');
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
      response.end(`${russian ? errorMessage({ code, details }, 'ru') : message}\n`);
    }
    if (!request.complete) {
      // Reading on for a moment lets the client see the answer before the connection goes.
      request.resume();
      setTimeout(() => request.destroy(), 2000).unref();
    }
  }

  #setHeaders(headers: Record<string, string>): void {
    for (const [name, value] of Object.entries(headers)) this.response.setHeader(name, value);
  }
}

/** The path is kept as sent: resolving `..` here would hide what was asked for. */
function parseUrl(target: string): { path: string; query: URLSearchParams } | null {
  if (!target.startsWith('/')) return null;
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: new URLSearchParams() }
    : { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** RFC 6266: a plain name for old clients, the real one in UTF-8. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
