import { type Dim, isBatchDim, multiplyDims, type Shape } from '../network';
import {
  cast,
  cumulativeSum,
  equal,
  expand as expandTo,
  not,
  reshape,
  slice,
  stopGradient,
  sub,
  type Tensor,
  transpose,
  triangle,
} from '../tensor';
import { choice, dims, int, ints, optional } from './attribute';
import { axisOf, formatDim, onlyInput, range } from './dimensions';
import { keepsType } from './elementTypes';
import { defineLayer, type LayerRow, ShapeError } from './row';

const shapeText = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

/** The shape that `expand` gives: −1 keeps, sizes of 1 grow. */
function expandedShape(input: Shape, size: Shape): Shape {
  const lead = size.length - input.length;
  if (lead < 0) {
    throw new ShapeError(
      `expand(${shapeText(input)}, size=${shapeText(size)}): the number of sizes provided (${size.length}) must be ` +
        `greater or equal to the number of dimensions in the tensor (${input.length})`,
    );
  }
  return size.map((asked, i) => {
    const own = i < lead ? undefined : input[i - lead]!;
    if (asked === -1 && own === undefined) {
      throw new ShapeError(
        `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`,
      );
    }
    if (asked === -1) return own!;
    if (own === undefined || own === 1) return asked;
    const same = isBatchDim(own) ? isBatchDim(asked) && asked.batch === own.batch : asked === own;
    if (same) return own;
    throw new ShapeError(
      `The expanded size of the tensor (${formatDim(asked)}) must match the existing size (${formatDim(own)}) at ` +
        `non-singleton dimension ${i}.  Target sizes: ${shapeText(size)}.  Tensor sizes: ${shapeText(input)}`,
    );
  });
}

const expand = defineLayer({
  kind: 'expand',
  role: 'shape',
  module: false,
  view: true,
  attributes: { size: dims() },
  functions: [
    { names: ['Tensor.expand'], parameters: ['input', '*size'] },
    { names: ['torch.broadcast_to', 'Tensor.broadcast_to'], parameters: ['input', 'size'] },
  ],
  types: keepsType,
  outputShapes: (inputs, { size }) => [expandedShape(onlyInput(inputs, 'expand'), size)],
  forward: ([x], { size }) => ({ outputs: [expandTo(x!, expandedShape(x!.shape, size) as readonly number[])] }),
  channelAxis: (inputAxis, outputRank, { size }) => {
    // Further axes come in front; how many is not known from here where only the output's rank is.
    return inputAxis !== undefined && size.length === outputRank ? inputAxis : undefined;
  },
});

/** The tensor as often beside itself as `counts` say, one for each axis, new axes in front. */
function repeated(x: Tensor, counts: readonly number[]): Tensor {
  const lead = counts.length - x.shape.length;
  const own = [...range(0, lead).map(() => 1), ...x.shape];
  if (counts.every((count) => count === 1)) return reshape(x, own);
  const apart = own.flatMap((size) => [1, size]);
  const many = own.flatMap((size, axis) => [counts[axis]!, size]);
  return reshape(
    expandTo(reshape(x, apart), many),
    own.map((size, axis) => size * counts[axis]!),
  );
}

/** One size times another. @throws ShapeError for batch × batch. */
function times(a: Dim, b: Dim): Dim {
  const product = multiplyDims([a, b]);
  if (product === undefined) throw new ShapeError('The batch cannot be repeated as often as it is long');
  return product;
}

const repeatedShape = (input: Shape, counts: Shape): Shape => {
  const lead = counts.length - input.length;
  return counts.map((count, axis) => (axis < lead ? count : times(input[axis - lead]!, count)));
};

const repeat = defineLayer({
  kind: 'repeat',
  role: 'shape',
  module: false,
  attributes: { repeats: dims() },
  functions: [{ names: ['Tensor.repeat'], parameters: ['input', '*repeats'] }],
  types: keepsType,
  outputShapes(inputs, { repeats }) {
    const input = onlyInput(inputs, 'repeat');
    if (repeats.length < input.length) {
      throw new ShapeError(
        'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
      );
    }
    return [repeatedShape(input, repeats)];
  },
  forward: ([x], { repeats }) => ({ outputs: [repeated(x!, repeats as readonly number[])] }),
});

/** The counts of `tile` for every axis: missing ones in front are 1. */
const tileCounts = (rank: number, counts: Shape): Shape => [
  ...range(0, Math.max(0, rank - counts.length)).map(() => 1),
  ...counts,
];

