import { elementCount } from '../../network';
import type { TensorData } from '../../runtime';
import { causesOf, lazily, placesOf } from './causes';
import { smoothField } from './field';
import type { Draw } from './generator';
import { endingIgnored } from './lengths';
import { fillBelow, Purpose } from './philox';

/** Streams of targets behind those of the samples' own levels. */
const FIELDS = 2 ** 30;
const PATTERNS = 2 ** 28;
/** How far apart a distribution's logits lie. */
const SHARPNESS = 2;

/** Classes as targets: a pure function of these. */
export interface LabelSpec extends Draw {
  /** One sample's targets: [] for one a sample, else its positions. */
  readonly positions: readonly number[];
  readonly classes: number;
  /** Stands behind the end of a ragged sample. */
  readonly ignored?: number;
}

/**
 * Class labels, int64 [samples, …positions]: the sample's cause, or at each position its cell's. Where there are positions
 * but no cells (nothing in the inputs has them), each cause has a pattern of classes.
 */
export function labels(spec: LabelSpec): TensorData {
  const { seed, samples, positions, classes, cells } = spec;
  const causes = causesOf(spec);
  const count = elementCount(positions);
  const shape = [samples, ...positions];
  if (cells) {
    const { cell } = placesOf(
      positions,
      positions.map((_, axis) => axis),
      cells,
    );
    const perSample = elementCount(cells);
    const values = BigInt64Array.from({ length: samples * count }, (_, i) =>
      BigInt(causes[Math.floor(i / count) * perSample + cell[i % count]!]!),
    );
    return { dtype: 'int64', shape, values: endingIgnored(values, spec, positions, spec.ignored) };
  }
  if (positions.length === 0) return { dtype: 'int64', shape, values: BigInt64Array.from(causes, BigInt) };
  const pattern = lazily((cause) =>
    fillBelow(new Uint32Array(count), { seed, purpose: Purpose.targets, index: PATTERNS + cause }, classes),
  );
  const values = BigInt64Array.from({ length: samples * count }, (_, i) =>
    BigInt(pattern(causes[Math.floor(i / count)]!)[i % count]!),
  );
  return { dtype: 'int64', shape, values };
}

/** Targets of the output's shape: a pure function of these. */
export interface TargetSpec extends Draw {
  readonly shape: readonly number[];
  /** Its positional axes. */
  readonly axes: readonly number[];
  /** Numbers, 0 or 1, or shares that add up to 1 along `along`; `logarithms` of these. */
  readonly form: 'values' | 'binary' | 'distributions' | 'logarithms';
  readonly along: number;
}

/** What each cause asks for, in the target's form. */
function formed(field: Float32Array, { form, along }: TargetSpec, shape: readonly number[], cause: number) {
  if (form === 'values') return field;
  // One number tells the causes apart only by which of two it is.
  if (form === 'binary') return field.length === 1 ? field.fill(cause % 2) : field.map((value) => Number(value > 0));
  const classes = shape[along]!;
  const inner = elementCount(shape.slice(along + 1));
  return field.map((value, i) => {
    const first = i - (Math.floor(i / inner) % classes) * inner;
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(SHARPNESS * field[first + c * inner]!);
    const logarithm = SHARPNESS * value - Math.log(total);
    return form === 'logarithms' ? logarithm : Math.exp(logarithm);
  });
}

/** Targets [samples, …shape]: each cause's own smooth field, or at each position the channels of its cell's cause. */
export function causedTargets(spec: TargetSpec): TensorData {
  const { seed, samples, shape, axes, cells, along } = spec;
  const size = elementCount(shape);
  const causes = causesOf(spec);
  const values = new Float32Array(samples * size);
  if (!cells) {
    const target = lazily((cause) =>
      formed(smoothField(shape, axes, seed, Purpose.targets, FIELDS + cause), spec, shape, cause),
    );
    causes.forEach((cause, n) => {
      values.set(target(cause), n * size);
    });
    return { dtype: 'float32', shape: [samples, ...shape], values };
  }
  const { cell, channel, channels } = placesOf(shape, axes, cells);
  const others = shape.filter((_, axis) => !axes.includes(axis));
  // The distribution's axis among the channels' own.
  const inChannels = { ...spec, along: along - axes.filter((axis) => axis < along).length };
  const target = lazily((cause) =>
    formed(smoothField([channels], [], seed, Purpose.targets, FIELDS + cause), inChannels, others, cause),
  );
  const perSample = elementCount(cells);
  for (let i = 0; i < values.length; i++) {
    const at = i % size;
    values[i] = target(causes[Math.floor(i / size) * perSample + cell[at]!]!)[channel[at]!]!;
  }
  return { dtype: 'float32', shape: [samples, ...shape], values };
}
