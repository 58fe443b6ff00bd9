import { type Dim, divideDims, isBatchDim, type Shape, sameShape } from '../network';
import { concat, reshape, slice, type Tensor } from '../tensor';
import { type Attribute, int, ints } from './attribute';
import { axisOf, formatDim, numberOf, onlyInput, range } from './dimensions';
import { keepsType, promoted, together } from './elementTypes';
import { defineLayer, type LayerRow, ShapeError } from './row';

const sizeText = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

const stack = defineLayer({
  kind: 'stack',
  role: 'merge',
  module: false,
  attributes: { dim: int(0) },
  functions: [{ names: ['torch.stack'], parameters: ['tensors', 'dim'], operands: ['*tensors'] }],
  types: (inputs) => [promoted(inputs)],
  outputShapes(inputs, { dim }) {
    const [first, ...others] = inputs;
    if (!first) throw new ShapeError('stack expects a non-empty TensorList');
    others.forEach((other, i) => {
      if (sameShape(first, other)) return;
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got ${sizeText(first)} at entry 0 and ${sizeText(other)} at entry ${i + 1}`,
      );
    });
    const axis = axisOf(dim, first.length + 1);
    return [[...first.slice(0, axis), inputs.length, ...first.slice(axis)]];
  },
  forward(inputs, { dim }) {
    const { shape } = inputs[0]!;
    const axis = axisOf(dim, shape.length + 1);
    const wide = [...shape.slice(0, axis), 1, ...shape.slice(axis)];
    const tensors = together(...inputs) as readonly Tensor[];
    return {
      outputs: [
        concat(
          tensors.map((x) => reshape(x, wide)),
          axis,
        ),
      ],
    };
  },
  channelAxis: (inputAxis, outputRank, { dim }) => {
    if (inputAxis === undefined) return undefined;
    return inputAxis >= (dim < 0 ? dim + outputRank : dim) ? inputAxis + 1 : inputAxis;
  },
});

/** The shapes of the parts of one axis. */
const partShapes = (input: Shape, axis: number, sizes: Shape): Shape[] =>
  sizes.map((part) => input.map((size, i) => (i === axis ? part : size)));

/** The parts of one axis, as long as `sizes` say. */
function cut(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  let from = 0;
  return sizes.map((size) => {
    const starts = x.shape.map((_, i) => (i === axis ? from : 0));
    from += size;
    return slice(
      x,
      starts,
      x.shape.map((whole, i) => (i === axis ? from : whole)),
    );
  });
}

/** What all that cut an axis share: the parts are views, and Python has them as a tuple, even one alone. */
const cutting = {
  role: 'shape',
  module: false,
  types: keepsType,
  view: true,
  results: (outputs: number) => ({ items: range(0, outputs) }),
} as const;

/** More parts than anybody unpacks. */
const MOST_PARTS = 4096;

/** Equal parts of a size, the last one smaller where it does not divide. */
function equalParts(size: Dim, part: number): Dim[] {
  if (isBatchDim(size)) {
    throw new ShapeError(`The batch cannot be split into parts of ${part}: how many there are is not known`);
  }
  const count = Math.max(1, Math.ceil(size / part));
  if (count > MOST_PARTS) throw new ShapeError(`${count} parts are more than are modelled`);
  return range(0, count).map((i) => Math.min(part, size - i * part));
}

/** As many parts of one size as asked, or fewer: the parts are ⌈size / count⌉ long. */
function chunkSizes(size: Dim, chunks: number): Dim[] {
  if (chunks <= 0) throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  if (!isBatchDim(size)) return size === 0 ? range(0, chunks).map(() => 0) : equalParts(size, Math.ceil(size / chunks));
  const part = divideDims(size, chunks);
  if (part === undefined) throw new ShapeError(`The batch cannot be cut into ${chunks} chunks without knowing it`);
  return range(0, chunks).map(() => part);
}

const chunk = defineLayer({
  ...cutting,
  kind: 'chunk',
  attributes: { chunks: int(), dim: int(0) },
  functions: [{ names: ['torch.chunk', 'Tensor.chunk'], parameters: ['input', 'chunks', 'dim'] }],
  outputShapes(inputs, { chunks, dim }) {
    const input = onlyInput(inputs, 'chunk');
    const axis = axisOf(dim, input.length);
    return partShapes(input, axis, chunkSizes(input[axis]!, chunks));
  },
  forward([x], { chunks, dim }) {
    const axis = axisOf(dim, x!.shape.length);
    return { outputs: cut(x!, axis, chunkSizes(x!.shape[axis]!, chunks) as number[]) };
  },
});

/** Parts of one size, or of given sizes that add up. A list is a list even with one size in it. */
const sizeOrSizes: Attribute<number | readonly number[]> = {
  takes: ints().takes,
  schema: ints().schema,
  accept: (value) => (Array.isArray(value) ? ints().accept(value) : int().accept(value)),
};

/** The sizes that `split` cuts into. */
function splitSizes(size: Dim, asked: number | readonly number[], axis: number): Dim[] {
  if (typeof asked === 'number') {
    if (asked < 0) throw new ShapeError(`split expects split_size be non-negative, but got split_size=${asked}`);
    if (asked === 0 && size !== 0) {
      throw new ShapeError(
        `split_size can only be 0 if dimension size is 0, but got dimension size of ${formatDim(size)}`,
      );
    }
    return size === 0 ? [0] : equalParts(size, asked);
  }
  const total = asked.reduce((sum, part) => sum + part, 0);
  if (total !== size) {
    throw new ShapeError(
      `split_with_sizes expects split_sizes to sum exactly to ${formatDim(size)} (input tensor's size at dimension ` +
        `${axis}), but got split_sizes=[${asked.join(', ')}]`,
    );
  }
  return [...asked];
}

const split = defineLayer({
  ...cutting,
  kind: 'split',
  attributes: { split_size_or_sections: sizeOrSizes, dim: int(0) },
  functions: [
    { names: ['torch.split'], parameters: ['tensor', 'split_size_or_sections', 'dim'], operands: ['tensor'] },
    { names: ['Tensor.split'], parameters: ['input', 'split_size_or_sections', 'dim'] },
    {
      names: ['torch.split_with_sizes', 'Tensor.split_with_sizes'],
      parameters: ['input', 'split_size_or_sections', 'dim'],
    },
  ],
  outputShapes(inputs, { split_size_or_sections, dim }) {
    const input = onlyInput(inputs, 'split');
    const axis = axisOf(dim, input.length);
    return partShapes(input, axis, splitSizes(input[axis]!, split_size_or_sections, axis));
  },
  forward([x], { split_size_or_sections, dim }) {
    const axis = axisOf(dim, x!.shape.length);
    return { outputs: cut(x!, axis, splitSizes(x!.shape[axis]!, split_size_or_sections, axis) as number[]) };
  },
});

/** Sections, the first ones longer by one where the size does not divide, or the places of the cuts. */
function tensorSplitSizes(dim: Dim, asked: number | readonly number[]): Dim[] {
  if (typeof asked === 'number' && asked <= 0)
    throw new ShapeError(`number of sections must be larger than 0, got ${asked}`);
  if (isBatchDim(dim)) {
    const part = typeof asked === 'number' ? divideDims(dim, asked) : undefined;
    if (part === undefined) throw new ShapeError('The batch cannot be cut so without knowing it');
    return range(0, asked as number).map(() => part);
  }
  if (typeof asked === 'number') {
    return range(0, asked).map((i) => Math.floor(dim / asked) + (i < dim % asked ? 1 : 0));
  }
  const places = [0, ...asked.map((at) => Math.min(dim, Math.max(0, at < 0 ? at + dim : at))), dim];
  return places.slice(1).map((to, i) => Math.max(0, to - places[i]!));
}

const tensorSplit = defineLayer({
  ...cutting,
  kind: 'tensor_split',
  attributes: { indices_or_sections: sizeOrSizes, dim: int(0) },
  functions: [
    { names: ['torch.tensor_split', 'Tensor.tensor_split'], parameters: ['input', 'indices_or_sections', 'dim'] },
  ],
  outputShapes(inputs, { indices_or_sections, dim }) {
    const input = onlyInput(inputs, 'tensor_split');
    const axis = axisOf(dim, input.length);
    return partShapes(input, axis, tensorSplitSizes(input[axis]!, indices_or_sections));
  },
  forward([x], { indices_or_sections, dim }) {
    const axis = axisOf(dim, x!.shape.length);
    return { outputs: cut(x!, axis, tensorSplitSizes(x!.shape[axis]!, indices_or_sections) as number[]) };
  },
});

const unbind = defineLayer({
  ...cutting,
  kind: 'unbind',
  attributes: { dim: int(0) },
  functions: [{ names: ['torch.unbind', 'Tensor.unbind'], parameters: ['input', 'dim'] }],
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'unbind');
    const axis = axisOf(dim, input.length);
    const count = numberOf(input[axis]!, 'what unbind takes apart');
    if (count > MOST_PARTS) throw new ShapeError(`${count} parts are more than are modelled`);
    return range(0, count).map(() => input.filter((_, i) => i !== axis));
  },
  forward([x], { dim }) {
    const axis = axisOf(dim, x!.shape.length);
    const shape = x!.shape.filter((_, i) => i !== axis);
    const ones = range(0, x!.shape[axis]!).map(() => 1);
    return { outputs: cut(x!, axis, ones).map((part) => reshape(part, shape)) };
  },
  channelAxis: (inputAxis, outputRank, { dim }) => {
    const axis = dim < 0 ? dim + outputRank + 1 : dim;
    if (inputAxis === undefined || inputAxis === axis) return undefined;
    return inputAxis > axis ? inputAxis - 1 : inputAxis;
  },
});

/** Rows that join several tensors into one, or cut one into several. `cat` stands beside the arithmetic. */
export const joinings: readonly LayerRow[] = [stack, chunk, split, tensorSplit, unbind];
