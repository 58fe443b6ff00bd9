import { type Shape, sameDim, type ValueType } from '../network';
import {
  add,
  cast,
  constant,
  cumulativeSum,
  div,
  expand,
  greater,
  maximum,
  minimum,
  mul,
  ones,
  placeAlong,
  putAlong,
  reshape,
  gather as rowsOf,
  slice,
  spread,
  sub,
  type Tensor,
  where,
} from '../tensor';
import { bool, choice, float, int, optional } from './attribute';
import { axisOf, broadcastShapes, formatDim } from './dimensions';
import { defineLayer, type FunctionForm, type LayerRow, NotModelled, ShapeError } from './row';

// Functions that write some elements of a tensor, at places that another tensor says.

const listed = (shape: Shape) => `[${shape.map(formatDim).join(', ')}]`;

/** torch's function, the method, and the method in place. */
const forms = (name: string, parameters: readonly string[], operands: readonly string[]): readonly FunctionForm[] => [
  { names: [`torch.${name}`, `Tensor.${name}`, `Tensor.${name}_`], parameters, operands },
];

const larger = (a: Shape, b: Shape, except = -1): boolean =>
  a.some((size, i) => i !== except && typeof size === 'number' && typeof b[i] === 'number' && size > b[i]);

/** Checks an index of one element each against what it writes to and what it writes. */
function checkIndex(input: Shape | undefined, index: Shape | undefined, src: Shape | undefined, axis: number): void {
  if (!input || !index) throw new ShapeError('scatter takes a tensor, an index and what is written');
  if (index.length !== input.length)
    throw new ShapeError('Index tensor must have the same number of dimensions as self tensor');
  if (src && src.length !== input.length)
    throw new ShapeError('Index tensor must have the same number of dimensions as src tensor');
  if (larger(index, input, axis) || (src && larger(index, src))) {
    throw new ShapeError(
      `Expected index ${listed(index)} to be no larger than self ${listed(input)} apart from dimension ${axis}` +
        (src ? ` and to be no larger size than src ${listed(src)}` : ''),
    );
  }
}

const zeros = (shape: readonly number[]) => shape.map(() => 0);

const cutTo = (x: Tensor, shape: readonly number[]): Tensor => slice(x, zeros(shape), shape);

/** Writes by an index that may be shorter than x on other axes than its own: what it does not reach stays. */
function written(x: Tensor, index: Tensor, axis: number, write: (reached: Tensor) => Tensor): Tensor {
  const reach = x.shape.map((size, i) => (i === axis ? size : index.shape[i]!));
  if (reach.every((size, i) => size === x.shape[i])) return write(x);
  const after = x.shape.map((size, i) => size - reach[i]!);
  const placed = (tensor: Tensor) =>
    spread(
      tensor,
      reach.map(() => 1),
      zeros(reach),
      after,
    );
  return where(cast(placed(ones(reach)), 'bool'), placed(write(cutTo(x, reach))), x);
}

/** The values to be written, of the index's shape: a number, or what a tensor has there. */
const valuesFor = (index: Tensor, src: Tensor | undefined, number: number | null, dtype: Tensor['dtype']): Tensor =>
  src ? cutTo(src, index.shape) : expand(constant(number ?? 0, [], dtype), index.shape);

const indexType = (name: string, index: ValueType | undefined): void => {
  if (index !== 'int64') throw new ShapeError(`${name}(): Expected dtype int32/int64 for index`);
};

const sameTypes = (name: string, input: ValueType, src: ValueType | undefined): void => {
  if (src !== undefined && src !== input)
    throw new ShapeError(`${name}(): Expected self.dtype to be equal to src.dtype`);
};

/** One element for each index along an axis; where two indices are the same, the last one's. */
const scatter = defineLayer({
  kind: 'scatter',
  role: 'shape',
  module: false,
  attributes: { dim: int(), src: optional(float()), reduce: optional(choice(['add', 'multiply'])) },
  functions: forms('scatter', ['input', 'dim', 'index', 'src', 'reduce'], ['input', 'index', 'src']),
  types([input, index, src]) {
    indexType('scatter', index);
    sameTypes('scatter', input!, src);
    return [input!];
  },
  outputShapes([input, index, src], { dim, reduce }) {
    if (reduce === 'multiply') throw new NotModelled('reduce', 'scatter that multiplies is not modelled');
    checkIndex(input, index, src, axisOf(dim, input?.length ?? 0));
    return [input!];
  },
  forward([x, index, src], { dim, src: number, reduce }) {
    const axis = axisOf(dim, x!.shape.length);
    const values = valuesFor(index!, src, number, x!.dtype);
    return {
      outputs: [
        written(x!, index!, axis, (reached) =>
          reduce === 'add'
            ? add(reached, putAlong(values, index!, axis, reached.shape[axis]!))
            : placeAlong(reached, index!, values, { axis, reduction: 'none' }),
        ),
      ],
    };
  },
});

