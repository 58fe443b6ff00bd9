import { type AttributeValue, isBatchDim, type Shape, type ValueType } from '../network';
import {
  abs,
  argMax,
  argMin,
  cast,
  constant,
  equal,
  greater,
  amax as largest,
  logSumExp,
  mean as meanOver,
  mul,
  norm2,
  not,
  pow,
  prod as productOf,
  reshape,
  amin as smallest,
  sub,
  sum as sumOver,
  sumSquare,
  type Tensor,
  takeAlong,
  topIndices,
} from '../tensor';
import { type Attribute, bool, float, int, ints, optional } from './attribute';
import { axesOf, axisOf, onlyInput, range } from './dimensions';
import { givesBool } from './elementTypes';
import { defineLayer, type FunctionForm, type LayerRow, NotModelled, ShapeError } from './row';

/** The axes that go, all of them where none is named. */
export const reducedAxes = (dim: readonly number[] | null, rank: number): number[] =>
  dim === null || dim.length === 0 ? range(0, rank) : axesOf(dim, rank);

/** The shape after reducing. */
export const reducedShape = (input: Shape, axes: readonly number[], keepdim: boolean): Shape =>
  keepdim ? input.map((size, i) => (axes.includes(i) ? 1 : size)) : input.filter((_, i) => !axes.includes(i));

/** Where the input's axis stands afterwards; undefined where it goes. */
export function axisAfter(
  inputAxis: number | undefined,
  outputRank: number,
  dim: readonly number[] | number | null,
  keepdim: boolean,
): number | undefined {
  const named = dim === null ? [] : typeof dim === 'number' ? [dim] : dim;
  if (inputAxis === undefined || named.length === 0) return undefined;
  const axes = named.map((axis) => (axis < 0 ? axis + outputRank + (keepdim ? 0 : named.length) : axis));
  if (axes.includes(inputAxis)) return undefined;
  return keepdim ? inputAxis : inputAxis - axes.filter((axis) => axis < inputAxis).length;
}

const everyAxis = { dim: optional(ints()), keepdim: bool(false) };

/** `torch.f` and `Tensor.f` of a tensor and these parameters. */
export const forms = (name: string, ...parameters: readonly string[]): readonly FunctionForm[] => [
  { names: [`torch.${name}`, `Tensor.${name}`], parameters: ['input', ...parameters] },
];

/** A reduction over any axes. */
const reduction = (
  kind: string,
  compute: (x: Tensor, axes: readonly number[], keepdim: boolean) => Tensor,
  types?: (inputs: readonly ValueType[]) => readonly ValueType[],
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: everyAxis,
    functions: forms(kind, 'dim', 'keepdim', 'dtype'),
    ...(types && { types }),
    outputShapes(inputs, { dim, keepdim }) {
      const input = onlyInput(inputs, kind);
      return [reducedShape(input, reducedAxes(dim, input.length), keepdim)];
    },
    forward: ([x], { dim, keepdim }) => ({ outputs: [compute(x!, reducedAxes(dim, x!.shape.length), keepdim)] }),
    channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
  });

/** Whole numbers for truths, what is there for the rest. */
const counted = (x: Tensor): Tensor => (x.dtype === 'bool' ? cast(x, 'int64') : x);
const countedType = ([input]: readonly ValueType[]): readonly ValueType[] => [input === 'bool' ? 'int64' : input!];

const truths = (x: Tensor): Tensor => cast(x.dtype === 'bool' ? x : not(equal(x, 0)), 'float32');

type Reduce = (x: Tensor, axes: readonly number[], keepdim: boolean) => Tensor;

/** Of truths the largest is whether there is one, the smallest whether all are. */
const ofAnyType =
  (reduce: Reduce): Reduce =>
  (x, axes, keepdim) =>
    x.dtype === 'bool' ? greater(reduce(truths(x), axes, keepdim), 0.5) : reduce(x, axes, keepdim);

const oneAxis = { dim: optional(int()), keepdim: bool(false) };

