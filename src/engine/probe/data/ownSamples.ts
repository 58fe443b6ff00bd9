import type { DataArray } from '../../dataFiles';
import { elementCount, type InputType } from '../../network';
import type { TensorData } from '../../runtime';
import { fillWords, Purpose } from './philox';

/** The stream that splits are drawn from: one for every seed, so that all of them are judged by the same samples. */
const SPLIT = { seed: 0, purpose: Purpose.split, index: 0 } as const;

/** Some samples of an array as a program takes them. */
export function samplesOf(
  { values }: DataArray,
  shape: readonly number[],
  dtype: InputType,
  indices: Uint32Array,
): TensorData {
  const size = elementCount(shape);
  const out = dtype === 'int64' ? new BigInt64Array(indices.length * size) : new Float32Array(indices.length * size);
  indices.forEach((from, to) => {
    for (let i = 0; i < size; i++) {
      const value = values[from * size + i]!;
      if (out instanceof BigInt64Array) out[to * size + i] = BigInt(value);
      else out[to * size + i] = Number(value);
    }
  });
  return { dtype, shape: [indices.length, ...shape], values: out };
}

/** Two parts of so many samples that have none in common, drawn from all of them: files are often sorted by class. */
export function splitSamples(
  samples: number,
  { training, evaluation }: { readonly training: number; readonly evaluation: number },
): { readonly training: Uint32Array; readonly evaluation: Uint32Array } {
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  const count = Math.min(samples, training + evaluation);
  const words = fillWords(new Uint32Array(count), SPLIT);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor((words[i]! / 2 ** 32) * (samples - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return { evaluation: order.slice(0, evaluation), training: order.slice(evaluation, count) };
}
