import {
  type Dim,
  divideDims,
  elementCount,
  formatShape,
  isBatchDim,
  multiplyDims,
  type Shape,
  sameDim,
} from '../network';
import { reshape as reshapeTo } from '../tensor';
import { dims, int } from './attribute';
import { axisOf, formatDim, onlyInput } from './dimensions';
import { keepsType } from './elementTypes';
import { defineLayer, type FunctionForm, type LayerRow, ShapeError } from './row';

/** The axes from `start_dim` to `end_dim` that become one. @throws ShapeError in PyTorch's words. */
function flattenedAxes(rank: number, startDim: number, endDim: number): readonly [number, number] {
  const [start, end] = [axisOf(startDim, rank), axisOf(endDim, rank)];
  if (start > end) throw new ShapeError('flatten() has invalid args: start_dim cannot come after end_dim');
  return [start, end];
}

export const flatten = defineLayer({
  kind: 'Flatten',
  role: 'shape',
  view: true,
  module: true,
  attributes: { start_dim: int(1), end_dim: int(-1) },
  functions: [
    {
      names: ['torch.flatten', 'Tensor.flatten'],
      parameters: ['input', 'start_dim', 'end_dim'],
      defaults: { start_dim: 0 },
    },
  ],
  types: keepsType,
  outputShapes(inputs, { start_dim, end_dim }) {
    const input = onlyInput(inputs, 'Flatten');
    if (input.length === 0) return [[1]];
    const [start, end] = flattenedAxes(input.length, start_dim, end_dim);
    const joined = multiplyDims(input.slice(start, end + 1));
    if (joined === undefined)
      throw new ShapeError(`flatten() would multiply the batch by itself in ${formatShape(input)}`);
    return [[...input.slice(0, start), joined, ...input.slice(end + 1)]];
  },
  forward([x], { start_dim, end_dim }) {
    const { shape } = x!;
    if (shape.length === 0) return { outputs: [reshapeTo(x!, [1])] };
    const [start, end] = flattenedAxes(shape.length, start_dim, end_dim);
    const joined = elementCount(shape.slice(start, end + 1));
    return { outputs: [reshapeTo(x!, [...shape.slice(0, start), joined, ...shape.slice(end + 1)])] };
  },
  // Channels that are joined with positions become units, on the axis that both become.
  channelAxis: (inputAxis, outputRank, { start_dim, end_dim }) => {
    if (inputAxis === undefined) return undefined;
    // Where both count from the end, their distance tells the input's rank.
    const start = start_dim < 0 && end_dim < 0 ? start_dim + outputRank + end_dim - start_dim : start_dim;
    if (start < 0) return undefined;
    if (inputAxis <= start) return inputAxis;
    const after = end_dim < 0 ? 0 : Math.max(0, inputAxis - end_dim);
    return start + after;
  },
});

/**
 * A requested shape with its −1 worked out.
 * @throws ShapeError in PyTorch's words where the number of elements differs.
 */
export function resolvedShape(input: Shape, requested: Shape): Shape {
  const invalid = () => {
    const total = multiplyDims(input);
    const size = total === undefined ? formatShape(input) : formatDim(total);
    return new ShapeError(`shape '${formatShape(requested)}' is invalid for input of size ${size}`);
  };
  const open = requested.flatMap((dim, i) => (dim === -1 ? [i] : []));
  if (open.length > 1) throw new ShapeError('only one dimension can be inferred');
  const negative = requested.findIndex((dim) => typeof dim === 'number' && dim < -1);
  if (negative >= 0) {
    throw new ShapeError(
      `invalid shape dimension ${formatDim(requested[negative]!)} at index ${negative} of shape ${formatShape(requested)}`,
    );
  }
  const total = multiplyDims(input);
  const known = multiplyDims(requested.filter((dim) => dim !== -1));
  if (total === undefined || known === undefined) throw invalid();
  if (open.length === 0) {
    if (!sameDim(total, known)) throw invalid();
    return requested;
  }
  const rest: Dim | undefined = divideDims(total, known);
  if (rest === undefined || (isBatchDim(rest) ? rest.batch : rest) < 0) throw invalid();
  return requested.map((dim) => (dim === -1 ? rest : dim));
}

const reshaping = (kind: string, functions: readonly FunctionForm[]): LayerRow =>
  defineLayer({
    kind,
    role: 'shape',
    view: true,
    module: false,
    attributes: { shape: dims() },
    functions,
    types: keepsType,
    outputShapes: (inputs, { shape }) => [resolvedShape(onlyInput(inputs, kind), shape)],
    forward: ([x], { shape }) => ({
      outputs: [reshapeTo(x!, resolvedShape(x!.shape, shape) as readonly number[])],
    }),
    // An axis that is still there is taken to be the same one; where the axes become fewer, units stand where channels did.
    channelAxis: (inputAxis, outputRank) => (inputAxis !== undefined && inputAxis < outputRank ? inputAxis : undefined),
  });

export const view = reshaping('view', [{ names: ['Tensor.view'], parameters: ['input', '*shape'] }]);

export const reshape = reshaping('reshape', [
  { names: ['Tensor.reshape'], parameters: ['input', '*shape'] },
  { names: ['torch.reshape'], parameters: ['input', 'shape'] },
]);

/** One axis into several. @throws ShapeError in PyTorch's words. */
function unflattened(input: Shape, dim: number, sizes: Shape): Shape {
  const axis = axisOf(dim, input.length);
  try {
    return [...input.slice(0, axis), ...resolvedShape([input[axis]!], sizes), ...input.slice(axis + 1)];
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(
      `unflatten: Provided sizes ${formatShape(sizes)} don't multiply up to the size of dim ${axis} ` +
        `(${formatDim(input[axis]!)}) in the input tensor`,
    );
  }
}

export const unflatten = defineLayer({
  kind: 'Unflatten',
  role: 'shape',
  view: true,
  module: true,
  attributes: { dim: int(), unflattened_size: dims() },
  functions: [{ names: ['torch.unflatten', 'Tensor.unflatten'], parameters: ['input', 'dim', 'unflattened_size'] }],
  types: keepsType,
  outputShapes: (inputs, { dim, unflattened_size }) => [
    unflattened(onlyInput(inputs, 'Unflatten'), dim, unflattened_size),
  ],
  forward: ([x], { dim, unflattened_size }) => ({
    outputs: [reshapeTo(x!, unflattened(x!.shape, dim, unflattened_size) as readonly number[])],
  }),
  channelAxis: (inputAxis, outputRank, { dim, unflattened_size }) => {
    if (inputAxis === undefined) return undefined;
    const axis = dim < 0 ? dim + outputRank - unflattened_size.length + 1 : dim;
    return inputAxis > axis ? inputAxis + unflattened_size.length - 1 : inputAxis;
  },
});
