import type { Attributes, Shape } from '../../network';
import { add, convolution, pad, reshape, slice, type Tensor, transpose, transposedConvolution } from '../../tensor';
import { bool, choice, inferred, int, optional, sizes } from '../attribute';
import { range } from '../dimensions';
import { AttributeError, defineLayer, type ForwardContext, type LayerRow, ShapeError } from '../row';
import { DIMENSIONS, type Dimension } from '../spatial/dimension';
import { channelCount, channelsOf, checkSizes, dataFormat, kerasShape, shapeOf, spatialOf } from './format';
import { glorotUniform, zeroBias } from './initialization';
import { type KerasWindow, placed } from './windows';

/** What the convolutions share: sizes as Keras names them. */
interface Sliding {
  readonly kernel_size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilation_rate: readonly number[];
}

const windowOf = ({ kernel_size, strides, padding, dilation_rate }: Sliding): KerasWindow => ({
  kernel: kernel_size,
  strides,
  dilations: dilation_rate,
  padding,
});

const sliding = (dimension: Dimension, kernel: { fallback?: number } = {}) => ({
  kernel_size: sizes(dimension, kernel.fallback),
  strides: sizes(dimension, 1),
  padding: choice(dimension === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same'], 'valid'),
  data_format: dataFormat,
  dilation_rate: sizes(dimension, 1),
});

const inferChannels = ([input]: readonly Shape[], { data_format }: Attributes) => ({
  channels: channelCount(input, data_format),
});

/** @throws AttributeError in Keras's words. */
function checkSliding({ kernel_size, strides, dilation_rate }: Sliding): void {
  for (const [name, values] of Object.entries({ kernel_size, strides, dilation_rate })) {
    if (values.some((size) => size < 1)) {
      throw new AttributeError(
        name,
        `The \`${name}\` argument must be a tuple of positive integers. Received ${name}=(${values.join(', ')})`,
      );
    }
  }
  if (strides.some((size) => size > 1) && dilation_rate.some((size) => size > 1)) {
    throw new AttributeError('strides', '`strides > 1` not supported in conjunction with `dilation_rate > 1`.');
  }
}

/** The output's shape, or Keras's complaint. */
function convolvedShape(
  input: Shape,
  dimension: Dimension,
  given: Sliding & { readonly channels: number; readonly data_format: 'channels_last' | 'channels_first' },
  filters: number,
): Shape {
  const parts = spatialOf(input, dimension, given.data_format);
  if (parts.channels !== given.channels) {
    const axis = given.data_format === 'channels_last' ? -1 : 1;
    throw new ShapeError(
      `expected axis ${axis} of input shape to have value ${given.channels}, but received input with shape ${kerasShape(input)}`,
    );
  }
  const { output } = placed(parts.sizes, windowOf(given));
  checkSizes(output, input, given.kernel_size);
  return shapeOf({ ...parts, sizes: output, channels: filters }, given.data_format);
}

/** The convolution of x [N, C, …] by a weight [O, C/groups, …]. */
function convolved(x: Tensor, weight: Tensor, given: Sliding, groups: number): Tensor {
  const { before, after } = placed(x.shape.slice(2), windowOf(given));
  return convolution(x, weight, {
    strides: given.strides,
    padsBegin: before,
    padsEnd: after,
    dilations: given.dilation_rate,
    groups,
  });
}

/** y [N, C, …] + bias, where there is one. */
function withBias(y: Tensor, use: boolean, context: ForwardContext): Tensor {
  if (!use) return y;
  return add(y, reshape(context.parameter('bias'), [y.shape[1]!, ...y.shape.slice(2).map(() => 1)]));
}

/** [...kernel, in, out] as PyTorch's [out, in, ...kernel]. */
const outFirst = (kernel: Tensor): Tensor => {
  const last = kernel.shape.length - 1;
  return transpose(kernel, [last, last - 1, ...range(0, last - 1)]);
};

/** A depthwise kernel [...kernel, C, M] as [C·M, 1, ...kernel]. */
const depthwiseWeight = (kernel: Tensor): Tensor => {
  const last = kernel.shape.length - 1;
  const moved = transpose(kernel, [last - 1, last, ...range(0, last - 1)]);
  return reshape(moved, [moved.shape[0]! * moved.shape[1]!, 1, ...moved.shape.slice(2)]);
};

const shared = { role: 'affine', library: 'keras', layout: 'channelsFirst', module: true } as const;

const plain = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasConv${dimension}D`,
    classes: [`keras.layers.Conv${dimension}D`],
    attributes: {
      channels: inferred(int()),
      filters: int(),
      ...sliding(dimension),
      groups: int(1),
      use_bias: bool(true),
    },
    infer: inferChannels,
    validate(given) {
      checkSliding(given);
      const { filters, groups, channels } = given;
      if (filters < 1)
        throw new AttributeError('filters', `Invalid value for argument \`filters\`. Received filters=${filters}`);
      if (filters % groups !== 0 || channels % groups !== 0) {
        throw new AttributeError(
          'groups',
          `The number of filters and of input channels must be evenly divisible by the number of groups. ` +
            `Received: groups=${groups}, filters=${filters} and ${channels} channels`,
        );
      }
    },
    parameters: ({ channels, filters, kernel_size, groups, use_bias }) => ({
      kernel: glorotUniform([...kernel_size, channels / groups, filters]),
      ...zeroBias(filters, use_bias),
    }),
    outputShapes: ([input], given) => [convolvedShape(input!, dimension, given, given.filters)],
    forward: ([x], given, context) => ({
      outputs: [
        withBias(convolved(x!, outFirst(context.parameter('kernel')), given, given.groups), given.use_bias, context),
      ],
    }),
    channelAxis: channelsOf,
  });

