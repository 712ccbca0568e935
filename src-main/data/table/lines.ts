import { createReadStream } from 'node:fs';
import { rejectedTextLength } from '../source';
import { at } from '../at';

export interface LineRequest {
  path: string;
  separator: string;
  quote: string;
  header: boolean;
  /** In a table of one column a blank line is a row with a blank. */
  oneColumn: boolean;
  /** Byte offsets at (or just before) the records the database rejected, ascending. */
  rejected: number[];
  /** Wanted records, counted from 0 without the header and the rejected ones, ascending. */
  rows: number[];
  /** How many of the rejected records are wanted, from the first. */
  rejectedWanted: number;
}

export interface Place {
  line: number;
  text: string;
}

/**
 * Line numbers as an editor counts them. The database counts records, which is something else as soon as a quoted value holds a
 * line break or a line is empty. Reads only as far as the last line asked for.
 */
export async function findLines(request: LineRequest): Promise<{ rows: Place[]; rejected: Place[] }> {
  const walker = new RecordWalker(request);
  const stream = createReadStream(request.path, { highWaterMark: 1 << 20 });
  try {
    for await (const chunk of stream) if (walker.take(chunk as Buffer)) break;
    walker.finish();
  } finally {
    stream.destroy();
  }
  return { rows: walker.rows, rejected: walker.rejected };
}

class RecordWalker {
  readonly rows: Place[] = [];
  readonly rejected: Place[] = [];
  private readonly separator: number;
  private readonly quote: number;
  private line = 1;
  private offset = 0;
  private recordStart = 0;
  private recordLine = 1;
  private bytes: number[] = [];
  private empty = true;
  private quoted = false;
  private fresh = true;
  private previous = 0;
  private row: number;
  private nextRejected = 0;
  private done = false;

  constructor(private readonly request: LineRequest) {
    this.separator = request.separator.charCodeAt(0);
    this.quote = request.quote.charCodeAt(0);
    this.row = request.header ? -1 : 0;
    this.done = request.rows.length === 0 && request.rejectedWanted === 0;
  }

  /** True when everything asked for has been found. */
  take(chunk: Uint8Array): boolean {
    for (const byte of chunk) {
      if (this.done) return true;
      this.step(byte);
    }
    return this.done;
  }

  finish(): void {
    if (!this.done && !this.empty) this.endRecord();
  }

  private step(byte: number): void {
    const isBreak = byte === 10 || byte === 13;
    const secondOfPair = byte === 10 && this.previous === 13;
    if (secondOfPair && !this.quoted) {
      // The record ended at the carriage return.
      this.recordStart = this.offset + 1;
    } else if (isBreak && !this.quoted) {
      if (!this.empty || this.request.oneColumn) this.endRecord();
      this.line += 1;
      this.startRecord();
    } else {
      if (isBreak && !secondOfPair) this.line += 1;
      this.empty = false;
      const turns = byte === this.quote && (this.quoted || this.fresh);
      if (turns) this.quoted = !this.quoted;
      // A doubled quote inside a quoted value closes it and opens it again at once.
      this.fresh = !this.quoted && (byte === this.separator || turns);
      if (this.bytes.length < rejectedTextLength * 4) this.bytes.push(byte);
    }
    this.previous = byte;
    this.offset += 1;
  }

  private startRecord(): void {
    this.recordStart = this.offset + 1;
    this.recordLine = this.line;
    this.bytes = [];
    this.empty = true;
    this.quoted = false;
    this.fresh = true;
  }

  private endRecord(): void {
    const { rejected, rows, rejectedWanted } = this.request;
    const wasRejected = this.nextRejected < rejected.length && at(rejected, this.nextRejected) <= this.recordStart;
    if (wasRejected) {
      if (this.nextRejected < rejectedWanted) this.rejected.push(this.place());
      while (this.nextRejected < rejected.length && at(rejected, this.nextRejected) <= this.recordStart)
        this.nextRejected += 1;
    } else {
      if (this.row === rows[this.rows.length]) this.rows.push(this.place());
      this.row += 1;
    }
    this.done = this.rows.length === rows.length && this.rejected.length >= Math.min(rejectedWanted, rejected.length);
  }

  private place(): Place {
    const text = new TextDecoder().decode(Uint8Array.from(this.bytes));
    return { line: this.recordLine, text: text.slice(0, rejectedTextLength) };
  }
}
