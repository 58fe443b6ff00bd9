import { elementCount, formatShape, type Shape, sameShape } from '../../network';
import { layerNorm as layerNormOf, ones, reshape, rmsNorm as rmsNormOf, type Tensor } from '../../tensor';
import { bool, float, inferred, ints, optional } from '../attribute';
import { fixedDim, onlyInput } from '../dimensions';
import { weightOrOperand } from '../operands';
import { AttributeError, defineLayer, ShapeError } from '../row';
import { scaleAndShift } from './affine';

/** The spacing of float32 at 1: what RMSNorm adds where `eps` is None. */
const FLOAT32_EPSILON = 2 ** -23;

const normalizedShape = inferred(ints());

/**
 * The last dimension, where it is clear what "the layer" is: for an image [N, C, H, W] LayerNorm is three different
 * things, so that it must be said.
 */
const lastDimension = (input: Shape | undefined) => {
  const last = fixedDim(input?.at(-1));
  return input && input.length <= 3 && last !== undefined ? { normalized_shape: [last] } : {};
};

const checkSizes = ({ normalized_shape }: { readonly normalized_shape: readonly number[] }) => {
  if (normalized_shape.length > 0) return;
  throw new AttributeError(
    'normalized_shape',
    'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got ' +
      'normalized_shape = []',
  );
};

/** @throws ShapeError in PyTorch's words; `star` is what it writes before the normalized sizes. */
function checkShapes(inputs: readonly Shape[], normalized: readonly number[], star: string): void {
  const input = inputs[0]!;
  if (normalized.length > input.length || !sameShape(input.slice(-normalized.length), normalized)) {
    throw new ShapeError(
      `Given normalized_shape=${formatShape(normalized)}, expected input with shape ` +
        `[${star}${normalized.join(', ')}], but got input of size${formatShape(input)}`,
    );
  }
  for (const [i, operand] of inputs.slice(1).entries()) {
    if (sameShape(operand, normalized)) continue;
    const name = i === 0 ? 'weight' : 'bias';
    throw new ShapeError(
      `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${formatShape(operand)} ` +
        `and normalized_shape = ${formatShape(normalized)}`,
    );
  }
}

/** x as rows of what is normalized together. */
const asRows = (x: Tensor, normalized: readonly number[]): Tensor => {
  const columns = elementCount(normalized);
  return reshape(x, [elementCount(x.shape) / columns, columns]);
};

export const layerNorm = defineLayer({
  kind: 'LayerNorm',
  role: 'norm',
  module: true,
  attributes: {
    normalized_shape: normalizedShape,
    eps: float(1e-5),
    elementwise_affine: bool(true),
    bias: bool(true),
  },
  functions: [
    {
      names: ['torch.nn.functional.layer_norm'],
      parameters: ['input', 'normalized_shape', 'weight', 'bias', 'eps'],
      operands: ['input', 'weight', 'bias'],
      defaults: { elementwise_affine: false },
    },
  ],
  infer: ([input, weight, bias]) => ({
    ...lastDimension(input),
    ...(weight && { elementwise_affine: true, bias: bias !== undefined }),
  }),
  validate: checkSizes,
  parameters: ({ normalized_shape, elementwise_affine, bias }) =>
    scaleAndShift(normalized_shape, elementwise_affine, bias),
  outputShapes(inputs, { normalized_shape, elementwise_affine }) {
    const input = elementwise_affine && inputs.length > 1 ? inputs[0]! : onlyInput(inputs, 'LayerNorm');
    checkShapes(inputs, normalized_shape, '*, ');
    return [input];
  },
  forward(inputs, { normalized_shape, eps, elementwise_affine, bias }, context) {
    const x = inputs[0]!;
    const columns = [elementCount(normalized_shape)];
    const vector = (name: string, position: number) =>
      reshape(weightOrOperand(name, position, inputs, context), columns);
    const scale = elementwise_affine ? vector('weight', 1) : ones(columns);
    const shift = elementwise_affine && bias ? vector('bias', 2) : undefined;
    return { outputs: [reshape(layerNormOf(asRows(x, normalized_shape), scale, shift, eps), x.shape)] };
  },
});

export const rmsNorm = defineLayer({
  kind: 'RMSNorm',
  role: 'norm',
  module: true,
  attributes: {
    normalized_shape: normalizedShape,
    eps: optional(float()),
    elementwise_affine: bool(true),
  },
  functions: [
    {
      names: ['torch.nn.functional.rms_norm', 'torch.rms_norm'],
      parameters: ['input', 'normalized_shape', 'weight', 'eps'],
      operands: ['input', 'weight'],
      defaults: { elementwise_affine: false },
    },
  ],
  infer: ([input, weight]) => ({ ...lastDimension(input), ...(weight && { elementwise_affine: true }) }),
  validate: checkSizes,
  parameters: ({ normalized_shape, elementwise_affine }) => scaleAndShift(normalized_shape, elementwise_affine, false),
  outputShapes(inputs, { normalized_shape, elementwise_affine }) {
    const input = elementwise_affine && inputs.length > 1 ? inputs[0]! : onlyInput(inputs, 'RMSNorm');
    checkShapes(inputs, normalized_shape, '*');
    return [input];
  },
  forward(inputs, { normalized_shape, eps, elementwise_affine }, context) {
    const x = inputs[0]!;
    const columns = [elementCount(normalized_shape)];
    const scale = elementwise_affine ? reshape(weightOrOperand('weight', 1, inputs, context), columns) : ones(columns);
    return {
      outputs: [reshape(rmsNormOf(asRows(x, normalized_shape), scale, eps ?? FLOAT32_EPSILON), x.shape)],
    };
  },
});