const depthwise = (dimension: 1 | 2): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasDepthwiseConv${dimension}D`,
    classes: [`keras.layers.DepthwiseConv${dimension}D`],
    attributes: {
      channels: inferred(int()),
      ...sliding(dimension),
      depth_multiplier: int(1),
      use_bias: bool(true),
    },
    infer: inferChannels,
    validate: checkSliding,
    parameters: ({ channels, kernel_size, depth_multiplier, use_bias }) => ({
      kernel: glorotUniform([...kernel_size, channels, depth_multiplier]),
      ...zeroBias(channels * depth_multiplier, use_bias),
    }),
    outputShapes: ([input], given) => [
      convolvedShape(input!, dimension, given, given.channels * given.depth_multiplier),
    ],
    forward: ([x], given, context) => ({
      outputs: [
        withBias(
          convolved(x!, depthwiseWeight(context.parameter('kernel')), given, given.channels),
          given.use_bias,
          context,
        ),
      ],
    }),
    channelAxis: channelsOf,
  });

/** Depthwise, then 1×1. */
const separable = (dimension: 1 | 2): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasSeparableConv${dimension}D`,
    classes: [`keras.layers.SeparableConv${dimension}D`],
    attributes: {
      channels: inferred(int()),
      filters: int(),
      ...sliding(dimension),
      depth_multiplier: int(1),
      use_bias: bool(true),
    },
    infer: inferChannels,
    validate: checkSliding,
    parameters: ({ channels, filters, kernel_size, depth_multiplier, use_bias }) => ({
      depthwise_kernel: glorotUniform([...kernel_size, channels, depth_multiplier]),
      pointwise_kernel: glorotUniform([...kernel_size.map(() => 1), channels * depth_multiplier, filters]),
      ...zeroBias(filters, use_bias),
    }),
    outputShapes: ([input], given) => [convolvedShape(input!, dimension, given, given.filters)],
    forward([x], given, context) {
      const deep = convolved(x!, depthwiseWeight(context.parameter('depthwise_kernel')), given, given.channels);
      const ones = given.kernel_size.map(() => 1);
      const y = convolution(deep, outFirst(context.parameter('pointwise_kernel')), {
        strides: ones,
        padsBegin: ones.map(() => 0),
        padsEnd: ones.map(() => 0),
        dilations: ones,
        groups: 1,
      });
      return { outputs: [withBias(y, given.use_bias, context)] };
    },
    channelAxis: channelsOf,
  });

