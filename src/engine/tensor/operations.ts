import { arrayOf } from '../onnx';
import type { ChannelNormalization, ConvolutionGeometry, PoolingGeometry, PrimitiveAttributes } from './attributes';
import { broadcastShapes } from './broadcast';
import { convolutionByColumns, worthColumns } from './primitives/convolutionColumns';
import { transposedConvolution as transposedConvolutionBy } from './primitives/transposedConvolution';
import { primitives } from './table';
import type { DataType, Primitive, Tensor, TypedArray } from './tensor';

/** An operand: a tensor, or a number taken as a scalar of the other operand's type. */
export type Operand = Tensor | number;

const apply = <P extends Primitive>(
  primitive: P,
  inputs: readonly Tensor[],
  attributes: PrimitiveAttributes[P],
): Tensor => ({ primitive, inputs, attributes, ...primitives[primitive].infer(inputs, attributes) }) as Tensor;

/** A value that the program is given when it runs. */
export const input = (name: string, shape: readonly number[], dtype: DataType = 'float32'): Tensor => ({
  primitive: 'input',
  inputs: [],
  attributes: { name },
  shape,
  dtype,
});

/** A known value: a number, or numbers in row-major order with their shape (default: one axis). */
export function constant(
  value: number | readonly number[] | TypedArray,
  shape?: readonly number[],
  dtype: DataType = 'float32',
): Tensor {
  const list = typeof value === 'number' ? [value] : value;
  const values = ArrayBuffer.isView(list) ? (list as TypedArray) : arrayOf(dtype, list as readonly number[]);
  const ownShape = shape ?? (typeof value === 'number' ? [] : [values.length]);
  return { primitive: 'constant', inputs: [], attributes: { values }, shape: ownShape, dtype };
}

/** The only value of a one-element constant; undefined for any other expression. */
function scalarValue(x: Operand): number | undefined {
  if (typeof x === 'number') return x;
  return x.primitive === 'constant' && x.attributes.values.length === 1 && x.shape.length === 0
    ? Number(x.attributes.values[0])
    : undefined;
}

const lift = (x: Operand, other: Operand): Tensor =>
  typeof x === 'number' ? constant(x, [], typeof other === 'number' ? 'float32' : other.dtype) : x;

/** What an expansion was made of, where broadcasting against `other` gives the same shape without the copy. */
function withoutExpand(x: Tensor, other: Tensor): Tensor {
  if (x.primitive !== 'expand') return x;
  const [original] = x.inputs;
  return sameNumbers(broadcastShapes(original!.shape, other.shape), broadcastShapes(x.shape, other.shape))
    ? original!
    : x;
}

const unary =
  (
    primitive:
      | 'neg'
      | 'abs'
      | 'sign'
      | 'exp'
      | 'log'
      | 'sqrt'
      | 'reciprocal'
      | 'tanh'
      | 'sigmoid'
      | 'erf'
      | 'relu'
      | 'not',
  ) =>
  (x: Tensor): Tensor =>
    apply(primitive, [x], {});

const binary =
  (
    primitive:
      | 'add'
      | 'sub'
      | 'mul'
      | 'div'
      | 'maximum'
      | 'minimum'
      | 'greater'
      | 'less'
      | 'equal'
      | 'and'
      | 'or'
      | 'xor'
      | 'shiftRight',
  ) =>
  (a: Operand, b: Operand): Tensor => {
    const left = lift(a, b);
    const right = lift(b, a);
    // One side after the other: with both expansions gone, nothing would be as large as the result.
    const bare = withoutExpand(left, right);
    return apply(primitive, [bare, withoutExpand(right, bare)], {});
  };

export const neg = unary('neg');
export const abs = unary('abs');
export const sign = unary('sign');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const reciprocal = unary('reciprocal');
export const tanh = unary('tanh');
export const sigmoid = unary('sigmoid');
export const erf = unary('erf');
export const relu = unary('relu');
export const not = unary('not');

const plainAdd = binary('add');
const plainSub = binary('sub');
const plainMul = binary('mul');
const plainDiv = binary('div');

