import { add, binaryCrossEntropy, binaryCrossEntropyWithLogits, constant, mul, sub, type Tensor } from '../../tensor';
import { weights } from '../setting';
import { ELEMENTWISE, reduce, reduction } from './reduction';
import { defineLoss } from './row';

/** A factor for each value, broadcast against the last axis of the loss. */
const weighted = (loss: Tensor, weight: readonly number[] | null): Tensor =>
  weight === null ? loss : mul(loss, constant(weight));

/** Of probabilities; their logarithms are cut at −100. */
export const bceLoss = defineLoss({
  settings: { weight: weights(), reduction },
  parameters: ['weight', ...ELEMENTWISE],
  function: { name: 'binary_cross_entropy' },
  task: 'classification',
  target: 'binary',
  loss: ({ output, target, settings }) =>
    reduce(weighted(binaryCrossEntropy(output, target), settings.weight), settings.reduction),
});

/** Of logits. `pos_weight` p multiplies what a positive target costs: p·y·ln σ(x) + (1 − y)·ln(1 − σ(x)). */
export const bceWithLogitsLoss = defineLoss({
  settings: { weight: weights(), reduction, pos_weight: weights() },
  parameters: ['weight', ...ELEMENTWISE, 'pos_weight'],
  function: { name: 'binary_cross_entropy_with_logits' },
  task: 'classification',
  target: 'binary',
  loss({ output, target, settings: { weight, pos_weight, reduction: by } }) {
    const plain = binaryCrossEntropyWithLogits(output, target);
    if (pos_weight === null) return reduce(weighted(plain, weight), by);
    const positive = binaryCrossEntropyWithLogits(output, constant(1));
    const more = mul(mul(target, sub(constant(pos_weight), 1)), positive);
    return reduce(weighted(add(plain, more), weight), by);
  },
});