/** The output of a transposed convolution along an axis, and where it begins in the full one of (W − 1)·S + K values. */
function transposedAlong(
  size: number,
  {
    kernel_size,
    strides,
    padding,
    dilation_rate,
    output_padding,
  }: Sliding & { readonly output_padding: readonly number[] | null },
  i: number,
): { readonly start: number; readonly output: number } {
  const [stride, extent] = [strides[i]!, dilation_rate[i]! * (kernel_size[i]! - 1) + 1];
  const extra = output_padding?.[i];
  if (padding === 'valid') {
    return {
      start: 0,
      output: (size - 1) * stride + (extra === undefined ? Math.max(extent, stride) : extent + extra),
    };
  }
  const output =
    extra === undefined ? size * stride : (size - 1) * stride + extent - 2 * Math.floor(extent / 2) + extra;
  // What the convolution from that output to this input would pad in front.
  const start = Math.floor(Math.max(0, (size - 1) * stride + extent - output) / 2);
  return { start, output };
}

const transposed = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasConv${dimension}DTranspose`,
    classes: [`keras.layers.Conv${dimension}DTranspose`],
    attributes: {
      channels: inferred(int()),
      filters: int(),
      kernel_size: sizes(dimension),
      strides: sizes(dimension, 1),
      padding: choice(['valid', 'same'], 'valid'),
      output_padding: optional(sizes(dimension)),
      data_format: dataFormat,
      dilation_rate: sizes(dimension, 1),
      use_bias: bool(true),
    },
    infer: inferChannels,
    validate: checkSliding,
    parameters: ({ channels, filters, kernel_size, use_bias }) => ({
      kernel: glorotUniform([...kernel_size, filters, channels]),
      ...zeroBias(filters, use_bias),
    }),
    outputShapes([input], given) {
      const parts = spatialOf(input!, dimension, given.data_format);
      if (parts.channels !== given.channels) {
        const axis = given.data_format === 'channels_last' ? -1 : 1;
        throw new ShapeError(
          `expected axis ${axis} of input shape to have value ${given.channels}, but received input with shape ${kerasShape(input!)}`,
        );
      }
      const output = parts.sizes.map((size, i) => transposedAlong(size, given, i).output);
      return [shapeOf({ ...parts, sizes: output, channels: given.filters }, given.data_format)];
    },
    forward([x], given, context) {
      const kernel = outFirst(context.parameter('kernel'));
      const own = x!.shape.slice(2);
      const { strides, dilation_rate, kernel_size } = given;
      const ends = own.map((size, i) => transposedAlong(size, given, i));
      const full = own.map((size, i) => (size - 1) * strides[i]! + dilation_rate[i]! * (kernel_size[i]! - 1) + 1);
      const y = transposedConvolution(
        x!,
        kernel,
        { strides, padsBegin: own.map(() => 0), dilations: dilation_rate, groups: 1 },
        full,
      );
      const more = ends.map(({ start, output }, i) => Math.max(0, start + output - full[i]!));
      const padded = pad(
        y,
        y.shape.map(() => 0),
        [0, 0, ...more],
      );
      const cut = slice(
        padded,
        [0, 0, ...ends.map(({ start }) => start)],
        [...y.shape.slice(0, 2), ...ends.map(({ start, output }) => start + output)],
      );
      return { outputs: [withBias(cut, given.use_bias, context)] };
    },
    channelAxis: channelsOf,
  });

export const convolutions: readonly LayerRow[] = [
  ...DIMENSIONS.map(plain),
  ...DIMENSIONS.map(transposed),
  ...([1, 2] as const).flatMap((dimension) => [depthwise(dimension), separable(dimension)]),
];