// Neutral elements vanish here, so that rules and layers can be written without looking for them.
export const add = (a: Operand, b: Operand): Tensor =>
  scalarValue(b) === 0 && typeof a !== 'number'
    ? a
    : scalarValue(a) === 0 && typeof b !== 'number'
      ? b
      : plainAdd(a, b);
export const sub = (a: Operand, b: Operand): Tensor =>
  scalarValue(b) === 0 && typeof a !== 'number' ? a : plainSub(a, b);
export const mul = (a: Operand, b: Operand): Tensor =>
  scalarValue(b) === 1 && typeof a !== 'number'
    ? a
    : scalarValue(a) === 1 && typeof b !== 'number'
      ? b
      : plainMul(a, b);
export const div = (a: Operand, b: Operand): Tensor =>
  scalarValue(b) === 1 && typeof a !== 'number' ? a : plainDiv(a, b);
export const maximum = binary('maximum');
export const minimum = binary('minimum');
export const greater = binary('greater');
export const less = binary('less');
export const equal = binary('equal');
export const and = binary('and');
export const or = binary('or');
export const xor = binary('xor');
export const shiftRight = binary('shiftRight');

export const square = (x: Tensor): Tensor => mul(x, x);

export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return apply('where', [condition, lift(a, b), lift(b, a)], {});
}

export const cast = (x: Tensor, to: DataType): Tensor => (x.dtype === to ? x : apply('cast', [x], { to }));

/** The value of x as a constant, as far as gradients go. */
export const stopGradient = (x: Tensor): Tensor =>
  x.primitive === 'stopGradient' ? x : apply('stopGradient', [x], {});

const LOOKED_INTO: readonly Primitive[] = ['reshape', 'transpose', 'expand'];

/**
 * The value, so that what is made of it depends on it and not on what it was made of. The gradient by a value that a
 * later reshape or product looked through would be zero.
 */
export const opaque = (x: Tensor): Tensor => (LOOKED_INTO.includes(x.primitive) ? apply('opaque', [x], {}) : x);

/** 0, 1, …, length − 1 as int32. */
export const range = (length: number): Tensor => apply('range', [], { length });

const fromZero = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);

const reduce =
  (primitive: 'sum' | 'sumSquare' | 'mean' | 'amax' | 'amin') =>
  /** Over the axes (default: all; negative ones count from the end). */
  (x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keepDims = false): Tensor => {
    const all = fromZero(axes, x.shape.length);
    if (all.every((axis) => x.shape[axis] === 1)) {
      return reshape(
        primitive === 'sumSquare' ? square(x) : x,
        x.shape.flatMap((dim, axis) => (all.includes(axis) ? (keepDims ? [1] : []) : [dim])),
      );
    }
    return apply(primitive, [x], { axes: all, keepDims });
  };

export const sum = reduce('sum');
/** The sum of squares, in one pass. */
export const sumSquare = reduce('sumSquare');
export const mean = reduce('mean');
export const amax = reduce('amax');
export const amin = reduce('amin');

const sameNumbers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Sums what broadcasting repeated: the inverse of broadcasting `shape` to x's shape. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameNumbers(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((dim, axis) => (axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  return reshape(sum(x, axes), shape);
}

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (sameNumbers(x.shape, shape)) return x;
  return apply('reshape', [x.primitive === 'reshape' ? x.inputs[0]! : x], { shape });
}

/** What was reshaped, where something was: `reshape` makes one of several. */
export const unfolded = (x: Tensor): Tensor => (x.primitive === 'reshape' ? x.inputs[0]! : x);

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  if (perm.every((axis, i) => axis === i)) return x;
  if (x.primitive === 'transpose') {
    const composed = perm.map((axis) => x.attributes.perm[axis]!);
    return transpose(x.inputs[0]!, composed);
  }
  // Axes of one value may go anywhere: where the others keep their order, nothing is moved.
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) {
    return reshape(
      x,
      perm.map((axis) => x.shape[axis]!),
    );
  }
  return apply('transpose', [x], { perm });
}

