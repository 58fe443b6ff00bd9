import { type Shape, sameDim } from '../network';
import {
  add as addTensors,
  concat,
  div as divide,
  mean as meanOver,
  mul as multiply,
  matmul as multiplyMatrices,
  type Operand,
  reshape,
  sub as subtract,
  type Tensor,
} from '../tensor';
import { bool, choice, float, int, ints, optional } from './attribute';
import { arithmeticType, binaryForms, numbers, shapeOfSide, sides } from './binary';
import { addDims, axesOf, axisOf, broadcastShapes, formatDim, onlyInput, range } from './dimensions';
import { asFloat, givesFloat, promoted, together } from './elementTypes';
import { defineLayer, type FunctionForm, type LayerRow, NotModelled, type Role, ShapeError } from './row';

const scaled = (x: Tensor | number, alpha: number): Tensor | number =>
  typeof x === 'number' ? x * alpha : multiply(x, alpha);

const sumOrDifference = (kind: 'add' | 'sub', role: Role, functions: readonly FunctionForm[]): LayerRow =>
  defineLayer({
    kind,
    role,
    layout: 'any',
    module: false,
    attributes: { ...numbers, alpha: float(1) },
    functions,
    types: arithmeticType,
    outputShapes(inputs, attributes) {
      const [a, b] = sides(kind, inputs, attributes);
      return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
    },
    forward(inputs, attributes) {
      const [a, b] = together(...sides(kind, inputs, attributes)) as [Operand, Operand];
      const right = scaled(b, attributes.alpha);
      return { outputs: [kind === 'add' ? addTensors(a, right) : subtract(a, right)] };
    },
  });

export const add = sumOrDifference('add', 'merge', binaryForms(['add'], ['add', 'iadd'], ['alpha']));
export const sub = sumOrDifference('sub', 'arithmetic', binaryForms(['sub', 'subtract'], ['sub', 'isub'], ['alpha']));

export const mul = defineLayer({
  kind: 'mul',
  role: 'arithmetic',
  layout: 'any',
  module: false,
  attributes: numbers,
  functions: binaryForms(['mul', 'multiply'], ['mul', 'imul'], []),
  types: arithmeticType,
  outputShapes(inputs, attributes) {
    const [a, b] = sides('mul', inputs, attributes);
    return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
  },
  forward: (inputs, attributes) => ({
    outputs: [multiply(...(together(...sides('mul', inputs, attributes)) as [Operand, Operand]))],
  }),
});

export const div = defineLayer({
  kind: 'div',
  role: 'arithmetic',
  layout: 'any',
  module: false,
  attributes: { ...numbers, rounding_mode: optional(choice(['trunc', 'floor'])) },
  functions: binaryForms(['div', 'divide', 'true_divide'], ['truediv', 'itruediv'], ['rounding_mode']),
  validate({ rounding_mode }) {
    if (rounding_mode === null) return;
    throw new NotModelled(
      'rounding_mode',
      `div's rounding_mode '${rounding_mode}' is not modelled: it has no gradient`,
    );
  },
  types: givesFloat,
  outputShapes(inputs, attributes) {
    const [a, b] = sides('div', inputs, attributes);
    return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
  },
  forward(inputs, attributes) {
    const [a, b] = sides('div', inputs, attributes).map((side) =>
      typeof side === 'number' ? side : asFloat(side),
    ) as [Operand, Operand];
    return { outputs: [typeof b === 'number' ? multiply(a, 1 / b) : divide(a, b)] };
  },
});

