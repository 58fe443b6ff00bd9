const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** The upper 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random 32-bit words for each
 * 128-bit counter under a 64-bit key. Any word can be had without the ones before it.
 */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
): void {
  let x0 = c0;
  let x1 = c1;
  let x2 = c2;
  let x3 = c3;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(x0, M0);
    const low0 = Math.imul(x0, M0) >>> 0;
    const high1 = multiplyHigh(x2, M1);
    const low1 = Math.imul(x2, M1) >>> 0;
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x1 = low1;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = x0;
  out[1] = x1;
  out[2] = x2;
  out[3] = x3;
}

/** What a stream of random numbers is for; streams of different purposes never share numbers. */
export const Purpose = {
  weights: 1,
  prototypes: 2,
  samples: 3,
  labels: 4,
  targets: 5,
  order: 6,
  lengths: 8,
  split: 9,
} as const;

/** Names one stream: the run's seed, its purpose, and which of that purpose's streams. */
export interface Stream {
  readonly seed: number;
  readonly purpose: number;
  readonly index: number;
}

const BLOCK = 4;
const TWO_POW_MINUS_24 = 2 ** -24;

/** Random 32-bit words of a stream, from word 0. */
export function fillWords(out: Uint32Array, { seed, purpose, index }: Stream): Uint32Array {
  const block = new Uint32Array(BLOCK);
  for (let start = 0; start < out.length; start += BLOCK) {
    const counter = start / BLOCK;
    philox(
      block,
      counter >>> 0,
      Math.floor(counter / 2 ** 32),
      index,
      purpose,
      seed >>> 0,
      Math.floor(seed / 2 ** 32) >>> 0,
    );
    for (let i = 0; i < BLOCK && start + i < out.length; i++) out[start + i] = block[i]!;
  }
  return out;
}

/** Uniform on [low, high): the upper 24 bits of each word. */
export function fillUniform(out: Float32Array, stream: Stream, low: number, high: number): Float32Array {
  const words = fillWords(new Uint32Array(out.length), stream);
  const scale = (high - low) * TWO_POW_MINUS_24;
  for (let i = 0; i < out.length; i++) out[i] = low + (words[i]! >>> 8) * scale;
  return out;
}

/** Normal by Box and Muller: two words make two independent values. */
export function fillNormal(out: Float32Array, stream: Stream, mean = 0, std = 1): Float32Array {
  const words = fillWords(new Uint32Array(out.length + (out.length & 1)), stream);
  for (let i = 0; i < out.length; i += 2) {
    // (0, 1], so that the logarithm is finite.
    const radius = std * Math.sqrt(-2 * Math.log(((words[i]! >>> 8) + 1) * TWO_POW_MINUS_24));
    const angle = 2 * Math.PI * ((words[i + 1]! >>> 8) * TWO_POW_MINUS_24);
    out[i] = mean + radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = mean + radius * Math.sin(angle);
  }
  return out;
}

/** Whole numbers below `bound`. */
export function fillBelow(out: Uint32Array, stream: Stream, bound: number): Uint32Array {
  fillWords(out, stream);
  for (let i = 0; i < out.length; i++) out[i] = Math.floor((out[i]! / 2 ** 32) * bound);
  return out;
}
