import { isBatchDim, type Shape, sameShape, type ValueType } from '../network';
import {
  cast,
  constant,
  expand,
  range as numbersTo,
  placeAlong,
  reshape,
  gather as rowsOf,
  slice,
  spread,
  type Tensor,
  takeAlong,
  transpose,
  where,
} from '../tensor';
import { int } from './attribute';
import { axisOf, broadcastShapes, formatDim, onlyInput, range } from './dimensions';
import { keepsType } from './elementTypes';
import { type IndexPart, indexed, indexedShape, regionOf, stepsOf, tensorIndex } from './indexing';
import { defineLayer, type LayerRow, NotModelled, ShapeError } from './row';

/** Where an axis of the input stands after an index of picks, slices and new axes; undefined where lists are in it. */
function axisAfter(axis: number | undefined, index: readonly IndexPart[], outputRank: number): number | undefined {
  const lists = index.some((part) => part === 'tensor' || (Array.isArray(part) && part[0] !== 'slice'));
  if (axis === undefined || lists) return undefined;
  const picks = index.filter((part) => typeof part === 'number').length;
  const fresh = index.filter((part) => part === null).length;
  const rank = outputRank + picks - fresh;
  const stated = index.filter((part) => part !== null && part !== '...').length;
  let from = 0;
  let to = 0;
  for (const part of index) {
    if (part === null) to++;
    else {
      const width = part === '...' ? rank - stated : 1;
      if (axis < from + width) return typeof part === 'number' ? undefined : to + axis - from;
      from += width;
      to += typeof part === 'number' ? 0 : width;
    }
  }
  return to + axis - from;
}

/** Whole numbers alone as indices: a mask's shape hangs on its values. */
function checkIndices(indices: readonly ValueType[]): void {
  const other = indices.find((type) => type !== 'int64');
  if (other === 'bool')
    throw new NotModelled('index', 'indexing by a mask is not modelled: the shape hangs on its values');
  if (other) throw new ShapeError('tensors used as indices must be long, int, byte or bool tensors');
}

const getitem = defineLayer({
  kind: 'getitem',
  role: 'shape',
  module: false,
  view: true,
  attributes: { index: tensorIndex },
  functions: [
    {
      names: ['operator.getitem'],
      parameters: ['input', 'index'],
      operands: ['input', '*index'],
    },
  ],
  types([input, ...indices]) {
    checkIndices(indices);
    return [input!];
  },
  outputShapes: (inputs, { index }) => [indexedShape(inputs, index as readonly IndexPart[])],
  forward: (inputs, { index }) => ({ outputs: [indexed(inputs, index as readonly IndexPart[])] }),
  channelAxis: (inputAxis, outputRank, { index }) => axisAfter(inputAxis, index as readonly IndexPart[], outputRank),
});

/** How many whole axes stand before a mask that is all there is of an index; undefined for any other index. */
function axesBeforeMask(index: readonly unknown[]): number | undefined {
  const before = index.slice(0, -1);
  const whole = before.every((part) => Array.isArray(part) && `${part}` === 'slice,,,');
  return index.at(-1) === 'tensor' && whole ? before.length : undefined;
}

/** Writes at single places: their numbers are read off a tensor of all of them by the same index. */
function writtenAt(x: Tensor, indices: readonly Tensor[], parts: readonly IndexPart[], value: Tensor): Tensor {
  const count = x.shape.reduce((product, size) => product * size, 1);
  const numbered = reshape(cast(numbersTo(count), 'int64'), x.shape);
  const places = indexed([numbered, ...indices], parts);
  const taken = places.shape.reduce((product, size) => product * size, 1);
  const values = value.shape.length > places.shape.length ? reshape(value, places.shape) : value;
  const flat = placeAlong(
    reshape(x, [count]),
    reshape(places, [taken]),
    reshape(expand(values, places.shape), [taken]),
    { axis: 0, reduction: 'none' },
  );
  return reshape(flat, x.shape);
}

