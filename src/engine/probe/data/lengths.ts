import { elementCount, type InputType } from '../../network';
import type { TensorData } from '../../runtime';
import type { Draw } from './generator';
import { fillBelow, Purpose } from './philox';

/** The length of every sample, from half of the longest on; all of a network's inputs have the same. */
export function lengthsOf({ seed, split, samples }: Draw, longest: number): Uint32Array {
  const least = Math.max(1, Math.ceil(longest / 2));
  const stream = { seed, purpose: Purpose.lengths, index: split === 'training' ? 0 : 1 };
  return fillBelow(new Uint32Array(samples), stream, longest - least + 1).map((more) => least + more);
}

/**
 * Class indices [samples, positions] with the index that a loss leaves out behind each sample's end, where `ignored` says
 * one.
 */
export function endingIgnored(
  values: BigInt64Array,
  draw: Draw,
  positions: readonly number[],
  ignored: number | undefined,
): BigInt64Array {
  const [longest] = positions;
  if (ignored === undefined || longest === undefined) return values;
  const lengths = lengthsOf(draw, longest);
  return values.map((value, i) => (i % longest < lengths[Math.floor(i / longest)]! ? value : BigInt(ignored)));
}

export interface LengthSpec extends Draw {
  readonly longest: number;
}

/** Lengths as an input of their own: int64 [samples]. */
export const lengthValues = (spec: LengthSpec): TensorData => ({
  dtype: 'int64',
  shape: [spec.samples],
  values: BigInt64Array.from(lengthsOf(spec, spec.longest), BigInt),
});

export interface MaskSpec extends Draw {
  /** One sample's shape; its last axis goes along the positions. */
  readonly shape: readonly number[];
  readonly dtype: InputType;
  /** All ones. */
  readonly whole: boolean;
}

/** Masks [samples, …shape]: one up to a sample's length, zero behind it. */
export function maskValues(spec: MaskSpec): TensorData {
  const { shape, samples, dtype, whole } = spec;
  const longest = shape.at(-1) ?? 1;
  const size = elementCount(shape);
  const lengths = lengthsOf(spec, longest);
  const inside = (i: number) => Number(whole || i % longest < lengths[Math.floor(i / size)]!);
  const all = { length: samples * size };
  const values =
    dtype === 'int64'
      ? BigInt64Array.from(all, (_, i) => BigInt(inside(i)))
      : Float32Array.from(all, (_, i) => inside(i));
  return { dtype, shape: [samples, ...shape], values };
}

export interface PositionSpec extends Draw {
  readonly shape: readonly number[];
}

/** 0, 1, 2, … along the last axis: int64 [samples, …shape]. */
export function positionValues({ shape, samples }: PositionSpec): TensorData {
  const length = shape.at(-1) ?? 1;
  const values = BigInt64Array.from({ length: samples * elementCount(shape) }, (_, i) => BigInt(i % length));
  return { dtype: 'int64', shape: [samples, ...shape], values };
}
