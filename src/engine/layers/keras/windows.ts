/** A window along the spatial axes, Keras's way of padding included. */
export interface KerasWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
}

/** What is put before and after each axis, and how many windows there are. */
export interface Placement {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly output: readonly number[];
}

/**
 * TensorFlow's 'same': ⌈size/stride⌉ windows, padded by what the last of them lacks, the odd one behind; with a stride it
 * depends on the size, and is not symmetric. 'causal' puts d(K−1) in front.
 */
export function placed(sizes: readonly number[], { kernel, strides, dilations, padding }: KerasWindow): Placement {
  const each = sizes.map((size, i) => {
    const [stride, extent] = [strides[i]!, dilations[i]! * (kernel[i]! - 1) + 1];
    if (padding === 'valid') return [0, 0, Math.floor((size - extent) / stride) + 1] as const;
    if (padding === 'causal') return [extent - 1, 0, Math.floor((size - 1) / stride) + 1] as const;
    const output = Math.ceil(size / stride);
    const total = Math.max(0, (output - 1) * stride + extent - size);
    return [Math.floor(total / 2), Math.ceil(total / 2), output] as const;
  });
  return {
    before: each.map(([before]) => before),
    after: each.map(([, after]) => after),
    output: each.map(([, , output]) => output),
  };
}
