import { elementCount } from '../../network';
import type { TensorData } from '../../runtime';
import { fillBelow, fillNormal, fillWords, Purpose } from './philox';

/** Name and version of the generator, in every report: a change of any number below is a new version. */
export const GENERATOR = 'prototypes@1';

// A sample is gain·(SIGNAL·prototype + NOISE·noise) + offset. With prototype and noise of variance 1 that has mean 0
// and variance 1.08: what people feed after standardizing their data.
/** Weight of the class's prototype: learnable within some tens of steps, not at once. */
const SIGNAL = 0.6;
/** Weight of the sample's own noise, √(1 − SIGNAL²). */
const NOISE = 0.8;
/** Standard deviation of a sample's own gain (about 1) and offset (about 0): contrast and brightness. */
const GAIN_SPREAD = 0.2;
const OFFSET_SPREAD = 0.2;
/** Spatial noise varies on a grid this many times coarser than the pixels, as natural images are smooth. */
const SMOOTHNESS = 4;
/** Share of the variance of spatial noise that is smooth; the rest is independent by pixel. */
const SMOOTH_SHARE = 0.8;

/** Which samples to make: a pure function of these. */
export interface PrototypeSpec {
  readonly seed: number;
  readonly split: 'training' | 'evaluation';
  /** One sample's shape: [features], [length, features], or [channels, height, width]. */
  readonly shape: readonly number[];
  readonly classes: number;
  readonly samples: number;
  /** Which of the network's inputs, so that each has prototypes of its own. */
  readonly input: number;
}

/** The spatial axes of a sample: none of a vector, the length of a sequence, height and width of an image. */
function spatialAxes(shape: readonly number[]): number[] {
  if (shape.length === 1) return [];
  return shape.length === 2 ? [0] : shape.slice(1).map((_, i) => i + 1);
}

/** Linear interpolation along one axis from a grid of `coarse` points to `fine` points; the variance is kept. */
function interpolate(values: Float32Array, shape: number[], axis: number, fine: number): Float32Array {
  const coarse = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const out = new Float32Array(outer * fine * inner);
  for (let i = 0; i < fine; i++) {
    const at = fine === 1 ? 0 : (i * (coarse - 1)) / (fine - 1);
    const left = Math.min(Math.floor(at), coarse - 1);
    const right = Math.min(left + 1, coarse - 1);
    const weight = at - left;
    // The mean of two independent values has less variance than either: divide it out.
    const scale = 1 / Math.sqrt((1 - weight) ** 2 + weight ** 2);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        const a = values[(o * coarse + left) * inner + k]!;
        const b = values[(o * coarse + right) * inner + k]!;
        out[(o * fine + i) * inner + k] = scale * ((1 - weight) * a + weight * b);
      }
    }
  }
  shape[axis] = fine;
  return out;
}

/** A field of variance 1: white for vectors, smooth along spatial axes. */
function smoothField(shape: readonly number[], seed: number, purpose: number, index: number): Float32Array {
  const axes = spatialAxes(shape);
  const white = fillNormal(new Float32Array(elementCount(shape)), { seed, purpose, index: 2 * index });
  if (axes.length === 0) return white;
  const coarse = [...shape];
  for (const axis of axes) coarse[axis] = Math.max(1, Math.ceil(shape[axis]! / SMOOTHNESS));
  let smooth = fillNormal(new Float32Array(elementCount(coarse)), { seed, purpose, index: 2 * index + 1 });
  for (const axis of axes) smooth = interpolate(smooth, coarse, axis, shape[axis]!);
  const smoothWeight = Math.sqrt(SMOOTH_SHARE);
  const whiteWeight = Math.sqrt(1 - SMOOTH_SHARE);
  for (let i = 0; i < white.length; i++) white[i] = smoothWeight * smooth[i]! + whiteWeight * white[i]!;
  return white;
}

/** Samples of the two splits are drawn from disjoint parts of their streams. */
const firstIndex = (split: PrototypeSpec['split'], input: number) =>
  (split === 'training' ? 0 : 2 ** 29) + input * 2 ** 26;

/** The class of every sample. */
export function classesOf(spec: Pick<PrototypeSpec, 'seed' | 'split' | 'classes' | 'samples'>): Uint32Array {
  const stream = { seed: spec.seed, purpose: Purpose.labels, index: spec.split === 'training' ? 0 : 1 };
  return fillBelow(new Uint32Array(spec.samples), stream, spec.classes);
}

/** Samples [samples, …shape]: each its class's prototype and its own noise, under its own gain and offset. */
export function prototypeSamples(spec: PrototypeSpec): TensorData {
  const { seed, split, shape, classes, samples, input } = spec;
  const size = elementCount(shape);
  const values = new Float32Array(samples * size);
  const labels = classesOf(spec);
  const prototypes = Array.from({ length: classes }, (_, c) =>
    smoothField(shape, seed, Purpose.prototypes, input * 2 ** 20 + c),
  );
  const start = firstIndex(split, input);
  const levels = fillNormal(new Float32Array(2 * samples), { seed, purpose: Purpose.targets, index: start });
  for (let n = 0; n < samples; n++) {
    const noise = smoothField(shape, seed, Purpose.samples, start + n);
    const prototype = prototypes[labels[n]!]!;
    const gain = 1 + GAIN_SPREAD * levels[2 * n]!;
    const offset = OFFSET_SPREAD * levels[2 * n + 1]!;
    for (let i = 0; i < size; i++) {
      values[n * size + i] = gain * (SIGNAL * prototype[i]! + NOISE * noise[i]!) + offset;
    }
  }
  return { dtype: 'float32', shape: [samples, ...shape], values };
}

/** Class labels, int64 [samples]. */
export function prototypeLabels(spec: Pick<PrototypeSpec, 'seed' | 'split' | 'classes' | 'samples'>): TensorData {
  return { dtype: 'int64', shape: [spec.samples], values: BigInt64Array.from(classesOf(spec), BigInt) };
}

/** Regression targets [samples, …shape]: each class's own smooth field. `shape` is the network's output. */
export function prototypeTargets(spec: PrototypeSpec): TensorData {
  const size = elementCount(spec.shape);
  const labels = classesOf(spec);
  const fields = Array.from({ length: spec.classes }, (_, c) =>
    smoothField(spec.shape, spec.seed, Purpose.targets, 2 ** 30 + c),
  );
  const values = new Float32Array(spec.samples * size);
  labels.forEach((label, n) => {
    values.set(fields[label]!, n * size);
  });
  return { dtype: 'float32', shape: [spec.samples, ...spec.shape], values };
}

/** Which samples each step takes: epochs of the whole split, each in a new order. int64 [steps, batch]. */
export function sampleOrder(seed: number, samples: number, batch: number, steps: number): TensorData {
  const values = new BigInt64Array(steps * batch);
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  const keys = new Uint32Array(samples);
  for (let at = 0, epoch = 0; at < values.length; at++) {
    const within = at % samples;
    if (within === 0) {
      // Fisher and Yates, with one word for each exchange.
      fillWords(keys, { seed, purpose: Purpose.order, index: epoch++ });
      for (let i = samples - 1; i > 0; i--) {
        const j = Math.floor((keys[i]! / 2 ** 32) * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
    }
    values[at] = BigInt(order[within]!);
  }
  return { dtype: 'int64', shape: [steps, batch], values };
}
