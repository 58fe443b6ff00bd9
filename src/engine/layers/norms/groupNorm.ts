import { elementCount, formatShape } from '../../network';
import { channelNorm, reshape } from '../../tensor';
import { bool, float, groupsOf, inferred, int } from '../attribute';
import { divisors, fixedDim, onlyInput } from '../dimensions';
import { AttributeError, defineLayer, ShapeError } from '../row';
import { affineVectors, byChannel, scaleAndShift } from './affine';

export const groupNorm = defineLayer({
  kind: 'GroupNorm',
  role: 'norm',
  module: true,
  attributes: {
    num_groups: groupsOf(int()),
    num_channels: inferred(int()),
    eps: float(1e-5),
    affine: bool(true),
    bias: bool(true),
  },
  functions: [
    {
      names: ['torch.nn.functional.group_norm'],
      parameters: ['input', 'num_groups', 'weight', 'bias', 'eps'],
      operands: ['input', 'weight', 'bias'],
      defaults: { affine: false },
    },
  ],
  infer: ([input, weight, bias]) => ({
    num_channels: fixedDim(input?.[1]),
    ...(weight && { affine: true, bias: bias !== undefined }),
  }),
  validate({ num_groups, num_channels }) {
    if (num_groups <= 0) throw new AttributeError('num_groups', `num_groups must be positive, but got ${num_groups}`);
    if (num_channels % num_groups === 0) return;
    throw new AttributeError(
      'num_groups',
      `num_channels (${num_channels}) must be divisible by num_groups (${num_groups})`,
      `let num_groups be one of ${divisors(num_channels).join(', ')}`,
    );
  },
  parameters: ({ num_channels, affine, bias }) => scaleAndShift([num_channels], affine, bias),
  outputShapes(inputs, { num_channels, num_groups, affine }) {
    const input = affine && inputs.length > 1 ? inputs[0]! : onlyInput(inputs, 'GroupNorm');
    if (input.length < 2) {
      throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${input.length}`);
    }
    const channels = fixedDim(input[1]);
    const weight = inputs[1] ?? [num_channels];
    if (affine && (weight.length !== 1 || weight[0] !== channels)) {
      throw new ShapeError(
        'Expected weight to be a vector of size equal to the number of channels in input, but got weight of shape ' +
          `${formatShape(weight)} and input of shape ${formatShape(input)}`,
      );
    }
    if (channels === undefined || channels % num_groups !== 0) {
      throw new ShapeError(
        `Expected number of channels in input to be divisible by num_groups, but got input of shape ` +
          `${formatShape(input)} and num_groups=${num_groups}`,
        channels === undefined ? undefined : `let num_groups be one of ${divisors(channels).join(', ')}`,
      );
    }
    return [input];
  },
  forward(inputs, { num_groups, eps, affine, bias }, context) {
    const x = inputs[0]!;
    const [samples, channels] = x.shape as readonly [number, number];
    if ((samples * elementCount(x.shape.slice(1))) / num_groups === 1) {
      throw new ShapeError(
        `Expected more than 1 value per channel when training, got input size ${formatShape(x.shape)}`,
        'take fewer groups than channels',
      );
    }
    const { scale, shift } = affineVectors(channels, { affine, bias }, inputs, context);
    return {
      outputs: [reshape(channelNorm(byChannel(x), scale, shift, { epsilon: eps, groups: num_groups }), x.shape)],
    };
  },
  channelAxis: () => 1,
});
