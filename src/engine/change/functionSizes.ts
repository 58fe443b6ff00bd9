import {
  type Attributes,
  type AttributeValue,
  type Call,
  elementCount,
  isBatchDim,
  type Shape,
  sameDim,
} from '../network';
import { narrowed } from './widths';

/** A function's attributes as they are, then with one of their sizes narrowed, then with all of a list's. */
export function* sizeAttempts(attributes: Attributes, factor: number): Generator<Attributes> {
  const fewer = (value: AttributeValue): AttributeValue => {
    if (typeof value !== 'number' || value <= 0) return value;
    // A part of the channels (a head's) may be small itself.
    return value % factor === 0 ? value / factor : narrowed(value, factor);
  };
  yield attributes;
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'number' && fewer(value) !== value) yield { ...attributes, [name]: fewer(value) };
    if (!Array.isArray(value)) continue;
    const sizes = value as readonly AttributeValue[];
    const one = (i: number) => sizes.map((size, j) => (i === j ? fewer(size) : size));
    for (let i = sizes.length - 1; i >= 0; i--) yield { ...attributes, [name]: one(i) };
    yield { ...attributes, [name]: sizes.map((size) => fewer(size)) };
  }
}

/**
 * Whether what stands before and behind the narrowed axis is as it was: a new shape's −1 must not take up from the
 * positions what the channels lost. `before` is what the first input was.
 */
export function keepsPlaces(
  call: Call,
  before: Shape | undefined,
  inputs: readonly Shape[],
  outputs: readonly Shape[],
): boolean {
  const [input] = inputs;
  if (!input || !before || before.length !== input.length) return true;
  const changed = input.flatMap((dim, axis) => (sameDim(dim, before[axis]!) ? [] : axis));
  if (changed.length !== 1) return true;
  const [axis] = changed as [number];
  const whole = (shape: Shape) => elementCount(shape.map((dim) => (isBatchDim(dim) ? dim.batch : dim)));
  const [front, back] = [whole(before.slice(0, axis)), whole(before.slice(axis + 1))];
  return outputs.every((shape, i) => {
    const was = call.outputShapes[i]!;
    if (was.length !== shape.length) return false;
    return shape.every((dim, place) => {
      const ahead = whole(was.slice(0, place + 1)) <= front;
      const behind = whole(was.slice(place)) <= back;
      return !(ahead || behind) || sameDim(dim, was[place]!);
    });
  });
}
