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

/**
 * A long sum over all or the last axes, in two stages: sums of rows, then the sum of these. Squares are summed as products of
 * rows with themselves, natively as fast as ReduceSumSquare, which is slow over part of the axes. Undefined for any other sum.
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
  const reshaped = (value: string, to: readonly number[]) => emit.node('Reshape', [value, emit.int64s(to)]);
  const reduced = (opType: string, value: string) => emit.node(opType, [value, emit.int64s([-1])], { keepdims: 0 });
  let whole: string;
  if (summing === 'ReduceSumSquare') {
    const row = reshaped(name, [sums * rows, 1, length]);
    const squares = emit.node('FusedMatMul', [row, row], { transA: 0, transB: 1 }, { domain: 'com.microsoft' });
    whole = reduced('ReduceSum', reshaped(squares, [sums, rows]));
  } else {
    whole = reduced(summing, reduced(summing, reshaped(name, [sums, rows, length])));
  }
  return reshaped(whole, shape);
}
