import {
  abs,
  add,
  clip,
  div,
  erf,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  maximum,
  mul,
  not,
  or,
  relu,
  sigmoid,
  square,
  sub,
  type Tensor,
  tanh,
  where,
} from '../tensor';
import { choice, float } from './attribute';
import { everywhere, FUNCTIONAL, form, INACTIVE_SHARE, inplace, pointwise } from './pointwise';
import { AttributeError } from './row';

// GELU, SiLU, Mish and Hardswish fall before they rise, so that φ′ also crosses zero at one point near −1; that
// point is not a flat stretch, and only the tail below the bound counts. The bounds solve |φ′(z)| = 0.01·max|φ′| there.
const GELU_INACTIVE_BELOW = { none: -3.02166, tanh: -3.00936 };
const SILU_INACTIVE_BELOW = -6.14292;
const MISH_INACTIVE_BELOW = -6.15874;

export const reluLayer = pointwise('ReLU', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.relu`], 'inplace'), form([...everywhere('relu'), `${FUNCTIONAL}.relu_`])],
  compute: relu,
  // The flags that the backward pass takes its mask from.
  inactive: (_x, _attributes, y) => not(greater(y, 0)),
});

export const relu6 = pointwise('ReLU6', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.relu6`], 'inplace')],
  compute: (x) => clip(x, 0, 6, false),
  inactive: (x) => or(lessOrEqual(x, 0), greaterOrEqual(x, 6)),
});

/** Never inactive: its slope below zero is what it is for. */
export const leakyReLU = pointwise('LeakyReLU', {
  attributes: { negative_slope: float(0.01), ...inplace },
  functions: [
    form([`${FUNCTIONAL}.leaky_relu`], 'negative_slope', 'inplace'),
    form([`${FUNCTIONAL}.leaky_relu_`], 'negative_slope'),
  ],
  // A product with the slope: its gradient is one product more.
  compute: (x, { negative_slope }) => mul(x, where(greater(x, 0), 1, negative_slope)),
});

/** x above 0, α(eˣ − 1) below; the exponent is cut at 0 so that it cannot overflow on the side that is not taken. */
function exponentialLinear(x: Tensor, alpha: number): Tensor {
  const positive = greater(x, 0);
  return where(positive, x, mul(sub(exp(where(positive, 0, x)), 1), alpha));
}

/** φ′ = α·eˣ below 0, against max(1, α). */
const exponentialInactive = (x: Tensor, alpha: number) =>
  less(x, Math.log((INACTIVE_SHARE * Math.max(1, Math.abs(alpha))) / Math.abs(alpha)));

export const elu = pointwise('ELU', {
  attributes: { alpha: float(1), ...inplace },
  functions: [form([`${FUNCTIONAL}.elu`], 'alpha', 'inplace'), form([`${FUNCTIONAL}.elu_`], 'alpha')],
  compute: (x, { alpha }) => exponentialLinear(x, alpha),
  inactive: (x, { alpha }) => exponentialInactive(x, alpha),
});

// Klambauer et al. 2017: the fixed point of mean 0 and variance 1.
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

export const selu = pointwise('SELU', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.selu`], 'inplace'), form(['torch.selu', 'torch.selu_', `${FUNCTIONAL}.selu_`])],
  compute: (x) => mul(exponentialLinear(x, SELU_ALPHA), SELU_SCALE),
  inactive: (x) => exponentialInactive(x, SELU_ALPHA),
});

export const gelu = pointwise('GELU', {
  attributes: { approximate: choice(['none', 'tanh'], 'none') },
  functions: [form([`${FUNCTIONAL}.gelu`], 'approximate')],
  // x·Φ(x), or x/2·(1 + tanh(√(2/π)(x + 0.044715x³))) (Hendrycks & Gimpel 2016).
  compute(x, { approximate }) {
    const gate =
      approximate === 'tanh'
        ? tanh(mul(mul(x, add(mul(square(x), 0.044715), 1)), Math.sqrt(2 / Math.PI)))
        : erf(mul(x, Math.SQRT1_2));
    return mul(mul(x, 0.5), add(gate, 1));
  },
  inactive: (x, { approximate }) => less(x, GELU_INACTIVE_BELOW[approximate]),
});

export const silu = pointwise('SiLU', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.silu`], 'inplace')],
  compute: (x) => mul(x, sigmoid(x)),
  inactive: (x) => less(x, SILU_INACTIVE_BELOW),
});

