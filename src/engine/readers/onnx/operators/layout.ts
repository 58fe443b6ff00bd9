import { type Dim, divideDims, isBatchDim, multiplyDims, type Shape, sameDim, sameShape } from '../../../network';
import { NotRead } from '../notRead';
import { type Flow, known, shapeOf, type Value } from '../values';
import { type Applied, asKnown, axisOf, type Given } from './applied';
import { withBatch } from './batchedShape';
import { padList } from './convolution';
import type { OperatorRow } from './row';

/** The shape that `Reshape` asks for, with zeros and −1 worked out. */
export function requestedShape(applied: Applied, from: Shape, asked: readonly Dim[]): Shape {
  const zero = applied.number('allowzero', 0) === 1;
  const copied = asked.map((dim, i) => (dim === 0 && !zero ? (from[i] ?? 0) : dim));
  const total = multiplyDims(from);
  const open = copied.indexOf(-1);
  const rest = multiplyDims(copied.filter((dim) => dim !== -1));
  if (total !== undefined && rest !== undefined) {
    if (open < 0 && sameDim(total, rest)) return copied;
    const quotient = open < 0 ? undefined : divideDims(total, rest);
    // A batch on the axis that is left open is right; sizes beside it were not written for one batch.
    if (quotient !== undefined && (rest !== 0 || total === 0))
      return copied.map((dim) => (dim === -1 ? quotient : dim));
  }
  const rebatched = rebatchedShape(applied, from, copied);
  if (rebatched) return rebatched;
  const text = (shape: readonly Dim[]) =>
    `[${shape.map((dim) => (isBatchDim(dim) ? `${dim.batch}·batch` : dim)).join(', ')}]`;
  throw new NotRead(`${text(from)} cannot become ${text(asked)} for every batch`);
}

/** A shape of plain numbers that was right at the file's own batch. */
function rebatchedShape(applied: Applied, from: Shape, asked: readonly Dim[]): Shape | undefined {
  const { fixedBatch } = applied;
  if (fixedBatch === undefined || asked.some((dim) => isBatchDim(dim))) return undefined;
  const numbers = asked as readonly number[];
  const open = numbers.indexOf(-1);
  if (open < 0) return withBatch(from, numbers, fixedBatch);
  const total = from.reduce<number>((product, dim) => product * (isBatchDim(dim) ? dim.batch * fixedBatch : dim), 1);
  const rest = numbers.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (rest === 0 || total % rest !== 0) return undefined;
  return withBatch(
    from,
    numbers.map((size) => (size === -1 ? total / rest : size)),
    fixedBatch,
  );
}

/** A shape whose literal front is the file's own batch, and whose −1 therefore took the batch instead. */
function bakedFront(applied: Applied, from: Shape, shape: Shape, asked: readonly Dim[]): Shape {
  const open = asked.indexOf(-1);
  const { fixedBatch } = applied;
  const first = from[0];
  if (fixedBatch === undefined || open <= 0 || first === undefined || !isBatchDim(first)) return shape;
  if (asked[0] !== fixedBatch || !isBatchDim(shape[open]!)) return shape;
  return rebatchedShape(applied, from, asked) ?? shape;
}

/** A tensor in another shape; twice reshaped back is itself. */
export function reshaped(applied: Applied, value: Given, shape: Shape): Value {
  if (value.kind === 'stored') return { ...value, stored: value.stored.reshaped(shape as readonly number[]) };
  if (value.kind === 'known') return { ...value, shape: shape as readonly number[] };
  if (value.kind === 'filled') return { ...value, shape };
  if (sameShape(value.shape, shape)) return value;
  const before = undoes(applied, value, ['reshape', 'unsqueeze', 'squeeze', 'Flatten']);
  if (before && sameShape(before.shape, shape)) return before;
  if (isFlattened(value.shape, shape)) return applied.one('Flatten', { start_dim: 1, end_dim: -1 }, [value]);
  return applied.one('reshape', { shape }, [value]);
}

/** [batch, …] as [batch, all the rest]. */
const isFlattened = (from: Shape, to: Shape): boolean =>
  from.length > 2 && to.length === 2 && isBatchDim(from[0]!) && sameDim(from[0]!, to[0]!) && !isBatchDim(to[1]!);

/** What a call of one of these kinds was made of. */
function undoes(applied: Applied, value: Flow, kinds: readonly string[]): Flow | undefined {
  const call = applied.build.maker(value);
  const [input] = call?.inputs ?? [];
  if (!call || call.id !== value.id || !kinds.includes(call.kind) || !input || !('value' in input)) return undefined;
  const shape = applied.build.shapeOf(input.value);
  return shape && { kind: 'flow', id: input.value, shape, type: value.type };
}

