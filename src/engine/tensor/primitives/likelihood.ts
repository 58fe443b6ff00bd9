import type { Emit } from '../../onnx';
import { broadcastShapes } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor } from '../tensor';

/** PyTorch cuts logarithms of probabilities here, so that a probability of 0 costs 100 and not infinity. */
const LEAST_LOGARITHM = -100;
/** And keeps the divisor p(1 − p) of the gradient above this. */
const LEAST_VARIANCE = 1e-12;

type Name = 'binaryCrossEntropy' | 'binaryCrossEntropyWithLogits';

const likelihood = (
  grad: (ops: Operations, x: Tensor, y: Tensor) => readonly [Tensor, Tensor],
  onnx: (emit: Emit, x: string, y: string) => string,
  flops: number,
  range?: readonly [number, number],
): Rule<Name> => ({
  infer: ([x, y]) => ({ shape: broadcastShapes(x!.shape, y!.shape), dtype: x!.dtype }),
  grad: (ops, node, dy) => {
    const [x, y] = node.inputs as readonly [Tensor, Tensor];
    const [dx, dTarget] = grad(ops, x, y);
    return [ops.sumTo(ops.mul(dy, dx), x.shape), ops.sumTo(ops.mul(dy, dTarget), y.shape)];
  },
  onnx: (emit, [x, y]) => onnx(emit, x!, y!),
  flops: (node) => flops * node.shape.reduce((product, dim) => product * dim, 1),
  samples: [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], []],
  ].map((shapes) => ({ shapes, ...(range && { range }) })),
});

/**
 * Negative log-likelihoods of y (0 to 1) under a coin: given its probability p, or the logit x of that. Primitives because
 * their gradients are not those of the formulas' parts: at p = 0 and at x = 0 these would be NaN or one-sided.
 */
export const likelihoods = {
  // −(y·ln p + (1 − y)·ln(1 − p)); by p: (p − y)/(p(1 − p)).
  binaryCrossEntropy: likelihood(
    (ops, p, y) => {
      const variance = ops.maximum(ops.mul(ops.sub(1, p), p), LEAST_VARIANCE);
      return [ops.div(ops.sub(p, y), variance), ops.sub(ops.log(ops.sub(1, p)), ops.log(p))];
    },
    (emit, p, y) => {
      const one = emit.scalar(1, 'float32');
      const cut = (value: string) =>
        emit.node('Max', [emit.node('Log', [value]), emit.scalar(LEAST_LOGARITHM, 'float32')]);
      const failure = cut(emit.node('Sub', [one, p]));
      const success = emit.node('Mul', [y, cut(p)]);
      const other = emit.node('Mul', [emit.node('Sub', [one, y]), failure]);
      return emit.node('Neg', [emit.node('Add', [success, other])]);
    },
    7,
    [0.1, 0.9],
  ),
  // max(x, 0) − xy + ln(1 + e^−|x|); by x: σ(x) − y.
  binaryCrossEntropyWithLogits: likelihood(
    (ops, x, y) => [ops.sub(ops.sigmoid(x), y), ops.neg(x)],
    (emit, x, y) => {
      const linear = emit.node('Sub', [emit.node('Relu', [x]), emit.node('Mul', [x, y])]);
      return emit.node('Add', [linear, emit.node('Softplus', [emit.node('Neg', [emit.node('Abs', [x])])])]);
    },
    7,
  ),
};
