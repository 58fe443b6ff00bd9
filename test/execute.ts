import type { TensorData } from '../src/engine/runtime';
import { lower, type Tensor } from '../src/engine/tensor';
import { chosenRuntime } from './chosenRuntime';

/** Runs expressions once on the native runtime. `feeds` gives the values of `input` expressions by name. */
export async function execute(
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, TensorData>> = {},
  runtime = chosenRuntime(),
): Promise<Readonly<Record<string, TensorData>>> {
  const slot = await runtime.lease();
  try {
    return await slot.run({ program: lower(outputs), feeds, fetch: Object.keys(outputs) });
  } finally {
    slot.release();
  }
}

/** float32 values of a shape. */
export const floats = (shape: readonly number[], values: Iterable<number>): TensorData => ({
  dtype: 'float32',
  shape,
  values: Float32Array.from(values),
});

/** max|a − b| / max|b|, the parity measure. Equal infinities, and NaN in both, differ by nothing and are no scale. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < b.length; i++) {
    if (!Number.isFinite(b[i]!)) {
      if (!Object.is(a[i], b[i])) return Number.POSITIVE_INFINITY;
      continue;
    }
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
    if (Number.isNaN(a[i]!)) return Number.POSITIVE_INFINITY;
  }
  return scale === 0 ? difference : difference / scale;
}
