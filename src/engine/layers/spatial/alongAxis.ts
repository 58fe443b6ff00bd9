import {
  concat,
  constant,
  expand,
  flip,
  gather,
  matmul,
  mul,
  pad,
  putAlong,
  reshape,
  slice,
  sum,
  type Tensor,
  transpose,
} from '../../tensor';
import { range } from '../dimensions';

/** What one output position takes of an axis: `weights` times the values from `start` on. */
export interface Taps {
  readonly start: number;
  readonly weights: readonly number[];
}

/** The value at one position. */
export const pick = (start: number): Taps => ({ start, weights: [1] });

/** A matrix of more entries than this is not made: the axis is gathered instead. */
const MATRIX_ENTRIES = 2 ** 20;

/** Blocks are at least so long. Measured: 16 took half the time of the whole axis at 112 values, and less than 8 at any. */
const BLOCK_LENGTH = 16;

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

const sameTaps = (a: Taps, b: Taps, shift: number): boolean =>
  a.start === b.start + shift &&
  a.weights.length === b.weights.length &&
  a.weights.every((weight, i) => weight === b.weights[i]);

/**
 * The axis of `size` values as equal blocks, each output block taken of its own input block alone by the same taps
 * (windows that tile, whole scale factors): how many blocks, no shorter than BLOCK_LENGTH where that can be.
 */
function blocksOf(taps: readonly Taps[], size: number): number {
  const fits = (blocks: number): boolean => {
    if (size % blocks !== 0 || taps.length % blocks !== 0) return false;
    const [length, outputs] = [size / blocks, taps.length / blocks];
    return taps.every((tap, i) => {
      const block = Math.floor(i / outputs);
      const end = tap.start + tap.weights.length;
      return (
        tap.start >= block * length && end <= (block + 1) * length && sameTaps(tap, taps[i % outputs]!, block * length)
      );
    });
  };
  const most = Math.floor(size / Math.min(BLOCK_LENGTH, size));
  for (let blocks = most; blocks > 1; blocks--) if (fits(blocks)) return blocks;
  return 1;
}

/** The taps as a matrix [output, input], or that matrix transposed. */
function matrixOf(taps: readonly Taps[], size: number, transposed: boolean): Tensor {
  const values = new Float32Array(taps.length * size);
  for (const [i, { start, weights }] of taps.entries()) {
    for (const [k, weight] of weights.entries()) {
      values[transposed ? (start + k) * taps.length + i : i * size + start + k]! += weight;
    }
  }
  return constant(values, transposed ? [size, taps.length] : [taps.length, size]);
}

/** Stretches of picks whose positions go up by one, down by one or stay: [first, step, length]. */
function runsOf(taps: readonly Taps[]): (readonly [number, number, number])[] {
  const runs: [number, number, number][] = [];
  for (const { start } of taps) {
    const last = runs.at(-1);
    const step = last ? start - last[0] - last[1] * (last[2] - 1) : 0;
    if (last && last[2] === 1 && Math.abs(step) <= 1) {
      last[1] = step;
      last[2] = 2;
    } else if (last && last[2] > 1 && step === last[1]) last[2]++;
    else runs.push([start, 0, 1]);
  }
  return runs;
}

/** Few runs put one after another: what rolling and padding a long axis comes to. */
function joinRuns(x: Tensor, runs: readonly (readonly [number, number, number])[], axis: number): Tensor {
  const pieces = runs.map(([first, step, length]) => {
    const from = step < 0 ? first - length + 1 : first;
    const to = from + (step === 0 ? 1 : length);
    const piece = slice(
      x,
      x.shape.map((_, i) => (i === axis ? from : 0)),
      x.shape.map((size, i) => (i === axis ? to : size)),
    );
    if (step < 0) return flip(piece, [axis]);
    return step > 0
      ? piece
      : expand(
          piece,
          x.shape.map((size, i) => (i === axis ? length : size)),
        );
  });
  return concat(pieces, axis);
}

