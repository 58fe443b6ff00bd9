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
  // b ← μb + (1 − τ)g, with b = g in the first step; w ← w − ηb (or η(g + μb) with Nesterov). What is kept is ηb: η stays
  // the same all through a training, and scaling g costs nothing where it is a product.
  update: (step): OptimizerUpdate => {
    const { rate, settings, state } = step;
    const scaled = mul(penalized(step), rate);
    const plain = settings.weight_decay || settings.maximize ? {} : { scaledGradient: scaled };
    if (!settings.momentum) return { decrement: scaled, ...plain, state: {} };
    const momentum = Number(settings.momentum);
    const dampening = Number(settings.dampening);
    // The buffer starts at zero, so that without dampening the first step gives b = g by itself.
    const damped = dampening === 0 ? scaled : mul(scaled, where(equal(step.step, 1), 1, 1 - dampening));
    const buffer = add(mul(state.momentum!, momentum), damped);
    const decrement = settings.nesterov ? add(scaled, mul(buffer, momentum)) : buffer;
    return { decrement, ...plain, state: { momentum: buffer } };
  },
};
