import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { calls } from '../../shared/api/contract';
import type { LabHost } from '../../shared/api/wire';
import { LabError, systemReason } from '../../shared/errors';

/**
 * Files that pages sent, each in a folder of its own so that it keeps its name. One is deleted when the call that takes it over was answered,
 * the rest by `close`.
 */
export class Uploads {
  readonly #limit: number;
  #folder: Promise<string> | null = null;
  readonly #kept = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Writes the body of a request to a file; on failure nothing of it remains. */
  async receive(request: IncomingMessage, givenName: string): Promise<string> {
    const name = safeFileName(givenName);
    if (Number(request.headers['content-length'] ?? 0) > this.#limit) throw this.#tooLarge(name);

    this.#folder ??= mkdtemp(join(tmpdir(), 'deltalab-uploads-'));
    const folder = join(await this.#folder, randomBytes(8).toString('hex'));
    const path = join(folder, name);
    try {
      await mkdir(folder, { mode: 0o700 });
      await this.#write(request, path, name);
      this.#kept.add(path);
      return path;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (error instanceof LabError) throw error;
      throw new LabError('serve.upload-failed', { file: name, reason: systemReason(error) }, { cause: error });
    }
  }

  /** The host for a page, with every upload deleted once the host has what it needs of it, or has refused it. */
  around(lab: LabHost): LabHost {
    return {
      handle: async (name, input, holder) => {
        try {
          return await lab.handle(name, input, holder);
        } finally {
          await Promise.all(takenOver(name, input).map((path) => this.#discard(path)));
        }
      },
      on: (listener) => lab.on(listener),
      release: (holder) => lab.release?.(holder),
    };
  }

  async #discard(path: string): Promise<void> {
    if (!this.#kept.delete(path)) return;
    await rm(dirname(path), { recursive: true, force: true }).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #write(request: IncomingMessage, path: string, name: string): Promise<void> {
    const file = await open(path, 'wx', 0o600);
    try {
      let bytes = 0;
      // The request outlives a refusal, so that the refusal can still be sent.
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        const data = chunk as Buffer;
        bytes += data.length;
        if (bytes > this.#limit) throw this.#tooLarge(name);
        await file.writeFile(data);
      }
      if (!request.complete) throw new LabError('serve.upload-failed', { file: name, reason: 'connection-closed' });
    } finally {
      await file.close();
    }
  }

  #tooLarge(file: string): LabError {
    return new LabError('serve.upload-too-large', { file, limit: this.#limit });
  }
}

/** Files that a call copies or reads to its end, and nobody needs afterwards. */
function takenOver(name: string, input: unknown): string[] {
  if (name === 'data.import') {
    const { data } = calls['data.import'].input.safeParse(input);
    return data?.copy ? data.paths : [];
  }
  if (name !== 'models.import') return [];
  const { data } = calls['models.import'].input.safeParse(input);
  return data ? [data.path] : [];
}

/** A name that is one file in a folder on every system, and still looks like the one the user gave. */
export function safeFileName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? '';
  const clean = last
    .normalize('NFC')
    // eslint-disable-next-line no-control-regex -- control characters are what is removed
    .replace(/[\u0000-\u001f\u007f<>:"|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (clean === '') return 'upload';
  const extension = extname(clean).slice(0, 16);
  const stem = shorten(clean.slice(0, clean.length - extname(clean).length), 120);
  // Device names of Windows, with or without an extension.
  const prefix = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(stem) ? '_' : '';
  return `${prefix}${stem}${extension}`;
}

/** At most so many bytes of UTF-8, no character cut in two. */
function shorten(text: string, bytes: number): string {
  let result = '';
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    result += character;
  }
  return result;
}