const tile = defineLayer({
  kind: 'tile',
  role: 'shape',
  module: false,
  attributes: { dims: dims() },
  functions: [
    { names: ['Tensor.tile'], parameters: ['input', '*dims'] },
    { names: ['torch.tile'], parameters: ['input', 'dims'] },
  ],
  types: keepsType,
  outputShapes(inputs, { dims: counts }) {
    const input = onlyInput(inputs, 'tile');
    return [repeatedShape(input, tileCounts(input.length, counts))];
  },
  forward: ([x], { dims: counts }) => ({
    outputs: [repeated(x!, tileCounts(x!.shape.length, counts) as readonly number[])],
  }),
});

/** Each element of an axis several times in a row; without an axis, of the flattened tensor. */
const repeatInterleave = defineLayer({
  kind: 'repeat_interleave',
  role: 'shape',
  module: false,
  attributes: { repeats: int(), dim: optional(int()) },
  functions: [
    {
      names: ['torch.repeat_interleave', 'Tensor.repeat_interleave'],
      parameters: ['input', 'repeats', 'dim', 'output_size'],
    },
  ],
  types: keepsType,
  outputShapes(inputs, { repeats, dim }) {
    const input = onlyInput(inputs, 'repeat_interleave');
    if (repeats < 0) throw new ShapeError('Repeats must be non-negative');
    if (dim === null) {
      const total = multiplyDims(input);
      if (total === undefined) throw new ShapeError('repeat_interleave would multiply the batch by itself');
      return [[times(total, repeats)]];
    }
    const axis = axisOf(dim, input.length);
    return [input.map((size, i) => (i === axis ? times(size, repeats) : size))];
  },
  forward([input], { repeats, dim }) {
    const flat = dim === null ? reshape(input!, [input!.shape.reduce((a, b) => a * b, 1)]) : input!;
    const axis = dim === null ? 0 : axisOf(dim, flat.shape.length);
    const [before, after] = [flat.shape.slice(0, axis + 1), flat.shape.slice(axis + 1)];
    const wide = expandTo(reshape(flat, [...before, 1, ...after]), [...before, repeats, ...after]);
    const shape = flat.shape.map((size, i) => (i === axis ? size * repeats : size));
    return { outputs: [reshape(wide, shape)] };
  },
});

const t = defineLayer({
  kind: 't',
  role: 'shape',
  module: false,
  view: true,
  attributes: {},
  functions: [{ names: ['torch.t', 'Tensor.t'], parameters: ['input'] }],
  types: keepsType,
  outputShapes(inputs) {
    const input = onlyInput(inputs, 't');
    if (input.length > 2)
      throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${input.length}D`);
    return [[...input].reverse()];
  },
  forward: ([x]) => ({ outputs: [x!.shape.length === 2 ? transpose(x!, [1, 0]) : x!] }),
  channelAxis: (inputAxis, outputRank) => (inputAxis === undefined ? undefined : outputRank - 1 - inputAxis),
});

/** Axes moved from their places to others, the rest in order. */
function moved(rank: number, source: readonly number[], destination: readonly number[]): number[] {
  if (source.length !== destination.length) {
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source ([${source.join(', ')}] dims) should contain the same number ` +
        `of dims as destination ([${destination.join(', ')}] dims)`,
    );
  }
  const [from, to] = [source, destination].map((places) => places.map((dim) => axisOf(dim, rank))) as [
    number[],
    number[],
  ];
  for (const [name, axes, given] of [
    ['source', from, source],
    ['destination', to, destination],
  ] as const) {
    if (new Set(axes).size < axes.length)
      throw new ShapeError(`movedim: repeated dim in \`${name}\` ([${given.join(', ')}])`);
  }
  const others = range(0, rank).filter((axis) => !from.includes(axis));
  return range(0, rank).map((axis) => {
    const at = to.indexOf(axis);
    return at < 0 ? others.shift()! : from[at]!;
  });
}

const movedim = defineLayer({
  kind: 'movedim',
  role: 'shape',
  module: false,
  view: true,
  attributes: { source: ints(), destination: ints() },
  functions: [
    {
      names: ['torch.movedim', 'Tensor.movedim', 'torch.moveaxis', 'Tensor.moveaxis'],
      parameters: ['input', 'source', 'destination'],
    },
  ],
  types: keepsType,
  outputShapes(inputs, { source, destination }) {
    const input = onlyInput(inputs, 'movedim');
    return [moved(input.length, source, destination).map((axis) => input[axis]!)];
  },
  forward: ([x], { source, destination }) => ({
    outputs: [transpose(x!, moved(x!.shape.length, source, destination))],
  }),
  channelAxis: (inputAxis, outputRank, { source, destination }) => {
    const at = inputAxis === undefined ? -1 : moved(outputRank, source, destination).indexOf(inputAxis);
    return at < 0 ? undefined : at;
  },
});

