import type { OptimizerChoice } from '../network';
import { add, div, equal, mul, neg, sqrt, square, sub, type Tensor, tanh, where } from '../tensor';

/** What an optimizer's step works on; `rate` and `step` (1 in the first) are scalars of the program. */
export interface OptimizerStep {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly rate: Tensor;
  readonly step: Tensor;
  readonly settings: Readonly<Record<string, number | boolean>>;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** What the step takes off the parameter, and the state for the next step. */
export interface OptimizerUpdate {
  readonly decrement: Tensor;
  /** Whether the decrement is the learning rate times the gradient, and nothing else. Absent: no. */
  readonly proportional?: boolean;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** An optimizer as `torch.optim` defines it. State starts at zero. */
export interface OptimizerRow {
  /** PyTorch's defaults; `lr` is what the sweep varies. */
  readonly settings: Readonly<Record<string, number | boolean>>;
  /** Names of the tensors kept for each parameter, each of the parameter's shape. */
  state(settings: OptimizerStep['settings']): readonly string[];
  update(step: OptimizerStep): OptimizerUpdate;
}

const withDecay = ({ gradient, parameter, settings }: OptimizerStep): Tensor =>
  settings.weight_decay ? add(gradient, mul(parameter, Number(settings.weight_decay))) : gradient;

/**
 * 1 − βᵗ, the bias correction of a moving average from zero. As −expm1(t·ln β) = −2τ/(1 − τ) with τ = tanh(t·ln β/2):
 * 1 − exp(…) would leave four digits of float32 for β = 0.999.
 */
function biasCorrection(beta: number, step: Tensor): Tensor {
  const half = tanh(mul(step, Math.log(beta) / 2));
  return neg(div(mul(half, 2), sub(1, half)));
}

/** Every optimizer by PyTorch's class. */
export const optimizers: { readonly [K in OptimizerChoice['kind']]: OptimizerRow } = {
  SGD: {
    settings: { lr: 0.001, momentum: 0, dampening: 0, weight_decay: 0, nesterov: false },
    state: ({ momentum }) => (momentum ? ['momentum'] : []),
    // b ← μb + (1 − τ)g, with b = g in the first step; w ← w − ηb (or η(g + μb) with Nesterov).
    update: (step): OptimizerUpdate => {
      const { rate, settings, state } = step;
      const gradient = withDecay(step);
      if (!settings.momentum) {
        return { decrement: mul(gradient, rate), proportional: !settings.weight_decay, state: {} };
      }
      const momentum = Number(settings.momentum);
      const dampening = Number(settings.dampening ?? 0);
      // The buffer starts at zero, so that without dampening the first step gives b = g by itself.
      const damped = dampening === 0 ? gradient : mul(gradient, where(equal(step.step, 1), 1, 1 - dampening));
      const buffer = add(mul(state.momentum!, momentum), damped);
      const direction = settings.nesterov ? add(gradient, mul(buffer, momentum)) : buffer;
      return { decrement: mul(direction, rate), state: { momentum: buffer } };
    },
  },
  Adam: {
    settings: { lr: 0.001, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0 },
    state: () => ['mean', 'square'],
    // Kingma & Ba 2015, algorithm 1; PyTorch divides √v by √(1 − β₂ᵗ) before it adds ε.
    update: (step) => {
      const { rate, settings, state } = step;
      const gradient = withDecay(step);
      const beta1 = Number(settings.beta1);
      const beta2 = Number(settings.beta2);
      const mean = add(mul(state.mean!, beta1), mul(gradient, 1 - beta1));
      const squares = add(mul(state.square!, beta2), mul(square(gradient), 1 - beta2));
      const correction1 = biasCorrection(beta1, step.step);
      const correction2 = biasCorrection(beta2, step.step);
      const denominator = add(div(sqrt(squares), sqrt(correction2)), Number(settings.eps));
      const direction = div(div(mean, correction1), denominator);
      return { decrement: mul(direction, rate), state: { mean, square: squares } };
    },
  },
};
