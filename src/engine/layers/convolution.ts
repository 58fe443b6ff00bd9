import type { AttributeValue, Shape } from '../network';
import { formatShape, pytorchDefault, sameShape } from '../network';
import { add, convolution, reshape } from '../tensor';
import { type Attribute, bool, choice, inferred, int, pair } from './attribute';
import { fixedDim, formatDim, numberOf } from './dimensions';
import { weightOrOperand } from './operands';
import { AttributeError, defineLayer, ShapeError } from './row';

type Pair = readonly [number, number];
type Padding = Pair | 'same' | 'valid';

const sizes = pair();

const padding: Attribute<Padding> = {
  takes: "a whole number or two, 'same' or 'valid'",
  schema: { oneOf: [sizes.schema, { enum: ['same', 'valid'] }] },
  accept: (value: AttributeValue) => (value === 'same' || value === 'valid' ? value : sizes.accept(value)),
  fallback: [0, 0],
};

/** What is put before and after each spatial axis; 'same' puts the odd one after, as PyTorch does. */
export function paddingOf(padding: Padding, kernel: Pair, dilation: Pair): { before: Pair; after: Pair } {
  if (padding === 'valid') return { before: [0, 0], after: [0, 0] };
  if (padding !== 'same') return { before: padding, after: padding };
  const total = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)] as const;
  const before = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)] as const;
  return { before, after: [total[0] - before[0], total[1] - before[1]] };
}

/** Steps of a window of `kernel` taps over `padded` values: ⌊(padded − d(K−1) − 1)/S⌋ + 1. */
export const windowCount = (padded: number, kernel: number, stride: number, dilation: number): number =>
  Math.floor((padded - dilation * (kernel - 1) - 1) / stride) + 1;

export const conv2d = defineLayer({
  kind: 'Conv2d',
  role: 'affine',
  module: true,
  attributes: {
    in_channels: inferred(int()),
    out_channels: int(),
    kernel_size: pair(),
    stride: pair([1, 1]),
    padding,
    dilation: pair([1, 1]),
    groups: int(1),
    bias: bool(true),
    padding_mode: choice(['zeros', 'reflect', 'replicate', 'circular'], 'zeros'),
  },
  functions: [
    {
      names: ['torch.nn.functional.conv2d', 'torch.conv2d'],
      parameters: ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'groups'],
      operands: ['input', 'weight', 'bias'],
    },
  ],
  infer([input, weight, bias]) {
    const [height, width] = [fixedDim(weight?.[2]), fixedDim(weight?.[3])];
    return {
      in_channels: fixedDim(input?.at(-3)),
      ...(weight && { out_channels: fixedDim(weight[0]), bias: bias !== undefined }),
      ...(height !== undefined && width !== undefined && { kernel_size: [height, width] as const }),
    };
  },
  validate({ in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode }) {
    if (groups <= 0) throw new AttributeError('groups', 'groups must be a positive integer');
    if (in_channels % groups !== 0) throw new AttributeError('groups', 'in_channels must be divisible by groups');
    if (out_channels % groups !== 0) throw new AttributeError('groups', 'out_channels must be divisible by groups');
    if (kernel_size.some((size) => size < 1)) {
      throw new AttributeError('kernel_size', `kernel_size must be positive, but got (${kernel_size.join(', ')})`);
    }
    if (stride.some((size) => size < 1)) throw new AttributeError('stride', 'non-positive stride is not supported');
    if (dilation.some((size) => size < 1))
      throw new AttributeError('dilation', 'non-positive dilation is not supported');
    if (typeof padding !== 'string' && padding.some((size) => size < 0)) {
      throw new AttributeError('padding', 'negative padding is not supported');
    }
    if (padding === 'same' && stride.some((size) => size !== 1)) {
      throw new AttributeError('padding', "padding='same' is not supported for strided convolutions");
    }
    if (padding_mode !== 'zeros') {
      throw new AttributeError('padding_mode', `Conv2d's padding_mode '${padding_mode}' is not modelled, only 'zeros'`);
    }
  },
  parameters({ in_channels, out_channels, kernel_size, groups, bias }) {
    const [height, width] = kernel_size;
    const initialization = pytorchDefault((in_channels / groups) * height * width);
    return {
      weight: { shape: [out_channels, in_channels / groups, height, width], initialization },
      ...(bias && { bias: { shape: [out_channels], initialization } }),
    };
  },
  outputShapes([input, weight], { in_channels, out_channels, kernel_size, stride, padding, dilation, groups }) {
    if (!input) throw new ShapeError('Conv2d takes 1 input, but got 0');
    if (input.length !== 3 && input.length !== 4) {
      throw new ShapeError(
        `Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: ${formatShape(input)}`,
      );
    }
    const expectedWeight: Shape = [out_channels, in_channels / groups, ...kernel_size];
    const channels = input.at(-3)!;
    if (channels !== in_channels || (weight && !sameShape(weight, expectedWeight))) {
      const batched = input.length === 3 ? [1, ...input] : input;
      const perGroup = weight ? fixedDim(weight[1]) : undefined;
      throw new ShapeError(
        `Given groups=${groups}, weight of size ${formatShape(weight ?? expectedWeight)}, ` +
          `expected input${formatShape(batched)} to have ${perGroup === undefined ? in_channels : perGroup * groups} ` +
          `channels, but got ${formatDim(channels)} channels instead`,
      );
    }
    const { before, after } = paddingOf(padding, kernel_size, dilation);
    const padded = ([0, 1] as const).map(
      (i) => numberOf(input.at(i - 2)!, 'The height and width of an image') + before[i] + after[i],
    );
    const extent = ([0, 1] as const).map((i) => dilation[i] * (kernel_size[i] - 1) + 1);
    if (padded.some((size, i) => size < extent[i]!)) {
      throw new ShapeError(
        `Calculated padded input size per channel: (${padded.join(' x ')}). Kernel size: (${extent.join(' x ')}). ` +
          "Kernel size can't be greater than actual input size",
      );
    }
    const spatial = ([0, 1] as const).map((i) => windowCount(padded[i]!, kernel_size[i], stride[i], dilation[i]));
    return [[...input.slice(0, -3), out_channels, ...spatial]];
  },
  forward(inputs, { kernel_size, stride, padding, dilation, groups, bias, out_channels }, context) {
    const x = inputs[0]!;
    const { before, after } = paddingOf(padding, kernel_size, dilation);
    const batched = x.shape.length === 3 ? reshape(x, [1, ...x.shape]) : x;
    const product = convolution(batched, weightOrOperand('weight', 1, inputs, context), {
      strides: stride,
      padsBegin: before,
      padsEnd: after,
      dilations: dilation,
      groups,
    });
    const y = bias ? add(product, reshape(weightOrOperand('bias', 2, inputs, context), [out_channels, 1, 1])) : product;
    return { outputs: [x.shape.length === 3 ? reshape(y, y.shape.slice(1)) : y] };
  },
  channelAxis: (_, outputRank) => outputRank - 3,
});
