import { affineOf, type Initialization, truncatedNormal } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { argument, asNumber, type TensorValue, type Value } from '../../python/values';
import { layerFunction } from './layers';

/** What a tensor starts with, where it is a parameter, a buffer, or drawn and owned by nobody yet. */
function startOf({ place }: TensorValue): Initialization | undefined {
  if (place.kind === 'stored') return place.tensor.known ? undefined : place.tensor.initialization;
  return place.kind === 'fresh' ? place.initialization : undefined;
}

function start(target: TensorValue, initialization: Initialization): Value {
  if (target.place.kind === 'stored') target.place.tensor.initialization = initialization;
  else if (target.place.kind === 'fresh') target.place = { kind: 'fresh', source: target.place.source, initialization };
  return target;
}

/**
 * A method in place that, outside of a forward, changes what a parameter starts with; undefined from `change` leaves it to
 * what the method does where values flow.
 */
const changing =
  (
    name: string,
    change: (
      from: Initialization,
      numbers: readonly (number | undefined)[],
      given: Parameters<BuiltinRow>[0],
    ) => Initialization | undefined,
  ): BuiltinRow =>
  (args, site, run) => {
    const target = argument(args, 0);
    const otherwise = layerFunction(`Tensor.${name}`);
    if (target.type === 'tensor' && !run.trace) {
      const from = startOf(target);
      const numbers = args.positional.slice(1).map(asNumber);
      const to = from && change(from, numbers, args);
      if (to) return start(target, to);
    }
    return otherwise?.(args, site, run) ?? run.unmodelled(name, 'this method of a tensor is not modelled', site);
  };

const affine = (name: string, scale: (x: number) => number, shift: (x: number) => number): BuiltinRow =>
  changing(name, (from, [x]) => (x === undefined ? undefined : affineOf(from, scale(x), shift(x))));

const one = (): number => 1;
const zero = (): number => 0;

/**
 * Uniform between -1 and 1 becomes, by the inverse of the error function, normal with deviation 1/√2: erf⁻¹(2u − 1)·√2 is
 * the normal's quantile of u. A part of that interval gives the normal between the quantiles of its ends.
 */
function inverseError(from: Initialization): Initialization | undefined {
  if (from.kind !== 'uniform') return undefined;
  return truncatedNormal(0, Math.SQRT1_2, erfinv(from.low), erfinv(from.high));
}

/** The inverse of the error function, by bisection of its integral's series to 1e-12. */
function erfinv(y: number): number {
  if (Math.abs(y) >= 1) return y > 0 ? 6 : -6;
  let [low, high] = [-6, 6];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (erf(middle) < y) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The error function by its Maclaurin series, which converges for every x; ±1 to 1e-11 beyond 5. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Between two bounds: what lies within already stays. */
function clamped(from: Initialization, low: number | undefined, high: number | undefined): Initialization | undefined {
  if (from.kind === 'normal' && low !== undefined && high !== undefined) return undefined;
  if (from.kind === 'trunc_normal')
    return truncatedNormal(from.mean, from.std, Math.max(from.a, low ?? from.a), Math.min(from.b, high ?? from.b));
  if (from.kind === 'uniform' && (low ?? from.low) <= from.low && (high ?? from.high) >= from.high) return from;
  return undefined;
}

/** Methods of tensors that change in place what a parameter starts with. */
export const initializersInPlace: BuiltinTable = {
  mul_: affine('mul_', (x) => x, zero),
  div_: affine('div_', (x) => 1 / x, zero),
  add_: affine('add_', one, (x) => x),
  sub_: affine('sub_', one, (x) => -x),
  erfinv_: changing('erfinv_', inverseError),
  clamp_: changing('clamp_', (from, [low, high], { keywords }) => {
    const bound = (name: string): number | undefined => {
      const given = keywords.get(name);
      return given && asNumber(given);
    };
    return clamped(from, low ?? bound('min'), high ?? bound('max'));
  }),
};