const scatterAdd = defineLayer({
  kind: 'scatter_add',
  role: 'arithmetic',
  module: false,
  attributes: { dim: int() },
  functions: forms('scatter_add', ['input', 'dim', 'index', 'src'], ['input', 'index', 'src']),
  types([input, index, src]) {
    indexType('scatter', index);
    sameTypes('scatter', input!, src);
    return [input!];
  },
  outputShapes([input, index, src], { dim }) {
    checkIndex(input, index, src, axisOf(dim, input?.length ?? 0));
    return [input!];
  },
  forward([x, index, src], { dim }) {
    const axis = axisOf(dim, x!.shape.length);
    const values = cutTo(src!, index!.shape);
    return {
      outputs: [
        written(x!, index!, axis, (reached) => add(reached, putAlong(values, index!, axis, reached.shape[axis]!))),
      ],
    };
  },
});

/** How many values are written to each place. */
const timesWritten = (index: Tensor, axis: number, size: number): Tensor =>
  putAlong(ones(index.shape), index, axis, size);

const scatterReduce = defineLayer({
  kind: 'scatter_reduce',
  role: 'arithmetic',
  module: false,
  attributes: {
    dim: int(),
    reduce: choice(['sum', 'mean', 'amax', 'amin', 'prod']),
    include_self: bool(true),
  },
  functions: forms(
    'scatter_reduce',
    ['input', 'dim', 'index', 'src', 'reduce', 'include_self'],
    ['input', 'index', 'src'],
  ),
  types([input, index, src]) {
    indexType('scatter', index);
    sameTypes('scatter', input!, src);
    return [input!];
  },
  outputShapes([input, index, src], { dim, reduce }) {
    if (reduce === 'prod') throw new NotModelled('reduce', "scatter_reduce's product is not modelled");
    checkIndex(input, index, src, axisOf(dim, input?.length ?? 0));
    return [input!];
  },
  forward([x, index, src], { dim, reduce, include_self }) {
    const axis = axisOf(dim, x!.shape.length);
    const values = cutTo(src!, index!.shape);
    const reduced = (reached: Tensor): Tensor => {
      const count = timesWritten(index!, axis, reached.shape[axis]!);
      const touched = greater(count, 0);
      if (reduce === 'amax' || reduce === 'amin') {
        const nothing = reduce === 'amax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
        const before = include_self ? reached : where(touched, nothing, reached);
        return placeAlong(before, index!, values, { axis, reduction: reduce === 'amax' ? 'max' : 'min' });
      }
      const before = include_self ? reached : where(touched, 0, reached);
      const total = add(before, putAlong(values, index!, axis, reached.shape[axis]!));
      if (reduce === 'sum') return total;
      const summands = include_self ? add(count, 1) : where(touched, count, 1);
      return div(total, summands);
    };
    return { outputs: [written(x!, index!, axis, reduced)] };
  },
});

/** The index of whole slices as one of single elements. */
function widened(index: Tensor, shape: readonly number[], axis: number): Tensor {
  const count = index.shape[0] ?? 1;
  const thin = shape.map((_, i) => (i === axis ? count : 1));
  return expand(
    reshape(index, thin),
    shape.map((size, i) => (i === axis ? count : size)),
  );
}

function checkSlices(name: string, input: Shape, index: Shape, source: Shape, axis: number): void {
  if (index.length > 1) {
    throw new ShapeError(
      `${name}(): Index ${name === 'index_add' ? 'is' : 'should be'} supposed to be a vector, but got dim: ${index.length} with type: Long and size: ${listed(index)}`,
    );
  }
  const fits =
    source.length === input.length &&
    source.every((size, i) => (i === axis ? sameDim(size, index[0] ?? 1) : sameDim(size, input[i]!)));
  if (fits) return;
  throw new ShapeError(
    `${name}(): what is written, ${listed(source)}, does not fit the index ${listed(index)} along dimension ${axis} of ${listed(input)}`,
  );
}

const SLICES = ['input', 'index', 'source'] as const;

