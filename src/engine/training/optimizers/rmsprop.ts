import { add, div, mul, sqrt, square, sub } from '../../tensor';
import { bool, decay, nonNegative } from '../setting';
import { movingAverage, penalized } from './gradient';
import type { OptimizerRow } from './row';

export const rmsprop: OptimizerRow = {
  settings: {
    lr: nonNegative(0.01),
    alpha: decay(0.99),
    eps: nonNegative(1e-8),
    weight_decay: nonNegative(0),
    momentum: nonNegative(0),
    centered: bool(false),
    maximize: bool(false),
  },
  parameters: ['lr', 'alpha', 'eps', 'weight_decay', 'momentum', 'centered'],
  state: ({ momentum, centered }) => ({
    square: 0,
    ...(centered && { mean: 0 }),
    ...(momentum && { momentum: 0 }),
  }),
  // v ← αv + (1 − α)g²; d = g/(√v + ε), or with √(v − ḡ²) where centered; b ← μb + d; w ← w − ηb.
  update: (step) => {
    const { rate, settings, state } = step;
    const gradient = penalized(step);
    const alpha = Number(settings.alpha);
    const squares = movingAverage(state.square!, square(gradient), alpha);
    const mean = settings.centered ? movingAverage(state.mean!, gradient, alpha) : undefined;
    const spread = sqrt(mean ? sub(squares, square(mean)) : squares);
    const scaled = div(gradient, add(spread, Number(settings.eps)));
    const momentum = settings.momentum ? add(mul(state.momentum!, Number(settings.momentum)), scaled) : undefined;
    return {
      decrement: mul(momentum ?? scaled, rate),
      state: { square: squares, ...(mean && { mean }), ...(momentum && { momentum }) },
    };
  },
};