const prod = defineLayer({
  kind: 'prod',
  role: 'arithmetic',
  module: false,
  attributes: oneAxis,
  functions: forms('prod', 'dim', 'keepdim', 'dtype'),
  types: countedType,
  outputShapes(inputs, { dim, keepdim }) {
    const input = onlyInput(inputs, 'prod');
    return [reducedShape(input, reducedAxes(dim === null ? null : [dim], input.length), keepdim)];
  },
  forward: ([x], { dim, keepdim }) => ({
    outputs: [productOf(counted(x!), reducedAxes(dim === null ? null : [dim], x!.shape.length), keepdim)],
  }),
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

// Variance

const spread = {
  dim: optional(ints()),
  /** The older way to say correction 1 or 0. */
  unbiased: optional(bool()),
  keepdim: bool(false),
  correction: float(1),
};

interface Spread {
  readonly dim: readonly number[] | null;
  readonly unbiased: boolean | null;
  readonly keepdim: boolean;
  readonly correction: number;
}

const floatsOnly = ([input]: readonly ValueType[]): readonly ValueType[] => {
  if (input === 'float32') return ['float32'];
  throw new ShapeError('std and var only support floating point and complex dtypes');
};

/** x − x̄, the mean with its axes kept, and the divisor of the sum of squares. */
function centered(x: Tensor, { dim, unbiased, correction }: Spread) {
  const axes = reducedAxes(dim, x.shape.length);
  const average = meanOver(x, axes, true);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const taken = unbiased === null ? correction : Number(unbiased);
  return { axes, average, rest: sub(x, average), divisor: Math.max(0, count - taken) };
}

function variance(x: Tensor, given: Spread): Tensor {
  const { axes, rest, divisor } = centered(x, given);
  return mul(sumSquare(rest, axes, given.keepdim), 1 / divisor);
}

/** √variance; its gradient at zero is zero, as in PyTorch. */
function deviation(x: Tensor, given: Spread): Tensor {
  const { axes, rest, divisor } = centered(x, given);
  return mul(norm2(rest, axes, given.keepdim), 1 / Math.sqrt(divisor));
}

const spreadRow = (kind: string, compute: (x: Tensor, given: Spread) => Tensor, withMean: boolean): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: spread,
    functions: [
      {
        names: withMean ? [`torch.${kind}`] : [`torch.${kind}`, `Tensor.${kind}`],
        parameters: ['input', 'dim', 'unbiased', 'keepdim', 'correction'],
      },
    ],
    types: floatsOnly,
    outputShapes(inputs, { dim, keepdim }) {
      const input = onlyInput(inputs, kind);
      const shape = reducedShape(input, reducedAxes(dim, input.length), keepdim);
      return withMean ? [shape, shape] : [shape];
    },
    forward([x], given) {
      const value = compute(x!, given);
      if (!withMean) return { outputs: [value] };
      return { outputs: [value, meanOver(x!, reducedAxes(given.dim, x!.shape.length), given.keepdim)] };
    },
    channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
  });

// Extremes

/** The size of an axis that is searched. @throws ShapeError where there is nothing to find. */
function searched(kind: string, input: Shape, axis: number): void {
  if (input[axis] === 0) throw new ShapeError(`${kind}(): Expected reduction dim ${axis} to have non-zero size.`);
}

/** Over all: the value alone. Over an axis: values and where they stood; the gradient goes to that place alone. */
const extreme = (kind: 'max' | 'min'): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: oneAxis,
    functions: forms(kind, 'dim', 'keepdim'),
    types: ([input], { dim }) => (dim === null ? [input!] : [input!, 'int64']),
    results: (outputs) => (outputs === 1 ? 0 : { items: [0, 1], names: ['values', 'indices'] }),
    outputShapes(inputs, { dim, keepdim }) {
      const input = onlyInput(inputs, kind);
      if (dim === null) return [[]];
      const axis = axisOf(dim, input.length);
      if (input.length > 0) searched(kind, input, axis);
      const shape = reducedShape(input, input.length === 0 ? [] : [axis], keepdim);
      return [shape, shape];
    },
    forward([input], { dim, keepdim }) {
      const x = input!;
      if (dim === null) return { outputs: [(kind === 'max' ? largest : smallest)(x)] };
      if (x.shape.length === 0) return { outputs: [x, constant([0], [], 'int64')] };
      const axis = axisOf(dim, x.shape.length);
      const at = (kind === 'max' ? argMax : argMin)(x, axis);
      const kept = x.shape.map((size, i) => (i === axis ? 1 : size));
      const indices = reshape(at, kept);
      const values = takeAlong(x, indices, axis);
      const shape = keepdim ? kept : at.shape;
      return { outputs: [reshape(values, shape), reshape(indices, shape)] };
    },
    channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
  });

