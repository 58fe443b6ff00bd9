import { constant, type Fans, type Initialization, kerasInitializations } from '../../network';
import type { ParameterSpec } from '../row';

/** Keras's fans of a kernel: its last two axes times the receptive field before them. */
export function kerasFans(shape: readonly number[]): Fans {
  const [fanIn, fanOut] = shape.length === 1 ? [shape[0]!, shape[0]!] : [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: fanIn * field, fanOut: fanOut * field };
}

/**
 * The matrix that a weight's fans are those of: a projection to heads [D, heads, size] goes from D to all heads together,
 * the one back [heads, size, D] from all heads to D; others are as they are.
 */
export function fanShape(name: string, shape: readonly number[]): readonly number[] {
  const [a = 1, b = 1, c = 1] = shape;
  if (/^(query|key|value)\.kernel$/.test(name)) return [a, b * c];
  return name === 'attention_output.kernel' ? [a * b, c] : shape;
}

/** glorot_uniform, what Keras gives a kernel unless it is told otherwise. */
export const glorotUniform = (shape: readonly number[]): ParameterSpec => ({
  shape,
  initialization: named('glorot_uniform', shape),
});

/** The initializer of that name, with its default arguments, for a weight of that shape. */
export const named = (name: string, shape: readonly number[]): Initialization =>
  kerasInitializations[name]!(kerasFans(shape));

export const zeroBias = (length: number, there: boolean): Record<string, ParameterSpec> =>
  there ? { bias: { shape: [length], initialization: constant(0) } } : {};
