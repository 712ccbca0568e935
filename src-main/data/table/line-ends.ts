import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileError } from '../file';
import { at } from '../at';

const carriageReturn = 13;
const lineFeed = 10;

/**
 * Where lines end in more than one way, as in files edited on two systems, the database gives up on the whole file: then the path
 * of a copy in the folder in which every line ends in a line feed. Line breaks inside quoted values stay as they are.
 */
export async function uniformLineEnds(
  path: string,
  dialect: { separator: string; quote: string },
  folder: string,
): Promise<string> {
  const walker = new LineEndWalker(dialect);
  // Without any carriage return there is one kind of line end, and nothing to walk through byte by byte.
  if (!(await holds(path, carriageReturn)) || !(await isMixed(path, walker))) return path;
  const copy = join(folder, 'line-ends.csv');
  const converter = new LineEndWalker(dialect);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytesOf(path)) yield converter.take(chunk);
  }
  await pipeline(Readable.from(pieces()), createWriteStream(copy));
  return copy;
}

async function holds(path: string, byte: number): Promise<boolean> {
  for await (const chunk of bytesOf(path)) if (chunk.includes(byte)) return true;
  return false;
}

async function isMixed(path: string, walker: LineEndWalker): Promise<boolean> {
  for await (const chunk of bytesOf(path)) {
    walker.take(chunk);
    if (walker.kinds > 1) return true;
  }
  return walker.finish() > 1;
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw fileError(path, error);
  } finally {
    stream.destroy();
  }
}

/** Goes through UTF-8 text, counts the kinds of line end outside quotes, and gives the text back with line feeds for all of them. */
class LineEndWalker {
  private readonly separator: number;
  private readonly quote: number;
  private pairs = false;
  private feeds = false;
  private returns = false;
  private quoted = false;
  private fresh = true;
  /** A carriage return outside quotes whose line feed, if it has one, is still to come. */
  private pending = false;

  constructor({ separator, quote }: { separator: string; quote: string }) {
    this.separator = separator.charCodeAt(0);
    this.quote = quote.charCodeAt(0);
  }

  get kinds(): number {
    return Number(this.pairs) + Number(this.feeds) + Number(this.returns);
  }

  /** The kinds of line end in all of the text. */
  finish(): number {
    if (this.pending) this.returns = true;
    return this.kinds;
  }

  take(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(chunk.length);
    let length = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = at(chunk, index);
      if (this.pending) {
        this.pending = false;
        if (byte === lineFeed) {
          // Its line feed was written for the carriage return already.
          this.pairs = true;
          continue;
        }
        this.returns = true;
      }
      if (!this.quoted && (byte === lineFeed || byte === carriageReturn)) {
        if (byte === lineFeed) this.feeds = true;
        else this.pending = true;
        this.fresh = true;
        out[length++] = lineFeed;
        continue;
      }
      const turns = byte === this.quote && (this.quoted || this.fresh);
      if (turns) this.quoted = !this.quoted;
      // A doubled quote inside a quoted value closes it and opens it again at once.
      this.fresh = !this.quoted && (byte === this.separator || turns);
      out[length++] = byte;
    }
    return out.subarray(0, length);
  }
}
