const WORDS = 624;
const MIDDLE = 397;
const TWO_24 = 2 ** -24;
const TWO_53 = 2 ** -53;
const TWO_PI = 2 * Math.PI;

/** From this many values on, torch.randperm has another algorithm (checked once against PyTorch 2.13: too long for a test). */
const WIDE_PERMUTATION = Math.floor(0xffffffff / 20);

/** Every index here is inside its array by construction; should one not be, say so instead of computing with `undefined`. */
function at(values: Uint32Array | Float32Array | Int32Array, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`Generator: index ${index} of ${values.length}`);
  return value;
}

function twist(high: number, low: number): number {
  const mixed = (high & 0x80000000) | (low & 0x7fffffff);
  return (mixed >>> 1) ^ (low & 1 ? 0x9908b0df : 0);
}

/** One step of Box-Muller in float32, as PyTorch computes vectors of 16 and more: two uniforms to two normal numbers. */
function boxMuller(values: Float32Array, first: number, second: number): void {
  const fround = Math.fround;
  const u1 = fround(1 - at(values, first)); // (0, 1]: the logarithm stays finite
  const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(u1)))));
  const theta = fround(fround(TWO_PI) * at(values, second));
  values[first] = radius * fround(Math.cos(theta));
  values[second] = radius * fround(Math.sin(theta));
}

/**
 * Mersenne Twister MT19937 with the conversions of PyTorch's CPU generator: the same seed gives the numbers of
 * `torch.manual_seed(seed)`. Equal bits for rand, uniform and randperm; randn of 16 and more values agrees to a few units in the
 * last place, because PyTorch uses vector approximations of log, sin and cos there. The engine's src-native/core/random.cpp is the same generator.
 */
export class Generator {
  private readonly state = new Uint32Array(WORDS);
  private position = WORDS;
  /** The second number of a normal pair waits for the next short randn. */
  private spare: number | null = null;

  /** `seed`: an integer from 0 to 2^53 - 1; as in PyTorch its low 32 bits choose the stream. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`A seed is an integer from 0 to 2^53 - 1, not ${seed}.`);
    this.state[0] = seed % 2 ** 32;
    for (let i = 1; i < WORDS; i += 1) {
      const previous = at(this.state, i - 1);
      this.state[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** The next 32 bits of the stream, as an integer from 0 to 2^32 - 1. */
  nextUint32(): number {
    if (this.position === WORDS) this.refill();
    let y = at(this.state, this.position);
    this.position += 1;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** torch.rand: uniform on [0, 1) in steps of 2^-24. */
  rand(count: number): Float32Array {
    const out = new Float32Array(count);
    for (let i = 0; i < count; i += 1) out[i] = this.unit();
    return out;
  }

  /** Tensor.uniform_(low, high): scaled and shifted with one rounding. (24 by 24 bits are exact in a double.) */
  uniform(count: number, low: number, high: number): Float32Array {
    const from = Math.fround(low);
    const width = Math.fround(Math.fround(high) - from);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i += 1) out[i] = this.unit() * width + from;
    return out;
  }

  /** torch.randn(count): fewer than 16 values and more draw from the stream in different ways, as there. */
  randn(count: number): Float32Array {
    if (count < 16) {
      const out = new Float32Array(count);
      for (let i = 0; i < count; i += 1) out[i] = this.normal();
      return out;
    }
    const out = this.rand(count);
    for (let block = 0; block + 16 <= count; block += 16) {
      for (let i = 0; i < 8; i += 1) boxMuller(out, block + i, block + i + 8);
    }
    if (count % 16 !== 0) {
      // The last 16 values are drawn afresh, over part of the block before them.
      const tail = count - 16;
      out.set(this.rand(16), tail);
      for (let i = 0; i < 8; i += 1) boxMuller(out, tail + i, tail + i + 8);
    }
    return out;
  }

  /** torch.randperm(count): the integers 0..count-1 in random order. */
  randperm(count: number): Int32Array {
    const out = new Int32Array(count);
    if (count >= WIDE_PERMUTATION) {
      // 32 bits would favour low indices too much: PyTorch draws 64 here, and shuffles from the inside out.
      for (let i = 0; i < count; i += 1) {
        const other = this.next64Below(i + 1);
        out[i] = i;
        out[i] = at(out, other);
        out[other] = i;
      }
      return out;
    }
    for (let i = 0; i < count; i += 1) out[i] = i;
    for (let i = 0; i < count - 1; i += 1) {
      const other = i + (this.nextUint32() % (count - i));
      const kept = at(out, i);
      out[i] = at(out, other);
      out[other] = kept;
    }
    return out;
  }

  private unit(): number {
    return (this.nextUint32() & 0xffffff) * TWO_24;
  }

  /** Uniform on [0, 1) in steps of 2^-53, from the low 53 of 64 bits; the first draw is the high half. */
  private unitDouble(): number {
    const high = this.nextUint32() & 0x1fffff;
    return (high * 2 ** 32 + this.nextUint32()) * TWO_53;
  }

  /** The next 64 bits modulo `limit` < 2^31, by halves of 16 bits so that every product stays exact. */
  private next64Below(limit: number): number {
    const high = this.nextUint32() % limit;
    const low = this.nextUint32();
    const middle = (high * 0x10000 + (low >>> 16)) % limit;
    return (middle * 0x10000 + (low & 0xffff)) % limit;
  }

  private normal(): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return value;
    }
    const u1 = this.unitDouble();
    const u2 = this.unitDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-u2));
    const theta = TWO_PI * u1;
    this.spare = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  private refill(): void {
    const state = this.state;
    for (let i = 0; i < WORDS; i += 1) {
      state[i] = at(state, (i + MIDDLE) % WORDS) ^ twist(at(state, i), at(state, (i + 1) % WORDS));
    }
    this.position = 0;
  }
}
