import {
  abs,
  add,
  clip,
  div,
  exp,
  greater,
  less,
  lessOrEqual,
  log,
  maximum,
  mul,
  neg,
  not,
  sub,
  tanh,
  where,
} from '../tensor';
import { float } from './attribute';
import { FUNCTIONAL, form, INACTIVE_SHARE, inplace, pointwise } from './pointwise';
import { AttributeError } from './row';

// What cuts a piece out of the line, and the rarer relatives of ELU and the sigmoid.

export const celu = pointwise('CELU', {
  attributes: { alpha: float(1), ...inplace },
  functions: [
    form([`${FUNCTIONAL}.celu`], 'alpha', 'inplace'),
    form(['torch.celu', 'torch.celu_', `${FUNCTIONAL}.celu_`], 'alpha'),
  ],
  validate({ alpha }) {
    if (alpha === 0) throw new AttributeError('alpha', 'ZeroDivisionError: alpha cannot be 0 for CELU');
  },
  // x above 0, α(e^(x/α) − 1) below; the exponent is cut so that it cannot overflow on the side that is not taken.
  compute(x, { alpha }) {
    const positive = greater(x, 0);
    return where(positive, x, mul(sub(exp(div(where(positive, 0, x), alpha)), 1), alpha));
  },
  // φ′ = e^(x/α) below 0, for a positive α at most 1.
  inactive: (x, { alpha }) => less(x, Math.abs(alpha) * Math.log(INACTIVE_SHARE)),
});

export const hardshrink = pointwise('Hardshrink', {
  attributes: { lambd: float(0.5) },
  functions: [form([`${FUNCTIONAL}.hardshrink`, 'torch.hardshrink', 'Tensor.hardshrink'], 'lambd')],
  compute: (x, { lambd }) => where(lessOrEqual(abs(x), lambd), 0, x),
  inactive: (x, { lambd }) => lessOrEqual(abs(x), lambd),
});

export const softshrink = pointwise('Softshrink', {
  attributes: { lambd: float(0.5) },
  functions: [form([`${FUNCTIONAL}.softshrink`], 'lambd')],
  validate({ lambd }) {
    if (lambd >= 0) return;
    throw new AttributeError(
      'lambd',
      `lambda must be in range [0, 3.40282e+38] for input dtype Float, but found ${lambd}`,
    );
  },
  // What the clip takes off is what stays within ±λ; on ±λ itself no gradient passes.
  compute: (x, { lambd }) => (lambd === 0 ? x : sub(x, clip(x, -lambd, lambd, true))),
  inactive: (x, { lambd }) => lessOrEqual(abs(x), lambd),
});

export const tanhshrink = pointwise('Tanhshrink', {
  attributes: {},
  functions: [form([`${FUNCTIONAL}.tanhshrink`])],
  compute: (x) => sub(x, tanh(x)),
  // φ′ = tanh²
  inactive: (x) => less(abs(x), Math.atanh(Math.sqrt(INACTIVE_SHARE))),
});

export const threshold = pointwise('Threshold', {
  attributes: { threshold: float(), value: float(), ...inplace },
  functions: [
    form([`${FUNCTIONAL}.threshold`], 'threshold', 'value', 'inplace'),
    form(['torch.threshold', 'torch.threshold_', `${FUNCTIONAL}.threshold_`], 'threshold', 'value'),
  ],
  compute: (x, { threshold: bound, value }) => where(greater(x, bound), x, value),
  inactive: (x, { threshold: bound }) => not(greater(x, bound)),
});

export const logSigmoid = pointwise('LogSigmoid', {
  attributes: {},
  functions: [form([`${FUNCTIONAL}.logsigmoid`])],
  // −log(1 + e^−x) without overflow.
  compute: (x) => neg(add(maximum(neg(x), 0), log(add(exp(neg(abs(x))), 1)))),
  // φ′ = σ(−x)
  inactive: (x) => greater(x, Math.log((1 - INACTIVE_SHARE) / INACTIVE_SHARE)),
});
