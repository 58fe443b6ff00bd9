/** A float32 tensor as it travels between this suite and PyTorch: its shape, and its values in base64. */
export interface EncodedTensor {
  readonly shape: readonly number[];
  readonly data: string;
}

export const encode = (shape: readonly number[], values: Float32Array): EncodedTensor => ({
  shape,
  data: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
});

export function decode({ data }: EncodedTensor): Float32Array {
  const bytes = Buffer.from(data, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
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
