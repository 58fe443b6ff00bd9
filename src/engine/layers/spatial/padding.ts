import { type AttributeValue, formatShape, isBatchDim, type Shape } from '../../network';
import { pad as padWith, slice, type Tensor } from '../../tensor';
import { type Attribute, choice, float, ints, optional } from '../attribute';
import { numberOf, onlyInput, range } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { alongAxis, pick } from './alongAxis';
import { DIMENSIONS, type Dimension, ranksOf } from './dimension';

const MODES = ['constant', 'reflect', 'replicate', 'circular'] as const;
type Mode = (typeof MODES)[number];
type Mirrored = Exclude<Mode, 'constant'>;

/** Values put before and after each of the last axes, outermost first; negative ones crop. */
type Sides = readonly number[];

/** PyTorch's list, two for each axis from the last one, as sides outermost first. */
const sidesOf = (list: readonly number[]): { before: Sides; after: Sides } => {
  const axes = range(0, list.length / 2).reverse();
  return { before: axes.map((i) => list[2 * i]!), after: axes.map((i) => list[2 * i + 1]!) };
};

/** For each position of a padded axis the one that it repeats. PyTorch wraps around what cropping left, and mirrors what was. */
function sourcesOf(size: number, before: number, after: number, mode: Mirrored): number[] {
  if (mode === 'circular') {
    const first = Math.max(0, -before);
    const kept = size - first - Math.max(0, -after);
    return range(0, size + before + after).map((i) => first + ((((i - Math.max(0, before)) % kept) + kept) % kept));
  }
  return range(-before, size + after).map((i) => {
    if (mode === 'replicate') return Math.min(Math.max(i, 0), size - 1);
    return i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
  });
}

/** Pads the last axes by values of the tensor itself. */
export function padBorders(x: Tensor, before: Sides, after: Sides, mode: Mirrored): Tensor {
  const first = x.shape.length - before.length;
  return before.reduce((padded, _, i) => {
    const axis = x.shape.length - 1 - i;
    const [left, right] = [before[axis - first]!, after[axis - first]!];
    if (left === 0 && right === 0) return padded;
    return alongAxis(padded, sourcesOf(x.shape[axis]!, left, right, mode).map(pick), axis);
  }, x);
}

/** Crops where a side is negative, and pads with one value where it is positive. */
function padWithValue(x: Tensor, before: Sides, after: Sides, value: number): Tensor {
  const lead = range(0, x.shape.length - before.length).map(() => 0);
  const [left, right] = [
    [...lead, ...before],
    [...lead, ...after],
  ];
  const cropped = slice(
    x,
    left.map((side) => Math.max(0, -side)),
    x.shape.map((size, axis) => size + Math.min(0, right[axis]!)),
  );
  const positive = (sides: Sides) => sides.map((side) => Math.max(0, side));
  return padWith(cropped, positive(left), positive(right), value);
}

const AXIS_NAMES = ['D', 'H', 'W'];

/** @throws ShapeError in PyTorch's words where the last axes cannot be padded so by their own values. */
export function checkBorders(input: Shape, before: Sides, after: Sides, mode: Mirrored): void {
  const first = input.length - before.length;
  const own = before.map((_, i) => numberOf(input[first + i]!, 'A padded size'));
  const padded = own.map((size, i) => size + before[i]! + after[i]!);
  for (const i of range(0, own.length).reverse()) {
    const most = Math.max(before[i]!, after[i]!);
    if (mode === 'reflect' && most >= own[i]!) {
      throw new ShapeError(
        `Argument #${4 + 2 * (own.length - 1 - i)}: Padding size should be less than the corresponding input dimension, ` +
          `but got: padding (${before[i]}, ${after[i]}) at dimension ${first + i} of input ${formatShape(input)}`,
      );
    }
    if (mode !== 'circular') continue;
    if (most > own[i]!) throw new ShapeError('Padding value causes wrapping around more than once.');
    if (padded[i]! < 0) throw new ShapeError('Negative padding value is resulting in an empty dimension');
  }
  if (mode === 'circular' || padded.every((size) => size >= 1)) return;
  const names = AXIS_NAMES.slice(-own.length);
  // PyTorch writes no comma behind the depth, and for replicated images a space too many.
  const listed = names.map((name, i) => `${name}: ${own[i]}${name === 'H' ? ',' : ''}`).join(' ');
  const sizes = mode === 'replicate' && own.length === 2 ? `${listed} ` : listed;
  const outputs = names.map((name, i) => `${name}: ${padded[i]}`).join(' ');
  throw new ShapeError(`input (${sizes}) is too small. Calculated output ${outputs}`);
}

