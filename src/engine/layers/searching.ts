import { type Shape, sameDim } from '../network';
import { cast, constant, greater, greaterOrEqual, reshape, sum, type Tensor } from '../tensor';
import { bool, choice, float, optional } from './attribute';
import { formatDim } from './dimensions';
import { asFloat, givesInteger } from './elementTypes';
import { defineLayer, type LayerRow, NotModelled, ShapeError } from './row';

// Where values fall among others that are in ascending order.

/** How many of the boundaries [… , m] lie before each value [… , n]; `right`: those that are equal count. */
function placesAmong(boundaries: Tensor, values: Tensor, right: boolean): Tensor {
  const wide = reshape(asFloat(values), [...values.shape, 1]);
  const among =
    boundaries.shape.length > 1
      ? reshape(boundaries, [...boundaries.shape.slice(0, -1), 1, boundaries.shape.at(-1)!])
      : boundaries;
  const before = (right ? greaterOrEqual : greater)(wide, asFloat(among));
  return sum(cast(before, 'int64'), [values.shape.length]);
}

const bucketize = defineLayer({
  kind: 'bucketize',
  role: 'shape',
  module: false,
  attributes: { out_int32: bool(false), right: bool(false) },
  functions: [
    {
      names: ['torch.bucketize'],
      parameters: ['input', 'boundaries', 'out_int32', 'right'],
      operands: ['input', 'boundaries'],
    },
  ],
  types: givesInteger,
  outputShapes([values, boundaries]) {
    if (!values || !boundaries) throw new ShapeError('bucketize takes values and boundaries');
    if (boundaries.length !== 1)
      throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.length})`);
    return [values];
  },
  forward: ([values, boundaries], { right }) => ({ outputs: [placesAmong(boundaries!, values!, right)] }),
});

const listed = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

const searchsorted = defineLayer({
  kind: 'searchsorted',
  role: 'shape',
  module: false,
  attributes: {
    input: optional(float()),
    out_int32: bool(false),
    right: bool(false),
    side: optional(choice(['left', 'right'])),
  },
  functions: [
    {
      names: ['torch.searchsorted'],
      parameters: ['sorted_sequence', 'input', 'out_int32', 'right', 'side'],
      operands: ['sorted_sequence', 'input'],
    },
  ],
  types: givesInteger,
  outputShapes([boundaries, values], { input }) {
    if (!boundaries) throw new ShapeError('searchsorted takes a sorted sequence and values');
    const shape = values ?? (input === null ? undefined : []);
    if (!shape) throw new NotModelled('input', 'searchsorted without values is not modelled');
    const fits =
      boundaries.length === 1 ||
      (boundaries.length === shape.length && shape.slice(0, -1).every((size, i) => sameDim(size, boundaries[i]!)));
    if (!fits) {
      throw new ShapeError(
        'boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value ' +
          `tensor must match, but we got boundaries tensor ${listed(boundaries)} and input value tensor ${listed(shape)}`,
      );
    }
    return [shape];
  },
  forward([boundaries, values], { input, right, side }) {
    const of = values ?? constant(input ?? 0);
    return { outputs: [placesAmong(boundaries!, of, side === null ? right : side === 'right')] };
  },
});

/** Rows that search in what is sorted. */
export const searches: readonly LayerRow[] = [bucketize, searchsorted];
