import type { TensorType } from './tensor';

/** The shape that both broadcast to, as in NumPy. @throws Error where they do not fit. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a}] and [${b}] do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}

/** The shape after reducing `axes` (all from 0). */
export function reducedShape(type: TensorType, axes: readonly number[], keepDims: boolean): number[] {
  const reduced = new Set(axes);
  const kept = type.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return keepDims ? kept : kept.filter((_, axis) => !reduced.has(axis));
}
