import {
  add,
  cast,
  where as choose,
  constant,
  exp,
  greater,
  less,
  log,
  maximum,
  minimum,
  mul,
  pad,
  range as rangeOf,
  reshape,
  slice,
  sub,
  type Tensor,
  takeAlong,
} from '../tensor';
import { int } from './attribute';
import { axisOf, onlyInput } from './dimensions';
import { defineLayer, type LayerRow, ShapeError } from './row';

// What has been seen of an axis up to each place of it. `cumsum`, which has a primitive, stands beside the layouts.

/** x one or more places further on along an axis, `value` in the places that are left. */
function shifted(x: Tensor, axis: number, by: number, value: number): Tensor {
  const kept = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((size, i) => (i === axis ? size - by : size)),
  );
  return pad(
    kept,
    x.shape.map((_, i) => (i === axis ? by : 0)),
    x.shape.map(() => 0),
    value,
  );
}

/**
 * Combines every element with all before it, in ⌈log₂ n⌉ passes: after each, an element stands for twice as many
 * (Hillis and Steele, 1986).
 */
function scan<T>(length: number, first: T, combine: (each: T, by: number) => T): T {
  let result = first;
  for (let by = 1; by < length; by *= 2) result = combine(result, by);
  return result;
}

const FORMS = (kind: string, inPlace: boolean) => [
  {
    names: [`torch.${kind}`, `Tensor.${kind}`, ...(inPlace ? [`Tensor.${kind}_`] : [])],
    parameters: ['input', 'dim', ...(inPlace ? ['dtype'] : [])],
  },
];

const floatOnly = (kind: string, input: string | undefined): void => {
  if (input !== 'float32') throw new ShapeError(`${kind} of whole numbers is not modelled`);
};

/** One function of all elements so far. */
const cumulative = (
  kind: string,
  inPlace: boolean,
  neutral: number,
  combine: (before: Tensor, x: Tensor) => Tensor,
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: { dim: int() },
    functions: FORMS(kind, inPlace),
    types([input]) {
      floatOnly(kind, input);
      return ['float32'];
    },
    outputShapes(inputs, { dim }) {
      const input = onlyInput(inputs, kind);
      axisOf(dim, input.length);
      return [input];
    },
    forward([x], { dim }) {
      if (x!.shape.length === 0) return { outputs: [x!] };
      const axis = axisOf(dim, x!.shape.length);
      const all = scan(x!.shape[axis]!, x!, (each, by) => combine(shifted(each, axis, by, neutral), each));
      return { outputs: [all] };
    },
  });

/** ln(eᵃ + eᵇ), where one of them may be −∞. */
function logAdd(a: Tensor, b: Tensor): Tensor {
  const most = maximum(a, b);
  const least = minimum(a, b);
  return add(most, log(add(exp(sub(least, most)), 1)));
}

/** The largest (or smallest) so far, and the last place where it stood. */
const record = (kind: 'cummax' | 'cummin'): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: { dim: int() },
    functions: FORMS(kind, false),
    types([input]) {
      floatOnly(kind, input);
      return ['float32', 'int64'];
    },
    results: () => ({ items: [0, 1], names: ['values', 'indices'] }),
    outputShapes(inputs, { dim }) {
      const input = onlyInput(inputs, kind);
      axisOf(dim, input.length);
      return [input, input];
    },
    forward([x], { dim }) {
      const { shape } = x!;
      if (shape.length === 0) return { outputs: [x!, constant([0], [], 'int64')] };
      const axis = axisOf(dim, shape.length);
      const [beats, worst] =
        kind === 'cummax'
          ? ([greater, Number.NEGATIVE_INFINITY] as const)
          : ([less, Number.POSITIVE_INFINITY] as const);
      const places = reshape(
        cast(rangeOf(shape[axis]!), 'float32'),
        shape.map((size, i) => (i === axis ? size : 1)),
      );
      const start = { value: x!, at: add(places, mul(x!, 0)) };
      const best = scan(shape[axis]!, start, (each, by) => {
        const before = { value: shifted(each.value, axis, by, worst), at: shifted(each.at, axis, by, 0) };
        const earlier = beats(before.value, each.value);
        return { value: choose(earlier, before.value, each.value), at: choose(earlier, before.at, each.at) };
      });
      const indices = cast(best.at, 'int64');
      return { outputs: [takeAlong(x!, indices, axis), indices] };
    },
  });

/** Rows of running products, extremes and sums of exponentials. */
export const cumulatives: readonly LayerRow[] = [
  cumulative('cumprod', true, 1, mul),
  cumulative('logcumsumexp', false, Number.NEGATIVE_INFINITY, logAdd),
  record('cummax'),
  record('cummin'),
];
