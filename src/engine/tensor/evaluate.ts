import type { DataType, Primitive, Tensor, TensorOf } from './tensor';
import { topological } from './tensor';

/** Numbers in row-major order; whole numbers and truths (0, 1) as numbers. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: DataType;
  readonly values: readonly number[];
}

type Evaluation<P extends Primitive> = (inputs: readonly Numbers[], node: TensorOf<P>) => readonly number[];

const count = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

const stridesOf = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
};

/** What `f` gives at every index of a shape, in row-major order. The index is the same array each time. */
function over(shape: readonly number[], f: (index: readonly number[]) => number): number[] {
  const index = shape.map(() => 0);
  return Array.from({ length: count(shape) }, () => {
    const value = f(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
    return value;
  });
}

/** The element at an index of a shape that x is broadcast to. */
function reader(x: Numbers): (index: readonly number[]) => number {
  const strides = stridesOf(x.shape).map((stride, axis) => (x.shape[axis] === 1 ? 0 : stride));
  return (index) => {
    const lead = index.length - strides.length;
    return x.values[strides.reduce((flat, stride, axis) => flat + stride * index[lead + axis]!, 0)]!;
  };
}

const unary =
  (f: (x: number) => number) =>
  ([x]: readonly Numbers[]): number[] =>
    x!.values.map(f);

const binary =
  (f: (a: number, b: number) => number) =>
  ([a, b]: readonly Numbers[], node: { readonly shape: readonly number[] }): number[] => {
    const [left, right] = [reader(a!), reader(b!)];
    return over(node.shape, (index) => f(left(index), right(index)));
  };

const truths = (f: (a: number, b: number) => boolean) => binary((a, b) => Number(f(a, b)));

const reduction =
  (f: (total: number, value: number) => number, start: number, finish = (total: number, _terms: number) => total) =>
  (
    [x]: readonly Numbers[],
    { attributes }: { readonly attributes: { readonly axes: readonly number[] } },
  ): number[] => {
    const kept = x!.shape.map((dim, axis) => (attributes.axes.includes(axis) ? 1 : dim));
    const strides = stridesOf(kept).map((stride, axis) => (kept[axis] === 1 ? 0 : stride));
    const totals = new Array<number>(count(kept)).fill(start);
    const values = reader(x!);
    over(x!.shape, (index) => {
      const at = strides.reduce((flat, stride, axis) => flat + stride * index[axis]!, 0);
      totals[at] = f(totals[at]!, values(index));
      return 0;
    });
    return totals.map((total) => finish(total, x!.values.length / totals.length));
  };

/** The element of x that stands at each index of the result. */
const moved =
  <P extends Primitive>(source: (index: readonly number[], node: TensorOf<P>, x: Numbers) => readonly number[]) =>
  ([x]: readonly Numbers[], node: TensorOf<P>): number[] => {
    const values = reader(x!);
    return over(node.shape, (index) => values(source(index, node, x!)));
  };

/** Half to even, as IEEE 754 rounds. */
const round = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

const same = ([x]: readonly Numbers[]): readonly number[] => x!.values;

/** The primitives that known numbers go through while a model is made: positions, masks, widths, rates. */
const evaluations: { readonly [P in Primitive]?: Evaluation<P> } = {
  constant: (_, { attributes }) => Array.from(attributes.values, Number),
  range: (_, { attributes }) => Array.from({ length: attributes.length }, (_each, i) => i),

  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  relu: unary((x) => Math.max(0, x)),
  not: unary((x) => 1 - x),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(round),
  isNaN: unary((x) => Number(Number.isNaN(x))),
  cast: ([x], { dtype }) =>
    x!.values.map((value) =>
      dtype === 'float32' ? value : dtype === 'bool' ? Number(value !== 0) : Math.trunc(value),
    ),
  clip: ([x], { attributes: { low, high } }) =>
    x!.values.map((value) => Math.max(low ?? -Infinity, Math.min(high ?? Infinity, value))),
  opaque: same,
  stopGradient: same,

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: (inputs, node) => binary((a, b) => (node.dtype === 'float32' ? a / b : Math.trunc(a / b)))(inputs, node),
  pow: binary((a, b) => a ** b),
  mod: binary((a, b) => a - b * Math.floor(a / b)),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: truths((a, b) => a > b),
  greaterOrEqual: truths((a, b) => a >= b),
  less: truths((a, b) => a < b),
  lessOrEqual: truths((a, b) => a <= b),
  equal: truths((a, b) => a === b),
  and: truths((a, b) => a !== 0 && b !== 0),
  or: truths((a, b) => a !== 0 || b !== 0),
  where: ([condition, a, b], { shape }) => {
    const [chosen, yes, no] = [reader(condition!), reader(a!), reader(b!)];
    return over(shape, (index) => (chosen(index) ? yes(index) : no(index)));
  },

  sum: reduction((total, value) => total + value, 0),
  mean: reduction(
    (total, value) => total + value,
    0,
    (total, terms) => total / terms,
  ),
  prod: reduction((total, value) => total * value, 1),
  amax: reduction(Math.max, Number.NEGATIVE_INFINITY),
  amin: reduction(Math.min, Number.POSITIVE_INFINITY),

  reshape: same,
  expand: moved((index) => index),
  transpose: moved((index, { attributes: { perm } }) => perm.map((_, axis) => index[perm.indexOf(axis)]!)),
  slice: moved((index, { attributes: { starts, steps } }) => index.map((i, axis) => starts[axis]! + i * steps[axis]!)),
  flip: moved((index, { attributes: { axes } }, { shape }) =>
    index.map((i, axis) => (axes.includes(axis) ? shape[axis]! - 1 - i : i)),
  ),
  pad: ([x], { shape, attributes: { before, value } }) => {
    const values = reader(x!);
    return over(shape, (index) => {
      const source = index.map((i, axis) => i - before[axis]!);
      return source.every((i, axis) => i >= 0 && i < x!.shape[axis]!) ? values(source) : value;
    });
  },
  concat: (inputs, { shape, attributes: { axis } }) => {
    const parts = inputs.map((input) => ({ size: input.shape[axis]!, at: reader(input) }));
    return over(shape, (index) => {
      let offset = index[axis]!;
      const part = parts.find(({ size }) => {
        if (offset < size) return true;
        offset -= size;
        return false;
      })!;
      return part.at(index.with(axis, offset));
    });
  },
  gather: ([x, chosen], { shape }) => {
    const [values, rows] = [reader(x!), reader(chosen!)];
    const lead = chosen!.shape.length;
    return over(shape, (index) => values([rows(index.slice(0, lead)), ...index.slice(lead)]));
  },
  takeAlong: ([x, chosen], { shape, attributes: { axis } }) => {
    const [values, at] = [reader(x!), reader(chosen!)];
    return over(shape, (index) => values(index.with(axis, at(index))));
  },
  cumulativeSum: ([x], { shape, attributes: { axis, reverse } }) => {
    const values = reader(x!);
    return over(shape, (index) => {
      let total = 0;
      const [from, to] = reverse ? [index[axis]!, shape[axis]! - 1] : [0, index[axis]!];
      for (let i = from; i <= to; i++) total += values(index.with(axis, i));
      return total;
    });
  },
  triangle: ([x], { shape, attributes: { upper, diagonal } }) => {
    const values = reader(x!);
    return over(shape, (index) => {
      const above = index.at(-1)! - index.at(-2)!;
      return (upper ? above >= diagonal : above <= diagonal) ? values(index) : 0;
    });
  },
};

/**
 * The numbers of a small expression that depends on no input, without a runtime: what a model's constructor asks of a tensor.
 * Float32 is rounded after every primitive, as PyTorch rounds. Undefined where a primitive is not among those above, or
 * where more than `limit` elements would be computed.
 */
export function evaluate(root: Tensor, limit: number): Numbers | undefined {
  const found = new Map<Tensor, Numbers>();
  let computed = 0;
  for (const node of topological([root])) {
    const evaluation = evaluations[node.primitive] as Evaluation<Primitive> | undefined;
    computed += count(node.shape);
    if (!evaluation || computed > limit) return undefined;
    const values = evaluation(
      node.inputs.map((input) => found.get(input)!),
      node as TensorOf<Primitive>,
    );
    found.set(node, {
      shape: node.shape,
      dtype: node.dtype,
      values: node.dtype === 'float32' ? values.map(Math.fround) : values,
    });
  }
  return found.get(root);
}
