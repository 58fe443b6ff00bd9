import { add, div, mul, sqrt, square } from '../../tensor';
import { bool, nonNegative, share } from '../setting';
import { movingAverage, penalized } from './gradient';
import type { OptimizerRow } from './row';

/** Zeiler 2012. */
export const adadelta: OptimizerRow = {
  settings: {
    lr: nonNegative(1),
    rho: share(0.9),
    eps: nonNegative(1e-6),
    weight_decay: nonNegative(0),
    maximize: bool(false),
  },
  parameters: ['lr', 'rho', 'eps', 'weight_decay'],
  state: () => ({ square: 0, delta: 0 }),
  // v ← ρv + (1 − ρ)g²; d = √(u + ε)/√(v + ε)·g; u ← ρu + (1 − ρ)d²; w ← w − ηd.
  update: (step) => {
    const { rate, settings, state } = step;
    const gradient = penalized(step);
    const [rho, eps] = [Number(settings.rho), Number(settings.eps)];
    const squares = movingAverage(state.square!, square(gradient), rho);
    const delta = mul(div(sqrt(add(state.delta!, eps)), sqrt(add(squares, eps))), gradient);
    return {
      decrement: mul(delta, rate),
      state: { square: squares, delta: movingAverage(state.delta!, square(delta), rho) },
    };
  },
};