/** The shape with PyTorch's list of sides added. @throws ShapeError in PyTorch's words. */
function paddedShape(input: Shape, list: readonly number[], mode: Mode): Shape {
  const rank = input.length;
  if (list.length % 2 !== 0) throw new ShapeError('Padding length must be divisible by 2');
  if (list.length > 2 * rank) {
    throw new ShapeError(
      'Padding length should be less than or equal to two times the input dimension but got padding length ' +
        `${list.length} and input of dimension ${rank}`,
    );
  }
  const { before, after } = sidesOf(list);
  if (mode !== 'constant') {
    const spatial = list.length / 2;
    if (spatial < 1 || spatial > 3 || (rank !== spatial + 1 && rank !== spatial + 2)) {
      throw new ShapeError(`Padding size ${list.length} is not supported for ${rank}D input tensor.`);
    }
    checkBorders(input, before, after, mode);
  }
  const first = rank - before.length;
  return input.map((dim, axis) => {
    const [left, right] = [before[axis - first] ?? 0, after[axis - first] ?? 0];
    if (left === 0 && right === 0) return dim;
    if (isBatchDim(dim)) throw new ShapeError('padding the batch is not modelled');
    const cropped = dim + Math.min(0, left);
    if (cropped < 0 || cropped + Math.min(0, right) < 0) {
      throw new ShapeError('narrow(): length must be non-negative.');
    }
    return dim + left + right;
  });
}

function padded(x: Tensor, list: readonly number[], mode: Mode, value: number): Tensor {
  const { before, after } = sidesOf(list);
  return mode === 'constant' ? padWithValue(x, before, after, value) : padBorders(x, before, after, mode);
}

/** A whole number for all sides, or two for each dimension, the last dimension's first. */
const sides = (dimension: Dimension): Attribute<readonly number[]> => ({
  ...ints(),
  takes: `a whole number, or two for each dimension from the last (left, right, …)`,
  accept(value: AttributeValue) {
    if (typeof value === 'number') return Number.isInteger(value) ? Array(2 * dimension).fill(value) : undefined;
    return ints().accept(value);
  },
});

const paddingLayer = <const V extends Readonly<Record<string, Attribute<number>>>>(
  prefix: string,
  dimension: Dimension,
  mode: Mode,
  values: V,
): LayerRow => {
  const kind = `${prefix}Pad${dimension}d`;
  return defineLayer({
    kind,
    role: 'shape',
    module: true,
    attributes: { padding: sides(dimension), ...(values as { value?: Attribute<number> }) },
    outputShapes(inputs, { padding }) {
      const input = onlyInput(inputs, kind);
      if (mode === 'circular' && input.length !== dimension + 1 && input.length !== dimension + 2) {
        throw new ShapeError(`expected ${ranksOf(dimension)} input (got ${input.length}D input)`);
      }
      return [paddedShape(input, padding, mode)];
    },
    forward: ([x], { padding, value }) => ({ outputs: [padded(x!, padding, mode, value ?? 0)] }),
  });
};

const padFunction = defineLayer({
  kind: 'pad',
  role: 'shape',
  module: false,
  attributes: { pad: ints(), mode: choice(MODES, 'constant'), value: optional(float()) },
  functions: [{ names: ['torch.nn.functional.pad'], parameters: ['input', 'pad', 'mode', 'value'] }],
  outputShapes(inputs, { pad, mode, value }) {
    const input = onlyInput(inputs, 'pad');
    if (mode !== 'constant' && value !== null && value !== 0) {
      throw new ShapeError(`Padding mode "${mode}" doesn't take in value argument`);
    }
    return [paddedShape(input, pad, mode)];
  },
  forward: ([x], { pad, mode, value }) => ({ outputs: [padded(x!, pad, mode, value ?? 0)] }),
});

export const paddings: readonly LayerRow[] = [
  ...DIMENSIONS.flatMap((dimension) => [
    paddingLayer('Constant', dimension, 'constant', { value: float() }),
    paddingLayer('Zero', dimension, 'constant', {}),
    paddingLayer('Reflection', dimension, 'reflect', {}),
    paddingLayer('Replication', dimension, 'replicate', {}),
    paddingLayer('Circular', dimension, 'circular', {}),
  ]),
  padFunction,
];
