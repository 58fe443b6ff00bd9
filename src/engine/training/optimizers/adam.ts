import { abs, add, div, maximum, mul, neg, sqrt, square, sub, type Tensor, tanh } from '../../tensor';
import { bool, decay, nonNegative } from '../setting';
import { ascent, movingAverage, penalized } from './gradient';
import type { OptimizerRow, OptimizerStep, OptimizerUpdate } from './row';

/**
 * 1 − βᵗ, the bias correction of a moving average from zero. As −expm1(t·ln β) = −2τ/(1 − τ) with τ = tanh(t·ln β/2):
 * 1 − exp(…) would leave four digits of float32 for β = 0.999.
 */
function biasCorrection(beta: number, step: Tensor): Tensor {
  const half = tanh(mul(step, Math.log(beta) / 2));
  return neg(div(mul(half, 2), sub(1, half)));
}

/** Kingma & Ba 2015, algorithm 1; PyTorch divides √v by √(1 − β₂ᵗ) before it adds ε. */
function moments({ rate, step, settings, state }: OptimizerStep, gradient: Tensor): OptimizerUpdate {
  const beta1 = Number(settings.beta1);
  const beta2 = Number(settings.beta2);
  const mean = movingAverage(state.mean!, gradient, beta1);
  const squares = movingAverage(state.square!, square(gradient), beta2);
  // Reddi et al. 2018: the largest so far.
  const largest = settings.amsgrad ? maximum(state.largest!, squares) : squares;
  const denominator = add(div(sqrt(largest), sqrt(biasCorrection(beta2, step))), Number(settings.eps));
  const direction = div(div(mean, biasCorrection(beta1, step)), denominator);
  return {
    decrement: mul(direction, rate),
    state: { mean, square: squares, ...(settings.amsgrad && { largest }) },
  };
}

const settings = (weightDecay: number): OptimizerRow['settings'] => ({
  lr: nonNegative(0.001),
  beta1: decay(0.9),
  beta2: decay(0.999),
  eps: nonNegative(1e-8),
  weight_decay: nonNegative(weightDecay),
  amsgrad: bool(false),
  maximize: bool(false),
});
const parameters = ['lr', 'betas', 'eps', 'weight_decay', 'amsgrad'];
const state: OptimizerRow['state'] = ({ amsgrad }) => ({ mean: 0, square: 0, ...(amsgrad && { largest: 0 }) });

export const adam: OptimizerRow = {
  settings: settings(0),
  parameters,
  state,
  update: (step) => moments(step, penalized(step)),
};

/** Loshchilov & Hutter 2019: the weights shrink by ηλ beside the step, which the gradient alone determines. */
export const adamW: OptimizerRow = {
  settings: settings(0.01),
  parameters,
  state,
  update: (step) => {
    const update = moments(step, ascent(step));
    const shrink = Number(step.settings.weight_decay);
    if (shrink === 0) return update;
    return { ...update, decrement: add(update.decrement, mul(step.parameter, mul(step.rate, shrink))) };
  },
};

/** Kingma & Ba 2015, algorithm 2: the largest gradient, fading, instead of the mean of squares. */
export const adamax: OptimizerRow = {
  settings: {
    lr: nonNegative(0.002),
    beta1: decay(0.9),
    beta2: decay(0.999),
    eps: nonNegative(1e-8),
    weight_decay: nonNegative(0),
    maximize: bool(false),
  },
  parameters: ['lr', 'betas', 'eps', 'weight_decay'],
  state: () => ({ mean: 0, largest: 0 }),
  // m ← β₁m + (1 − β₁)g; u ← max(β₂u, |g| + ε); w ← w − η/(1 − β₁ᵗ)·m/u.
  update: (step) => {
    const { rate, settings, state } = step;
    const gradient = penalized(step);
    const beta1 = Number(settings.beta1);
    const mean = movingAverage(state.mean!, gradient, beta1);
    const largest = maximum(mul(state.largest!, Number(settings.beta2)), add(abs(gradient), Number(settings.eps)));
    return {
      decrement: mul(div(div(mean, biasCorrection(beta1, step.step)), largest), rate),
      state: { mean, largest },
    };
  },
};
