import { add, div, mul, sqrt, square, sub } from '../../tensor';
import { bool, nonNegative } from '../setting';
import { penalized } from './gradient';
import type { OptimizerRow } from './row';

export const adagrad: OptimizerRow = {
  settings: {
    lr: nonNegative(0.01),
    lr_decay: nonNegative(0),
    weight_decay: nonNegative(0),
    initial_accumulator_value: nonNegative(0),
    eps: nonNegative(1e-10),
    maximize: bool(false),
  },
  parameters: ['lr', 'lr_decay', 'weight_decay', 'initial_accumulator_value', 'eps'],
  state: ({ initial_accumulator_value }) => ({ sum: Number(initial_accumulator_value) }),
  // s ← s + g²; w ← w − η/(1 + (t − 1)κ)·g/(√s + ε).
  update: (step) => {
    const { settings, state } = step;
    const gradient = penalized(step);
    const sum = add(state.sum!, square(gradient));
    const decay = Number(settings.lr_decay);
    const rate = decay === 0 ? step.rate : div(step.rate, add(mul(sub(step.step, 1), decay), 1));
    return { decrement: mul(div(gradient, add(sqrt(sum), Number(settings.eps))), rate), state: { sum } };
  },
};