export const matmul = defineLayer({
  kind: 'matmul',
  role: 'arithmetic',
  module: false,
  attributes: {},
  functions: [
    {
      names: ['torch.matmul', 'Tensor.matmul', 'operator.matmul', 'torch.bmm', 'Tensor.bmm', 'torch.mm', 'Tensor.mm'],
      parameters: ['input', 'other'],
      operands: ['input', 'other'],
    },
  ],
  outputShapes(inputs) {
    const [a, b] = inputs;
    if (!a || !b || inputs.length > 2) throw new ShapeError(`matmul takes 2 inputs, but got ${inputs.length}`);
    if (a.length === 0 || b.length === 0) {
      throw new ShapeError(
        `both arguments to matmul need to be at least 1D, but they are ${a.length}D and ${b.length}D`,
      );
    }
    const left: Shape = a.length === 1 ? [1, ...a] : a;
    const right: Shape = b.length === 1 ? [...b, 1] : b;
    if (!sameDim(left.at(-1)!, right.at(-2)!)) {
      const text = (shape: Shape) => shape.map(formatDim).join('x');
      throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${text(a)} and ${text(b)})`);
    }
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
    return [[...batch, ...(a.length === 1 ? [] : [left.at(-2)!]), ...(b.length === 1 ? [] : [right.at(-1)!])]];
  },
  forward([a, b]) {
    const left = a!.shape.length === 1 ? reshape(a!, [1, ...a!.shape]) : a!;
    const right = b!.shape.length === 1 ? reshape(b!, [...b!.shape, 1]) : b!;
    const product = multiplyMatrices(left, right);
    const rank = product.shape.length;
    const shape = product.shape.filter(
      (_, axis) => !(axis === rank - 2 && a!.shape.length === 1) && !(axis === rank - 1 && b!.shape.length === 1),
    );
    return { outputs: [reshape(product, shape)] };
  },
  channelAxis: (_, outputRank) => (outputRank > 0 ? outputRank - 1 : undefined),
});

export const cat = defineLayer({
  kind: 'cat',
  role: 'merge',
  module: false,
  attributes: { dim: int(0) },
  functions: [
    {
      names: ['torch.cat', 'torch.concat', 'torch.concatenate'],
      parameters: ['tensors', 'dim'],
      operands: ['*tensors'],
    },
  ],
  types: (inputs) => [promoted(inputs)],
  outputShapes(inputs, { dim }) {
    const [first, ...others] = inputs;
    if (!first) throw new ShapeError('torch.cat(): expected a non-empty list of Tensors');
    const axis = axisOf(dim, first.length);
    let joined = first[axis]!;
    for (const [i, other] of others.entries()) {
      if (other.length !== first.length) {
        throw new ShapeError(`Tensors must have same number of dimensions: got ${first.length} and ${other.length}`);
      }
      const differing = first.findIndex((size, at) => at !== axis && !sameDim(size, other[at]!));
      if (differing >= 0) {
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${axis}. Expected size ${formatDim(first[differing]!)} ` +
            `but got size ${formatDim(other[differing]!)} for tensor number ${i + 1} in the list.`,
        );
      }
      const sum = addDims(joined, other[axis]!);
      if (sum === undefined) {
        throw new ShapeError('The batch and a fixed number of rows cannot be concatenated without knowing the batch');
      }
      joined = sum;
    }
    return [first.map((size, at) => (at === axis ? joined : size))];
  },
  forward: (inputs, { dim }) => ({
    outputs: [concat(together(...inputs) as readonly Tensor[], axisOf(dim, inputs[0]!.shape.length))],
  }),
});

const reducedAxes = (dim: readonly number[] | null, rank: number): number[] =>
  dim === null || dim.length === 0 ? range(0, rank) : axesOf(dim, rank);

export const mean = defineLayer({
  kind: 'mean',
  role: 'arithmetic',
  module: false,
  attributes: { dim: optional(ints()), keepdim: bool(false) },
  functions: [{ names: ['torch.mean', 'Tensor.mean'], parameters: ['input', 'dim', 'keepdim', 'dtype'] }],
  outputShapes(inputs, { dim, keepdim }) {
    const input = onlyInput(inputs, 'mean');
    const axes = reducedAxes(dim, input.length);
    return [
      keepdim ? input.map((size, i) => (axes.includes(i) ? 1 : size)) : input.filter((_, i) => !axes.includes(i)),
    ];
  },
  forward([x], { dim, keepdim }) {
    return { outputs: [meanOver(x!, reducedAxes(dim, x!.shape.length), keepdim)] };
  },
  channelAxis: (inputAxis, outputRank, { dim, keepdim }) => {
    if (inputAxis === undefined || dim === null || dim.length === 0) return undefined;
    const axes = dim.map((axis) => (axis < 0 ? axis + outputRank + (keepdim ? 0 : dim.length) : axis));
    if (axes.includes(inputAxis)) return undefined;
    return keepdim ? inputAxis : inputAxis - axes.filter((axis) => axis < inputAxis).length;
  },
});
