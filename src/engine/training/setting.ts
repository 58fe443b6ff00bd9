import { type Attribute, bool, choice, float, int } from '../layers';
import type { AttributeValue } from '../network';

export { bool, choice, float, int };

/** A number within bounds, both included unless `below`. */
const bounded = (
  takes: string,
  schema: object,
  fits: (value: number) => boolean,
  fallback: number | undefined,
): Attribute<number> => ({
  takes,
  schema: { type: 'number', ...schema },
  accept: (value: AttributeValue) => (typeof value === 'number' && fits(value) ? value : undefined),
  ...(fallback !== undefined && { fallback }),
});

const finite = (value: number) => Number.isFinite(value);

export const nonNegative = (fallback?: number) =>
  bounded('a finite number of at least 0', { minimum: 0 }, (value) => finite(value) && value >= 0, fallback);

export const positive = (fallback?: number) =>
  bounded('a finite number above 0', { exclusiveMinimum: 0 }, (value) => finite(value) && value > 0, fallback);

/** From 0 to below 1: the weight of what is kept. */
export const decay = (fallback?: number) =>
  bounded('a number from 0 to below 1', { minimum: 0, exclusiveMaximum: 1 }, (v) => v >= 0 && v < 1, fallback);

/** From 0 to 1. */
export const share = (fallback?: number) =>
  bounded('a number from 0 to 1', { minimum: 0, maximum: 1 }, (value) => value >= 0 && value <= 1, fallback);

/** A list of numbers, or null for PyTorch's None. */
export const weights = (): Attribute<readonly number[] | null> => ({
  takes: 'a list of finite numbers or none',
  schema: { oneOf: [{ type: 'array', items: { type: 'number' }, minItems: 1 }, { type: 'null' }] },
  accept: (value) => {
    if (value === null) return null;
    const numbers = Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one));
    return numbers ? (value as readonly number[]) : undefined;
  },
  fallback: null,
});
