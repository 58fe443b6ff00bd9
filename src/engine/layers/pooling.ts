import { type AttributeValue, formatShape, type Shape } from '../network';
import { constant, matmul, maxPool, mean, reshape, type Tensor } from '../tensor';
import { type Attribute, bool, int, optional, pair } from './attribute';
import { formatDim, numberOf, onlyInput, range } from './dimensions';
import { AttributeError, defineLayer, ShapeError } from './row';

type Pair = readonly [number, number];
const AXES = [0, 1] as const;

interface Window {
  readonly kernel_size: Pair;
  readonly stride: Pair | null;
  readonly padding: Pair;
  readonly dilation?: Pair;
  readonly ceil_mode: boolean;
}

function checkWindow({ kernel_size, stride, padding, dilation = [1, 1] }: Window): void {
  if ((stride ?? kernel_size).some((size) => size === 0)) {
    throw new AttributeError('stride', 'stride should not be zero');
  }
  if ([...kernel_size, ...(stride ?? [])].some((size) => size < 0)) {
    throw new AttributeError('kernel_size', 'kernel size and stride should be greater than zero');
  }
  if (dilation.some((size) => size < 1)) {
    throw new AttributeError(
      'dilation',
      `dilation should be greater than zero, but got dilationH: ${dilation[0]} dilationW: ${dilation[1]}`,
    );
  }
  for (const i of AXES) {
    if (padding[i] < 0) throw new AttributeError('padding', `pad must be non-negative, but got pad: ${padding[i]}`);
    if (padding[i] > Math.floor(((kernel_size[i] - 1) * dilation[i] + 1) / 2)) {
      throw new AttributeError(
        'padding',
        `pad should be at most half of effective kernel size, but got pad=${padding[i]}, ` +
          `kernel_size=${kernel_size[i]} and dilation=${dilation[i]}`,
      );
    }
  }
}

/**
 * How many windows fit along an axis; with `ceil_mode` one more that is partly outside, if it begins inside the input
 * or the padding before it.
 */
export function pooledSize(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const room = size + 2 * padding - dilation * (kernel - 1) - 1;
  const windows = Math.floor((room + (ceilMode ? stride - 1 : 0)) / stride) + 1;
  return ceilMode && (windows - 1) * stride >= size + padding ? windows - 1 : windows;
}

const outputSize = (size: number, axis: 0 | 1, { kernel_size, stride, padding, dilation, ceil_mode }: Window): number =>
  pooledSize(size, kernel_size[axis], (stride ?? kernel_size)[axis], padding[axis], dilation?.[axis] ?? 1, ceil_mode);

function pooledShape(inputs: readonly Shape[], kind: string, window: Window): Shape {
  const input = onlyInput(inputs, kind);
  if (input.length !== 3 && input.length !== 4) {
    throw new ShapeError('non-empty 3D or 4D (batch mode) tensor expected for input');
  }
  const [height, width] = AXES.map((i) => numberOf(input.at(i - 2)!, 'The height and width of an image')) as [
    number,
    number,
  ];
  const output = [outputSize(height, 0, window), outputSize(width, 1, window)];
  if (output.some((size) => size < 1)) {
    const channels = formatDim(input.at(-3)!);
    throw new ShapeError(
      `Given input size: (${channels}x${height}x${width}). Calculated output size: ` +
        `(${channels}x${output.map((size) => Math.max(0, size)).join('x')}). Output size is too small`,
    );
  }
  return [...input.slice(0, -2), ...output];
}

const channelsOfImage = (_: number | undefined, outputRank: number) => outputRank - 3;