/** The tensor with other values in a region; or where a mask is true, one value. */
const setitem = defineLayer({
  kind: 'setitem',
  role: 'shape',
  module: false,
  attributes: { index: tensorIndex },
  functions: [
    {
      names: ['operator.setitem'],
      parameters: ['input', 'index', 'value'],
      operands: ['input', 'value', '*index'],
    },
  ],
  types([input, , ...indices], { index }) {
    if (indices[0] === 'bool' && indices.length === 1 && axesBeforeMask(index) !== undefined) return [input!];
    const other = indices.find((type) => type !== 'int64');
    if (other === 'bool') throw new NotModelled('index', 'writing by a mask among other indices is not modelled');
    if (other) throw new ShapeError('tensors used as indices must be long, int, byte or bool tensors');
    return [input!];
  },
  outputShapes([input, value, ...indices], { index }) {
    if (!input || !value) throw new ShapeError('setitem takes a tensor and what is written into it');
    const [mask] = indices;
    const before = axesBeforeMask(index);
    // A mask's own shape is taken; where it is none, an index of that shape is written whole as well.
    if (before !== undefined && mask && value.length === 0) {
      if (sameShape(mask, input.slice(before, before + mask.length))) return [input];
      if (before === 0 && mask.length === input.length) {
        throw new ShapeError(
          `The shape of the mask [${mask.map(formatDim).join(', ')}] does not match the shape of the indexed tensor ` +
            `[${input.map(formatDim).join(', ')}]`,
        );
      }
    }
    const region = indexedShape([input, ...indices], index as readonly IndexPart[]);
    if (!sameShape(broadcastShapes(region, value.slice(Math.max(0, value.length - region.length))), region)) {
      throw new ShapeError(
        `shape mismatch: value tensor of shape [${value.map(formatDim).join(', ')}] cannot be broadcast to indexing ` +
          `result of shape [${region.map(formatDim).join(', ')}]`,
      );
    }
    return [input];
  },
  forward([input, given, ...indices], { index }) {
    const x = input!;
    const value = cast(given!, x.dtype as 'float32');
    const parts = index as readonly IndexPart[];
    const [mask] = indices;
    if (mask?.dtype === 'bool') {
      const before = range(0, parts.length - 1).map(() => 1);
      const after = range(before.length + mask.shape.length, x.shape.length).map(() => 1);
      return { outputs: [where(reshape(mask, [...before, ...mask.shape, ...after]), value, x)] };
    }
    const steps = stepsOf(x.shape, parts);
    if (steps.some(({ kind }) => kind === 'list' || kind === 'tensor'))
      return { outputs: [writtenAt(x, indices, parts, value)] };
    const region = indexedShape([x.shape], parts) as readonly number[];
    const { starts, ends, steps: strides } = regionOf(x.shape, steps);
    const size = starts.map((from, axis) => Math.ceil((ends[axis]! - from) / strides[axis]!));
    const after = x.shape.map((dim, axis) => dim - ends[axis]!);
    const values = value.shape.length > region.length ? reshape(value, region) : value;
    const placed = (tensor: Tensor) => spread(tensor, strides, starts, after);
    const written = placed(reshape(expand(values, region), size));
    const within = placed(expand(constant(1), size));
    return { outputs: [where(cast(within, 'bool'), written, x)] };
  },
});

const select = defineLayer({
  kind: 'select',
  role: 'shape',
  module: false,
  view: true,
  attributes: { dim: int(), index: int() },
  functions: [{ names: ['torch.select', 'Tensor.select'], parameters: ['input', 'dim', 'index'] }],
  types: keepsType,
  outputShapes(inputs, { dim, index }) {
    const input = onlyInput(inputs, 'select');
    const axis = axisOf(dim, input.length);
    const size = input[axis]!;
    if (isBatchDim(size) ? index < 0 : index >= size || index < -size) {
      throw new ShapeError(
        `select(): index ${index} out of range for tensor of size [${input.map(formatDim).join(', ')}] at dimension ${axis}`,
      );
    }
    return [input.filter((_, i) => i !== axis)];
  },
  forward([x], { dim, index }) {
    const { shape } = x!;
    const axis = axisOf(dim, shape.length);
    const at = index < 0 ? index + shape[axis]! : index;
    const cut = slice(
      x!,
      shape.map((_, i) => (i === axis ? at : 0)),
      shape.map((size, i) => (i === axis ? at + 1 : size)),
    );
    return {
      outputs: [
        reshape(
          cut,
          shape.filter((_, i) => i !== axis),
        ),
      ],
    };
  },
  channelAxis: (inputAxis, outputRank, { dim }) => {
    const axis = dim < 0 ? dim + outputRank + 1 : dim;
    if (inputAxis === undefined || inputAxis === axis) return undefined;
    return inputAxis > axis ? inputAxis - 1 : inputAxis;
  },
});

const narrow = defineLayer({
  kind: 'narrow',
  role: 'shape',
  module: false,
  view: true,
  attributes: { dim: int(), start: int(), length: int() },
  functions: [{ names: ['torch.narrow', 'Tensor.narrow'], parameters: ['input', 'dim', 'start', 'length'] }],
  types: keepsType,
  outputShapes(inputs, { dim, start, length }) {
    const input = onlyInput(inputs, 'narrow');
    const axis = axisOf(dim, input.length);
    const size = input[axis]!;
    if (isBatchDim(size)) throw new ShapeError('A part of the batch has a size that is not known');
    const from = start < 0 ? start + size : start;
    if (length < 0) throw new ShapeError('narrow(): length must be non-negative.');
    if (from + length > size) {
      throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
    }
    return [input.map((each, i) => (i === axis ? length : each))];
  },
  forward([x], { dim, start, length }) {
    const { shape } = x!;
    const axis = axisOf(dim, shape.length);
    const from = start < 0 ? start + shape[axis]! : start;
    return {
      outputs: [
        slice(
          x!,
          shape.map((_, i) => (i === axis ? from : 0)),
          shape.map((size, i) => (i === axis ? from + length : size)),
        ),
      ],
    };
  },
});

