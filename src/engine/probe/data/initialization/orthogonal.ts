import { fillWords, type Stream } from '../philox';

const TURN = (2 * Math.PI) / 2 ** 32;
/** How far the fourth moment of an entry may be from a uniformly drawn matrix's. */
const EXCESS = 0.005;

/**
 * Rounds of rotations. A round leaves ¾ of the excess of E x⁴ over a uniform matrix's 3/(n(n + 2)), because a pair turned
 * by a random angle has E x⁴ = ⅜(x² + y²)²; unit vectors begin with n/3 times that.
 */
const roundsFor = (size: number): number => (size === 1 ? 0 : Math.ceil(Math.log(size / 3 / EXCESS) / Math.log(4 / 3)));

/** A random pairing of the columns by Fisher and Yates. */
function shuffle(order: Uint32Array, words: Uint32Array): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor((words[i]! / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

/**
 * Orthonormal rows [count, size]: unit vectors under rounds of random rotations, each of which turns every column in a
 * plane with another. That takes size²·log(size) operations, where the QR decomposition of a Gaussian matrix, the same
 * distribution in the limit of many rounds, takes size³: a probe draws its weights anew for every run.
 */
function orthonormalRows(count: number, size: number, stream: Stream): Float64Array {
  const rows = new Float64Array(count * size);
  for (let i = 0; i < count; i++) rows[i * size + i] = 1;
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  const rounds = roundsFor(size);
  const pairs = size >> 1;
  const words = fillWords(new Uint32Array((rounds + 1) * 2 * size), stream);
  for (let round = 0; round < rounds; round++) {
    const own = words.subarray(2 * round * size, 2 * (round + 1) * size);
    shuffle(order, own);
    const cosines = Float64Array.from({ length: pairs }, (_, k) => Math.cos(TURN * own[size + k]!));
    const sines = Float64Array.from({ length: pairs }, (_, k) => Math.sin(TURN * own[size + k]!));
    for (let start = 0; start < rows.length; start += size) {
      for (let k = 0; k < pairs; k++) {
        const [i, j] = [start + order[2 * k]!, start + order[2 * k + 1]!];
        const [x, y] = [rows[i]!, rows[j]!];
        rows[i] = cosines[k]! * x - sines[k]! * y;
        rows[j] = sines[k]! * x + cosines[k]! * y;
      }
    }
  }
  // Rotations alone never mirror.
  const signs = words.subarray(2 * rounds * size, (2 * rounds + 1) * size);
  for (let i = 0; i < rows.length; i++) if (signs[i % size]! & 1) rows[i] = -rows[i]!;
  return rows;
}

/** `orthogonal_`: orthonormal rows, or columns where there are fewer, times a gain; further dimensions are columns. */
export function fillOrthogonal(values: Float32Array, shape: readonly number[], stream: Stream, gain: number): void {
  if (values.length === 0) return;
  const rows = shape[0]!;
  const columns = values.length / rows;
  if (rows <= columns) {
    const drawn = orthonormalRows(rows, columns, stream);
    for (let i = 0; i < values.length; i++) values[i] = gain * drawn[i]!;
    return;
  }
  const drawn = orthonormalRows(columns, rows, stream);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) values[i * columns + j] = gain * drawn[j * rows + i]!;
  }
}
