import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import {
  type Arguments,
  argument,
  asNumber,
  bool,
  bound,
  float,
  int,
  NONE,
  tuple,
  unknown,
  type Value,
} from '../values';
import type { BuiltinRow, BuiltinTable } from './row';

/** A function of numbers; outside its domain Python raises ValueError. */
const numeric =
  (compute: (...numbers: number[]) => number, make: (value: number) => Value = float): BuiltinRow =>
  (args, site, run) => {
    const numbers = args.positional.map(asNumber);
    const stopped = args.positional.find(({ type }) => type === 'unknown');
    if (stopped) return stopped;
    if (numbers.includes(undefined)) return run.unmodelled('math', 'this function is modelled for numbers alone', site);
    const value = compute(...(numbers as number[]));
    return Number.isNaN(value) ? run.raise('ValueError', 'math domain error', site) : make(value);
  };

/** Binomial coefficients, step by step so that every step is whole. */
function combinations(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let total = 1;
  for (let i = 1; i <= Math.min(k, n - k, 1000); i++) total = (total * (n - Math.min(k, n - k) + i)) / i;
  return Math.round(total);
}

/** NaN for what is too large to be a whole number here. */
const gcd = (a: number, b: number): number =>
  Number.isFinite(a) && Number.isFinite(b) ? (b === 0 ? Math.abs(a) : gcd(b, a % b)) : Number.NaN;

/** Python's math module, and numpy's functions of the same names on numbers. */
export const mathFunctions: BuiltinTable = {
  sqrt: numeric(Math.sqrt),
  exp: numeric(Math.exp),
  log: numeric((x, base) => (x > 0 ? (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base)) : Number.NaN)),
  log2: numeric(Math.log2),
  log10: numeric(Math.log10),
  pow: numeric((x, y) => x ** y),
  sin: numeric(Math.sin),
  cos: numeric(Math.cos),
  tan: numeric(Math.tan),
  tanh: numeric(Math.tanh),
  atan: numeric(Math.atan),
  erf: numeric(erf),
  floor: numeric(Math.floor, int),
  ceil: numeric(Math.ceil, int),
  trunc: numeric(Math.trunc, int),
  fabs: numeric(Math.abs),
  gcd: numeric(gcd, int),
  lcm: numeric((a, b) => (a === 0 || b === 0 ? 0 : Math.abs(a * b) / gcd(a, b)), int),
  comb: numeric((n, k) => combinations(n, k), int),
  factorial: numeric(
    (n) => (n > 170 ? Number.NaN : Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a * b, 1)),
    int,
  ),
  isqrt: numeric((x) => Math.floor(Math.sqrt(x)), int),
  atan2: numeric(Math.atan2),
  radians: numeric((x) => (x * Math.PI) / 180),
  degrees: numeric((x) => (x * 180) / Math.PI),
  sinh: numeric(Math.sinh),
  cosh: numeric(Math.cosh),
  hypot: numeric(Math.hypot),
  expm1: numeric(Math.expm1),
  log1p: numeric(Math.log1p),
  cbrt: numeric(Math.cbrt),
  acos: numeric(Math.acos),
  asin: numeric(Math.asin),
  isinf: numeric(
    (x) => Number(Math.abs(x) === Number.POSITIVE_INFINITY),
    (x) => bool(x === 1),
  ),
  isfinite: numeric(
    (x) => Number(Number.isFinite(x)),
    (x) => bool(x === 1),
  ),
  isnan: numeric(
    (x) => Number(Number.isNaN(x)),
    (x) => bool(x === 1),
  ),
  perm: numeric((n, k) => Array.from({ length: k ?? n }, (_, i) => n - i).reduce((a, b) => a * b, 1), int),
  copysign: numeric((x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))),
  fmod: numeric((x, y) => x % y),
  remainder: numeric((x, y) => x - y * Math.round(x / y)),
  ldexp: numeric((x, by) => x * 2 ** by),
  exp2: numeric((x) => 2 ** x),
  isclose(args) {
    const { a = NONE, b = NONE, rel_tol, abs_tol } = bound(args, 'a', 'b', 'rel_tol', 'abs_tol');
    const [x, y] = [asNumber(a) ?? Number.NaN, asNumber(b) ?? Number.NaN];
    const least = (abs_tol && asNumber(abs_tol)) ?? 0;
    const share = (rel_tol && asNumber(rel_tol)) ?? 1e-9;
    return bool(x === y || Math.abs(x - y) <= Math.max(share * Math.max(Math.abs(x), Math.abs(y)), least));
  },
  modf: (args) => {
    const value = asNumber(argument(args, 0)) ?? Number.NaN;
    return tuple([float(value - Math.trunc(value)), float(Math.trunc(value))]);
  },
  frexp: (args) => {
    const value = asNumber(argument(args, 0)) ?? Number.NaN;
    const power = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
    return tuple([float(value / 2 ** power), int(power)]);
  },
  fsum: (args, site, run) => {
    const numbers = (run.iterate(argument(args, 0), site) ?? []).map((each) => asNumber(each) ?? Number.NaN);
    // Small ones first, with what each addition loses carried along.
    let [sum, lost] = [0, 0];
    for (const number of numbers) {
      const next = sum + number;
      lost += Math.abs(sum) >= Math.abs(number) ? sum - next + number : number - next + sum;
      sum = next;
    }
    return float(sum + lost);
  },
  dist: (args, site, run) => {
    const [a, b] = args.positional.map((each) => (run.iterate(each, site) ?? []).map((x) => asNumber(x) ?? Number.NaN));
    return float(Math.hypot(...(a ?? []).map((x, i) => x - (b?.[i] ?? Number.NaN))));
  },
  prod: (args, site, run) => product(args, site, run) ?? unknown('the product is not known', site),
};

export const mathConstants: Readonly<Record<string, Value>> = {
  pi: float(Math.PI),
  e: float(Math.E),
  tau: float(2 * Math.PI),
  inf: float(Number.POSITIVE_INFINITY),
  nan: float(Number.NaN),
};

/** The error function by its Taylor series; ±1 beyond 5, where it is that to 1e-11. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function product(args: Arguments, site: Span, run: Evaluation): Value | undefined {
  const items = args.positional[0] && run.iterate(args.positional[0], site);
  const start = args.keywords.get('start');
  const all = items && (start ? [start, ...items] : items);
  const numbers = all?.map(asNumber);
  if (!all || numbers?.includes(undefined)) return undefined;
  const total = (numbers as number[]).reduce((a, b) => a * b, 1);
  return all.every(({ type }) => type === 'int') ? int(total) : float(total);
}
