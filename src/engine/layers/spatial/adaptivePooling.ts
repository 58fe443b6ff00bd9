import { formatShape, type Shape } from '../../network';
import type { Tensor } from '../../tensor';
import { type Attribute, bool, int, optional, perDimension, sizes } from '../attribute';
import { onlyInput, range } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow, NotModelled, ShapeError } from '../row';
import { alongAxis, pick } from './alongAxis';
import { averageBy, weighted } from './averagePooling';
import { channelsBefore, DIMENSIONS, type Dimension, hasRank, ranksOf, spatialSizes } from './dimension';
import { maxOfWindows } from './maxPooling';

type OutputSize = readonly (number | null)[];

/** A whole number for all dimensions, or one for each; None for one that stays as it is, where PyTorch takes it. */
const outputSize = (dimension: Dimension): Attribute<OutputSize> =>
  dimension === 1 ? sizes(1) : perDimension(optional(int()), dimension);

/** Windows that divide an axis: window i runs from ⌊i·W/O⌋ to ⌈(i + 1)·W/O⌉. */
const windowsOf = (size: number, count: number): (readonly [start: number, end: number])[] =>
  range(0, count).map((i) => [Math.floor((i * size) / count), Math.ceil(((i + 1) * size) / count)]);

/** Averages of the windows that divide the last axes into so many. */
export function adaptiveAverage(x: Tensor, counts: readonly number[]): Tensor {
  const own = x.shape.slice(-counts.length);
  return averageBy(
    x,
    counts.map((count, i) => windowsOf(own[i]!, count).map(([start, end]) => weighted(start, end, 1 / (end - start)))),
  );
}

/**
 * Maxima of the windows that divide the last axes. Where they differ in length or overlap unevenly, each is written out
 * first, the shorter ones by repeating their last position, which changes neither the maximum nor which of equal ones is first.
 */
function adaptiveMax(x: Tensor, counts: readonly number[], dimension: Dimension): Tensor {
  const first = x.shape.length - dimension;
  let apart = x;
  const kernel: number[] = [];
  const stride: number[] = [];
  for (const [i, count] of counts.entries()) {
    const windows = windowsOf(x.shape[first + i]!, count);
    const step = windows.length > 1 ? windows[1]![0] : 1;
    const longest = Math.max(...windows.map(([start, end]) => end - start));
    const even = step > 0 && windows.every(([start, end], at) => start === at * step && end - start === longest);
    kernel.push(longest);
    stride.push(even ? step : longest);
    if (even) continue;
    const positions = windows.flatMap(([start, end]) => range(0, longest).map((k) => Math.min(start + k, end - 1)));
    apart = alongAxis(apart, positions.map(pick), first + i);
  }
  const padding = kernel.map(() => 0);
  return maxOfWindows(apart, dimension, { kernel_size: kernel, stride, padding, ceil_mode: false });
}

const countsOf = (own: readonly number[], output: OutputSize): number[] => own.map((size, i) => output[i] ?? size);

/** @throws ShapeError in PyTorch's words. */
function adaptiveShape(input: Shape, dimension: Dimension, output: OutputSize, name: 'avg' | 'max'): Shape {
  const label = `adaptive_${name}_pool${dimension}d`;
  if (!hasRank(input, dimension)) {
    throw new ShapeError(
      dimension === 1
        ? `Expected 2 to 3 dimensions, but got ${input.length}-dimensional tensor for argument #1 'self' ` +
            `(while checking arguments for ${label})`
        : `${label}(): Expected ${ranksOf(dimension)} tensor, but got${name === 'max' ? ':' : ''} ${formatShape(input)}`,
    );
  }
  return [...input.slice(0, -dimension), ...countsOf(spatialSizes(input, dimension), output)];
}

/** @throws AttributeError for a size below one. PyTorch takes 0 and gives nothing; no layer behind it could be judged. */
function checkOutputSize(output: OutputSize, label: string): void {
  if (output.every((size) => size === null || size > 0)) return;
  throw new AttributeError(
    'output_size',
    `${label}: elements of output_size must be greater than or equal to 1 but received {${output.join(', ')}}`,
  );
}

const adaptiveAveragePooling = (dimension: Dimension): LayerRow => {
  const kind = `AdaptiveAvgPool${dimension}d`;
  const label = `adaptive_avg_pool${dimension}d`;
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: { output_size: outputSize(dimension) },
    functions: [
      {
        names: [`torch.nn.functional.${label}`, ...(dimension === 1 ? [`torch.${label}`] : [])],
        parameters: ['input', 'output_size'],
      },
    ],
    validate: ({ output_size }) => checkOutputSize(output_size, label),
    outputShapes: (inputs, { output_size }) => [adaptiveShape(onlyInput(inputs, kind), dimension, output_size, 'avg')],
    forward: ([x], { output_size }) => ({
      outputs: [adaptiveAverage(x!, countsOf(x!.shape.slice(-dimension), output_size))],
    }),
    channelAxis: channelsBefore(dimension),
  });
};

const adaptiveMaxPooling = (dimension: Dimension): LayerRow => {
  const kind = `AdaptiveMaxPool${dimension}d`;
  const label = `adaptive_max_pool${dimension}d`;
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: { output_size: outputSize(dimension), return_indices: bool(false) },
    functions: [{ names: [`torch.nn.functional.${label}`], parameters: ['input', 'output_size', 'return_indices'] }],
    validate({ output_size, return_indices }) {
      checkOutputSize(output_size, label);
      if (return_indices) throw new NotModelled('return_indices', `${kind}'s return_indices=True is not modelled`);
    },
    outputShapes: (inputs, { output_size }) => [adaptiveShape(onlyInput(inputs, kind), dimension, output_size, 'max')],
    forward: ([x], { output_size }) => ({
      outputs: [adaptiveMax(x!, countsOf(x!.shape.slice(-dimension), output_size), dimension)],
    }),
    channelAxis: channelsBefore(dimension),
  });
};

export const adaptivePoolings: readonly LayerRow[] = [
  ...DIMENSIONS.map(adaptiveAveragePooling),
  ...DIMENSIONS.map(adaptiveMaxPooling),
];
