import { type AttributeValue, type Dim, elementCount, isBatchDim, type Shape, type ValueType } from '../network';
import { constant, cos, expand, log, mul, reshape, sqrt, sub, type Tensor } from '../tensor';
import { type Attribute, choice, dims, float, int, optional } from './attribute';
import { range } from './dimensions';
import { keepsType, typeOfNumber } from './elementTypes';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from './row';

// Tensors that a forward makes itself. Known values are computed once, before the first step.

const dtype = optional(choice(['float32', 'int64', 'bool']));

/** More numbers than a model writes down by its code. */
const MOST_VALUES = 2 ** 26;

/** A number, or a multiple of the batch. */
const bound = (fallback?: number): Attribute<Dim> => ({
  takes: 'a number or a multiple of the batch',
  schema: { oneOf: [{ type: 'number' }, { type: 'object', properties: { batch: { type: 'integer' } } }] },
  accept(value: AttributeValue) {
    if (typeof value === 'number') return value;
    return typeof value === 'object' && value !== null && !Array.isArray(value) && isBatchDim(value as Dim)
      ? (value as Dim)
      : undefined;
  },
  ...(fallback !== undefined && { fallback }),
});

function checkedShape(shape: Shape): Shape {
  const count = elementCount(shape.map((dim) => (isBatchDim(dim) ? dim.batch : dim)));
  if (shape.some((dim) => typeof dim === 'number' && dim < 0))
    throw new ShapeError('zeros: Dimension size must be non-negative.');
  if (count > MOST_VALUES) throw new ShapeError(`a tensor of ${count} known values is more than is modelled`);
  return shape;
}

/** One number in every place: zeros, ones. */
const full = defineLayer({
  kind: 'full',
  role: 'shape',
  module: false,
  attributes: { size: dims(), fill_value: float(), dtype },
  functions: [
    { names: ['torch.full'], parameters: ['size', 'fill_value', 'dtype'], operands: [] },
    {
      names: ['torch.zeros'],
      parameters: ['*size', 'dtype'],
      operands: [],
      defaults: { fill_value: 0, dtype: 'float32' },
    },
    {
      names: ['torch.ones'],
      parameters: ['*size', 'dtype'],
      operands: [],
      defaults: { fill_value: 1, dtype: 'float32' },
    },
  ],
  types: (_, { fill_value, dtype: given }) => [given ?? typeOfNumber(fill_value)],
  outputShapes: (_, { size }) => [checkedShape(size)],
  forward: (_, { size, fill_value, dtype: given }) => ({
    outputs: [expand(constant(fill_value, [], given ?? typeOfNumber(fill_value)), size as readonly number[])],
  }),
});

/** How many numbers from `start` in steps reach `end`, which is left out. */
function rangeLength(start: Dim, end: Dim, step: number): Dim {
  if (isBatchDim(start) || isBatchDim(end)) {
    if (start === 0 && step === 1) return end;
    throw new ShapeError('a range over the batch begins at 0 and counts by 1; others have a length that is not known');
  }
  if (step === 0) throw new ShapeError('step must be nonzero');
  const length = Math.ceil((end - start) / step);
  if (length < 0) throw new ShapeError('upper bound and lower bound inconsistent with step sign');
  return length;
}

const arange = defineLayer({
  kind: 'arange',
  role: 'shape',
  module: false,
  attributes: { start: bound(0), end: bound(), step: float(1), dtype },
  functions: [{ names: ['torch.arange'], parameters: ['start', 'end', 'step', 'dtype'], operands: [] }],
  types: (_, { start, end, step, dtype: given }) => [given ?? rangeType(start, end, step)],
  outputShapes: (_, { start, end, step }) => [checkedShape([rangeLength(start, end, step)])],
  forward(_, { start, end, step, dtype: given }) {
    const length = rangeLength(start, end, step) as number;
    const values = range(0, length).map((i) => (start as number) + i * step);
    return { outputs: [constantOf(values, [length], given ?? rangeType(start, end, step))] };
  },
});

const rangeType = (...bounds: readonly Dim[]): ValueType =>
  bounds.every((each) => isBatchDim(each) || Number.isInteger(each)) ? 'int64' : 'float32';

const constantOf = (values: readonly number[], shape: readonly number[], type: ValueType): Tensor =>
  constant(
    type === 'int64' ? values.map(Math.trunc) : type === 'bool' ? values.map((value) => (value === 0 ? 0 : 1)) : values,
    shape,
    type,
  );

const linspace = defineLayer({
  kind: 'linspace',
  role: 'shape',
  module: false,
  attributes: { start: float(), end: float(), steps: int(), dtype },
  functions: [{ names: ['torch.linspace'], parameters: ['start', 'end', 'steps', 'dtype'], operands: [] }],
  types: (_, { dtype: given }) => [given ?? 'float32'],
  outputShapes(_, { steps }) {
    if (steps < 0) throw new ShapeError('number of steps must be non-negative');
    return [checkedShape([steps])];
  },
  forward(_, { start, end, steps, dtype: given }) {
    const step = steps > 1 ? (end - start) / (steps - 1) : 0;
    const values = range(0, steps).map((i) => (2 * i < steps ? start + i * step : end - (steps - 1 - i) * step));
    return { outputs: [constantOf(values, [steps], given ?? 'float32')] };
  },
});

