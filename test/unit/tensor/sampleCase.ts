import type { TensorData } from '../../../src/engine/runtime';
import { type DataType, input, primitives, type Tensor } from '../../../src/engine/tensor';
import type { Rule, Sample } from '../../../src/engine/tensor/rule';

type AnyRule = Rule<'add'> & {
  infer(inputs: readonly Tensor[], attributes: object): { shape: number[]; dtype: DataType };
};

/** A primitive on one of its row's samples: its leaves with values, and the node on any leaves like them. */
export interface SampleCase {
  readonly leaves: readonly Tensor[];
  readonly data: Readonly<Record<string, TensorData>>;
  node(leaves: readonly Tensor[]): Tensor;
}

/** Numbers in [0, 1), always the same for a seed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values away from one another by half a share of the range, so that a finite step crosses no kink or tie. */
function distinctValues(count: number, [low, high]: readonly [number, number], random: () => number): Float32Array {
  const left = Array.from({ length: count }, (_, i) => i);
  const order = Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0]!);
  return Float32Array.from(order, (rank) => low + ((rank + 0.25 + 0.5 * random()) / count) * (high - low));
}

const elements = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

function drawValues(sample: Sample, dtype: DataType, shape: readonly number[], random: () => number): TensorData {
  const count = elements(shape);
  // Whole numbers below a bound, or up to where the sample's range ends.
  const whole = (below: number) =>
    Array.from({ length: count }, () => Math.floor(random() * (sample.range ? sample.range[1] + 1 : below)));
  switch (dtype) {
    case 'float32':
      return { dtype, shape, values: distinctValues(count, sample.range ?? [-2, 2], random) };
    case 'int64':
      return { dtype, shape, values: BigInt64Array.from(whole(sample.indices ?? 5), BigInt) };
    case 'bool':
      return { dtype, shape, values: Uint8Array.from(whole(2)) };
    case 'int32':
      return { dtype, shape, values: Int32Array.from(whole(1000)) };
    case 'uint32':
      return { dtype, shape, values: Uint32Array.from(whole(2 ** 32)) };
  }
}

/** The index-th sample of a primitive's row, with values. */
export function sampleCase(name: keyof typeof primitives, index: number): SampleCase {
  const rule = primitives[name] as unknown as AnyRule;
  const sample = rule.samples[index]!;
  const random = uniform(12345 + index);
  const data: Record<string, TensorData> = {};
  const leaves = sample.shapes.map((shape, i) => {
    const isIndex = sample.indices !== undefined && i === sample.shapes.length - 1;
    const dtype = sample.dtypes?.[i] ?? (isIndex ? 'int64' : 'float32');
    data[`x${i}`] = drawValues(sample, dtype, shape, random);
    return input(`x${i}`, shape, dtype);
  });
  const attributes = sample.attributes ?? {};
  return {
    leaves,
    data,
    node: (inputs) => ({ primitive: name, inputs, attributes, ...rule.infer(inputs, attributes) }) as Tensor,
  };
}
