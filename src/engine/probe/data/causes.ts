import { elementCount } from '../../network';
import type { Draw } from './generator';
import { fillBelow, Purpose } from './philox';

/** The cause of every sample, or of every cell of every sample: [samples] or [samples × cells]. */
export function causesOf({ seed, split, samples, causes, cells = [] }: Draw): Uint32Array {
  const stream = { seed, purpose: Purpose.labels, index: split === 'training' ? 0 : 1 };
  return fillBelow(new Uint32Array(samples * elementCount(cells)), stream, causes);
}

/** Samples of the two splits are drawn from disjoint parts of their streams. */
export const firstIndex = (split: Draw['split'], input: number): number =>
  (split === 'training' ? 0 : 2 ** 29) + input * 2 ** 26;

/** Where each element of a sample stands: in which cell of the grid over its positions, and which of its channels it is. */
export interface Places {
  readonly cell: Uint32Array;
  readonly channel: Uint32Array;
  readonly channels: number;
}

/** Cells go along the positional axes in order; what is no positional axis counts the channels. */
export function placesOf(shape: readonly number[], axes: readonly number[], cells: readonly number[]): Places {
  const size = elementCount(shape);
  const cell = new Uint32Array(size);
  const channel = new Uint32Array(size);
  const others = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const index = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < size; flat++) {
    axes.forEach((axis, i) => {
      cell[flat] = cell[flat]! * cells[i]! + Math.floor((index[axis]! * cells[i]!) / shape[axis]!);
    });
    for (const axis of others) channel[flat] = channel[flat]! * shape[axis]! + index[axis]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return { cell, channel, channels: elementCount(others.map((axis) => shape[axis]!)) };
}

/** Makes a value once for each key, when it is first asked for: of a thousand classes a small batch shows few. */
export function lazily<T>(make: (key: number) => T): (key: number) => T {
  const made = new Map<number, T>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
