import { LabError } from '../../shared/errors';

/**
 * A walk over the bytes of an ONNX file before anything is made of them: every length is compared with what is left, nesting and
 * counts with what a network can need. Decoding turns a byte of a file into tens of bytes of objects; a file of empty nodes must
 * be refused before that, not by running out of memory.
 */

/** Far above the largest published networks, far below what fills a memory. */
export const modelLimits = {
  bytes: 2 ** 31 - 1,
  nodes: 100_000,
  tensors: 100_000,
  /** Everything else that becomes an object: attributes, dimensions, names, integers that are not raw bytes. */
  parts: 4_000_000,
  /** Floats written one by one instead of as raw bytes. */
  floats: 64_000_000,
} as const;

type Limited = Exclude<keyof typeof modelLimits, 'bytes'>;

/** One message type: what its fields (by number) hold. Fields that are not listed are skipped, whatever is in them. */
interface Message {
  counts: Limited;
  fields: Readonly<Record<number, Message | 'name' | 'integers' | 'floats' | 'sparse'>>;
}

const entry: Message = { counts: 'parts', fields: {} };
const dimension: Message = { counts: 'parts', fields: {} };
const shape: Message = { counts: 'parts', fields: { 1: dimension } };
const tensorType: Message = { counts: 'parts', fields: { 2: shape } };
const value: Message = { counts: 'parts', fields: { 2: { counts: 'parts', fields: { 1: tensorType } } } };
const tensor: Message = {
  counts: 'tensors',
  fields: { 1: 'integers', 4: 'floats', 5: 'integers', 7: 'integers', 10: 'floats', 11: 'integers', 13: entry },
};
const attribute: Message = { counts: 'parts', fields: { 5: tensor, 7: 'floats', 8: 'integers', 9: 'name' } };
const node: Message = { counts: 'nodes', fields: { 1: 'name', 2: 'name', 5: attribute } };
const graph: Message = {
  counts: 'parts',
  fields: { 1: node, 5: tensor, 11: value, 12: value, 13: value, 15: 'sparse' },
};
const model: Message = { counts: 'parts', fields: { 7: graph, 8: entry, 14: entry } };

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Throws a LabError that says what is too large, or that the bytes are no ONNX file. */
export function scanModel(bytes: Uint8Array, file: string): void {
  if (bytes.length > modelLimits.bytes) throw tooLarge(file, 'bytes', bytes.length);
  new Scanner(bytes, file).message(0, bytes.length, model);
}

function tooLarge(file: string, what: keyof typeof modelLimits, count: number): LabError {
  return new LabError('model.too-large', { file, what, count, maximum: modelLimits[what] });
}

class Scanner {
  readonly #counts: Record<Limited, number> = { nodes: 0, tensors: 0, parts: 0, floats: 0 };
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {}

  /** Reads a message between two places. The types above are a tree without cycles, so that the depth is bounded by it. */
  message(from: number, to: number, type: Message): void {
    this.#count(type.counts, 1);
    this.#at = from;
    while (this.#at < to) {
      const tag = this.#varint(to);
      const content = type.fields[tag >>> 3];
      const start = this.#value(tag & 7, to);
      const end = this.#at;
      if (content === undefined) continue;
      if (content === 'sparse') throw new LabError('model.sparse', { file: this.file });
      const packed = (tag & 7) === wire.bytes;
      if (content === 'name') this.#count('parts', 1);
      else if (content === 'integers') this.#count('parts', packed ? end - start : 1);
      else if (content === 'floats') this.#count('floats', packed ? (end - start) / 4 : 1);
      else if (!packed) throw this.#damaged('a number stands where a message should');
      else {
        this.message(start, end, content);
        this.#at = end;
      }
    }
  }

  /** Steps over one value; returns where its content starts. */
  #value(type: number, to: number): number {
    let start = this.#at;
    if (type === wire.varint) this.#varint(to);
    else if (type === wire.fixed64) this.#at += 8;
    else if (type === wire.fixed32) this.#at += 4;
    else if (type === wire.bytes) {
      const length = this.#varint(to);
      start = this.#at;
      this.#at += length;
    } else throw this.#damaged(`unknown wire type ${type}`);
    if (this.#at > to) throw this.#damaged('it ends too early');
    return start;
  }

  /** The low 53 bits of a varint; larger lengths end outside the file either way. */
  #varint(to: number): number {
    let result = 0;
    for (let scale = 1, count = 0; count < 10; count += 1, scale *= 128) {
      const byte = this.#at < to ? this.bytes[this.#at] : undefined;
      if (byte === undefined) throw this.#damaged('it ends too early');
      this.#at += 1;
      result += (byte & 127) * scale;
      if (byte < 128) return result;
    }
    throw this.#damaged('a number has no end');
  }

  #count(what: Limited, more: number): void {
    this.#counts[what] += more;
    if (this.#counts[what] > modelLimits[what]) throw tooLarge(this.file, what, Math.ceil(this.#counts[what]));
  }

  #damaged(reason: string): LabError {
    return new LabError('model.not-onnx', { file: this.file, reason });
  }
}
