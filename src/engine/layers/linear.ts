import { multiplyDims, pytorchDefault, sameShape } from '../network';
import { add, matmul, reshape, type Tensor } from '../tensor';
import { bool, channels, inferred, int } from './attribute';
import { fixedDim, formatDim } from './dimensions';
import { weightOrOperand } from './operands';
import { AttributeError, defineLayer, ShapeError } from './row';

/** x·Wᵀ + b over the last axis: [..., in] → [..., out]. */
export function affine(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  if (x.shape.length === 1) return reshape(affine(reshape(x, [1, x.shape[0]!]), weight, bias), [weight.shape[0]!]);
  const product = matmul(x, weight, { transposeB: true });
  return bias ? add(product, bias) : product;
}

export const linear = defineLayer({
  kind: 'Linear',
  role: 'affine',
  module: true,
  attributes: { in_features: inferred(int()), out_features: channels(int()), bias: bool(true) },
  functions: [
    {
      names: ['torch.nn.functional.linear'],
      parameters: ['input', 'weight', 'bias'],
      operands: ['input', 'weight', 'bias'],
    },
  ],
  infer([input, weight, bias]) {
    return {
      in_features: fixedDim(input?.at(-1)),
      ...(weight && { out_features: fixedDim(weight[0]), bias: bias !== undefined }),
    };
  },
  validate({ in_features, out_features }) {
    for (const [name, value] of Object.entries({ in_features, out_features })) {
      if (value < 0) throw new AttributeError(name, `Linear's ${name} must not be negative, but got ${value}`);
    }
  },
  parameters({ in_features, out_features, bias }) {
    const initialization = pytorchDefault(in_features);
    return {
      weight: { shape: [out_features, in_features], initialization },
      ...(bias && { bias: { shape: [out_features], initialization } }),
    };
  },
  outputShapes([input, weight], { in_features, out_features }) {
    if (!input) throw new ShapeError('Linear takes 1 input, but got 0');
    const last = input.at(-1);
    if (last === undefined)
      throw new ShapeError('both arguments to linear need to be at least 1D, but they are 0D and 2D');
    if (last !== in_features || (weight && !sameShape(weight, [out_features, in_features]))) {
      const rows = multiplyDims(input.slice(0, -1));
      const inputs = `${rows === undefined ? '?' : formatDim(rows)}x${formatDim(last)}`;
      const weights = weight ? [...weight].reverse().map(formatDim).join('x') : `${in_features}x${out_features}`;
      throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${inputs} and ${weights})`);
    }
    return [[...input.slice(0, -1), out_features]];
  },
  forward(inputs, { bias }, context) {
    const weight = weightOrOperand('weight', 1, inputs, context);
    return { outputs: [affine(inputs[0]!, weight, bias ? weightOrOperand('bias', 2, inputs, context) : undefined)] };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});
