import { add, mul, neg, type Tensor } from '../../tensor';
import type { OptimizerStep } from './row';

/** The direction that the loss grows in: the gradient, or its opposite where the loss is to be maximized. */
export const ascent = ({ gradient, settings }: OptimizerStep): Tensor => (settings.maximize ? neg(gradient) : gradient);

/** The same with weight decay as an L2 penalty: + λw. */
export function penalized(step: OptimizerStep): Tensor {
  const { parameter, settings } = step;
  const gradient = ascent(step);
  return settings.weight_decay ? add(gradient, mul(parameter, Number(settings.weight_decay))) : gradient;
}

/** β·average + (1 − β)·value. */
export const movingAverage = (average: Tensor, value: Tensor, beta: number): Tensor =>
  beta === 0 ? value : add(mul(average, beta), mul(value, 1 - beta));