export const expand = (x: Tensor, shape: readonly number[]): Tensor =>
  sameNumbers(x.shape, shape) ? x : apply('expand', [x], { shape });

/** x[starts:ends:steps], one entry an axis; steps are positive. */
export function slice(
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Tensor {
  const whole = x.shape.every((dim, axis) => starts[axis] === 0 && ends[axis] === dim && steps[axis] === 1);
  return whole ? x : apply('slice', [x], { starts, ends, steps });
}

/** Puts step − 1 zeros between neighbours and pads with zeros; a negative pad crops. */
export function spread(
  x: Tensor,
  steps: readonly number[],
  before: readonly number[],
  after: readonly number[],
): Tensor {
  const nothing = steps.every((s) => s === 1) && [...before, ...after].every((p) => p === 0);
  return nothing ? x : apply('spread', [x], { steps, before, after });
}

export const pad = (x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor =>
  [...before, ...after].every((p) => p === 0) ? x : apply('pad', [x], { before, after, value });

export const concat = (tensors: readonly Tensor[], axis: number): Tensor =>
  tensors.length === 1
    ? tensors[0]!
    : apply('concat', tensors, { axis: axis < 0 ? axis + tensors[0]!.shape.length : axis });

export const flip = (x: Tensor, axes: readonly number[]): Tensor => apply('flip', [x], { axes });
/** One of `count` equal parts along axis 0; all of them are made at once. */
export const part = (x: Tensor, index: number, count: number): Tensor => apply('part', [x], { index, count });

/** Rows of x (axis 0) by int64 index. */
export const gather = (x: Tensor, indices: Tensor): Tensor => apply('gather', [x, indices], {});

export const takeAlong = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply('takeAlong', [x, indices], { axis });

export const putAlong = (updates: Tensor, indices: Tensor, axis: number, size: number): Tensor =>
  apply('putAlong', [updates, indices], { axis, size });

/** x with the updates at given places of an axis: in place of what was there, or the largest or smallest of all. */
export const placeAlong = (
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  attributes: PrimitiveAttributes['placeAlong'],
): Tensor => apply('placeAlong', [x, indices, updates], attributes);

const swapsLastTwo = (x: Tensor): x is Extract<Tensor, { primitive: 'transpose' }> => {
  if (x.primitive !== 'transpose') return false;
  const rank = x.shape.length;
  return x.attributes.perm.every((axis, i) => axis === (i === rank - 1 ? rank - 2 : i === rank - 2 ? rank - 1 : i));
};

/**
 * Matrix product over the last two axes, the leading ones broadcast; `transposeA`/`transposeB` exchange an operand's
 * last two axes first. Leading axes of `a` fold into its rows where `b` is one matrix: one large product, and its
 * gradient too.
 */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  if (swapsLastTwo(a)) return matmul(a.inputs[0]!, b, { transposeA: !transposeA, transposeB });
  if (swapsLastTwo(b)) return matmul(a, b.inputs[0]!, { transposeA, transposeB: !transposeB });
  if (a.shape.length > 2 && b.shape.length === 2 && !transposeA) {
    const rows = a.shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
    const product = matmul(reshape(a, [rows, a.shape.at(-1)!]), b, { transposeB });
    return reshape(product, [...a.shape.slice(0, -1), product.shape[1]!]);
  }
  return apply('matmul', [a, b], { transposeA, transposeB });
}

/** A·B + c for plain matrices, c a row vector. */
export const matmulAdd = (a: Tensor, b: Tensor, c: Tensor, transposed: PrimitiveAttributes['matmulAdd']): Tensor =>
  apply('matmulAdd', [a, b, c], transposed);

/** Cross-correlation as PyTorch's convN: x [N, C, …], weight [O, C/groups, …]. */
export const convolution = (x: Tensor, weight: Tensor, geometry: ConvolutionGeometry): Tensor =>
  worthColumns(x, weight, geometry)
    ? convolutionByColumns({ reshape, transpose, pad, slice, concat, matmul, constant }, x, weight, geometry)
    : apply('convolution', [x, weight], geometry);

/** PyTorch's conv_transposeN: x [N, C, …], weight [C, O/groups, …], to an output of `size`. */
export const transposedConvolution = (
  x: Tensor,
  weight: Tensor,
  geometry: Omit<ConvolutionGeometry, 'padsEnd'>,
  size: readonly number[],
): Tensor =>
  transposedConvolutionBy(
    { reshape, transpose, pad, slice, spread, flip, matmul, constant, convolution },
    x,
    weight,
    geometry,
    size,
  );

/** The padding is of −∞. ONNX's own is smaller than the kernel; a larger one is put there first. */
export function maxPool(x: Tensor, geometry: PoolingGeometry): Tensor {
  const { kernel, padsBegin, padsEnd } = geometry;
  const beyond = (pads: readonly number[]) => pads.map((size, i) => Math.max(0, size - kernel[i]! + 1));
  const [before, after] = [beyond(padsBegin), beyond(padsEnd)];
  const padded = pad(x, [0, 0, ...before], [0, 0, ...after], Number.NEGATIVE_INFINITY);
  return apply('maxPool', [padded], {
    ...geometry,
    padsBegin: padsBegin.map((size, i) => size - before[i]!),
    padsEnd: padsEnd.map((size, i) => size - after[i]!),
  });
}

export const maxPoolIndices = (x: Tensor, geometry: PoolingGeometry): Tensor => apply('maxPoolIndices', [x], geometry);

const axisOf = (x: Tensor, axis: number) => (axis < 0 ? axis + x.shape.length : axis);

export const softmax = (x: Tensor, axis: number): Tensor => apply('softmax', [x], { axis: axisOf(x, axis) });

export const logSoftmax = (x: Tensor, axis: number): Tensor => apply('logSoftmax', [x], { axis: axisOf(x, axis) });

/** Normalizes x [N, C, K] by channel, over the batch or in groups of channels; scale and shift are [C]. */
export const channelNorm = (
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  { epsilon, groups, part = 'output' }: Omit<ChannelNormalization, 'part'> & Partial<ChannelNormalization>,
): Tensor => apply('channelNorm', [x, scale, shift], { epsilon, groups, part });

/** Normalizes each row of x [R, K]; scale and shift are [K]. */
export const layerNorm = (
  x: Tensor,
  scale: Tensor,
  shift: Tensor | undefined,
  epsilon: number,
  part: PrimitiveAttributes['layerNorm']['part'] = 'output',
): Tensor => apply('layerNorm', shift ? [x, scale, shift] : [x, scale], { epsilon, part });

/** Divides each row of x [R, K] by its root mean square; scale is [K]. */
export const rmsNorm = (
  x: Tensor,
  scale: Tensor,
  epsilon: number,
  part: PrimitiveAttributes['rmsNorm']['part'] = 'output',
): Tensor => apply('rmsNorm', [x, scale], { epsilon, part });

/** x·scale + shift for x [N, C, K], scale and shift [C]. */
export const scaleShift = (x: Tensor, scale: Tensor, shift: Tensor): Tensor =>
  apply('scaleShift', [x, scale, shift], {});

/** Ones, as an affine parameter that is not there; computed once, before a program's loop. */
export const ones = (shape: readonly number[]): Tensor => expand(constant(1), shape);
export const zeros = (shape: readonly number[]): Tensor => expand(constant(0), shape);
/** Whether a tensor is what `zeros` makes, as `gradients` gives it for what the loss does not depend on. */
export const isZeros = (x: Tensor): boolean => scalarValue(x.primitive === 'expand' ? x.inputs[0]! : x) === 0;

/** −(y·ln p + (1 − y)·ln(1 − p)) of each value, the logarithms cut at −100. */
export const binaryCrossEntropy = (p: Tensor, y: Tensor): Tensor => apply('binaryCrossEntropy', [p, y], {});

/** The same of p = σ(x), from x. */
export const binaryCrossEntropyWithLogits = (x: Tensor, y: Tensor): Tensor =>
  apply('binaryCrossEntropyWithLogits', [x, y], {});

/** A recurrence over steps; see its primitive for the inputs. */
export const recurrence = (inputs: readonly Tensor[], attributes: PrimitiveAttributes['recurrence']): Tensor =>
  apply('recurrence', inputs, attributes);

/** A gradient of a recurrence: by its inputs and, last, the gradient of its output. */
export const recurrenceGradient = (
  inputs: readonly Tensor[],
  attributes: PrimitiveAttributes['recurrenceGradient'],
): Tensor => apply('recurrenceGradient', inputs, attributes);
const plainUnary =
  (
    primitive:
      | 'sin'
      | 'cos'
      | 'tan'
      | 'asin'
      | 'acos'
      | 'atan'
      | 'sinh'
      | 'cosh'
      | 'asinh'
      | 'acosh'
      | 'atanh'
      | 'expm1'
      | 'log1p'
      | 'floor'
      | 'ceil'
      | 'round'
      | 'isNaN',
  ) =>
  (x: Tensor): Tensor =>
    apply(primitive, [x], {});

export const sin = plainUnary('sin');
export const cos = plainUnary('cos');
export const tan = plainUnary('tan');
export const asin = plainUnary('asin');
export const acos = plainUnary('acos');
export const atan = plainUnary('atan');
export const sinh = plainUnary('sinh');
export const cosh = plainUnary('cosh');
export const asinh = plainUnary('asinh');
export const acosh = plainUnary('acosh');
export const atanh = plainUnary('atanh');
export const expm1 = plainUnary('expm1');
export const log1p = plainUnary('log1p');
export const floor = plainUnary('floor');
export const ceil = plainUnary('ceil');
/** Halves to the even neighbour. */
export const round = plainUnary('round');
export const isNotANumber = plainUnary('isNaN');

const ofTwo =
  (primitive: 'pow' | 'mod' | 'greaterOrEqual' | 'lessOrEqual') =>
  (a: Operand, b: Operand): Tensor =>
    apply(primitive, [lift(a, b), lift(b, a)], {});

export const pow = ofTwo('pow');
/** a − b·⌊a/b⌋ of whole numbers. */
export const mod = ofTwo('mod');
export const greaterOrEqual = ofTwo('greaterOrEqual');
export const lessOrEqual = ofTwo('lessOrEqual');

/** The values between two bounds, null for none; on a bound the gradient passes if `onBounds` says so. */
export const clip = (x: Tensor, low: number | null, high: number | null, onBounds: boolean): Tensor =>
  low === null && high === null ? x : apply('clip', [x], { low, high, onBounds });

const reduceAll =
  (primitive: 'norm2' | 'prod' | 'logSumExp') =>
  /** Over the axes (default: all; negative ones count from the end). */
  (x: Tensor, axes: readonly number[] = x.shape.map((_, i) => i), keepDims = false): Tensor =>
    apply(primitive, [x], { axes: fromZero(axes, x.shape.length), keepDims });

/** The Euclidean norm; its gradient at zero is zero. */
export const norm2 = reduceAll('norm2');
export const prod = reduceAll('prod');
export const logSumExp = reduceAll('logSumExp');

/** Index of the first largest value along an axis, int64; the axis goes. */
export const argMax = (x: Tensor, axis: number): Tensor => apply('argMax', [x], { axis });
export const argMin = (x: Tensor, axis: number): Tensor => apply('argMin', [x], { axis });
/** Indices of the k largest or smallest values along an axis, in order, int64. */
export const topIndices = (x: Tensor, axis: number, k: number, largest: boolean): Tensor =>
  apply('topIndices', [x], { axis, k, largest });
export const cumulativeSum = (x: Tensor, axis: number, reverse = false): Tensor =>
  apply('cumulativeSum', [x], { axis, reverse });
/** What is on and above (or below) the k-th diagonal of the last two axes; zeros elsewhere. */
export const triangle = (x: Tensor, upper: boolean, diagonal: number): Tensor =>
  apply('triangle', [x], { upper, diagonal });
/** Adds rows [n, …] into zeros [size, …] by int64 index [n]. */
export const putRows = (rows: Tensor, indices: Tensor, size: number): Tensor =>
  apply('putRows', [rows, indices], { size });
