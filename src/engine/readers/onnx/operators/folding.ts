import { type Dim, divideDims, isBatchDim, multiplyDims, type Shape, sameDim } from '../../../network';
import { dataTypeName } from '../../../onnx';
import { joined, placesOfAxis } from '../stored';
import { type Filled, type Known, known, type Value, valueTypeOf } from '../values';
import { type Applied, asKnown, axisOf } from './applied';

// Sizes, axes and scales that the graph works out while it runs, worked out while it is read. A size may be a multiple of
// the batch; what is no such multiple any more is not known.

const MOST_ELEMENTS = 4096;
/** Of an axis, to go through one by one. */
const MOST_PLACES = 2 ** 22;

type Fold = (a: Dim, b: Dim) => Dim | undefined;

const numeric =
  (fold: (a: number, b: number) => number): Fold =>
  (a, b) =>
    isBatchDim(a) || isBatchDim(b) ? undefined : fold(a, b);

const batchesIn = (dim: Dim): number => (isBatchDim(dim) ? dim.batch : 0);

/** Sums of sizes: multiples of the batch with one another. */
const sum =
  (sign: 1 | -1): Fold =>
  (a, b) => {
    if (!isBatchDim(a) && !isBatchDim(b)) return a + sign * b;
    if (b === 0) return a;
    if (a === 0 && sign === 1) return b;
    if (!isBatchDim(a) || !isBatchDim(b)) return undefined;
    const batch = batchesIn(a) + sign * batchesIn(b);
    return batch === 0 ? 0 : batch > 0 ? { batch } : undefined;
  };

const compare =
  (fold: (a: number, b: number) => boolean): Fold =>
  (a, b) =>
    isBatchDim(a) || isBatchDim(b) ? undefined : Number(fold(a, b));

const binaries: Readonly<Record<string, { readonly fold: Fold; readonly gives?: 'bool' }>> = {
  Add: { fold: sum(1) },
  Sub: { fold: sum(-1) },
  Mul: { fold: (a, b) => (a === 0 || b === 0 ? 0 : multiplyDims([a, b])) },
  Mod: { fold: numeric((a, b) => ((a % b) + b) % b) },
  Pow: { fold: numeric((a, b) => a ** b) },
  Max: { fold: numeric(Math.max) },
  Min: { fold: numeric(Math.min) },
  // A size is never negative: no multiple of the batch is −1 or 0.
  Equal: {
    fold: (a, b) => {
      if (isBatchDim(a) !== isBatchDim(b)) return Number(isBatchDim(a) ? b : a) <= 0 ? 0 : undefined;
      return Number(sameDim(a, b));
    },
    gives: 'bool',
  },
  Less: { fold: compare((a, b) => a < b), gives: 'bool' },
  LessOrEqual: { fold: compare((a, b) => a <= b), gives: 'bool' },
  Greater: { fold: compare((a, b) => a > b), gives: 'bool' },
  GreaterOrEqual: { fold: compare((a, b) => a >= b), gives: 'bool' },
  And: { fold: compare((a, b) => a !== 0 && b !== 0), gives: 'bool' },
  Or: { fold: compare((a, b) => a !== 0 || b !== 0), gives: 'bool' },
};

const unaries: Readonly<Record<string, (a: number) => number>> = {
  Neg: (a) => -a,
  Abs: Math.abs,
  Sqrt: Math.sqrt,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Reciprocal: (a) => 1 / a,
  Not: (a) => Number(a === 0),
  Exp: Math.exp,
  Log: Math.log,
};

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The index of each element of the result in an operand of a smaller shape. */
function indices(shape: readonly number[], target: readonly number[]): number[] {
  const lead = target.length - shape.length;
  return Array.from({ length: count(target) }, (_, flat) => {
    let rest = flat;
    let index = 0;
    let stride = 1;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const at = rest % target[axis]!;
      rest = Math.floor(rest / target[axis]!);
      const size = axis < lead ? 1 : shape[axis - lead]!;
      if (axis < lead) continue;
      if (size !== 1) index += at * stride;
      stride *= size;
    }
    return index;
  });
}

/** The shape of all together; undefined where they do not fit. */
function together(shapes: readonly (readonly number[])[]): readonly number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const target = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, size] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (target[axis] === 1) target[axis] = size;
      else if (size !== 1 && size !== target[axis]) return undefined;
    }
  }
  return count(target) <= MOST_ELEMENTS ? target : undefined;
}

function foldBinary(a: Known, b: Known, fold: Fold, type: Known['type']): Known | undefined {
  const shape = together([a.shape, b.shape]);
  if (!shape) return undefined;
  const [left, right] = [indices(a.shape, shape), indices(b.shape, shape)];
  const elements = left.map((from, i) => fold(a.elements[from]!, b.elements[right[i]!]!));
  return elements.includes(undefined) ? undefined : known(shape, elements as Dim[], type);
}

