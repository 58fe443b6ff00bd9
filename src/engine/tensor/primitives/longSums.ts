import type { Emit } from '../../onnx';
import type { Tensor } from '../tensor';

/**
 * From so many terms on a sum is taken in two stages. onnxruntime adds one by one, in few running sums: of 4 million
 * squares it natively loses 1.3e-4, as WebAssembly 2.8e-3, and half of 60 million numbers; in two stages 1e-6.
 */
const LONG = 2 ** 18;
/** Terms of a first stage's sum, at most and at least. */
const MOST = 2 ** 12;
const LEAST = 2 ** 6;

type Summing = 'ReduceSum' | 'ReduceMean' | 'ReduceSumSquare';

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

/** The largest divisor of a count that a first stage may sum over; undefined where there is none. */
function stageLength(count: number): number | undefined {
  for (let length = MOST; length >= LEAST; length--) if (count % length === 0) return length;
  return undefined;
}

/** A value in a shape; itself where it has that. */
const shaped = (emit: Emit, x: string, from: readonly number[], to: readonly number[]): string =>
  from.join() === to.join() ? x : emit.node('Reshape', [x, emit.int64s(to)]);

/** Sums of the squares of `count` rows of some length: products of rows with themselves, [count, 1, 1]. */
function squaresOfRows(emit: Emit, x: string, shape: readonly number[], count: number, length: number): string {
  const rows = shaped(emit, x, shape, [count, 1, length]);
  return emit.node('FusedMatMul', [rows, rows], { transA: 0, transB: 1 }, { domain: 'com.microsoft' });
}

/**
 * Σx² over the last axes, where others are before them: onnxruntime's ReduceSumSquare is fast over all of a tensor's elements,
 * but takes parts of them one by one (8 rows of 4,096: 18 µs against 3). Undefined for any other sum.
 */
export function partialSquares(
  emit: Emit,
  name: string,
  x: Tensor,
  axes: readonly number[],
  shape: readonly number[],
): string | undefined {
  const first = Math.min(...axes);
  const sums = product(x.shape.slice(0, first));
  const terms = product(x.shape.slice(first));
  if (x.dtype !== 'float32' || axes.length !== x.shape.length - first || sums < 2 || terms < 2) return undefined;
  return shaped(emit, squaresOfRows(emit, name, x.shape, sums, terms), [sums, 1, 1], shape);
}

/**
 * A long sum over all or the last axes, in two stages: sums of rows, then the sum of these. Squares are summed as products of
 * rows with themselves, natively as fast as ReduceSumSquare. Undefined for any other sum.
 */
export function longSum(
  emit: Emit,
  summing: Summing,
  name: string,
  x: Tensor,
  axes: readonly number[],
  shape: readonly number[],
): string | undefined {
  const first = Math.min(...axes);
  const terms = product(x.shape.slice(first));
  if (x.dtype !== 'float32' || terms < LONG || axes.length !== x.shape.length - first) return undefined;
  const length = stageLength(terms);
  if (length === undefined) return undefined;

  const sums = product(x.shape.slice(0, first));
  const rows = terms / length;
  const reduced = (opType: string, value: string) => emit.node(opType, [value, emit.int64s([-1])], { keepdims: 0 });
  let whole: string;
  if (summing === 'ReduceSumSquare') {
    const squares = squaresOfRows(emit, name, x.shape, sums * rows, length);
    whole = reduced('ReduceSum', shaped(emit, squares, [sums * rows, 1, 1], [sums, rows]));
  } else {
    whole = reduced(summing, reduced(summing, shaped(emit, name, x.shape, [sums, rows, length])));
  }
  return shaped(emit, whole, [sums], shape);
}
