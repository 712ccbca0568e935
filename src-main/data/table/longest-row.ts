import { createReadStream } from 'node:fs';
import { fileError } from '../file';
import { at } from '../at';

/** A row of a text table: the line it begins in, counted from 1, and how long it is without its line end. */
export interface LongRow {
  line: number;
  bytes: number;
}

/**
 * The longest row of a file whose lines all end alike. A quoted value may hold line breaks, and a quotation mark without its pair
 * makes one row of all that follows: such rows are what a reader with a buffer has to know of beforehand.
 */
export async function longestRow(path: string, dialect: { separator: string; quote: string }): Promise<LongRow> {
  const walker = new RowLengths(dialect);
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of stream) walker.take(chunk as Buffer);
  } catch (error) {
    throw fileError(path, error);
  } finally {
    stream.destroy();
  }
  return walker.finish();
}

const lineFeed = 10;
const carriageReturn = 13;

class RowLengths {
  private readonly separator: number;
  private readonly quote: number;
  private longest: LongRow = { line: 1, bytes: 0 };
  private line = 1;
  private row: LongRow = { line: 1, bytes: 0 };
  private quoted = false;
  private fresh = true;
  /** How lines end; null until one has. */
  private end: number | null = null;

  constructor({ separator, quote }: { separator: string; quote: string }) {
    this.separator = separator.charCodeAt(0);
    this.quote = quote.charCodeAt(0);
  }

  take(chunk: Buffer): void {
    // A pair is told by its line feed. A file of lone carriage returns has no line feed at all.
    this.end ??= chunk.includes(lineFeed) ? lineFeed : chunk.includes(carriageReturn) ? carriageReturn : null;
    if (this.quoted || chunk.includes(this.quote)) this.walk(chunk);
    else this.leap(chunk);
  }

  finish(): LongRow {
    this.endRow();
    return this.longest;
  }

  /** Without quotation marks, from one line end to the next. */
  private leap(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const next = this.end === null ? -1 : chunk.indexOf(this.end, start);
      this.row.bytes += (next === -1 ? chunk.length : next) - start;
      if (next === -1) break;
      this.endRow();
      start = next + 1;
    }
    const last = at(chunk, chunk.length - 1);
    this.fresh = last === this.end || last === this.separator;
  }

  private walk(chunk: Buffer): void {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = at(chunk, index);
      if (byte === this.end && !this.quoted) {
        this.endRow();
        this.fresh = true;
        continue;
      }
      if (byte === this.end) this.line += 1;
      this.row.bytes += 1;
      const turns = byte === this.quote && (this.quoted || this.fresh);
      if (turns) this.quoted = !this.quoted;
      // A doubled quote inside a quoted value closes it and opens it again at once.
      this.fresh = !this.quoted && (byte === this.separator || turns);
    }
  }

  private endRow(): void {
    if (this.row.bytes > this.longest.bytes) this.longest = this.row;
    this.line += 1;
    this.row = { line: this.line, bytes: 0 };
  }
}
