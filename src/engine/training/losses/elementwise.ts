import { abs, minimum, mul, square, sub, type Tensor } from '../../tensor';
import { nonNegative, positive } from '../setting';
import { ELEMENTWISE, reduce, reduction } from './reduction';
import { defineLoss } from './row';

export const mseLoss = defineLoss({
  settings: { reduction },
  parameters: ELEMENTWISE,
  function: { name: 'mse_loss' },
  task: 'regression',
  target: 'values',
  loss: ({ output, target, settings }) => reduce(square(sub(output, target)), settings.reduction),
});

/** Its derivative where output and target are equal is 0. */
export const l1Loss = defineLoss({
  settings: { reduction },
  parameters: ELEMENTWISE,
  function: { name: 'l1_loss' },
  task: 'regression',
  target: 'values',
  loss: ({ output, target, settings }) => reduce(abs(sub(output, target)), settings.reduction),
});

/** d²/2 up to |d| = δ, then δ(|d| − δ/2): with m = min(|d|, δ) that is m(|d| − m/2). */
function huber(output: Tensor, target: Tensor, delta: number): Tensor {
  const distance = abs(sub(output, target));
  const bounded = minimum(distance, delta);
  return mul(bounded, sub(distance, mul(bounded, 0.5)));
}

/** Huber's loss over β: d²/2β up to β, then |d| − β/2. */
export const smoothL1Loss = defineLoss({
  settings: { reduction, beta: nonNegative(1) },
  parameters: [...ELEMENTWISE, 'beta'],
  function: { name: 'smooth_l1_loss' },
  task: 'regression',
  target: 'values',
  loss: ({ output, target, settings: { beta, reduction: by } }) =>
    beta === 0 ? reduce(abs(sub(output, target)), by) : mul(reduce(huber(output, target, beta), by), 1 / beta),
});

export const huberLoss = defineLoss({
  settings: { reduction, delta: positive(1) },
  parameters: ['reduction', 'delta'],
  function: { name: 'huber_loss', parameters: ['reduction', 'delta', 'weight'] },
  task: 'regression',
  target: 'values',
  loss: ({ output, target, settings }) => reduce(huber(output, target, settings.delta), settings.reduction),
});
