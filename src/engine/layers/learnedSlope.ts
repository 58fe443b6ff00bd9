import { constant } from '../network';
import { add, greater, mul, reshape, where } from '../tensor';
import { bool, channels, float, int, ofCall, optional } from './attribute';
import { fixedDim, onlyInput } from './dimensions';
import { weightOrOperand } from './operands';
import { FUNCTIONAL, inplace } from './pointwise';
import { AttributeError, defineLayer, ShapeError } from './row';

/** A slope for negative values, one or one for each channel, that is learned. Never inactive, as LeakyReLU. */
export const prelu = defineLayer({
  kind: 'PReLU',
  role: 'activation',
  module: true,
  attributes: { num_parameters: channels(int(1)), init: float(0.25) },
  functions: [
    {
      names: [`${FUNCTIONAL}.prelu`, 'torch.prelu', 'Tensor.prelu'],
      parameters: ['input', 'weight'],
      operands: ['input', 'weight'],
    },
  ],
  infer: ([, weight]) => (weight ? { num_parameters: fixedDim(weight[0] ?? 1) } : {}),
  parameters: ({ num_parameters, init }) => ({
    weight: { shape: [num_parameters], initialization: constant(init) },
  }),
  outputShapes([input, weight], { num_parameters }) {
    if (!input) throw new ShapeError('PReLU takes 1 input, but got 0');
    if (weight && weight.length > 1) {
      throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.length}`);
    }
    if (num_parameters !== 1) {
      if (input.length === 0) throw new ShapeError('Not allow zero-dim input tensor.');
      const channels = input.length > 1 ? input[1]! : 1;
      if (channels !== num_parameters) {
        const found = typeof channels === 'number' ? channels : 'batch';
        throw new ShapeError(
          `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${num_parameters} ` +
            `and channel size = ${found}.`,
        );
      }
    }
    return [input];
  },
  forward(inputs, { num_parameters }, context) {
    const x = inputs[0]!;
    const weight = weightOrOperand('weight', 1, inputs, context);
    const slope = reshape(
      weight,
      num_parameters === 1 ? [] : x.shape.flatMap((_, axis) => (axis === 0 ? [] : [axis === 1 ? num_parameters : 1])),
    );
    return { outputs: [mul(x, where(greater(x, 0), 1, slope))] };
  },
});

/** A slope for negative values drawn from [lower, upper) in training, its mean in evaluation (Xu et al. 2015). */
export const rrelu = defineLayer({
  kind: 'RReLU',
  role: 'activation',
  module: true,
  attributes: {
    lower: float(1 / 8),
    upper: float(1 / 3),
    ...inplace,
    /** The function's own switch, false unless it is given. None: the network's mode decides. */
    training: ofCall(optional(bool())),
  },
  functions: [
    {
      names: [`${FUNCTIONAL}.rrelu`],
      parameters: ['input', 'lower', 'upper', 'training', 'inplace'],
      defaults: { training: false },
    },
    {
      names: ['torch.rrelu', 'torch.rrelu_', `${FUNCTIONAL}.rrelu_`],
      parameters: ['input', 'lower', 'upper', 'training'],
      defaults: { training: false },
    },
  ],
  validate({ lower, upper }) {
    if (lower <= upper) return;
    throw new AttributeError('upper', 'Lower bound should be less than or equal to the upper bound');
  },
  outputShapes: (inputs) => [onlyInput(inputs, 'RReLU')],
  forward([input], { lower, upper, training }, context) {
    const x = input!;
    const drawn = (training ?? context.mode === 'train') && lower < upper;
    const slope = drawn ? add(mul(context.uniform(x.shape), upper - lower), lower) : (lower + upper) / 2;
    return { outputs: [mul(x, where(greater(x, 0), 1, slope))] };
  },
});