export const maxPool2d = defineLayer({
  kind: 'MaxPool2d',
  role: 'pooling',
  module: true,
  attributes: {
    kernel_size: pair(),
    stride: optional(pair()),
    padding: pair([0, 0]),
    dilation: pair([1, 1]),
    return_indices: bool(false),
    ceil_mode: bool(false),
  },
  functions: [
    {
      names: ['torch.nn.functional.max_pool2d', 'torch.max_pool2d'],
      parameters: ['input', 'kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'],
    },
  ],
  validate(attributes) {
    checkWindow(attributes);
    if (attributes.return_indices) {
      throw new AttributeError('return_indices', "MaxPool2d's return_indices=True is not modelled");
    }
  },
  outputShapes: (inputs, attributes) => [pooledShape(inputs, 'MaxPool2d', attributes)],
  forward([input], attributes) {
    const x = input!;
    const { kernel_size, padding, dilation } = attributes;
    const strides = attributes.stride ?? kernel_size;
    const batched = x.shape.length === 3 ? reshape(x, [1, ...x.shape]) : x;
    // In ceil mode the last window reaches beyond the padding.
    const padsEnd = AXES.map((i) => {
      const size = x.shape.at(i - 2)!;
      const reach = (outputSize(size, i, attributes) - 1) * strides[i] + dilation[i] * (kernel_size[i] - 1) + 1;
      return Math.max(padding[i], reach - size - padding[i]);
    });
    const y = maxPool(batched, { kernel: kernel_size, strides, padsBegin: padding, padsEnd, dilations: dilation });
    return { outputs: [x.shape.length === 3 ? reshape(y, y.shape.slice(1)) : y] };
  },
  channelAxis: channelsOfImage,
});