/** What is on one side of a diagonal; zeros on the other. */
const triangular = (kind: 'tril' | 'triu'): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    module: false,
    attributes: { diagonal: int(0) },
    functions: [{ names: [`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`], parameters: ['input', 'diagonal'] }],
    types: keepsType,
    outputShapes(inputs) {
      const input = onlyInput(inputs, kind);
      if (input.length < 2) throw new ShapeError(`${kind}: input tensor must have at least 2 dimensions`);
      return [input];
    },
    forward: ([x], { diagonal }) => ({ outputs: [triangle(x!, kind === 'triu', diagonal)] }),
  });

const cumsum = defineLayer({
  kind: 'cumsum',
  role: 'arithmetic',
  module: false,
  attributes: { dim: int() },
  functions: [{ names: ['torch.cumsum', 'Tensor.cumsum', 'Tensor.cumsum_'], parameters: ['input', 'dim', 'dtype'] }],
  types: ([input]) => [input === 'bool' ? 'int64' : input!],
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'cumsum');
    axisOf(dim, input.length);
    return [input];
  },
  forward([input], { dim }) {
    const x = input!.dtype === 'bool' ? cast(input!, 'int64') : input!;
    if (x.shape.length === 0) return { outputs: [x] };
    return { outputs: [cumulativeSum(x, axisOf(dim, x.shape.length))] };
  },
});

/** Each element less the one before it, `n` times over. */
const diff = defineLayer({
  kind: 'diff',
  role: 'arithmetic',
  module: false,
  attributes: { n: int(1), dim: int(-1) },
  functions: [{ names: ['torch.diff', 'Tensor.diff'], parameters: ['input', 'n', 'dim'] }],
  types: keepsType,
  outputShapes(inputs, { n, dim }) {
    const input = onlyInput(inputs, 'diff');
    if (input.length === 0) throw new ShapeError('diff expects input to be at least one-dimensional');
    const axis = axisOf(dim, input.length);
    const size = input[axis]!;
    if (typeof size !== 'number') throw new ShapeError('diff over the batch is not modelled');
    return [input.with(axis, Math.max(0, size - n))];
  },
  forward([input], { n, dim }) {
    const axis = axisOf(dim, input!.shape.length);
    const part = (x: Tensor, from: number, to: number) =>
      slice(
        x,
        x.shape.map((_, i) => (i === axis ? from : 0)),
        x.shape.map((size, i) => (i === axis ? to : size)),
      );
    const times = Math.min(n, input!.shape[axis]!);
    const outputs = Array.from({ length: times }).reduce<Tensor>((x) => {
      const [left, right] = [part(x, 0, x.shape[axis]! - 1), part(x, 1, x.shape[axis]!)];
      return x.dtype === 'bool' ? not(equal(left, right)) : sub(right, left);
    }, input!);
    return { outputs: [outputs] };
  },
});

/** The same values, with no way back for the gradient. */
const detach = defineLayer({
  kind: 'detach',
  role: 'shape',
  module: false,
  attributes: {},
  functions: [{ names: ['torch.detach', 'Tensor.detach', 'Tensor.detach_'], parameters: ['input'] }],
  types: keepsType,
  outputShapes: (inputs) => [onlyInput(inputs, 'detach')],
  forward: ([x]) => ({ outputs: [x!.dtype === 'float32' ? stopGradient(x!) : x!] }),
});

/** The values in another element type. */
const to = defineLayer({
  kind: 'to',
  role: 'shape',
  module: false,
  attributes: { dtype: choice(['float32', 'int64', 'bool']) },
  functions: [{ names: ['Tensor.to'], parameters: ['input', 'dtype'] }],
  types: (_, { dtype }) => [dtype],
  outputShapes: (inputs) => [onlyInput(inputs, 'to')],
  forward: ([x], { dtype }) => ({ outputs: [cast(x!, dtype)] }),
});

/** Rows that put elements elsewhere, repeat them, or leave them where they are. */
export const layouts: readonly LayerRow[] = [
  expand,
  repeat,
  tile,
  repeatInterleave,
  t,
  movedim,
  triangular('tril'),
  triangular('triu'),
  cumsum,
  diff,
  detach,
  to,
];