const indexSelect = defineLayer({
  kind: 'index_select',
  role: 'shape',
  module: false,
  attributes: { dim: int() },
  functions: [
    {
      names: ['torch.index_select', 'Tensor.index_select'],
      parameters: ['input', 'dim', 'index'],
      operands: ['input', 'index'],
    },
  ],
  types([input, index]) {
    if (index !== 'int64') throw new ShapeError('index_select(): Expected dtype int32 or int64 for index');
    return [input!];
  },
  outputShapes([input, index], { dim }) {
    if (!input || !index) throw new ShapeError('index_select takes a tensor and its index');
    if (index.length > 1) throw new ShapeError('index_select(): Index is supposed to be a vector');
    const axis = axisOf(dim, input.length);
    return [input.map((size, i) => (i === axis ? (index[0] ?? 1) : size))];
  },
  forward([x, index], { dim }) {
    const { length } = x!.shape;
    const axis = axisOf(dim, length);
    const front = [axis, ...range(0, length).filter((i) => i !== axis)];
    const rows = rowsOf(transpose(x!, front), reshape(index!, [index!.shape[0] ?? 1]));
    return {
      outputs: [
        transpose(
          rows,
          range(0, length).map((i) => front.indexOf(i)),
        ),
      ],
    };
  },
});

/** One element for each index along an axis; on the other axes the index may be shorter. */
const gather = defineLayer({
  kind: 'gather',
  role: 'shape',
  module: false,
  attributes: { dim: int() },
  functions: [
    {
      names: ['torch.gather', 'Tensor.gather'],
      parameters: ['input', 'dim', 'index', 'sparse_grad'],
      operands: ['input', 'index'],
    },
  ],
  types([input, index]) {
    if (index !== 'int64') throw new ShapeError('gather(): Expected dtype int32/int64 for index');
    return [input!];
  },
  outputShapes([input, index], { dim }) {
    if (!input || !index) throw new ShapeError('gather takes a tensor and its index');
    if (index.length !== input.length)
      throw new ShapeError('Index tensor must have the same number of dimensions as input tensor');
    const axis = axisOf(dim, input.length);
    index.forEach((size, i) => {
      const most = input[i]!;
      if (i === axis || isBatchDim(size) || isBatchDim(most) || size <= most) return;
      throw new ShapeError(
        `Size does not match at dimension ${i} expected index ${sizes(index)} to be no larger than self ${sizes(input)} ` +
          `apart from dimension ${axis}`,
      );
    });
    return [index];
  },
  forward([x, index], { dim }) {
    const axis = axisOf(dim, x!.shape.length);
    const ends = x!.shape.map((size, i) => (i === axis ? size : Math.min(size, index!.shape[i]!)));
    const cut = slice(
      x!,
      ends.map(() => 0),
      ends,
    );
    return { outputs: [takeAlong(cut, index!, axis)] };
  },
});

const sizes = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

const takeAlongDim = defineLayer({
  kind: 'take_along_dim',
  role: 'shape',
  module: false,
  attributes: { dim: int() },
  functions: [
    {
      names: ['torch.take_along_dim', 'Tensor.take_along_dim'],
      parameters: ['input', 'indices', 'dim'],
      operands: ['input', 'indices'],
    },
  ],
  types([input, index]) {
    if (index !== 'int64')
      throw new ShapeError('torch.take_along_dim(): dtype of indices should be Long but got Float');
    return [input!];
  },
  outputShapes([input, index], { dim }) {
    if (!input || !index) throw new ShapeError('take_along_dim takes a tensor and its indices');
    if (index.length !== input.length) {
      throw new ShapeError(
        `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${input.length} ` +
          `dimensions for input, and ${index.length} dimensions for indices`,
      );
    }
    const axis = axisOf(dim, input.length);
    const without = (shape: Shape) => shape.map((size, i) => (i === axis ? 1 : size));
    const rest = broadcastShapes(without(input), without(index));
    return [rest.map((size, i) => (i === axis ? index[axis]! : size))];
  },
  forward([x, index], { dim }) {
    const axis = axisOf(dim, x!.shape.length);
    const rest = broadcastShapes(
      x!.shape.map((size, i) => (i === axis ? 1 : size)),
      index!.shape.map((size, i) => (i === axis ? 1 : size)),
    ) as readonly number[];
    const wide = (tensor: Tensor) =>
      expand(
        tensor,
        rest.map((size, i) => (i === axis ? tensor.shape[i]! : size)),
      );
    return { outputs: [takeAlong(wide(x!), wide(index!), axis)] };
  },
});

/** Rows that take a part of a tensor, or write one. */
export const selections: readonly LayerRow[] = [getitem, setitem, select, narrow, indexSelect, gather, takeAlongDim];