/** For each output position the input positions from `start` to `end`, and what each is multiplied by. */
interface Mean {
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/** The rows of means over one axis as a matrix [output, input]; undefined where it would change nothing. */
function averagingMatrix(rows: readonly Mean[], size: number): Tensor | undefined {
  const identity =
    rows.length === size && rows.every(({ start, end, weight }, i) => start === i && end === i + 1 && weight === 1);
  if (identity) return undefined;
  const values = new Float32Array(rows.length * size);
  for (const [i, { start, end, weight }] of rows.entries()) values.fill(weight, i * size + start, i * size + end);
  return constant(values, [rows.length, size]);
}

const coversAll = (means: readonly Mean[], size: number): boolean =>
  means.length === 1 && means[0]!.start === 0 && means[0]!.end === size && means[0]!.weight === 1 / size;

/**
 * Means over windows of both image axes. Averaging is separable: one matrix product for each axis, whose gradient is
 * again one. Measured, that is faster even where windows tile the image than a reduction over small axes (4 against
 * 16 ms for 2 × 2 on [32, 64, 32, 32], backward included); only a mean over the whole image is better reduced.
 */
function averageBy(x: Tensor, rows: readonly Mean[], columns: readonly Mean[]): Tensor {
  if (coversAll(rows, x.shape.at(-2)!) && coversAll(columns, x.shape.at(-1)!)) return mean(x, [-2, -1], true);
  const byColumn = averagingMatrix(columns, x.shape.at(-1)!);
  const byRow = averagingMatrix(rows, x.shape.at(-2)!);
  const narrowed = byColumn ? matmul(x, byColumn, { transposeB: true }) : x;
  return byRow ? matmul(byRow, narrowed) : narrowed;
}

/** The windows of AvgPool2d along one axis, with PyTorch's divisors. */
function averagingWindows(size: number, count: number, axis: 0 | 1, attributes: Window & AverageDivisor): Mean[] {
  const kernel = attributes.kernel_size[axis];
  const stride = (attributes.stride ?? attributes.kernel_size)[axis];
  const padding = attributes.padding[axis];
  const { count_include_pad, divisor_override } = attributes;
  return range(0, count).map((i) => {
    const begin = i * stride - padding;
    // A window that ceil mode lets reach beyond the padding counts only what lies within it.
    const padded = Math.min(begin + kernel, size + padding) - begin;
    const start = Math.max(begin, 0);
    const end = Math.min(begin + kernel, size);
    const divisor =
      divisor_override === null ? (count_include_pad ? padded : end - start) : axis === 0 ? divisor_override : 1;
    return { start, end, weight: 1 / divisor };
  });
}

interface AverageDivisor {
  readonly count_include_pad: boolean;
  readonly divisor_override: number | null;
}

export const avgPool2d = defineLayer({
  kind: 'AvgPool2d',
  role: 'pooling',
  module: true,
  attributes: {
    kernel_size: pair(),
    stride: optional(pair()),
    padding: pair([0, 0]),
    ceil_mode: bool(false),
    count_include_pad: bool(true),
    divisor_override: optional(int()),
  },
  functions: [
    {
      names: ['torch.nn.functional.avg_pool2d'],
      parameters: ['input', 'kernel_size', 'stride', 'padding', 'ceil_mode', 'count_include_pad', 'divisor_override'],
    },
  ],
  validate(attributes) {
    checkWindow(attributes);
    if (attributes.divisor_override === 0) throw new AttributeError('divisor_override', 'divisor must be not zero');
  },
  outputShapes: (inputs, attributes) => [pooledShape(inputs, 'AvgPool2d', attributes)],
  forward([input], attributes) {
    const x = input!;
    const windows = (axis: 0 | 1) => {
      const size = x.shape.at(axis - 2)!;
      return averagingWindows(size, outputSize(size, axis, attributes), axis, attributes);
    };
    return { outputs: [averageBy(x, windows(0), windows(1))] };
  },
  channelAxis: channelsOfImage,
});

type AdaptiveSize = number | null | readonly [number | null, number | null];

const isSize = (value: AttributeValue): value is number | null => value === null || Number.isInteger(value);
const sizeSchema = { type: ['integer', 'null'] };

/** A whole number for both axes, or two, None for one that stays as it is. */
const adaptiveSize: Attribute<readonly [number | null, number | null]> = {
  takes: 'a whole number or two, none for an axis that stays as it is',
  schema: { oneOf: [sizeSchema, { type: 'array', items: sizeSchema, minItems: 2, maxItems: 2 }] },
  accept(value: AttributeValue) {
    if (isSize(value)) return [value, value];
    const both = value as AdaptiveSize;
    return Array.isArray(both) && both.length === 2 && both.every(isSize)
      ? (both as [number | null, number | null])
      : undefined;
  },
};

export const adaptiveAvgPool2d = defineLayer({
  kind: 'AdaptiveAvgPool2d',
  role: 'pooling',
  module: true,
  attributes: { output_size: adaptiveSize },
  functions: [{ names: ['torch.nn.functional.adaptive_avg_pool2d'], parameters: ['input', 'output_size'] }],
  validate({ output_size }) {
    if (output_size.every((size) => size === null || size > 0)) return;
    throw new AttributeError(
      'output_size',
      `adaptive_avg_pool2d: elements of output_size must be greater than 0 but received {${output_size.join(', ')}}`,
    );
  },
  outputShapes(inputs, { output_size }) {
    const input = onlyInput(inputs, 'AdaptiveAvgPool2d');
    if (input.length !== 3 && input.length !== 4) {
      throw new ShapeError(`adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got ${formatShape(input)}`);
    }
    const sizes = AXES.map((i) => numberOf(input.at(i - 2)!, 'The height and width of an image'));
    return [[...input.slice(0, -2), ...AXES.map((i) => output_size[i] ?? sizes[i]!)]];
  },
  forward([input], { output_size }) {
    const x = input!;
    const [height, width] = x.shape.slice(-2) as [number, number];
    const [rows, columns] = [output_size[0] ?? height, output_size[1] ?? width];
    // Window i runs from ⌊i·W/O⌋ to ⌈(i + 1)·W/O⌉.
    const windows = (size: number, count: number) =>
      range(0, count).map((i) => {
        const start = Math.floor((i * size) / count);
        const end = Math.ceil(((i + 1) * size) / count);
        return { start, end, weight: 1 / (end - start) };
      });
    return { outputs: [averageBy(x, windows(height, rows), windows(width, columns))] };
  },
  channelAxis: channelsOfImage,
});