/** Σₖ weight[o, k]·x[index[o, k]]: linear in the axis's length, where a matrix would be quadratic. */
function gatherTaps(x: Tensor, taps: readonly Taps[], axis: number): Tensor {
  const size = x.shape[axis]!;
  const width = Math.max(...taps.map(({ weights }) => weights.length));
  const indices = new BigInt64Array(taps.length * width);
  const factors = new Float32Array(taps.length * width);
  for (const [i, { start, weights }] of taps.entries()) {
    for (const k of range(0, width)) {
      indices[i * width + k] = BigInt(Math.min(start + k, size - 1));
      factors[i * width + k] = weights[k] ?? 0;
    }
  }
  const rank = x.shape.length;
  const toFront = [axis, ...range(0, rank).filter((i) => i !== axis)];
  const back = range(0, rank).map((i) => (i < axis ? i + 1 : i === axis ? 0 : i));
  const front = transpose(x, toFront);
  const rest = front.shape.slice(1);
  const taken = gather(front, constant(indices, [taps.length * width], 'int64'));
  const weighted = mul(
    reshape(taken, [taps.length, width, ...rest]),
    constant(factors, [taps.length, width, ...rest.map(() => 1)]),
  );
  return transpose(width === 1 && factors.every((f) => f === 1) ? taken : sum(weighted, [1]), back);
}

/** One matrix at every place of the other axes, `blocks` times along this one. */
function multiplyAlong(x: Tensor, matrix: Tensor, blocks: number, axis: number): Tensor {
  const outer = count(x.shape.slice(0, axis)) * blocks;
  const inner = count(x.shape.slice(axis + 1));
  const length = x.shape[axis]! / blocks;
  const product =
    inner === 1
      ? matmul(reshape(x, [outer, length]), matrix, { transposeB: true })
      : matmul(matrix, reshape(x, [outer, length, inner]));
  return reshape(
    product,
    x.shape.map((size, i) => (i === axis ? matrix.shape[0]! * blocks : size)),
  );
}

const arePicks = (taps: readonly Taps[]): boolean =>
  taps.every(({ weights }) => weights.length === 1 && weights[0] === 1);

/** Where all positions of the axis take themselves, from the first on. */
const isStretch = (taps: readonly Taps[]): boolean =>
  arePicks(taps) && taps.every(({ start }, i) => start === taps[0]!.start + i);

const fitsMatrix = (taps: readonly Taps[], size: number, blocks: number): boolean =>
  (taps.length / blocks) * (size / blocks) <= MATRIX_ENTRIES;

/**
 * A linear map along one axis: output position i is what `taps[i]` takes. Written as matrix products, so that its
 * gradient is made of such too.
 */
export function alongAxis(x: Tensor, taps: readonly Taps[], axis: number): Tensor {
  const size = x.shape[axis]!;
  if (isStretch(taps)) return joinRuns(x, [[taps[0]!.start, 1, taps.length]], axis);
  const blocks = blocksOf(taps, size);
  if (fitsMatrix(taps, size, blocks)) {
    return multiplyAlong(x, matrixOf(taps.slice(0, taps.length / blocks), size / blocks, false), blocks, axis);
  }
  const runs = arePicks(taps) ? runsOf(taps) : [];
  return runs.length > 0 && runs.length <= 4 ? joinRuns(x, runs, axis) : gatherTaps(x, taps, axis);
}

/** The transpose of `alongAxis` to an axis of `size`, for taps of one position each: y[i] is added where taps[i] would take. */
export function alongAxisBack(y: Tensor, taps: readonly Taps[], size: number, axis: number): Tensor {
  const at = (value: number) => y.shape.map((_, i) => (i === axis ? value : 0));
  if (isStretch(taps)) return pad(y, at(taps[0]!.start), at(size - taps[0]!.start - taps.length));
  const blocks = blocksOf(taps, size);
  if (fitsMatrix(taps, size, blocks)) {
    return multiplyAlong(y, matrixOf(taps.slice(0, taps.length / blocks), size / blocks, true), blocks, axis);
  }
  const column = y.shape.map((_, i) => (i === axis ? taps.length : 1));
  const indices = constant(
    BigInt64Array.from(taps, ({ start }) => BigInt(start)),
    column,
    'int64',
  );
  const weights = constant(
    Float32Array.from(taps, ({ weights: [weight] }) => weight!),
    column,
  );
  return putAlong(mul(y, weights), expand(indices, y.shape), axis, size);
}

/** Moves pieces of an axis, where the picks are few runs of neighbours. */
export const rearrangeAlong = (x: Tensor, positions: readonly number[], axis: number): Tensor =>
  joinRuns(x, runsOf(positions.map(pick)), axis);
