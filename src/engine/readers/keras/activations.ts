import { completeAttributes, findLayer } from '../../layers';
import type { Attributes, Span } from '../../network';
import { rowOf } from '../python/builtins/row';
import type { Evaluation } from '../python/evaluator';
import { applyLayer } from '../python/modules/trace';
import type { ModuleValue, Value } from '../python/values';
import { activationFunctions } from './operations';

interface Activation {
  readonly kind: string;
  readonly attributes?: Attributes;
}

/** Keras's activations by name, as rows; null computes nothing. */
const activations: Readonly<Record<string, Activation | null>> = {
  linear: null,
  relu: { kind: 'ReLU' },
  relu6: { kind: 'ReLU6' },
  leaky_relu: { kind: 'LeakyReLU', attributes: { negative_slope: 0.2 } },
  elu: { kind: 'ELU' },
  selu: { kind: 'SELU' },
  celu: { kind: 'CELU' },
  gelu: { kind: 'GELU' },
  silu: { kind: 'SiLU' },
  swish: { kind: 'SiLU' },
  mish: { kind: 'Mish' },
  sigmoid: { kind: 'Sigmoid' },
  tanh: { kind: 'Tanh' },
  softmax: { kind: 'Softmax', attributes: { dim: -1 } },
  log_softmax: { kind: 'LogSoftmax', attributes: { dim: -1 } },
  softplus: { kind: 'Softplus' },
  softsign: { kind: 'Softsign' },
  soft_sign: { kind: 'Softsign' },
  hard_sigmoid: { kind: 'Hardsigmoid' },
  hard_silu: { kind: 'Hardswish' },
  hard_swish: { kind: 'Hardswish' },
  hard_tanh: { kind: 'Hardtanh' },
  hard_shrink: { kind: 'Hardshrink' },
  soft_shrink: { kind: 'Softshrink' },
  tanh_shrink: { kind: 'Tanhshrink' },
  log_sigmoid: { kind: 'LogSigmoid' },
  exponential: { kind: 'exp' },
  exp: { kind: 'exp' },
};

/** The activation of that name; null where it computes nothing, undefined where there is none. */
export const activationNamed = (name: string): Activation | null | undefined =>
  Object.hasOwn(activations, name) ? activations[name] : undefined;

/** Applies an activation by its row, as a layer or as a function of the name. */
export function applyActivation(
  { kind, attributes = {} }: Activation,
  input: Value,
  by: ModuleValue | string,
  site: Span,
  run: Evaluation,
): Value {
  const row = findLayer(kind)!;
  const completed = completeAttributes(row, attributes);
  if (typeof by !== 'string') by.layer = { row, attributes: completed };
  return applyLayer(
    { row, attributes: typeof by === 'string' ? attributes : completed, operands: [input], site, by },
    run,
  );
}

/** Applies what a layer's `activation=` says: a name, or anything that can be called. */
export function activated(given: Value | undefined, input: Value, site: Span, run: Evaluation): Value {
  if (!given || given.type === 'none' || input.type !== 'tensor') return input;
  const name =
    given.type === 'string' ? given.value : given.type === 'builtin' ? activationName(given.name) : undefined;
  const known = name === undefined ? undefined : activationNamed(name);
  if (known === null) return input;
  if (known) return applyActivation(known, input, name!, site, run);
  if (given.type === 'string') {
    const composed = rowOf(activationFunctions, given.value);
    if (composed) return composed({ positional: [input], keywords: new Map() }, site, run);
    return run.raise('ValueError', `Unknown activation: '${given.value}'`, site);
  }
  if (given.type === 'unknown') run.note(given, 'activation');
  return run.call(given, { positional: [input], keywords: new Map() }, site);
}

/** `keras.activations.relu` and `tensorflow.nn.relu` as `relu`; keras.ops' GELU is an approximation, and so another. */
export function activationName(path: string): string | undefined {
  const name =
    /^(?:keras\.(?:activations|ops|ops\.nn|backend)|tensorflow\.nn|tensorflow\.math|tensorflow|keras\.activations\.activations)\.(\w+)$/.exec(
      path,
    )?.[1];
  if (/^keras\.ops\.(nn\.)?gelu$/.test(path)) return undefined;
  return name !== undefined && Object.hasOwn(activations, name) ? name : undefined;
}
