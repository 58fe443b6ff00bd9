import type { InitializedPart } from '../../../network';

/** Copies a box's values, row-major, to their places in a tensor of the shape. */
export function placePart(
  values: Float32Array,
  shape: readonly number[],
  { from, to }: InitializedPart,
  part: Float32Array,
): void {
  const index = [...from];
  for (const value of part) {
    values[index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0)] = value;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === to[axis]; axis--) index[axis] = from[axis]!;
  }
}
