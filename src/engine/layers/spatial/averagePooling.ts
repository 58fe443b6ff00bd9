import { formatShape, type Shape } from '../../network';
import { mean, mul, type Tensor } from '../../tensor';
import { bool, int, optional, sizes } from '../attribute';
import { onlyInput, range } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from '../row';
import { alongAxis, type Taps } from './alongAxis';
import { channelsBefore, DIMENSIONS, type Dimension, hasRank, labelled, ranksOf, spatialSizes } from './dimension';
import { checkWindow, stridesOf, type Window, windowedShape, windowsAlong } from './windows';

interface Divisor {
  readonly count_include_pad: boolean;
  readonly divisor_override?: number | null;
}

/** `weight` times the sum of the positions from `start` to `end`. */
export const weighted = (start: number, end: number, weight: number): Taps => ({
  start,
  weights: range(start, end).map(() => weight),
});

/**
 * Weighted sums over windows of the last axes: they are separable, one linear map an axis. Measured, its matrix
 * products are faster even where windows tile the image than a reduction over small axes (4 against 14 ms for 2 × 2 on
 * [32, 64, 32, 32], backward included); only a mean over everything is better reduced.
 */
export function averageBy(x: Tensor, taps: readonly (readonly Taps[])[]): Tensor {
  const first = x.shape.length - taps.length;
  const whole = taps.every(
    (axis, i) => axis.length === 1 && axis[0]!.start === 0 && axis[0]!.weights.length === x.shape[first + i],
  );
  if (whole) {
    const weight = taps.reduce((product, axis, i) => product * axis[0]!.weights[0]! * x.shape[first + i]!, 1);
    return mul(mean(x, range(first, x.shape.length), true), Math.abs(weight - 1) < 1e-12 ? 1 : weight);
  }
  return taps.reduceRight((y, axis, i) => alongAxis(y, axis, first + i), x);
}

/** The windows of an average along axis `i`, with PyTorch's divisors. An overriding divisor is put on the first axis. */
function averagingTaps(
  size: number,
  i: number,
  window: Window,
  { count_include_pad, divisor_override }: Divisor,
): Taps[] {
  const [kernel, stride, padding] = [window.kernel_size[i]!, stridesOf(window)[i]!, window.padding[i]!];
  return range(0, windowsAlong(size, i, window)).map((at) => {
    const begin = at * stride - padding;
    // A window that ceil mode lets reach beyond the padding counts only what lies within it.
    const padded = Math.min(begin + kernel, size + padding) - begin;
    const start = Math.max(begin, 0);
    const end = Math.min(begin + kernel, size);
    const own = count_include_pad ? padded : end - start;
    return weighted(start, end, 1 / (divisor_override == null ? own : i === 0 ? divisor_override : 1));
  });
}

/** Averages of windows over the last axes. */
export const averageOfWindows = (x: Tensor, window: Window, divisor: Divisor): Tensor =>
  averageBy(
    x,
    window.kernel_size.map((_, i) =>
      averagingTaps(x.shape[x.shape.length - window.kernel_size.length + i]!, i, window, divisor),
    ),
  );

/** @throws ShapeError in PyTorch's words. */
export function averagedShape(input: Shape, dimension: Dimension, window: Window): Shape {
  const rank = input.length;
  if (!hasRank(input, dimension)) {
    if (dimension === 1) {
      throw new ShapeError(
        `Expected 2 to 3 dimensions, but got ${rank}-dimensional tensor for argument #1 'self' ` +
          '(while checking arguments for avg_pool1d)',
      );
    }
    if (dimension === 3) throw new ShapeError(`non-empty ${ranksOf(3)} (batch mode) tensor expected for input`);
    if (rank < 3) {
      throw new ShapeError(`Dimension out of range (expected to be in range of [${-rank}, ${rank - 1}], but got -3)`);
    }
    throw new ShapeError(
      'Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, ' +
        `but got:${formatShape(input)}`,
    );
  }
  const own = spatialSizes(input, dimension);
  if (dimension === 3 && own.some((size, i) => size < window.kernel_size[i]!)) {
    const kernel = labelled(['kT', 'kH', 'kW'], window.kernel_size);
    throw new ShapeError(`input image (${labelled(['T', 'H', 'W'], own)}) smaller than kernel size (${kernel})`);
  }
  return windowedShape(input, dimension, window);
}

const averagePooling = (dimension: Dimension): LayerRow => {
  const kind = `AvgPool${dimension}d`;
  const names = [`torch.nn.functional.avg_pool${dimension}d`, ...(dimension === 1 ? ['torch.avg_pool1d'] : [])];
  const window = ['input', 'kernel_size', 'stride', 'padding', 'ceil_mode', 'count_include_pad'];
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: {
      kernel_size: sizes(dimension),
      stride: optional(sizes(dimension)),
      padding: sizes(dimension, 0),
      ceil_mode: bool(false),
      count_include_pad: bool(true),
      ...((dimension === 1 ? {} : { divisor_override: optional(int()) }) as {
        divisor_override: ReturnType<typeof optional<number>>;
      }),
    },
    functions: [{ names, parameters: dimension === 1 ? window : [...window, 'divisor_override'] }],
    validate(attributes) {
      checkWindow(attributes);
      if (attributes.divisor_override === 0) throw new AttributeError('divisor_override', 'divisor must be not zero');
    },
    outputShapes: (inputs, attributes) => [averagedShape(onlyInput(inputs, kind), dimension, attributes)],
    forward: ([x], attributes) => ({ outputs: [averageOfWindows(x!, attributes, attributes)] }),
    channelAxis: channelsBefore(dimension),
  });
};

export const averagePoolings: readonly LayerRow[] = DIMENSIONS.map(averagePooling);
