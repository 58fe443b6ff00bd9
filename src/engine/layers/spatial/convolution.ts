import { type AttributeValue, elementCount, pytorchDefault } from '../../network';
import { add, convolution as convolve, reshape, type Tensor } from '../../tensor';
import { type Attribute, bool, channels, choice, groupsOf, inferred, int, sizes } from '../attribute';
import { fixedDim } from '../dimensions';
import { weightOrOperand } from '../operands';
import { AttributeError, defineLayer, type ForwardContext, type LayerRow, ShapeError } from '../row';
import { checkGeometry, checkOperands, inferredChannels } from './convolutionChecks';
import { channelsBefore, DIMENSIONS, type Dimension, spatialSizes, withBatch } from './dimension';
import { checkBorders, padBorders } from './padding';

type Padding = readonly number[] | 'same' | 'valid';

const paddingOf = (dimension: Dimension): Attribute<Padding> => {
  const numbers = sizes(dimension, 0);
  return {
    takes: `${numbers.takes}, 'same' or 'valid'`,
    schema: { oneOf: [numbers.schema, { enum: ['same', 'valid'] }] },
    accept: (value: AttributeValue) => (value === 'same' || value === 'valid' ? value : numbers.accept(value)),
    fallback: numbers.fallback!,
  };
};

interface Borders {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What is put before and after each spatial axis; 'same' puts the odd one after, as PyTorch does. */
function bordersOf(padding: Padding, kernel: readonly number[], dilation: readonly number[]): Borders {
  if (padding === 'valid') return { before: kernel.map(() => 0), after: kernel.map(() => 0) };
  if (padding !== 'same') return { before: padding, after: padding };
  const total = kernel.map((size, i) => dilation[i]! * (size - 1));
  const before = total.map((size) => Math.floor(size / 2));
  return { before, after: total.map((size, i) => size - before[i]!) };
}

/** Steps of a window of `kernel` taps over `padded` values: ⌊(padded − d(K−1) − 1)/S⌋ + 1. */
export const windowCount = (padded: number, kernel: number, stride: number, dilation: number): number =>
  Math.floor((padded - dilation * (kernel - 1) - 1) / stride) + 1;

/** y + bias, one value a channel, where there is a bias. */
export function addBias(
  y: Tensor,
  dimension: Dimension,
  bias: boolean,
  inputs: readonly Tensor[],
  context: ForwardContext,
): Tensor {
  if (!bias) return y;
  const column = [y.shape[1]!, ...Array.from({ length: dimension }, () => 1)];
  return add(y, reshape(weightOrOperand('bias', 2, inputs, context), column));
}

const convolution = (dimension: Dimension): LayerRow => {
  const kind = `Conv${dimension}d`;
  return defineLayer({
    kind,
    role: 'affine',
    module: true,
    attributes: {
      in_channels: inferred(int()),
      out_channels: channels(int()),
      kernel_size: sizes(dimension),
      stride: sizes(dimension, 1),
      padding: paddingOf(dimension),
      dilation: sizes(dimension, 1),
      groups: groupsOf(int(1)),
      bias: bool(true),
      padding_mode: choice(['zeros', 'reflect', 'replicate', 'circular'], 'zeros'),
    },
    functions: [
      {
        names: [`torch.nn.functional.conv${dimension}d`, `torch.conv${dimension}d`],
        parameters: ['input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'groups'],
        operands: ['input', 'weight', 'bias'],
      },
    ],
    infer([input, weight, bias]) {
      const kernel = weight?.slice(2).map(fixedDim) ?? [];
      return {
        in_channels: inferredChannels(input, `conv${dimension}d`, dimension),
        ...(weight && { out_channels: fixedDim(weight[0]), bias: bias !== undefined }),
        ...(kernel.length === dimension && !kernel.includes(undefined) && { kernel_size: kernel as number[] }),
      };
    },
    validate(attributes) {
      checkGeometry(attributes);
      const { padding, stride } = attributes;
      if (typeof padding !== 'string' && padding.some((size) => size < 0)) {
        throw new AttributeError('padding', 'negative padding is not supported');
      }
      if (padding === 'same' && stride.some((size) => size !== 1)) {
        throw new AttributeError('padding', "padding='same' is not supported for strided convolutions");
      }
    },
    parameters({ in_channels, out_channels, kernel_size, groups, bias }) {
      const initialization = pytorchDefault((in_channels / groups) * elementCount(kernel_size));
      return {
        weight: { shape: [out_channels, in_channels / groups, ...kernel_size], initialization },
        ...(bias && { bias: { shape: [out_channels], initialization } }),
      };
    },
    outputShapes(inputs, attributes) {
      const { in_channels, out_channels, kernel_size, stride, padding, dilation, groups, padding_mode } = attributes;
      checkOperands(inputs, [out_channels, in_channels / groups, ...kernel_size], attributes, dimension, false);
      const input = inputs[0]!;
      const { before, after } = bordersOf(padding, kernel_size, dilation);
      const own = spatialSizes(input, dimension);
      if (padding_mode !== 'zeros') checkBorders(input, before, after, padding_mode);
      const padded = own.map((size, i) => size + before[i]! + after[i]!);
      const extent = kernel_size.map((size, i) => dilation[i]! * (size - 1) + 1);
      if (padded.some((size, i) => size < extent[i]!)) {
        throw new ShapeError(
          `Calculated padded input size per channel: (${padded.join(' x ')}). Kernel size: (${extent.join(' x ')}). ` +
            "Kernel size can't be greater than actual input size",
        );
      }
      const output = padded.map((size, i) => windowCount(size, kernel_size[i]!, stride[i]!, dilation[i]!));
      return [[...input.slice(0, -dimension - 1), out_channels, ...output]];
    },
    forward(inputs, { kernel_size, stride, padding, dilation, groups, bias, padding_mode }, context) {
      const { before, after } = bordersOf(padding, kernel_size, dilation);
      const none = kernel_size.map(() => 0);
      const y = withBatch(inputs[0]!, dimension, (x) => {
        const zeros = padding_mode === 'zeros';
        const product = convolve(
          zeros ? x : padBorders(x, before, after, padding_mode),
          weightOrOperand('weight', 1, inputs, context),
          {
            strides: stride,
            padsBegin: zeros ? before : none,
            padsEnd: zeros ? after : none,
            dilations: dilation,
            groups,
          },
        );
        return addBias(product, dimension, bias, inputs, context);
      });
      return { outputs: [y] };
    },
    channelAxis: channelsBefore(dimension),
  });
};

export const convolutions: readonly LayerRow[] = DIMENSIONS.map(convolution);
