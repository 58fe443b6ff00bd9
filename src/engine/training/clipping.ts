import type { GradientClipping } from '../network';
import {
  abs,
  add,
  amax,
  concat,
  div,
  maximum,
  minimum,
  mul,
  reshape,
  sqrt,
  sum,
  sumSquare,
  type Tensor,
} from '../tensor';

/** PyTorch divides by the norm and this. */
const LEAST_NORM = 1e-6;

/** The norm of all tensors together: 1, 2 or Infinity. */
function totalNorm(gradients: readonly Tensor[], type: number): Tensor {
  if (type === Number.POSITIVE_INFINITY) {
    return amax(
      concat(
        gradients.map((gradient) => reshape(amax(abs(gradient)), [1])),
        0,
      ),
    );
  }
  const each = gradients.map((gradient) => (type === 1 ? sum(abs(gradient)) : sumSquare(gradient)));
  const total = each.reduce((a, b) => add(a, b));
  return type === 1 ? total : sqrt(total);
}

/** The gradients as `torch.nn.utils.clip_grad_norm_` or `clip_grad_value_` leaves them. */
export function clip(gradients: readonly Tensor[], clipping: GradientClipping | undefined): readonly Tensor[] {
  if (clipping === undefined || gradients.length === 0) return gradients;
  const { kind, max } = clipping;
  if (kind === 'value') return gradients.map((gradient) => maximum(minimum(gradient, max), -max));
  const factor = minimum(div(max, add(totalNorm(gradients, clipping.type), LEAST_NORM)), 1);
  return gradients.map((gradient) => mul(gradient, factor));
}
