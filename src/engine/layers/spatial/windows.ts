import type { Shape } from '../../network';
import { formatDim } from '../dimensions';
import { AttributeError, ShapeError } from '../row';
import type { Dimension } from './dimension';
import { labelled, spatialSizes } from './dimension';

/** A window that slides over the spatial axes; one number for each. */
export interface Window {
  readonly kernel_size: readonly number[];
  /** Default: the kernel's own size. */
  readonly stride: readonly number[] | null;
  readonly padding: readonly number[];
  readonly dilation?: readonly number[];
  readonly ceil_mode: boolean;
}

export const stridesOf = ({ stride, kernel_size }: Pick<Window, 'stride' | 'kernel_size'>): readonly number[] =>
  stride ?? kernel_size;

/** In one dimension PyTorch pools an image one row high, and says so. */
const asImage = (values: readonly number[]): readonly number[] => (values.length === 1 ? [1, ...values] : values);

const named = (prefix: string, values: readonly number[]): string =>
  labelled(
    ['T', 'H', 'W'].map((axis) => `${prefix}${axis}`),
    asImage(values),
  );

/** @throws AttributeError in PyTorch's words for a window that cannot slide. */
export function checkWindow(window: Window): void {
  const { kernel_size, padding, dilation = kernel_size.map(() => 1) } = window;
  const stride = stridesOf(window);
  if (stride.some((size) => size === 0)) throw new AttributeError('stride', 'stride should not be zero');
  if (kernel_size.some((size) => size < 1)) {
    throw new AttributeError(
      'kernel_size',
      `kernel size should be greater than zero, but got ${named('k', kernel_size)}`,
    );
  }
  if (stride.some((size) => size < 1)) {
    throw new AttributeError('stride', `stride should be greater than zero, but got ${named('d', stride)}`);
  }
  if (dilation.some((size) => size < 1)) {
    throw new AttributeError(
      'dilation',
      `dilation should be greater than zero, but got ${named('dilation', dilation)}`,
    );
  }
  for (const [i, size] of kernel_size.entries()) {
    if (padding[i]! < 0) throw new AttributeError('padding', `pad must be non-negative, but got pad: ${padding[i]}`);
    if (padding[i]! > Math.floor(((size - 1) * dilation[i]! + 1) / 2)) {
      throw new AttributeError(
        'padding',
        `pad should be at most half of effective kernel size, but got pad=${padding[i]}, ` +
          `kernel_size=${size} and dilation=${dilation[i]}`,
      );
    }
  }
}

/**
 * How many windows fit along axis `i` of `size`; with `ceil_mode` one more that is partly outside, if it begins inside the
 * input or the padding before it.
 */
export function windowsAlong(size: number, i: number, window: Window): number {
  const [kernel, stride, padding] = [window.kernel_size[i]!, stridesOf(window)[i]!, window.padding[i]!];
  const room = size + 2 * padding - (window.dilation?.[i] ?? 1) * (kernel - 1) - 1;
  const windows = Math.floor((room + (window.ceil_mode ? stride - 1 : 0)) / stride) + 1;
  return window.ceil_mode && (windows - 1) * stride >= size + padding ? windows - 1 : windows;
}

/** The shape that a window leaves of an input. @throws ShapeError in PyTorch's words where none fits. */
export function windowedShape(input: Shape, dimension: Dimension, window: Window): Shape {
  const own = spatialSizes(input, dimension);
  const output = own.map((size, i) => windowsAlong(size, i, window));
  if (output.some((size) => size < 1)) {
    const channels = formatDim(input.at(-dimension - 1)!);
    const text = (values: readonly number[]) => `(${[channels, ...asImage(values)].join('x')})`;
    const sizes = output.map((size) => Math.max(0, size));
    throw new ShapeError(
      `Given input size: ${text(own)}. Calculated output size: ${text(sizes)}. Output size is too small`,
    );
  }
  return [...input.slice(0, -dimension), ...output];
}
