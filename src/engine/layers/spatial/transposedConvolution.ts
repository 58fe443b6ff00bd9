import { elementCount, pytorchDefault } from '../../network';
import { transposedConvolution as convolveTransposed } from '../../tensor';
import { bool, channels, choice, groupsOf, inferred, int, sizes } from '../attribute';
import { fixedDim } from '../dimensions';
import { weightOrOperand } from '../operands';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from '../row';
import { addBias } from './convolution';
import { checkGeometry, checkOperands, inferredChannels } from './convolutionChecks';
import { channelsBefore, DIMENSIONS, type Dimension, labelled, spatialSizes, withBatch } from './dimension';

interface Transposition {
  readonly kernel_size: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly output_padding: readonly number[];
  readonly dilation: readonly number[];
}

/** (W − 1)·S − 2P + d(K − 1) + P_out + 1 */
const outputSizes = (
  input: readonly number[],
  { kernel_size, stride, padding, output_padding, dilation }: Transposition,
): number[] =>
  input.map(
    (size, i) =>
      (size - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (kernel_size[i]! - 1) + output_padding[i]! + 1,
  );

/** @throws AttributeError in PyTorch's words for an output padding that would reach beyond the next window. */
function checkOutputPadding({ stride, output_padding, dilation }: Transposition): void {
  if (output_padding.some((size) => size < 0)) {
    throw new AttributeError('output_padding', 'negative output_padding is not supported');
  }
  if (output_padding.every((size, i) => size < stride[i]! || size < dilation[i]!)) return;
  // In one dimension PyTorch speaks of an image one row high.
  const image = (values: readonly number[], row: number) => (values.length === 1 ? [row, ...values] : values);
  const text = (name: string, values: readonly number[]) =>
    labelled(
      ['depth', 'height', 'width'].map((axis) => `${name}_${axis}`),
      values,
    );
  throw new AttributeError(
    'output_padding',
    'output padding must be smaller than either stride or dilation, but got ' +
      [
        text('output_padding', image(output_padding, 0)),
        text('stride', image(stride, 1)),
        text('dilation', image(dilation, 1)),
      ].join(' '),
  );
}

const transposedConvolution = (dimension: Dimension): LayerRow => {
  const kind = `ConvTranspose${dimension}d`;
  return defineLayer({
    kind,
    role: 'affine',
    module: true,
    attributes: {
      in_channels: inferred(int()),
      out_channels: channels(int()),
      kernel_size: sizes(dimension),
      stride: sizes(dimension, 1),
      padding: sizes(dimension, 0),
      output_padding: sizes(dimension, 0),
      groups: groupsOf(int(1)),
      bias: bool(true),
      dilation: sizes(dimension, 1),
      padding_mode: choice(['zeros', 'reflect', 'replicate', 'circular'], 'zeros'),
    },
    // The reader says plainly that an output size given at the call is not modelled.
    call: { parameters: ['input', 'output_size'] },
    functions: [
      {
        names: [`torch.nn.functional.conv_transpose${dimension}d`, `torch.conv_transpose${dimension}d`],
        parameters: ['input', 'weight', 'bias', 'stride', 'padding', 'output_padding', 'groups', 'dilation'],
        operands: ['input', 'weight', 'bias'],
      },
    ],
    infer([input, weight, bias], { groups }) {
      const kernel = weight?.slice(2).map(fixedDim) ?? [];
      const perGroup = fixedDim(weight?.[1]);
      return {
        in_channels: inferredChannels(input, `conv_transpose${dimension}d`, dimension),
        ...(perGroup !== undefined && {
          out_channels: perGroup * (typeof groups === 'number' ? groups : 1),
          bias: bias !== undefined,
        }),
        ...(kernel.length === dimension && !kernel.includes(undefined) && { kernel_size: kernel as number[] }),
      };
    },
    validate(attributes) {
      checkGeometry(attributes);
      checkOutputPadding(attributes);
      if (attributes.padding.some((size) => size < 0)) {
        throw new AttributeError('padding', 'negative padding is not supported');
      }
      if (attributes.padding_mode !== 'zeros') {
        throw new AttributeError('padding_mode', `Only "zeros" padding mode is supported for ${kind}`);
      }
    },
    parameters({ in_channels, out_channels, kernel_size, groups, bias }) {
      // PyTorch counts the weight's second axis as what comes in.
      const initialization = pytorchDefault((out_channels / groups) * elementCount(kernel_size));
      return {
        weight: { shape: [in_channels, out_channels / groups, ...kernel_size], initialization },
        ...(bias && { bias: { shape: [out_channels], initialization } }),
      };
    },
    outputShapes(inputs, attributes) {
      const { in_channels, out_channels, kernel_size, groups } = attributes;
      checkOperands(inputs, [in_channels, out_channels / groups, ...kernel_size], attributes, dimension, true);
      const input = inputs[0]!;
      const own = spatialSizes(input, dimension);
      const output = outputSizes(own, attributes);
      if (output.some((size) => size < 1)) {
        throw new ShapeError(
          `Given input size per channel: (${own.join(' x ')}). Calculated output size per channel: ` +
            `(${output.join(' x ')}). Output size is too small`,
        );
      }
      return [[...input.slice(0, -dimension - 1), out_channels, ...output]];
    },
    forward(inputs, attributes, context) {
      const { stride, padding, dilation, groups, bias } = attributes;
      const y = withBatch(inputs[0]!, dimension, (x) => {
        const product = convolveTransposed(
          x,
          weightOrOperand('weight', 1, inputs, context),
          { strides: stride, padsBegin: padding, dilations: dilation, groups },
          outputSizes(x.shape.slice(2), attributes),
        );
        return addBias(product, dimension, bias, inputs, context);
      });
      return { outputs: [y] };
    },
    channelAxis: channelsBefore(dimension),
  });
};

export const transposedConvolutions: readonly LayerRow[] = DIMENSIONS.map(transposedConvolution);