const position = (kind: 'argmax' | 'argmin'): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: oneAxis,
    functions: forms(kind, 'dim', 'keepdim'),
    types: () => ['int64'],
    outputShapes(inputs, { dim, keepdim }) {
      const input = onlyInput(inputs, kind);
      if (dim === null) return [keepdim ? input.map(() => 1) : []];
      const axis = axisOf(dim, input.length);
      if (input.length > 0) searched(kind, input, axis);
      return [reducedShape(input, input.length === 0 ? [] : [axis], keepdim)];
    },
    forward([input], { dim, keepdim }) {
      const x = input!;
      const flat = dim === null || x.shape.length === 0;
      const searchedIn = flat ? reshape(x, [x.shape.reduce((a, b) => a * b, 1)]) : x;
      const axis = flat ? 0 : axisOf(dim, x.shape.length);
      const at = (kind === 'argmax' ? argMax : argMin)(searchedIn, axis);
      if (!keepdim) return { outputs: [at] };
      return {
        outputs: [
          reshape(
            at,
            x.shape.map((size, i) => (flat || i === axis ? 1 : size)),
          ),
        ],
      };
    },
  });

const logsumexp = defineLayer({
  kind: 'logsumexp',
  role: 'arithmetic',
  module: false,
  attributes: { dim: ints(), keepdim: bool(false) },
  functions: forms('logsumexp', 'dim', 'keepdim'),
  outputShapes(inputs, { dim, keepdim }) {
    const input = onlyInput(inputs, 'logsumexp');
    return [reducedShape(input, reducedAxes(dim, input.length), keepdim)];
  },
  forward: ([x], { dim, keepdim }) => ({
    outputs: [x!.shape.length === 0 ? x! : logSumExp(x!, reducedAxes(dim, x!.shape.length), keepdim)],
  }),
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

// Norms of vectors

/** An order of a norm: a number, infinities included, or Frobenius', which is the order 2 of all entries. */
const order: Attribute<number | string> = {
  takes: "a number, or 'fro'",
  schema: { oneOf: [{ type: 'number' }, { enum: ['fro', 'inf', '-inf'] }] },
  accept(value: AttributeValue) {
    if (value === 'inf') return Number.POSITIVE_INFINITY;
    if (value === '-inf') return Number.NEGATIVE_INFINITY;
    return typeof value === 'number' || value === 'fro' ? value : undefined;
  },
};

/** (Σ|x|ᵖ)^(1/p) */
export function vectorNorm(x: Tensor, p: number, axes: readonly number[], keepdim: boolean): Tensor {
  if (x.shape.length === 0) return abs(x);
  if (p === 2) return norm2(x, axes, keepdim);
  if (p === 1) return sumOver(abs(x), axes, keepdim);
  if (p === 0) return sumOver(truths(x), axes, keepdim);
  if (p === Number.POSITIVE_INFINITY) return largest(abs(x), axes, keepdim);
  if (p === Number.NEGATIVE_INFINITY) return smallest(abs(x), axes, keepdim);
  return pow(sumOver(pow(abs(x), p), axes, keepdim), 1 / p);
}

const norm = defineLayer({
  kind: 'norm',
  role: 'arithmetic',
  module: false,
  attributes: {
    p: { ...order, fallback: 'fro' } as Attribute<number | string>,
    dim: optional(ints()),
    keepdim: bool(false),
  },
  functions: [
    { names: ['torch.norm'], parameters: ['input', 'p', 'dim', 'keepdim', 'out', 'dtype'] },
    { names: ['Tensor.norm'], parameters: ['input', 'p', 'dim', 'keepdim', 'dtype'] },
  ],
  outputShapes(inputs, { dim, keepdim }) {
    const input = onlyInput(inputs, 'norm');
    return [reducedShape(input, reducedAxes(dim, input.length), keepdim)];
  },
  forward: ([x], { p, dim, keepdim }) => ({
    outputs: [vectorNorm(x!, p === 'fro' ? 2 : (p as number), reducedAxes(dim, x!.shape.length), keepdim)],
  }),
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

const linalgNorm = defineLayer({
  kind: 'vector_norm',
  role: 'arithmetic',
  module: false,
  attributes: {
    ord: optional(order),
    dim: optional(ints()),
    keepdim: bool(false),
    /** Whether an order given for two axes would mean a norm of matrices. */
    matrices: bool(false),
  },
  functions: [
    {
      names: ['torch.linalg.vector_norm'],
      parameters: ['x', 'ord', 'dim', 'keepdim', 'dtype'],
      operands: ['x'],
    },
    {
      names: ['torch.linalg.norm'],
      parameters: ['A', 'ord', 'dim', 'keepdim', 'dtype'],
      operands: ['A'],
      defaults: { matrices: true },
    },
  ],
  outputShapes(inputs, { ord, dim, keepdim, matrices }) {
    const input = onlyInput(inputs, 'vector_norm');
    const axes = reducedAxes(dim, input.length);
    if (matrices && ord !== null && ord !== 'fro' && axes.length === 2)
      throw new NotModelled('ord', 'norms of matrices are not modelled, but for Frobenius’');
    return [reducedShape(input, axes, keepdim)];
  },
  forward: ([x], { ord, dim, keepdim }) => ({
    outputs: [
      vectorNorm(x!, ord === null || ord === 'fro' ? 2 : (ord as number), reducedAxes(dim, x!.shape.length), keepdim),
    ],
  }),
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => axisAfter(inputAxis, outputRank, dim, keepdim),
});

// Order

/** The values at given places of an axis, and the places. */
const picked = (x: Tensor, indices: Tensor, axis: number) => ({ outputs: [takeAlong(x, indices, axis), indices] });

const topk = defineLayer({
  kind: 'topk',
  role: 'shape',
  module: false,
  attributes: { k: int(), dim: int(-1), largest: bool(true), sorted: bool(true) },
  functions: forms('topk', 'k', 'dim', 'largest', 'sorted'),
  types: ([input]) => [input!, 'int64'],
  results: () => ({ items: [0, 1], names: ['values', 'indices'] }),
  outputShapes(inputs, { k, dim }) {
    const input = onlyInput(inputs, 'topk');
    const axis = axisOf(dim, input.length);
    const size = input[axis] ?? 1;
    if (k < 0 || (!isBatchDim(size) && k > size)) throw new ShapeError('selected index k out of range');
    const shape = input.map((each, i) => (i === axis ? k : each));
    return [shape, shape];
  },
  forward([x], { k, dim, largest: most }) {
    const axis = axisOf(dim, x!.shape.length);
    return picked(x!, topIndices(x!, axis, k, most), axis);
  },
});

const sorting = (kind: 'sort' | 'argsort'): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: { dim: int(-1), descending: bool(false), stable: bool(false) },
    functions: forms(kind, 'dim', 'descending', 'stable'),
    types: ([input]) => (kind === 'sort' ? [input!, 'int64'] : ['int64']),
    results: (outputs) => (outputs === 1 ? 0 : { items: [0, 1], names: ['values', 'indices'] }),
    outputShapes(inputs, { dim }) {
      const input = onlyInput(inputs, kind);
      axisOf(dim, input.length);
      return kind === 'sort' ? [input, input] : [input];
    },
    forward([x], { dim, descending }) {
      const axis = axisOf(dim, x!.shape.length);
      const indices = topIndices(x!, axis, x!.shape[axis]!, descending);
      return kind === 'sort' ? picked(x!, indices, axis) : { outputs: [indices] };
    },
  });

/** Rows that make one number of many, or put many in order. `mean` stands beside the arithmetic. */
export const reductionRows: readonly LayerRow[] = [
  reduction('sum', (x, axes, keepdim) => sumOver(counted(x), axes, keepdim), countedType),
  reduction('amax', ofAnyType(largest), (inputs) => [inputs[0]!]),
  reduction('amin', ofAnyType(smallest), (inputs) => [inputs[0]!]),
  reduction('all', (x, axes, keepdim) => greater(smallest(truths(x), axes, keepdim), 0.5), givesBool),
  reduction('any', (x, axes, keepdim) => greater(largest(truths(x), axes, keepdim), 0.5), givesBool),
  prod,
  spreadRow('var', variance, false),
  spreadRow('std', deviation, false),
  spreadRow('var_mean', variance, true),
  spreadRow('std_mean', deviation, true),
  extreme('max'),
  extreme('min'),
  position('argmax'),
  position('argmin'),
  logsumexp,
  norm,
  linalgNorm,
  topk,
  sorting('sort'),
  sorting('argsort'),
];
