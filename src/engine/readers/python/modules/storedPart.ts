import type { AttributeValue } from '../../../network';
import { type Initialization, valuesOf, withPart } from '../../../network';
import { knownNumbers, type StoredPart, type TensorValue } from '../values';

/** The part of a stored tensor that whole numbers and plain slices choose; undefined for any other index. */
export function partOf(value: TensorValue, index: readonly AttributeValue[]): StoredPart | undefined {
  const { place } = value;
  const whole =
    place.kind === 'stored'
      ? { tensor: place.tensor, from: place.tensor.shape.map(() => 0), to: place.tensor.shape }
      : place.kind === 'fresh'
        ? place.part
        : undefined;
  // A number takes an axis away: what is left of such a part has other axes than the tensor.
  if (!whole || value.shape?.length !== whole.to.length) return undefined;
  const [from, to] = [[...whole.from], [...whole.to]];
  const rank = from.length;
  const given = index.indexOf('...');
  const items =
    given < 0 ? index : [...index.slice(0, given), ...ALL(rank - index.length + 1), ...index.slice(given + 1)];
  if (items.length > rank || items.includes('...')) return undefined;
  for (const [axis, item] of items.entries()) {
    const size = to[axis]! - from[axis]!;
    const bounds = boundsOf(item, size);
    if (!bounds) return undefined;
    const start = from[axis]!;
    from[axis] = start + bounds[0];
    to[axis] = start + bounds[1];
  }
  return { tensor: whole.tensor, from, to };
}

const ALL = (count: number): AttributeValue[] =>
  Array.from({ length: Math.max(0, count) }, () => ['slice', null, null, null]);

function boundsOf(item: AttributeValue, size: number): readonly [number, number] | undefined {
  if (typeof item === 'number') {
    const at = item < 0 ? size + item : item;
    return at >= 0 && at < size ? [at, at + 1] : undefined;
  }
  if (!Array.isArray(item) || item[0] !== 'slice') return undefined;
  const [, start, stop, step] = item;
  if (step !== null && step !== 1) return undefined;
  const bound = (value: AttributeValue | undefined, otherwise: number): number | undefined => {
    if (value === null || value === undefined) return otherwise;
    return typeof value === 'number' ? Math.max(0, Math.min(size, value < 0 ? size + value : value)) : undefined;
  };
  const [low, high] = [bound(start, 0), bound(stop, size)];
  return low === undefined || high === undefined ? undefined : [low, Math.max(low, high)];
}

/** Draws a part of a stored tensor another way. */
export function initializePart({ tensor, from, to }: StoredPart, initialization: Initialization): void {
  const whole = from.every((start, axis) => start === 0 && to[axis] === tensor.shape[axis]);
  tensor.initialization = whole ? initialization : withPart(tensor.initialization, { from, to, initialization });
}

/** What the first values of a tensor are copied from: its own way of being drawn, or its known numbers. */
export function initializationOf(value: TensorValue): Initialization | undefined {
  if (value.place.kind === 'fresh' && value.place.initialization) return value.place.initialization;
  // What another tensor starts with, where one number or known ones stand in all of its places.
  if (value.place.kind === 'stored' && !value.place.tensor.known) {
    const { initialization } = value.place.tensor;
    return initialization.kind === 'constant' || initialization.kind === 'values' ? initialization : undefined;
  }
  const numbers = knownNumbers(value);
  return numbers && valuesOf(numbers.values);
}
