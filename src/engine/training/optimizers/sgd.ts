import { AttributeError } from '../../layers';
import { add, equal, mul, where } from '../../tensor';
import { bool, float, nonNegative } from '../setting';
import { penalized } from './gradient';
import type { OptimizerRow, OptimizerUpdate } from './row';

export const sgd: OptimizerRow = {
  settings: {
    lr: nonNegative(0.001),
    momentum: nonNegative(0),
    dampening: float(0),
    weight_decay: nonNegative(0),
    nesterov: bool(false),
    maximize: bool(false),
  },
  parameters: ['lr', 'momentum', 'dampening', 'weight_decay', 'nesterov'],
  validate({ nesterov, momentum, dampening }) {
    if (nesterov && (!momentum || dampening)) {
      throw new AttributeError('nesterov', 'Nesterov momentum requires a momentum and zero dampening');
    }
  },
  state: ({ momentum }) => ({ ...(momentum && { momentum: 0 }) }),
  // b ← μb + (1 − τ)g, with b = g in the first step; w ← w − ηb (or η(g + μb) with Nesterov).
  update: (step): OptimizerUpdate => {
    const { rate, settings, state } = step;
    const gradient = penalized(step);
    if (!settings.momentum) {
      const proportional = !settings.weight_decay && !settings.maximize;
      return { decrement: mul(gradient, rate), proportional, state: {} };
    }
    const momentum = Number(settings.momentum);
    const dampening = Number(settings.dampening);
    // The buffer starts at zero, so that without dampening the first step gives b = g by itself.
    const damped = dampening === 0 ? gradient : mul(gradient, where(equal(step.step, 1), 1, 1 - dampening));
    const buffer = add(mul(state.momentum!, momentum), damped);
    const direction = settings.nesterov ? add(gradient, mul(buffer, momentum)) : buffer;
    return { decrement: mul(direction, rate), state: { momentum: buffer } };
  },
};