/** What the rows that write whole slices of an axis share; they name them by a vector of indices. */
const ofSlices = (kind: 'index_add' | 'index_copy') => ({
  types([input, index]: readonly ValueType[]) {
    if (index !== 'int64') throw new ShapeError(`${kind}(): Expected dtype int32/int64 for index`);
    return [input!];
  },
  outputShapes([input, index, source]: readonly Shape[], { dim }: { readonly dim: number }) {
    if (!input || !index || !source) throw new ShapeError(`${kind} takes a tensor, an index and what is written`);
    checkSlices(kind, input, index, source, axisOf(dim, input.length));
    return [input];
  },
});

const indexAdd = defineLayer({
  kind: 'index_add',
  role: 'arithmetic',
  module: false,
  attributes: { dim: int(), alpha: float(1) },
  functions: forms('index_add', ['input', 'dim', 'index', 'source', 'alpha'], SLICES),
  ...ofSlices('index_add'),
  forward([x, index, source], { dim, alpha }) {
    const axis = axisOf(dim, x!.shape.length);
    const added = putAlong(source!, widened(index!, x!.shape, axis), axis, x!.shape[axis]!);
    return { outputs: [add(x!, mul(added, alpha))] };
  },
});

const indexCopy = defineLayer({
  kind: 'index_copy',
  role: 'shape',
  module: false,
  attributes: { dim: int() },
  functions: forms('index_copy', ['input', 'dim', 'index', 'source'], SLICES),
  ...ofSlices('index_copy'),
  forward([x, index, source], { dim }) {
    const axis = axisOf(dim, x!.shape.length);
    return { outputs: [placeAlong(x!, widened(index!, x!.shape, axis), source!, { axis, reduction: 'none' })] };
  },
});

const indexFill = defineLayer({
  kind: 'index_fill',
  role: 'shape',
  module: false,
  attributes: { dim: int(), value: optional(float()) },
  functions: forms('index_fill', ['input', 'dim', 'index', 'value'], ['input', 'index', 'value']),
  types([input, index]) {
    if (index !== 'int64') throw new ShapeError('index_fill_(): Expected dtype int64 for index.');
    return [input!];
  },
  outputShapes([input, index, value], { dim }) {
    if (!input || !index) throw new ShapeError('index_fill takes a tensor, an index and a value');
    if (value && value.length > 0)
      throw new ShapeError(
        `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.length} dimension(s).`,
      );
    if (index.length > 1) throw new ShapeError('Index has to be a vector/scalar');
    axisOf(dim, input.length);
    return [input];
  },
  forward([x, index, filler], { dim, value }) {
    const axis = axisOf(dim, x!.shape.length);
    const places = widened(index!, x!.shape, axis);
    const values = filler
      ? expand(cast(filler, x!.dtype), places.shape)
      : expand(constant(value ?? 0, [], x!.dtype), places.shape);
    return { outputs: [placeAlong(x!, places, values, { axis, reduction: 'none' })] };
  },
});

/** The first values of a source, one after the other, where a mask is true. */
const maskedScatter = defineLayer({
  kind: 'masked_scatter',
  role: 'shape',
  module: false,
  attributes: {},
  functions: forms('masked_scatter', ['input', 'mask', 'source'], ['input', 'mask', 'source']),
  types([input, mask, source]) {
    if (mask !== 'bool')
      throw new ShapeError('masked_scatter_ only supports boolean masks, but got mask with dtype Long');
    if (source !== input)
      throw new ShapeError('masked_scatter: expected self and source to have same dtypes but got others');
    return [input!];
  },
  outputShapes([input, mask, source]) {
    if (!input || !mask || !source) throw new ShapeError('masked_scatter takes a tensor, a mask and a source');
    return [broadcastShapes(input, mask)];
  },
  forward([input, mask, source]) {
    const shape = broadcastShapes(input!.shape, mask!.shape) as readonly number[];
    const [x, wide] = [expand(input!, shape), expand(mask!, shape)];
    const count = shape.reduce((product, size) => product * size, 1);
    const given = source!.shape.reduce((product, size) => product * size, 1);
    const before = sub(cumulativeSum(cast(reshape(wide, [count]), 'int64'), 0), 1);
    // Where the mask is false before the first truth, any place will do.
    const places = minimum(maximum(before, 0), Math.max(0, given - 1));
    const taken = rowsOf(reshape(source!, [given]), places);
    return { outputs: [where(wide, reshape(taken, shape), x)] };
  },
});

/** Rows that write into a tensor by index. */
export const scatterings: readonly LayerRow[] = [
  scatter,
  scatterAdd,
  scatterReduce,
  indexAdd,
  indexCopy,
  indexFill,
  maskedScatter,
];