function reshape(applied: Applied): Value {
  const asked = applied.list('shape') ?? applied.dimsAt(1);
  if (!asked) throw new NotRead('it has no shape');
  const from = applied.shape();
  const shape = requestedShape(applied, from, asked);
  return reshaped(applied, applied.input(), bakedFront(applied, from, shape, asked));
}

function transpose(applied: Applied): Value {
  const rank = applied.rank();
  const order = applied.list('perm') ?? applied.shape().map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || new Set(order).size !== rank || order.some((axis) => !(axis >= 0 && axis < rank)))
    throw new NotRead(`perm is [${order.join(', ')}] for ${rank} axes`);
  const input = applied.input();
  if (order.every((axis, i) => axis === i)) return input;
  if (input.kind === 'stored') return { ...input, stored: input.stored.permuted(order) };
  if (input.kind === 'filled') return { ...input, shape: order.map((axis) => input.shape[axis]!) };
  const before = input.kind === 'flow' ? undoes(applied, input, ['permute']) : undefined;
  const dims = before && (applied.build.maker(input as Flow)!.attributes.dims as readonly number[]);
  if (before && dims?.every((_, i) => dims[order[i]!] === i)) return before;
  return applied.one('permute', { dims: order });
}

/** Axes of size 1 put in or taken out. */
export function withoutAxes(applied: Applied, value: Given, axes: readonly number[] | undefined): Value {
  const shape = shapeOf(value);
  const out =
    axes?.map((axis) => axisOf(axis, shape.length)) ?? shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const kept = shape.filter((_, axis) => !out.includes(axis));
  if (out.some((axis) => shape[axis] !== 1))
    throw new NotRead(`an axis that is squeezed has the size ${String(shape[out[0]!])}`);
  return reshapedAxes(applied, value, kept, () =>
    [...out].sort((a, b) => b - a).reduce<Value>((each, dim) => applied.one('squeeze', { dim: [dim] }, [each]), value),
  );
}

function withAxes(applied: Applied): Value {
  const axes = applied.listAt('axes', 1);
  if (!axes) throw new NotRead('it has no axes');
  const rank = applied.rank() + axes.length;
  const places = axes.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);
  const rest = [...applied.shape()];
  const shape = Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? 1 : rest.shift()!));
  return reshapedAxes(applied, applied.input(), shape, () =>
    places.reduce<Value>((each, dim) => applied.one('unsqueeze', { dim }, [each]), applied.input()),
  );
}

/** Without a call where the file holds the value, or a step before had that shape. */
function reshapedAxes(applied: Applied, value: Given, shape: Shape, calls: () => Value): Value {
  if (value.kind !== 'flow') return reshaped(applied, value, shape);
  const before = undoes(applied, value, ['squeeze', 'unsqueeze']);
  return before && sameShape(before.shape, shape) ? before : calls();
}

function flatten(applied: Applied): Value {
  const axis = applied.number('axis', 1);
  const rank = applied.rank();
  const start = axis < 0 ? axis + rank : axis;
  if (start === 1 && rank > 1)
    return rank === 2 ? applied.input() : applied.one('Flatten', { start_dim: 1, end_dim: -1 });
  const shape = applied.shape();
  const [left, right] = [multiplyDims(shape.slice(0, start)), multiplyDims(shape.slice(start))];
  if (left === undefined || right === undefined) throw new NotRead('it would multiply the batch by itself');
  return reshaped(applied, applied.input(), [left, right]);
}

/** The shape that broadcasting gives. */
function broadcast(a: Shape, b: readonly Dim[], fixed: number | undefined): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1];
    if (left === 1) return right;
    // The file's own batch, where the batch stands.
    if (right === 1 || sameDim(left, right) || (isBatchDim(left) && right === fixed)) return left;
    throw new NotRead(`[${a.map(String).join(', ')}] cannot be expanded`);
  });
}

function expand(applied: Applied): Value {
  const asked = applied.dimsAt(1);
  if (!asked) throw new NotRead('it has no shape');
  const input = applied.input();
  const size = broadcast(applied.shape(), asked, applied.fixedBatch);
  if (sameShape(size, applied.shape())) return input;
  if (input.kind === 'filled') return { ...input, shape: size };
  const [only] = asKnown(input)?.elements ?? [];
  const single = applied.shape().every((dim) => dim === 1) && typeof only === 'number';
  const isNamed = input.kind === 'stored' && !input.constant && input.stored.name !== undefined;
  if (single && !isNamed) return { kind: 'filled', shape: size, type: typeOfGiven(input), value: only };
  return applied.one('expand', { size });
}

