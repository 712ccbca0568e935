import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { LabError } from '../../shared/errors';

/** Files that pages sent, each in a folder of its own so that it keeps its name; all are deleted by `close`. */
export class Uploads {
  readonly #limit: number;
  #folder: Promise<string> | null = null;

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
      return path;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (error instanceof LabError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new LabError('serve.upload-failed', { file: name, reason }, { cause: error });
    }
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
      if (!request.complete) throw new Error('the connection was closed');
    } finally {
      await file.close();
    }
  }

  #tooLarge(file: string): LabError {
    return new LabError('serve.upload-too-large', { file, limit: this.#limit });
  }
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
