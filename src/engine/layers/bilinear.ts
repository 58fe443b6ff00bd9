import { pytorchDefault, type Shape, sameDim } from '../network';
import { add, matmul, mul, reshape, sum, type Tensor, transpose } from '../tensor';
import { bool, channels, inferred, int } from './attribute';
import { fixedDim, formatDim } from './dimensions';
import { AttributeError, defineLayer, ShapeError } from './row';

/** y = x₁ᵀ A x₂ + b for each output. */
export const bilinear = defineLayer({
  kind: 'Bilinear',
  role: 'affine',
  module: true,
  attributes: {
    in1_features: inferred(int()),
    in2_features: inferred(int()),
    out_features: channels(int()),
    bias: bool(true),
  },
  call: { parameters: ['input1', 'input2'], operands: ['input1', 'input2'] },
  functions: [
    {
      names: ['torch.nn.functional.bilinear', 'torch.bilinear'],
      parameters: ['input1', 'input2', 'weight', 'bias'],
      operands: ['input1', 'input2', 'weight', 'bias'],
    },
  ],
  infer: ([first, second, weight, bias]) => ({
    in1_features: fixedDim(first?.at(-1)),
    in2_features: fixedDim(second?.at(-1)),
    ...(weight && { out_features: fixedDim(weight[0]), bias: bias !== undefined }),
  }),
  validate({ in1_features }) {
    if (in1_features > 0) return;
    throw new AttributeError('in1_features', `in1_features must be > 0, but got (in1_features=${in1_features})`);
  },
  parameters({ in1_features, in2_features, out_features, bias }) {
    const initialization = pytorchDefault(in1_features);
    return {
      weight: { shape: [out_features, in1_features, in2_features], initialization },
      ...(bias && { bias: { shape: [out_features], initialization } }),
    };
  },
  outputShapes([first, second, weight], { in1_features, in2_features, out_features }) {
    if (!first || !second) throw new ShapeError('Bilinear takes 2 inputs');
    if (first.length !== second.length) {
      throw new ShapeError(`bilinear(): input dimensions do not match: got ${first.length} and ${second.length}`);
    }
    first.slice(0, -1).forEach((dim, axis) => {
      if (sameDim(dim, second[axis]!)) return;
      throw new ShapeError(
        `bilinear(): input batch dimensions do not match at dim ${axis}: got ${formatDim(dim)} and ${formatDim(second[axis]!)}`,
      );
    });
    const sizes: Shape = weight ? weight.slice(1) : [in1_features, in2_features];
    [first, second].forEach((input, i) => {
      if (sameDim(input.at(-1)!, sizes[i]!)) return;
      throw new ShapeError(
        `bilinear(): input${i + 1} size does not match weight size: got ${formatDim(input.at(-1)!)} but expected ${formatDim(sizes[i]!)}`,
      );
    });
    return [[...first.slice(0, -1), out_features]];
  },
  forward(inputs, { bias }, context) {
    const [first, second, givenWeight, givenBias] = inputs as readonly [Tensor, Tensor, Tensor?, Tensor?];
    const weight = givenWeight ?? context.parameter('weight');
    const offset = bias ? (givenBias ?? context.parameter('bias')) : undefined;
    const [out, in1, in2] = weight.shape as [number, number, number];
    const lead = first.shape.slice(0, -1);
    const rows = lead.reduce((product, size) => product * size, 1);
    // x₁ by all outputs' matrices at once, then by x₂: [rows, out, in2] · [rows, 1, in2].
    const matrices = reshape(transpose(weight, [1, 0, 2]), [in1, out * in2]);
    const half = reshape(matmul(reshape(first, [rows, in1]), matrices), [rows, out, in2]);
    const product = sum(mul(half, reshape(second, [rows, 1, in2])), [2]);
    return { outputs: [reshape(offset ? add(product, offset) : product, [...lead, out])] };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});
