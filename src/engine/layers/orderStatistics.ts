import type { Shape } from '../network';
import {
  add,
  cast,
  constant,
  div,
  equal,
  isNotANumber,
  mul,
  not,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  takeAlong,
  topIndices,
  where,
} from '../tensor';
import { type Attribute, bool, float, int, ints, optional } from './attribute';
import { axisOf, numberOf, onlyInput } from './dimensions';
import { givesInteger } from './elementTypes';
import { axisAfter, forms, reducedAxes, reducedShape } from './reductions';
import { defineLayer, type LayerRow, ShapeError } from './row';

// Values at a rank, counts, and sums of what is there.

const oneAxis = { dim: optional(int()), keepdim: bool(false) };

/** The value at a place of the sorted axis, counted from the smallest, and where it stood; the axis goes. */
function ranked(x: Tensor, axis: number, place: number, keepdim: boolean): { values: Tensor; indices: Tensor } {
  const order = topIndices(x, axis, place + 1, false);
  const ends = order.shape;
  const at = slice(
    order,
    ends.map((_, i) => (i === axis ? place : 0)),
    ends,
  );
  const shape = keepdim ? at.shape : at.shape.filter((_, i) => i !== axis);
  return { values: reshape(takeAlong(x, at, axis), shape), indices: reshape(at, shape) };
}

const flat = (x: Tensor): Tensor => reshape(x, [x.shape.reduce((product, size) => product * size, 1)]);

const lengthOf = (input: Shape, axis: number): number => numberOf(input[axis] ?? 1, 'what is put in order');

/** The lower of the two in the middle, where there are two. */
const median = defineLayer({
  kind: 'median',
  role: 'arithmetic',
  module: false,
  attributes: oneAxis,
  functions: forms('median', 'dim', 'keepdim'),
  types: ([input], { dim }) => (dim === null ? [input!] : [input!, 'int64']),
  results: (outputs) => (outputs === 1 ? 0 : { items: [0, 1], names: ['values', 'indices'] }),
  outputShapes(inputs, { dim, keepdim }) {
    const input = onlyInput(inputs, 'median');
    if (dim === null) return [[]];
    const shape = reducedShape(input, input.length === 0 ? [] : [axisOf(dim, input.length)], keepdim);
    return [shape, shape];
  },
  forward([x], { dim, keepdim }) {
    const middle = (size: number) => Math.floor((size - 1) / 2);
    if (dim === null) return { outputs: [ranked(flat(x!), 0, middle(flat(x!).shape[0]!), false).values] };
    if (x!.shape.length === 0) return { outputs: [x!, constant([0], [], 'int64')] };
    const axis = axisOf(dim, x!.shape.length);
    const { values, indices } = ranked(x!, axis, middle(x!.shape[axis]!), keepdim);
    return { outputs: [values, indices] };
  },
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

const kthvalue = defineLayer({
  kind: 'kthvalue',
  role: 'arithmetic',
  module: false,
  attributes: { k: int(), dim: int(-1), keepdim: bool(false) },
  functions: forms('kthvalue', 'k', 'dim', 'keepdim'),
  types: ([input]) => [input!, 'int64'],
  results: () => ({ items: [0, 1], names: ['values', 'indices'] }),
  outputShapes(inputs, { k, dim, keepdim }) {
    const input = onlyInput(inputs, 'kthvalue');
    const axis = axisOf(dim, input.length);
    if (k < 1 || k > lengthOf(input, axis))
      throw new ShapeError(`kthvalue(): selected number k out of range for dimension ${axis}`);
    const shape = reducedShape(input, input.length === 0 ? [] : [axis], keepdim);
    return [shape, shape];
  },
  forward([x], { k, dim, keepdim }) {
    if (x!.shape.length === 0) return { outputs: [x!, constant([0], [], 'int64')] };
    const { values, indices } = ranked(x!, axisOf(dim, x!.shape.length), k - 1, keepdim);
    return { outputs: [values, indices] };
  },
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

/** Between the two values that a quantile falls, in proportion. */
const quantile = defineLayer({
  kind: 'quantile',
  role: 'arithmetic',
  module: false,
  attributes: { q: float(), ...oneAxis },
  functions: forms('quantile', 'q', 'dim', 'keepdim'),
  outputShapes(inputs, { q, dim, keepdim }) {
    const input = onlyInput(inputs, 'quantile');
    if (q < 0 || q > 1) throw new ShapeError('quantile() q must be in the range [0, 1] but got others');
    if (dim === null) return [keepdim ? input.map(() => 1) : []];
    return [reducedShape(input, [axisOf(dim, input.length)], keepdim)];
  },
  forward([x], { q, dim, keepdim }) {
    const searched = dim === null ? flat(x!) : x!;
    const axis = dim === null ? 0 : axisOf(dim, x!.shape.length);
    const place = q * (searched.shape[axis]! - 1);
    const [low, high] = [Math.floor(place), Math.ceil(place)].map((at) => ranked(searched, axis, at, true).values) as [
      Tensor,
      Tensor,
    ];
    const between = low === high ? low : add(low, mul(sub(high, low), place - Math.floor(place)));
    const shape = reducedShape(x!.shape, dim === null ? x!.shape.map((_, i) => i) : [axis], keepdim);
    return { outputs: [reshape(between, shape as readonly number[])] };
  },
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

const axes = { dim: optional(ints()) as Attribute<readonly number[] | null>, keepdim: bool(false) };

const countNonzero = defineLayer({
  kind: 'count_nonzero',
  role: 'arithmetic',
  module: false,
  attributes: { dim: axes.dim },
  functions: forms('count_nonzero', 'dim'),
  types: givesInteger,
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'count_nonzero');
    return [reducedShape(input, reducedAxes(dim, input.length), false)];
  },
  forward: ([x], { dim }) => ({
    outputs: [
      sum(cast(x!.dtype === 'bool' ? x! : not(equal(x!, 0)), 'int64'), reducedAxes(dim, x!.shape.length), false),
    ],
  }),
});

/** A sum or mean of what is no NaN. */
const present = (kind: 'nansum' | 'nanmean'): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: axes,
    functions: forms(kind, 'dim', 'keepdim', 'dtype'),
    outputShapes(inputs, { dim, keepdim }) {
      const input = onlyInput(inputs, kind);
      return [reducedShape(input, reducedAxes(dim, input.length), keepdim)];
    },
    forward([x], { dim, keepdim }) {
      const over = reducedAxes(dim, x!.shape.length);
      const missing = isNotANumber(x!);
      const total = sum(where(missing, 0, x!), over, keepdim);
      if (kind === 'nansum') return { outputs: [total] };
      return { outputs: [div(total, sum(cast(not(missing), 'float32'), over, keepdim))] };
    },
    channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
  });

/** Rows of ranks and counts. */
export const orderStatistics: readonly LayerRow[] = [
  median,
  kthvalue,
  quantile,
  countNonzero,
  present('nansum'),
  present('nanmean'),
];
