import * as operations from './operations';
import type { Tensor, TensorOf } from './tensor';
import { topological } from './tensor';

// A batch normalization computes the mean and the variance of each channel. The sums of what goes into it, and of what
// comes out, over everything, are then some products of a number a channel: no pass over the tensor is needed for them.

/** From so many values on the small nodes take a pass's place: a gain at 131,072 values, where it was measured; not tried below. */
const LEAST_COUNT = 2 ** 16;

type Norm = TensorOf<'channelNorm'>;
type Total = TensorOf<'sum' | 'sumSquare'>;

const count = ({ shape }: Tensor) => shape.reduce((product, dim) => product * dim, 1);

const isTotal = (x: Tensor): x is Total =>
  (x.primitive === 'sum' || x.primitive === 'sumSquare') &&
  x.inputs[0]!.dtype === 'float32' &&
  count(x) === 1 &&
  count(x.inputs[0]!) >= LEAST_COUNT;

const isNorm = (x: Tensor): x is Norm => x.primitive === 'channelNorm';

/** A statistic of a normalization, one for each channel or group. */
function statistic({ inputs, attributes }: Norm, part: 'mean' | 'variance'): Tensor {
  const [x, scale, shift] = inputs as readonly [Tensor, Tensor, Tensor];
  return operations.channelNorm(x, scale, shift, { ...attributes, part });
}

/** Σx = m·Σμ and Σx² = m·Σ(σ² + μ²), with m values behind each statistic. */
function ofInput(norm: Norm, squares: boolean): Tensor {
  const mean = statistic(norm, 'mean');
  const each = count(norm.inputs[0]!) / count(mean);
  const { sum, sumSquare, add, mul } = operations;
  return mul(squares ? add(sum(statistic(norm, 'variance')), sumSquare(mean)) : sum(mean), each);
}

/** With y = γ·x̂ + β, where x̂ has mean 0 and mean square σ²/(σ² + ε): Σy = m·Σβ and Σy² = m·Σ(γ²·σ²/(σ² + ε) + β²). */
function ofOutput(norm: Norm, squares: boolean): Tensor {
  const [x, scale, shift] = norm.inputs as readonly [Tensor, Tensor, Tensor];
  const each = count(x) / count(shift);
  const { sum, sumSquare, add, mul, reciprocal, sqrt, square } = operations;
  if (!squares) return mul(sum(shift), each);
  const variance = statistic(norm, 'variance');
  const factor = mul(scale, reciprocal(sqrt(add(variance, norm.attributes.epsilon))));
  return mul(add(sum(mul(square(factor), variance)), sumSquare(shift)), each);
}

/** The roots, with those that are sums over everything that a normalization's statistics tell made of these. */
export function sumsFromStatistics(roots: readonly Tensor[]): Tensor[] {
  const normOf = new Map<Tensor, Norm>();
  for (const node of topological(roots)) if (isNorm(node)) normOf.set(operations.unfolded(node.inputs[0]!), node);
  return roots.map((root) => {
    if (normOf.size === 0 || !isTotal(root)) return root;
    const summed = operations.unfolded(root.inputs[0]!);
    const squares = root.primitive === 'sumSquare';
    const behind = normOf.get(summed);
    // In groups of several channels each channel's own mean is not known.
    const before = isNorm(summed) && summed.attributes.groups === null && summed.attributes.part === 'output';
    const total = behind ? ofInput(behind, squares) : before ? ofOutput(summed, squares) : undefined;
    return total ? operations.reshape(total, root.shape) : root;
  });
}
