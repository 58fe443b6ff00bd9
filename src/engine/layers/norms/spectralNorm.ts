import { elementCount, formatShape, type Shape, sameShape } from '../../network';
import { div, matmul, maximum, reshape, sqrt, stopGradient, sumSquare, type Tensor, transpose } from '../../tensor';
import { float, inferred, int, ints } from '../attribute';
import { axisOf, fixedDim, range } from '../dimensions';
import { AttributeError, defineLayer, type ParameterSpec, ShapeError } from '../row';

const normalized = (x: Tensor, eps: number): Tensor => div(x, maximum(sqrt(sumSquare(x)), eps));

/** The weight as a matrix, axis `dim` as its rows. */
function matrixOf(weight: Tensor, dim: number): Tensor {
  const rank = weight.shape.length;
  const rows = axisOf(dim, rank);
  const moved = transpose(weight, [rows, ...range(0, rank).filter((axis) => axis !== rows)]);
  return reshape(moved, [weight.shape[rows]!, elementCount(weight.shape) / weight.shape[rows]!]);
}

interface Vectors {
  readonly u: Tensor;
  readonly v: Tensor;
}

interface Settings {
  readonly dim: number;
  readonly eps: number;
}

/** W·x or Wᵀ·x for a vector x. */
const product = (matrix: Tensor, x: Tensor, transposed: boolean): Tensor => {
  const column = matmul(matrix, reshape(x, [x.shape[0]!, 1]), { transposeA: transposed });
  return reshape(column, [column.shape[0]!]);
};

/** So many steps of the power method; no gradient flows through them. `leftFirst`: u from v, then v from u. */
function powerIterations(
  weight: Tensor,
  { u, v }: Vectors,
  steps: number,
  { dim, eps }: Settings,
  leftFirst: boolean,
): Vectors {
  const matrix = stopGradient(matrixOf(weight, dim));
  const left = ({ v: from }: Vectors): Vectors => ({ u: normalized(product(matrix, from, false), eps), v: from });
  const right = ({ u: from }: Vectors): Vectors => ({ u: from, v: normalized(product(matrix, from, true), eps) });
  let vectors: Vectors = { u, v };
  for (let i = 0; i < steps; i++) vectors = leftFirst ? right(left(vectors)) : left(right(vectors));
  return vectors;
}

/** W/σ with σ = uᵀWv. */
function divided(weight: Tensor, { u, v }: Vectors, dim: number): Tensor {
  const matrix = matrixOf(weight, dim);
  const right = matmul(matrix, reshape(stopGradient(v), [v.shape[0]!, 1]));
  const sigma = matmul(reshape(stopGradient(u), [1, u.shape[0]!]), right);
  return div(
    weight,
    reshape(
      sigma,
      weight.shape.map(() => 1),
    ),
  );
}

/** Sizes of u and v. */
const sizesOf = (shape: readonly number[], dim: number): { left: number; right: number } => {
  const left = shape[axisOf(dim, shape.length)]!;
  return { left, right: elementCount(shape) / left };
};

const attributes = { n_power_iterations: int(1), dim: int(0), eps: float(1e-12) };

const checkIterations = ({ n_power_iterations }: { readonly n_power_iterations: number }) => {
  if (n_power_iterations > 0) return;
  throw new AttributeError(
    'n_power_iterations',
    `Expected n_power_iterations to be positive, but got n_power_iterations=${n_power_iterations}`,
  );
};

/**
 * W/σ₁(W) (Miyato et al. 2018) as `torch.nn.utils.parametrizations.spectral_norm` does it: σ by the power method, whose
 * vectors are buffers; in training they are moved on before they are used. A vector is divided by its length.
 */
export const spectralNorm = defineLayer({
  kind: '_SpectralNorm',
  role: 'weight',
  module: true,
  classes: ['torch.nn.utils.parametrizations._SpectralNorm'],
  attributes: { weight_shape: inferred(ints()), ...attributes },
  call: { parameters: ['weight'], operands: ['weight'] },
  infer: ([weight]) => {
    const sizes = weight?.map(fixedDim) ?? [];
    return sizes.includes(undefined) || sizes.length === 0 ? {} : { weight_shape: sizes as number[] };
  },
  validate: checkIterations,
  buffers({ weight_shape, dim }): Record<string, ParameterSpec> {
    if (weight_shape.length < 2) return {};
    const { left, right } = sizesOf(weight_shape, dim);
    // Who knows the weight says better: the first vectors after 15 steps.
    const unit = (size: number): ParameterSpec => ({
      shape: [size],
      initialization: { kind: 'constant', value: 1 / Math.sqrt(size) },
    });
    return { _u: unit(left), _v: unit(right) };
  },
  outputShapes([weight], { weight_shape }) {
    if (!weight) throw new ShapeError('a spectral norm takes 1 input: the weight');
    if (sameShape(weight, weight_shape)) return [weight];
    throw new ShapeError(`expected a weight of ${formatShape(weight_shape)}, but got ${formatShape(weight)}`);
  },
  forward([weight], { n_power_iterations, dim, eps }, context) {
    if (weight!.shape.length < 2) return { outputs: [normalized(weight!, eps)] };
    const before: Vectors = { u: context.buffer('_u'), v: context.buffer('_v') };
    if (context.mode === 'evaluate') return { outputs: [divided(weight!, before, dim)] };
    const { u, v } = powerIterations(weight!, before, n_power_iterations, { dim, eps }, true);
    return { outputs: [divided(weight!, { u, v }, dim)], buffers: { _u: u, _v: v } };
  },
});

/** The older `torch.nn.utils.spectral_norm`: the same, v before u, as a function of the weight and the two buffers. */
export const spectralNormHook = defineLayer({
  kind: 'SpectralNorm',
  role: 'weight',
  module: true,
  classes: [],
  attributes,
  call: { parameters: ['weight', 'u', 'v'], operands: ['weight', 'u', 'v'] },
  validate: checkIterations,
  outputShapes([weight, u, v], { dim }) {
    if (!weight || !u || !v) throw new ShapeError('a spectral norm takes 3 inputs: the weight, u and v');
    const sizes = weight.map(fixedDim);
    if (sizes.includes(undefined)) throw new ShapeError(`a weight has fixed sizes, but got ${formatShape(weight)}`);
    const { left, right } = sizesOf(sizes as number[], dim);
    const vectors: readonly Shape[] = [u, v];
    if (!sameShape(u, [left]) || !sameShape(v, [right])) {
      throw new ShapeError(`expected u [${left}] and v [${right}], but got ${vectors.map(formatShape).join(' and ')}`);
    }
    return [weight];
  },
  forward([weight, u, v], { n_power_iterations, dim, eps }, context) {
    const before: Vectors = { u: u!, v: v! };
    if (context.mode === 'evaluate') return { outputs: [divided(weight!, before, dim)] };
    const after = powerIterations(weight!, before, n_power_iterations, { dim, eps }, false);
    return { outputs: [divided(weight!, after, dim)], operands: { 1: after.u, 2: after.v } };
  },
});
