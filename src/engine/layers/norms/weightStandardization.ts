import { constant, elementCount } from '../../network';
import { layerNorm, mul, ones, reshape, type Tensor } from '../../tensor';
import { bool, channels, float, groupsOf, inferred, int, optional, sizes } from '../attribute';
import { onlyInput } from '../dimensions';
import { defineLayer, type ForwardContext, type LayerRow, ShapeError } from '../row';
import { convolutions } from '../spatial/convolution';
import { inferredChannels } from '../spatial/convolutionChecks';

/** Each output channel's weight minus its mean, over √(biased variance + ε), over its fan-in. */
function standardized(weight: Tensor, eps: number, gain?: Tensor): Tensor {
  const rows = weight.shape[0]!;
  const columns = elementCount(weight.shape) / rows;
  const y = layerNorm(reshape(weight, [rows, columns]), ones([columns]), undefined, eps);
  return reshape(gain ? mul(y, reshape(gain, [rows, 1])) : y, weight.shape);
}

/** Weight Standardization (Qiao et al. 2019) of any weight with at least 2 axes. */
export const weightStandardization = defineLayer({
  kind: 'WeightStandardization',
  role: 'weight',
  module: true,
  classes: [],
  attributes: { eps: float(1e-5) },
  outputShapes(inputs) {
    const weight = onlyInput(inputs, 'WeightStandardization');
    if (weight.length < 2) throw new ShapeError('a weight of at least 2 axes is standardized');
    return [weight];
  },
  forward: ([weight], { eps }) => ({ outputs: [standardized(weight!, eps)] }),
});

/** timm's padding where none is given: half of what keeps the size at stride 1. */
const defaultPadding = (kernel: number, stride: number, dilation: number): number =>
  Math.floor((stride - 1 + dilation * (kernel - 1)) / 2);

const conv2d: LayerRow = convolutions.find(({ kind }) => kind === 'Conv2d')!;

const geometry = {
  out_channels: channels(int()),
  kernel_size: sizes(2),
  stride: sizes(2, 1),
  padding: optional(sizes(2)),
  dilation: sizes(2, 1),
  groups: groupsOf(int(1)),
};

interface Geometry {
  readonly out_channels: number;
  readonly kernel_size: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | null;
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly bias: boolean;
}

/** The attributes of the convolution that is made with the standardized weight. */
function convolutionOf(in_channels: number, given: Geometry) {
  const { out_channels, kernel_size, stride, dilation, groups, bias } = given;
  const padding = given.padding ?? kernel_size.map((size, i) => defaultPadding(size, stride[i]!, dilation[i]!));
  return { in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode: 'zeros' };
}

/** conv2d with its weight replaced by what `weight` makes of it. */
const convolve = (
  x: Tensor,
  attributes: ReturnType<typeof convolutionOf>,
  context: ForwardContext,
  weight: (own: Tensor) => Tensor,
) =>
  conv2d.forward([x], attributes, {
    ...context,
    parameter: (name) => (name === 'weight' ? weight(context.parameter('weight')) : context.parameter(name)),
  });

/** timm's StdConv2d: a convolution with standardized weights, as BiT's ResNets have it before their GroupNorm. */
export const stdConv2d = defineLayer({
  kind: 'StdConv2d',
  role: 'affine',
  module: true,
  classes: ['timm.layers.StdConv2d', 'timm.layers.std_conv.StdConv2d', 'timm.models.layers.StdConv2d'],
  attributes: { in_channel: inferred(int()), ...geometry, bias: bool(false), eps: float(1e-6) },
  infer: ([input]) => ({ in_channel: inferredChannels(input, 'conv2d', 2) }),
  validate: ({ in_channel, ...given }) => conv2d.validate?.(convolutionOf(in_channel, given)),
  parameters: ({ in_channel, ...given }) => conv2d.parameters!(convolutionOf(in_channel, given)),
  outputShapes: (inputs, { in_channel, ...given }) =>
    conv2d.outputShapes([onlyInput(inputs, 'StdConv2d')], convolutionOf(in_channel, given)),
  forward: ([x], { in_channel, eps, ...given }, context) =>
    convolve(x!, convolutionOf(in_channel, given), context, (own) => standardized(own, eps)),
  channelAxis: (_, outputRank) => outputRank - 3,
});

/** timm's ScaledStdConv2d (Brock et al. 2021): standardized weights times gain·γ/√fan-in, for networks without norms. */
export const scaledStdConv2d = defineLayer({
  kind: 'ScaledStdConv2d',
  role: 'affine',
  module: true,
  classes: [
    'timm.layers.ScaledStdConv2d',
    'timm.layers.std_conv.ScaledStdConv2d',
    'timm.models.layers.ScaledStdConv2d',
  ],
  attributes: {
    in_channels: inferred(int()),
    ...geometry,
    bias: bool(true),
    gamma: float(1),
    eps: float(1e-6),
    gain_init: float(1),
  },
  infer: ([input]) => ({ in_channels: inferredChannels(input, 'conv2d', 2) }),
  validate: ({ in_channels, ...given }) => conv2d.validate?.(convolutionOf(in_channels, given)),
  parameters: ({ in_channels, gain_init, ...given }) => ({
    ...conv2d.parameters!(convolutionOf(in_channels, given)),
    gain: { shape: [given.out_channels, 1, 1, 1], initialization: constant(gain_init) },
  }),
  outputShapes: (inputs, { in_channels, ...given }) =>
    conv2d.outputShapes([onlyInput(inputs, 'ScaledStdConv2d')], convolutionOf(in_channels, given)),
  forward: ([x], { in_channels, gamma, eps, ...given }, context) =>
    convolve(x!, convolutionOf(in_channels, given), context, (own) => {
      const fanIn = elementCount(own.shape.slice(1));
      return standardized(own, eps, mul(context.parameter('gain'), gamma / Math.sqrt(fanIn)));
    }),
  channelAxis: (_, outputRank) => outputRank - 3,
});