/** log(1 + e^βx)/β without overflow: max(x, 0) + log(1 + e^−β|x|)/β. */
const softplusOf = (x: Tensor, beta: number): Tensor =>
  add(maximum(x, 0), mul(log(add(exp(mul(abs(x), -beta)), 1)), 1 / beta));

// PyTorch's threshold, above which it returns x itself, changes nothing beyond rounding at 20, its default.
export const softplus = pointwise('Softplus', {
  attributes: { beta: float(1), threshold: float(20) },
  functions: [form([`${FUNCTIONAL}.softplus`], 'beta', 'threshold')],
  compute: (x, { beta, threshold }) => where(greater(mul(x, beta), threshold), x, softplusOf(x, beta)),
  // φ′ = σ(βx)
  inactive: (x, { beta }) => less(mul(x, beta), Math.log(INACTIVE_SHARE / (1 - INACTIVE_SHARE))),
});

export const mish = pointwise('Mish', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.mish`], 'inplace')],
  compute: (x) => mul(x, tanh(softplusOf(x, 1))),
  inactive: (x) => less(x, MISH_INACTIVE_BELOW),
});

/** max(0, min(1, x/6 + 1/2)) */
const hardGate = (x: Tensor): Tensor => mul(clip(add(x, 3), 0, 6, false), 1 / 6);

export const hardswish = pointwise('Hardswish', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.hardswish`], 'inplace')],
  compute: (x) => mul(x, hardGate(x)),
  inactive: (x) => not(greater(x, -3)),
});

// φ′ = σ(1 − σ) is below a tenth of its maximum 1/4 beyond ±ln((1 + √0.9)/(1 − √0.9)) = ±3.6369.
const SIGMOID_BOUND = Math.log((1 + Math.sqrt(0.9)) / (1 - Math.sqrt(0.9)));

export const sigmoidLayer = pointwise('Sigmoid', {
  attributes: {},
  functions: [form([...everywhere('sigmoid'), `${FUNCTIONAL}.sigmoid`, 'torch.special.expit'])],
  compute: sigmoid,
  saturatedBeyond: () => [-SIGMOID_BOUND, SIGMOID_BOUND],
});

export const tanhLayer = pointwise('Tanh', {
  attributes: {},
  functions: [form([...everywhere('tanh'), `${FUNCTIONAL}.tanh`])],
  compute: tanh,
  // φ′ = 1 − tanh² is below a tenth beyond ±artanh √0.9 = ±1.8184: half of the sigmoid's bound.
  saturatedBeyond: () => [-SIGMOID_BOUND / 2, SIGMOID_BOUND / 2],
});

export const hardsigmoid = pointwise('Hardsigmoid', {
  attributes: inplace,
  functions: [form([`${FUNCTIONAL}.hardsigmoid`], 'inplace')],
  compute: hardGate,
  saturatedBeyond: () => [-3, 3],
});

export const hardtanh = pointwise('Hardtanh', {
  attributes: { min_val: float(-1), max_val: float(1), ...inplace },
  functions: [
    form([`${FUNCTIONAL}.hardtanh`], 'min_val', 'max_val', 'inplace'),
    form([`${FUNCTIONAL}.hardtanh_`], 'min_val', 'max_val'),
  ],
  validate({ min_val, max_val }) {
    if (max_val > min_val) return;
    throw new AttributeError('max_val', `max_val (${max_val}) must be greater than min_val (${min_val})`);
  },
  compute: (x, { min_val, max_val }) => clip(x, min_val, max_val, false),
  saturatedBeyond: ({ min_val, max_val }) => [min_val, max_val],
});

export const softsign = pointwise('Softsign', {
  attributes: {},
  functions: [form([`${FUNCTIONAL}.softsign`])],
  compute: (x) => div(x, add(abs(x), 1)),
  // φ′ = 1/(1 + |x|)² is below a tenth beyond ±(√10 − 1).
  saturatedBeyond: () => [1 - Math.sqrt(10), Math.sqrt(10) - 1],
});