const typeOfGiven = (value: Given) => (value.kind === 'stored' ? (asKnown(value)?.type ?? 'float32') : value.type);

const modes: Readonly<Record<string, string>> = {
  constant: 'constant',
  reflect: 'reflect',
  edge: 'replicate',
  wrap: 'circular',
};

function pad(applied: Applied): Value {
  const given = applied.listAt('pads', 1) ?? applied.list('paddings');
  if (!given) throw new NotRead('it has no pads');
  const rank = applied.rank();
  const axes = applied.numbersAt(3)?.map((axis) => axisOf(axis, rank)) ?? applied.shape().map((_, axis) => axis);
  const [begin, end] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  if (given.length !== 2 * axes.length) throw new NotRead(`pads has ${given.length} numbers for ${axes.length} axes`);
  axes.forEach((axis, i) => {
    begin[axis] = given[i]!;
    end[axis] = given[i + axes.length]!;
  });
  const mode = modes[applied.text('mode', 'constant')];
  if (!mode) throw new NotRead(`the mode ${applied.text('mode', '')} is not modelled`);
  const value = applied.optionalNumber('value') ?? applied.scalarAt(2) ?? 0;
  let first = begin.findIndex((size, axis) => size !== 0 || end[axis] !== 0);
  if (first < 0) return applied.input();
  // The modes that take the tensor's own values are for the axes behind the channels.
  if (mode !== 'constant' && first >= 2) first = 2;
  const sizes = padList(begin.slice(first), end.slice(first));
  return applied.one('pad', mode === 'constant' ? { pad: sizes, mode, value } : { pad: sizes, mode });
}

/** Blocks of depth as positions: `CRD` is PyTorch's pixel shuffle, `DCR` has the block in front of the depth. */
function depthToSpace(applied: Applied): Value {
  const r = applied.number('blocksize', 1);
  if (applied.text('mode', 'DCR') === 'CRD') return applied.one('PixelShuffle', { upscale_factor: r });
  const [n, c, h, w] = applied.shape() as readonly [Dim, number, number, number];
  const d = c / (r * r);
  const apart = applied.one('reshape', { shape: [n, r, r, d, h, w] });
  const moved = applied.one('permute', { dims: [0, 3, 4, 1, 5, 2] }, [apart]);
  return applied.one('reshape', { shape: [n, d, h * r, w * r] }, [moved]);
}

function spaceToDepth(applied: Applied): Value {
  const r = applied.number('blocksize', 1);
  if (applied.text('mode', 'DCR') === 'CRD') return applied.one('PixelUnshuffle', { downscale_factor: r });
  const [n, c, h, w] = applied.shape() as readonly [Dim, number, number, number];
  const apart = applied.one('reshape', { shape: [n, c, h / r, r, w / r, r] });
  const moved = applied.one('permute', { dims: [0, 3, 5, 1, 2, 4] }, [apart]);
  return applied.one('reshape', { shape: [n, c * r * r, h / r, w / r] }, [moved]);
}

function tile(applied: Applied): Value {
  const dims = applied.dimsAt(1);
  if (!dims) throw new NotRead('it has no repeats');
  return dims.every((dim) => dim === 1) ? applied.input() : applied.one('tile', { dims });
}

/** The dimensions of a value, as numbers that are known while reading. */
function shape(applied: Applied): Value {
  const all = applied.shape();
  const part = all.slice(applied.number('start', 0), applied.optionalNumber('end'));
  return known([part.length], part);
}

function trilu(applied: Applied): Value {
  const diagonal = applied.scalarAt(1) ?? 0;
  return applied.one(applied.number('upper', 1) === 1 ? 'triu' : 'tril', { diagonal });
}

export const layouts: readonly OperatorRow[] = [
  { op: 'Reshape', read: reshape },
  { op: 'Transpose', read: transpose },
  { op: 'Squeeze', read: (applied) => withoutAxes(applied, applied.input(), applied.listAt('axes', 1)) },
  { op: 'Unsqueeze', read: withAxes },
  { op: 'Flatten', read: flatten },
  { op: 'Expand', read: expand },
  { op: 'Pad', read: pad },
  { op: 'Tile', read: tile },
  { op: 'DepthToSpace', read: depthToSpace },
  { op: 'SpaceToDepth', read: spaceToDepth },
  { op: 'Shape', read: shape },
  {
    op: 'Size',
    read(applied) {
      const total = multiplyDims(applied.shape());
      if (total === undefined) throw new NotRead('a size of batch × batch');
      return known([], [total]);
    },
  },
  { op: 'Trilu', read: trilu },
];
