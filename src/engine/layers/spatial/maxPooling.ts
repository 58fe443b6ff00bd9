import { formatShape, type Shape } from '../../network';
import { maxPool, maxPoolIndices, mod, type PoolingGeometry, type Tensor } from '../../tensor';
import { bool, optional, sizes } from '../attribute';
import { onlyInput } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from '../row';
import { channelsBefore, DIMENSIONS, type Dimension, hasRank, ranksOf, spatialSizes, withBatch } from './dimension';
import { checkWindow, stridesOf, type Window, windowedShape, windowsAlong } from './windows';

/** How the windows lie over x [N, C, …]. */
function geometryOf(x: Tensor, window: Window): PoolingGeometry {
  const { kernel_size, padding } = window;
  const strides = stridesOf(window);
  const dilations = window.dilation ?? kernel_size.map(() => 1);
  // In ceil mode the last window reaches beyond the padding.
  const padsEnd = x.shape.slice(2).map((size, i) => {
    const reach = (windowsAlong(size, i, window) - 1) * strides[i]! + dilations[i]! * (kernel_size[i]! - 1) + 1;
    return Math.max(padding[i]!, reach - size - padding[i]!);
  });
  return { kernel: kernel_size, strides, padsBegin: padding, padsEnd, dilations };
}

/** Maxima of windows over the last axes. */
export const maxOfWindows = (input: Tensor, dimension: Dimension, window: Window): Tensor =>
  withBatch(input, dimension, (x) => maxPool(x, geometryOf(x, window)));

/** Where each maximum stood, as an index into its channel's flattened positions. */
const placesOfMaxima = (input: Tensor, dimension: Dimension, window: Window): Tensor =>
  withBatch(input, dimension, (x) => {
    const positions = x.shape.slice(2).reduce((product, size) => product * size, 1);
    return mod(maxPoolIndices(x, geometryOf(x, window)), positions);
  });

/** What max_pool1d says of its window, in words that are its own. @throws AttributeError */
function checkWindow1d(window: Window): void {
  const [kernel, stride, padding] = [window.kernel_size[0]!, stridesOf(window)[0]!, window.padding[0]!];
  const refuse = (attribute: string, what: string) => {
    throw new AttributeError(attribute, `max_pool1d() ${what}`);
  };
  if (kernel < 1) refuse('kernel_size', `kernel_size must be greater than zero, but got ${kernel}`);
  if (stride < 1) refuse('stride', `stride must be greater than zero, but got ${stride}`);
  if (padding < 0) refuse('padding', `padding must be non-negative, but got ${padding}`);
  if (padding > Math.floor(kernel / 2)) {
    const given = `but got padding=${padding} and kernel_size=${kernel}`;
    refuse('padding', `padding should be at most half of kernel size, ${given}`);
  }
  const dilation = window.dilation?.[0] ?? 1;
  if (dilation < 1) refuse('dilation', `dilation must be greater than zero, but got ${dilation}`);
}

/** @throws ShapeError in PyTorch's words. */
export function maxPooledShape(input: Shape, dimension: Dimension, window: Window): Shape {
  if (!hasRank(input, dimension)) {
    throw new ShapeError(
      dimension === 1
        ? 'max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, ' +
            `but got:${formatShape(input)}`
        : `non-empty ${ranksOf(dimension)} (batch mode) tensor expected for input`,
    );
  }
  if (dimension === 1) {
    const windows = windowsAlong(spatialSizes(input, 1)[0]!, 0, window);
    if (windows < 1) throw new ShapeError(`max_pool1d() Invalid computed output size: ${windows}`);
  }
  return windowedShape(input, dimension, window);
}

const maxPooling = (dimension: Dimension): LayerRow => {
  const kind = `MaxPool${dimension}d`;
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: {
      kernel_size: sizes(dimension),
      stride: optional(sizes(dimension)),
      padding: sizes(dimension, 0),
      dilation: sizes(dimension, 1),
      return_indices: bool(false),
      ceil_mode: bool(false),
    },
    functions: [
      {
        names: [`torch.nn.functional.max_pool${dimension}d`],
        parameters: ['input', 'kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'],
      },
      {
        names: [`torch.max_pool${dimension}d`],
        parameters: ['input', 'kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode'],
      },
    ],
    validate(attributes) {
      (dimension === 1 ? checkWindow1d : checkWindow)(attributes);
    },
    types([input], { return_indices }) {
      if (input !== 'float32') throw new ShapeError(`${kind} takes a Float tensor`);
      return return_indices ? ['float32', 'int64'] : ['float32'];
    },
    outputShapes(inputs, attributes) {
      const shape = maxPooledShape(onlyInput(inputs, kind), dimension, attributes);
      return attributes.return_indices ? [shape, shape] : [shape];
    },
    forward: ([x], attributes) => ({
      outputs: [
        maxOfWindows(x!, dimension, attributes),
        ...(attributes.return_indices ? [placesOfMaxima(x!, dimension, attributes)] : []),
      ],
    }),
    channelAxis: channelsBefore(dimension),
  });
};

export const maxPoolings: readonly LayerRow[] = DIMENSIONS.map(maxPooling);
