import type { Operations } from '../rule';
import type { Tensor } from '../tensor';

/** From so many values a row on, a batched dot product beats a product and a sum of its rows (measured; 80 ns a dot). */
const DOT_FROM = 512;

/** Σ over the last axis of x [N, C, K], as [N, C]: a product with ones, several times as fast as a reduction. */
export function rowSums(ops: Operations, x: Tensor, weights?: Tensor): Tensor {
  const [samples, channels, positions] = x.shape as readonly [number, number, number];
  if (positions === 1 && !weights) return ops.reshape(x, [samples, channels]);
  const row = ops.reshape(weights ?? ops.ones([positions]), [1, positions]);
  const sums = ops.matmul(row, ops.reshape(x, [samples * channels, positions]), { transposeB: true });
  return ops.reshape(sums, [samples, channels]);
}

/** Σ a·b over the last axis, as [N, C]. */
export function rowDots(ops: Operations, a: Tensor, b: Tensor): Tensor {
  const [samples, channels, positions] = a.shape as readonly [number, number, number];
  if (positions < DOT_FROM) return rowSums(ops, ops.mul(a, b));
  const rows = [samples * channels, 1, positions];
  return ops.reshape(ops.matmul(ops.reshape(a, rows), ops.reshape(b, rows), { transposeB: true }), [samples, channels]);
}

/** Σ over rows of x [R, K] times their weights (default 1), as [K]. */
export function columnSums(ops: Operations, x: Tensor, weights?: Tensor): Tensor {
  const [rows, columns] = x.shape as readonly [number, number];
  if (rows === 1 && !weights) return ops.reshape(x, [columns]);
  const row = ops.reshape(weights ?? ops.ones([rows]), [1, rows]);
  return ops.reshape(ops.matmul(row, x), [columns]);
}