function divide(a: Known, b: Known): Known | undefined {
  const integer = a.type !== 'float32' && b.type !== 'float32';
  const fold: Fold = (x, y) => {
    if (isBatchDim(x) || isBatchDim(y)) return divideDims(x, y);
    return integer ? Math.trunc(x / y) : x / y;
  };
  return foldBinary(a, b, fold, integer ? 'int64' : 'float32');
}

function where(condition: Known, a: Known, b: Known): Known | undefined {
  const shape = together([condition.shape, a.shape, b.shape]);
  if (!shape || condition.elements.some((each) => isBatchDim(each))) return undefined;
  const [at, left, right] = [condition, a, b].map((each) => indices(each.shape, shape)) as [
    number[],
    number[],
    number[],
  ];
  return known(
    shape,
    at.map((from, i) => (condition.elements[from] !== 0 ? a.elements[left[i]!]! : b.elements[right[i]!]!)),
    a.type,
  );
}

function concat(applied: Applied, all: readonly Known[]): Known | undefined {
  const axis = applied.number('axis', 0);
  const [first] = all;
  if (first?.shape.length !== 1 || axisOf(axis, 1) !== 0) return undefined;
  const elements = all.flatMap((each) => each.elements);
  return elements.length <= MOST_ELEMENTS ? known([elements.length], elements, first.type) : undefined;
}

/** Rows of a known tensor by known indices. */
function gather(applied: Applied, data: Known, index: Known): Known | undefined {
  const axis = axisOf(applied.number('axis', 0), data.shape.length);
  if (axis !== 0 || index.elements.some((each) => isBatchDim(each))) return undefined;
  const row = count(data.shape.slice(1));
  if (index.elements.length * row > MOST_ELEMENTS) return undefined;
  const elements = (index.elements as number[]).flatMap((at) => {
    const from = (at < 0 ? at + data.shape[0]! : at) * row;
    return data.elements.slice(from, from + row);
  });
  const shape = [...index.shape, ...data.shape.slice(1)];
  return elements.length === count(shape) ? known(shape, elements, data.type) : undefined;
}

/** The places of an axis that a slice takes. */
function placesOf(size: number, start: number, end: number, step: number): number[] {
  const clip = (at: number, low: number, high: number) => Math.min(high, Math.max(low, at < 0 ? at + size : at));
  const places: number[] = [];
  if (step > 0) for (let i = clip(start, 0, size); i < clip(end, 0, size); i += step) places.push(i);
  else for (let i = clip(start, 0, size - 1); i > clip(end, -1, size - 1); i += step) places.push(i);
  return places;
}

/** The places that a slice takes of each axis that it is of; undefined where one is of the batch. */
function rangesOf(applied: Applied, shape: Shape): { axis: number; taken: number[] }[] | undefined {
  const [starts, ends] = [applied.listAt('starts', 1), applied.listAt('ends', 2)];
  const rank = shape.length;
  const axes = (applied.listAt('axes', 3) ?? starts?.map((_, axis) => axis))?.map((axis) => axisOf(axis, rank));
  const steps = applied.numbersAt(4) ?? starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps || steps.includes(0)) return undefined;
  const sizes = axes.map((axis) => shape[axis]!);
  if (sizes.some((size) => isBatchDim(size) || size > MOST_PLACES)) return undefined;
  return axes.map((axis, i) => ({ axis, taken: placesOf(sizes[i] as number, starts[i]!, ends[i]!, steps[i]!) }));
}

/** A part of known numbers, or of a tensor that is one number. */
function slice(applied: Applied, data: Known | Filled): Known | Filled | undefined {
  const ranges = rangesOf(applied, data.shape);
  let part: Known | Filled = data;
  for (const { axis, taken: places } of ranges ?? []) {
    if (part.kind === 'known') part = taken(part, axis, places);
    else part = { ...part, shape: resized(part.shape, axis, places.length) };
  }
  return ranges && part;
}

const resized = (shape: Shape, axis: number, size: number): Shape => shape.map((each, i) => (i === axis ? size : each));

/** Some places of an axis. */
function taken(data: Known, axis: number, places: readonly number[]): Known {
  const inner = count(data.shape.slice(axis + 1));
  const elements = Array.from({ length: count(data.shape.slice(0, axis)) }, (_, outer) =>
    places.flatMap((place) => {
      const from = (outer * data.shape[axis]! + place) * inner;
      return data.elements.slice(from, from + inner);
    }),
  ).flat();
  return known(resized(data.shape, axis, places.length) as readonly number[], elements, data.type);
}

