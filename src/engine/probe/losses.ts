import type { LossKind } from '../network';
import { logSoftmax, mean, neg, reshape, square, sub, type Tensor, takeAlong } from '../tensor';

/** A loss: a mean over the batch, as PyTorch's default reduction. */
export interface LossRow {
  /** The loss of each sample, [batch] (or of each sample and position, flattened), from output and target. */
  each(output: Tensor, target: Tensor): Tensor;
  /** Whether the target is a class index rather than a value of the output's shape. */
  readonly classes: boolean;
}

/** Every loss by PyTorch's class. */
export const losses: { readonly [K in LossKind]: LossRow } = {
  CrossEntropyLoss: {
    classes: true,
    // −log softmax(z)_y; its gradient by the logits is softmax(z) − onehot(y).
    each: (logits, target) => {
      const batch = logits.shape[0]!;
      const chosen = takeAlong(logSoftmax(logits, 1), reshape(target, [batch, 1]), 1);
      return reshape(neg(chosen), [batch]);
    },
  },
  MSELoss: {
    classes: false,
    each: (output, target) => {
      const batch = output.shape[0]!;
      const perSample = output.shape.reduce((product, dim) => product * dim, 1) / batch;
      return mean(reshape(square(sub(output, target)), [batch, perSample]), [1]);
    },
  },
};
