import { elementCount } from '../../network';
import type { TensorData } from '../../runtime';
import { causesOf, firstIndex, lazily, placesOf } from './causes';
import { smoothField } from './field';
import { CELL_NOISE, CELL_SIGNAL, type Draw, GAIN_SPREAD, NOISE, OFFSET_SPREAD, SIGNAL } from './generator';
import { lengthsOf } from './lengths';
import { fillNoise } from './noise';
import { Purpose } from './philox';

/** A float input: a pure function of these. */
export interface SampleSpec extends Draw {
  /** One sample's shape: [features], [length, features], [channels, height, width]. */
  readonly shape: readonly number[];
  /** Its positional axes: along these neighbours are alike, and cells have causes of their own. */
  readonly axes: readonly number[];
  /** Which of the network's inputs, so that each has prototypes of its own. */
  readonly input: number;
  /** Samples end after their own lengths, zeros follow: along the first positional axis. */
  readonly ragged?: boolean;
}

/** What a sample would be without noise: writes it for the n-th. */
type Signal = (n: number, out: Float32Array) => void;

/** One prototype for the whole sample. */
function wholeSignal(spec: SampleSpec, causes: Uint32Array): Signal {
  const { shape, axes, seed, input } = spec;
  const prototype = lazily((cause) => smoothField(shape, axes, seed, Purpose.prototypes, input * 2 ** 20 + cause));
  // Beside an input with cells: the cause of a sample's first.
  const perSample = elementCount(spec.cells ?? []);
  return (n, out) => out.set(prototype(causes[n * perSample]!));
}

/** At each position the channels of its cell's cause. */
function cellSignal(spec: SampleSpec, causes: Uint32Array): Signal {
  const { shape, axes, seed, input, cells = [] } = spec;
  const { cell, channel, channels } = placesOf(shape, axes, cells);
  const count = elementCount(cells);
  const prototype = lazily((cause) => smoothField([channels], [], seed, Purpose.prototypes, input * 2 ** 20 + cause));
  return (n, out) => {
    for (let i = 0; i < out.length; i++) out[i] = prototype(causes[n * count + cell[i]!]!)[channel[i]!]!;
  };
}

/** Zeros behind a sample's length along an axis. */
function cut(values: Float32Array, shape: readonly number[], axis: number, length: number): void {
  const inner = elementCount(shape.slice(axis + 1));
  for (let i = 0; i < values.length; i++) if (Math.floor(i / inner) % shape[axis]! >= length) values[i] = 0;
}

/** Samples [samples, …shape]: each its causes' prototypes and its own noise, under its own gain and offset. */
export function prototypeSamples(spec: SampleSpec): TensorData {
  const { seed, split, shape, axes, samples, input, cells, ragged } = spec;
  const size = elementCount(shape);
  const values = new Float32Array(samples * size);
  const causes = causesOf(spec);
  const byCell = cells !== undefined && cells.length === axes.length;
  const signal = byCell ? cellSignal(spec, causes) : wholeSignal(spec, causes);
  const [share, rest] = byCell ? [CELL_SIGNAL, CELL_NOISE] : [SIGNAL, NOISE];
  const start = firstIndex(split, input);
  const levels = fillNoise(new Float32Array(2 * samples), { seed, purpose: Purpose.targets, index: start });
  const lengths = ragged && axes[0] !== undefined ? lengthsOf(spec, shape[axes[0]]!) : undefined;
  for (let n = 0; n < samples; n++) {
    const sample = values.subarray(n * size, (n + 1) * size);
    signal(n, sample);
    const noise = smoothField(shape, axes, seed, Purpose.samples, start + n);
    const gain = 1 + GAIN_SPREAD * levels[2 * n]!;
    const offset = OFFSET_SPREAD * levels[2 * n + 1]!;
    for (let i = 0; i < size; i++) sample[i] = gain * (share * sample[i]! + rest * noise[i]!) + offset;
    if (lengths) cut(sample, shape, axes[0]!, lengths[n]!);
  }
  return { dtype: 'float32', shape: [samples, ...shape], values };
}