const eye = defineLayer({
  kind: 'eye',
  role: 'shape',
  module: false,
  attributes: { n: int(), m: optional(int()), dtype },
  functions: [{ names: ['torch.eye'], parameters: ['n', 'm', 'dtype'], operands: [] }],
  types: (_, { dtype: given }) => [given ?? 'float32'],
  outputShapes: (_, { n, m }) => [checkedShape([n, m ?? n])],
  forward(_, { n, m, dtype: given }) {
    const columns = m ?? n;
    const values = range(0, n * columns).map((i) => (Math.floor(i / columns) === i % columns ? 1 : 0));
    return { outputs: [constantOf(values, [n, columns], given ?? 'float32')] };
  },
});

/** Numbers that the file lists. */
const listed = defineLayer({
  kind: 'tensor',
  role: 'shape',
  module: false,
  attributes: {
    shape: dims(),
    values: {
      takes: 'a list of numbers',
      schema: { type: 'array', items: { type: 'number' } },
      accept: (value: AttributeValue) =>
        Array.isArray(value) && value.every((each) => typeof each === 'number')
          ? (value as readonly number[])
          : undefined,
    } satisfies Attribute<readonly number[]>,
    dtype,
  },
  functions: [{ names: ['torch.tensor'], parameters: ['values', 'dtype', 'shape'], operands: [] }],
  types: (_, { dtype: given }) => [given ?? 'float32'],
  outputShapes(_, { shape, values }) {
    if (elementCount(shape as readonly number[]) === values.length) return [shape];
    throw new AttributeError('values', `${values.length} values do not fill the shape [${shape.join(', ')}]`);
  },
  forward: (_, { shape, values, dtype: given }) => ({
    outputs: [constantOf(values, shape as readonly number[], given ?? 'float32')],
  }),
});

/** Coordinates of a grid: each tensor along an axis of its own. */
const meshgrid = defineLayer({
  kind: 'meshgrid',
  role: 'shape',
  module: false,
  attributes: { indexing: choice(['ij', 'xy'], 'ij') },
  functions: [{ names: ['torch.meshgrid'], parameters: ['*tensors', 'indexing'], operands: ['*tensors'] }],
  types: keepsType,
  results: (outputs) => ({ items: range(0, outputs) }),
  outputShapes(inputs, { indexing }) {
    const sizes = inputs.map((shape) => {
      if (shape.length > 1) {
        throw new ShapeError(
          `torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: [${shape.map(String).join(', ')}]`,
        );
      }
      return shape[0] ?? 1;
    });
    const grid = gridOrder(sizes.length, indexing).map((i) => sizes[i]!);
    return inputs.map(() => grid);
  },
  forward(inputs, { indexing }) {
    const order = gridOrder(inputs.length, indexing);
    const grid = order.map((i) => inputs[i]!.shape[0] ?? 1);
    return {
      outputs: inputs.map((x, i) =>
        expand(
          reshape(
            x,
            order.map((each) => (each === i ? (x.shape[0] ?? 1) : 1)),
          ),
          grid,
        ),
      ),
    };
  },
});

/** Which input runs along which axis: the first two change places for `xy`. */
const gridOrder = (count: number, indexing: 'ij' | 'xy'): number[] =>
  indexing === 'xy' && count > 1 ? [1, 0, ...range(2, count)] : range(0, count);

/** Numbers drawn anew at every step: nothing of PyTorch's own draws, but of their distribution. */
const drawn = (kind: string, draw: (uniform: () => Tensor, shape: readonly number[]) => Tensor): LayerRow =>
  defineLayer({
    kind,
    role: 'noise',
    module: false,
    attributes: { size: dims() },
    functions: [],
    types: () => ['float32'],
    outputShapes: (_, { size }) => [checkedShape(size)],
    forward(_, { size }, context) {
      const shape = size as readonly number[];
      return { outputs: [draw(() => context.uniform(shape), shape)] };
    },
  });

/** Box and Muller: √(−2 ln u₁)·cos 2πu₂ with u₁ in (0, 1]. */
const normalOf = (uniform: () => Tensor): Tensor => {
  const radius = sqrt(mul(log(sub(1, uniform())), -2));
  return mul(radius, cos(mul(uniform(), 2 * Math.PI)));
};

/** Rows without inputs, and the grid that is made of such. */
export const knownRows: readonly LayerRow[] = [
  full,
  arange,
  linspace,
  eye,
  listed,
  meshgrid,
  drawn('rand', (uniform) => uniform()),
  drawn('randn', normalOf),
];