/** Known numbers with their axes in another order. */
function transpose(applied: Applied, data: Known): Known | undefined {
  const rank = data.shape.length;
  const order = applied.list('perm') ?? data.shape.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || new Set(order).size !== rank || order.some((axis) => data.shape[axis] === undefined))
    return undefined;
  const strides = data.shape.map((_, axis) => count(data.shape.slice(axis + 1)));
  const shape = order.map((axis) => data.shape[axis]!);
  const elements = Array.from({ length: data.elements.length }, (_, flat) => {
    let [rest, from] = [flat, 0];
    for (let axis = rank - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * strides[order[axis]!]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return data.elements[from]!;
  });
  return known(shape, elements, data.type);
}

function cast(applied: Applied, data: Known): Known | undefined {
  const type = valueTypeOf(dataTypeName(applied.number('to', 1)));
  if (type === undefined) return undefined;
  const convert = (each: Dim): Dim => {
    if (isBatchDim(each)) return each;
    return type === 'bool' ? Number(each !== 0) : type === 'int64' ? Math.trunc(each) : each;
  };
  return known(data.shape, data.elements.map(convert), type);
}

function range(all: readonly Known[]): Known | undefined {
  const [start, limit, delta] = all.map(({ elements }) => elements[0]);
  if (start === undefined || limit === undefined || delta === undefined) return undefined;
  if (isBatchDim(start) || isBatchDim(limit) || isBatchDim(delta) || delta === 0) return undefined;
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  if (!(length <= MOST_ELEMENTS)) return undefined;
  return known(
    [length],
    Array.from({ length }, (_, i) => start + i * delta),
    all[0]!.type,
  );
}

function reduceProd(applied: Applied, data: Known): Known | undefined {
  if (data.shape.length !== 1) return undefined;
  const total = multiplyDims(data.elements);
  return total === undefined ? undefined : known(applied.number('keepdims', 1) === 1 ? [1] : [], [total], data.type);
}

/** Parts of weights, and weights joined: exporters reorder gates so where they fold no constants. */
function foldedWeights(applied: Applied): Value | undefined {
  const { op } = applied.node;
  const [first] = applied.inputs;
  if (first?.kind !== 'stored' || !first.stored.type.includes('float')) return undefined;
  if (op === 'Concat') {
    const parts = applied.inputs.flatMap((value) => (value?.kind === 'stored' ? [value.stored] : []));
    const axis = axisOf(applied.number('axis', 0), first.stored.shape.length);
    const whole = parts.length === applied.inputs.length ? joined(parts, axis) : undefined;
    return whole && { ...first, stored: whole };
  }
  if (op !== 'Slice') return undefined;
  const ranges = rangesOf(applied, first.stored.shape);
  return (
    ranges && {
      ...first,
      stored: ranges.reduce((part, { axis, taken: places }) => placesOfAxis(part, axis, places), first.stored),
    }
  );
}

/** What a node gives that takes known numbers alone; undefined where that is not known while reading. */
export function folded(applied: Applied): Value | readonly Value[] | undefined {
  const { op, domain } = applied.node;
  if (domain !== '' || applied.inputs.length === 0) return undefined;
  const [first] = applied.inputs;
  if (op === 'Slice' && first?.kind === 'filled') return slice(applied, first);
  const weights = foldedWeights(applied);
  if (weights) return weights;
  const all = applied.inputs.map((value) => value && foldable(value));
  if (all.includes(undefined)) return undefined;
  const [a, b, c] = all;
  if (!a) return undefined;
  const binary = binaries[op];
  if (binary && b && all.length === 2) return foldBinary(a, b, binary.fold, binary.gives ?? a.type);
  const unary = unaries[op];
  if (unary) {
    if (a.elements.some((each) => isBatchDim(each))) return undefined;
    return known(a.shape, (a.elements as number[]).map(unary), a.type);
  }
  switch (op) {
    case 'Div':
      return b && divide(a, b);
    case 'Where':
      return b && c && where(a, b, c);
    case 'Concat':
      return concat(applied, all as readonly Known[]);
    case 'Gather':
      return b && gather(applied, a, b);
    case 'Slice':
      return slice(applied, a);
    case 'Transpose':
      return transpose(applied, a);
    case 'Cast':
      return cast(applied, a);
    case 'Range':
      return range(all as readonly Known[]);
    case 'ReduceProd':
      return reduceProd(applied, a);
    case 'Squeeze':
      return a.shape.length === 1 && a.shape[0] === 1 ? { ...a, shape: [] } : undefined;
    default:
      return undefined;
  }
}

/** Known numbers; of the file's floats only those that bear no parameter's name. */
function foldable(value: Value): Known | undefined {
  if (
    value.kind === 'stored' &&
    !value.constant &&
    value.stored.name !== undefined &&
    value.stored.type.includes('float')
  )
    return undefined;
  if (value.kind === 'stored' && value.stored.type.includes('float') && value.stored.size > 64) return undefined;
  return asKnown(value);
}
