/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011). A draw is a pure function of (seed, purpose, counters), so nothing about
 * randomness is ever saved and it does not depend on which worker draws.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/**
 * High 32 bits of the unsigned product of two 32-bit integers, as a signed one. Each operation has
 * a 32-bit result, so that engines compile it to integer arithmetic.
 */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const middle2 = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (middle2 >>> 16)) | 0;
}

/**
 * One Philox block: four uniform 32-bit integers written to `output`. Of the counter c0 to c3 and
 * the key k0 and k1 the low 32 bits count.
 */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  output: Uint32Array,
): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  output[0] = c0;
  output[1] = c1;
  output[2] = c2;
  output[3] = c3;
}

/** FNV-1a of a name, to give each purpose and each tensor its own stream. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** A stream of draws for one (seed, purpose, a, b); cheap to make, holds no state worth saving. */
export class RandomStream {
  readonly #seed: number;
  readonly #purpose: number;
  readonly #a: number;
  readonly #b: number;
  readonly #block = new Uint32Array(4);
  #blockIndex = 0;
  #used = 4;

  /**
   * @param seed run seed, 0 to 2^32-1
   * @param a,
   * @param b counters, such as step and sample id (below 2^32)
   */
  constructor(seed: number, purpose: string, a = 0, b = 0) {
    this.#seed = seed >>> 0;
    this.#purpose = hashName(purpose);
    this.#a = a >>> 0;
    this.#b = b >>> 0;
  }

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    if (this.#used === 4) {
      const place = this.#blockIndex++;
      philox(place, 0, this.#a, this.#b, this.#seed, this.#purpose, this.#block);
      this.#used = 0;
    }
    return this.#block[this.#used++] as number;
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Uniform integer in [0, bound); bound at most 2^32. The bias is below bound / 2^32. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Gamma(shape, 1), by Marsaglia and Tsang (2000); shape > 0. */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * Math.pow(1 - this.uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return d * v;
    }
  }

  /** Beta(alpha, beta); both > 0. */
  beta(alpha: number, beta: number): number {
    const x = this.gamma(alpha);
    const y = this.gamma(beta);
    return x / (x + y);
  }
}

/**
 * The `index`-th element of a pseudo-random permutation of [0, size): a 6-round Feistel network on
 * the next even power of two, walked until it lands inside. O(1) memory, any index at random.
 * @param size 1 to 2^31
 */
export function permute(index: number, size: number, seed: number, epoch: number): number {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, size)) / 2));
  const mask = 2 ** halfBits - 1;
  const purpose = hashName('shuffle');
  const block = new Uint32Array(4);
  let value = index;
  do {
    let left = Math.floor(value / (mask + 1));
    let right = value & mask;
    for (let round = 0; round < 6; round++) {
      philox(right, round, epoch, 0, seed, purpose, block);
      [left, right] = [right, (left ^ ((block[0] as number) & mask)) >>> 0];
    }
    value = left * (mask + 1) + right;
  } while (value >= size);
  return value;
}
