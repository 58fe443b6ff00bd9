import type { DataType } from '../../src/engine/tensor';

/** A tensor as it travels between this suite and PyTorch: its shape, its values in base64, and what they are. */
export interface EncodedTensor {
  readonly shape: readonly number[];
  readonly data: string;
  /** Default float32. */
  readonly dtype?: 'int64' | 'bool';
}

/** What is given becomes float32, int64 or bool (a byte for each value) by its array. */
export function encode(shape: readonly number[], values: Float32Array | BigInt64Array | Uint8Array): EncodedTensor {
  const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
  if (values instanceof Float32Array) return { shape, data };
  return { shape, data, dtype: values instanceof BigInt64Array ? 'int64' : 'bool' };
}

export const dtypeOf = ({ dtype }: EncodedTensor): DataType => dtype ?? 'float32';

export const isFloat = ({ dtype }: EncodedTensor): boolean => dtype === undefined;

/** The values, in the array of their type. */
export function decode({ data, dtype }: EncodedTensor): Float32Array | BigInt64Array | Uint8Array {
  const bytes = Buffer.from(data, 'base64');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  if (dtype === 'bool') return new Uint8Array(buffer);
  return dtype === 'int64' ? new BigInt64Array(buffer) : new Float32Array(buffer);
}

/** Draws nearly normal numbers: the sum of four uniform ones, exact in double precision and so the same on any machine. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // Variance of four uniforms on [−1/2, 1/2]: 4/12.
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}
