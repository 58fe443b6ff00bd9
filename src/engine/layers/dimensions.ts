import { type Dim, formatShape, isBatchDim, type Shape, sameDim } from '../network';
import { ShapeError } from './row';

/** A dimension that does not depend on the batch; undefined for one that does, or that is not there. */
export const fixedDim = (dim: Dim | undefined): number | undefined => (typeof dim === 'number' ? dim : undefined);

/**
 * The axis counted from 0, from Python's way of counting.
 * @throws ShapeError in PyTorch's words where the tensor has no such axis.
 */
export function axisOf(dim: number, rank: number): number {
  const range = Math.max(rank, 1);
  if (dim < -range || dim >= range) {
    throw new ShapeError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + range : dim;
}

/** The axes counted from 0. @throws ShapeError for one that is out of range or named twice. */
export function axesOf(dims: readonly number[], rank: number): number[] {
  const axes = dims.map((dim) => axisOf(dim, rank));
  const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
  if (twice !== undefined) throw new ShapeError(`dim ${twice} appears multiple times in the list of dims`);
  return axes;
}

/** Whole numbers from `start` (inclusive) to `end` (exclusive). */
export const range = (start: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);

/**
 * The shape that two shapes broadcast to.
 * @throws ShapeError in PyTorch's words.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return range(0, rank).map((axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === 1) return right;
    if (right === 1 || sameDim(left, right)) return left;
    throw new ShapeError(
      `The size of tensor a (${formatDim(left)}) must match the size of tensor b (${formatDim(right)}) ` +
        `at non-singleton dimension ${axis}`,
    );
  });
}

/** One dimension as PyTorch would write it, the batch by name. */
export const formatDim = (dim: Dim): string => formatShape([dim]).slice(1, -1);

/** A dimension that a computation must know as a number. @throws ShapeError where it is the batch. */
export function numberOf(dim: Dim, what: string): number {
  if (!isBatchDim(dim)) return dim;
  throw new ShapeError(`${what} must be a number, but it is the batch (${formatDim(dim)})`);
}

/** The numbers that divide n, the smallest first. */
export function divisors(n: number): number[] {
  const low: number[] = [];
  for (let d = 1; d * d <= n; d++) if (n % d === 0) low.push(d);
  return [...low, ...low.map((d) => n / d).reverse()].filter((d, i, all) => d !== all[i - 1]);
}

/** Exactly one input. @throws ShapeError otherwise. */
export function onlyInput<T>(inputs: readonly T[], kind: string): T {
  if (inputs.length !== 1) throw new ShapeError(`${kind} takes 1 input, but got ${inputs.length}`);
  return inputs[0]!;
}

/** The sum of two dimensions; undefined where it is no multiple of the batch and no number. */
export const addDims = (a: Dim, b: Dim): Dim | undefined => {
  if (isBatchDim(a)) return isBatchDim(b) ? { batch: a.batch + b.batch } : undefined;
  return isBatchDim(b) ? undefined : a + b;
};
