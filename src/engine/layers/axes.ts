import type { Shape } from '../network';
import { reshape, transpose as transposeTo } from '../tensor';
import { int, ints, optional } from './attribute';
import { axesOf, axisOf, onlyInput, range } from './dimensions';
import { keepsType } from './elementTypes';
import { defineLayer, ShapeError } from './row';

/** The order of axes for permute. @throws ShapeError in PyTorch's words. */
function permutation(dims: readonly number[], rank: number): number[] {
  if (dims.length !== rank) {
    throw new ShapeError(
      'permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering ' +
        `of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}`,
    );
  }
  const axes = dims.map((dim) => axisOf(dim, rank));
  if (new Set(axes).size < rank) throw new ShapeError('permute(): duplicate dims are not allowed.');
  return axes;
}

export const permute = defineLayer({
  kind: 'permute',
  role: 'shape',
  view: true,
  module: false,
  attributes: { dims: ints() },
  functions: [
    { names: ['Tensor.permute'], parameters: ['input', '*dims'] },
    { names: ['torch.permute'], parameters: ['input', 'dims'] },
  ],
  types: keepsType,
  outputShapes(inputs, { dims }) {
    const input = onlyInput(inputs, 'permute');
    return [permutation(dims, input.length).map((axis) => input[axis]!)];
  },
  forward: ([x], { dims }) => ({ outputs: [transposeTo(x!, permutation(dims, x!.shape.length))] }),
  channelAxis: (inputAxis, outputRank, { dims }) => {
    const axis = dims.findIndex((dim) => (dim < 0 ? dim + outputRank : dim) === inputAxis);
    return axis < 0 ? undefined : axis;
  },
});

const exchanged = (dim0: number, dim1: number, rank: number): number[] => {
  const [a, b] = [axisOf(dim0, rank), axisOf(dim1, rank)];
  return range(0, rank).map((axis) => (axis === a ? b : axis === b ? a : axis));
};

export const transpose = defineLayer({
  kind: 'transpose',
  role: 'shape',
  view: true,
  module: false,
  attributes: { dim0: int(), dim1: int() },
  functions: [
    {
      names: ['transpose', 'swapaxes', 'swapdims'].flatMap((name) => [
        `torch.${name}`,
        `Tensor.${name}`,
        `Tensor.${name}_`,
      ]),
      parameters: ['input', 'dim0', 'dim1'],
    },
  ],
  types: keepsType,
  outputShapes(inputs, { dim0, dim1 }) {
    const input = onlyInput(inputs, 'transpose');
    return [exchanged(dim0, dim1, input.length).map((axis) => input[axis]!)];
  },
  forward: ([x], { dim0, dim1 }) => ({ outputs: [transposeTo(x!, exchanged(dim0, dim1, x!.shape.length))] }),
  channelAxis: (inputAxis, outputRank, { dim0, dim1 }) =>
    inputAxis === undefined ? undefined : exchanged(dim0, dim1, outputRank)[inputAxis],
});

/**
 * The axes that squeeze takes away: those of size 1. The batch's axis stays, whatever its size: PyTorch would take it
 * at batch 1 where no axis is named, and such a model would work at no other batch.
 */
const squeezedAxes = (input: Shape, dim: readonly number[] | null): number[] =>
  (dim === null ? range(0, input.length) : axesOf(dim, input.length)).filter((axis) => input[axis] === 1);

const without = <T>(items: readonly T[], axes: readonly number[]): T[] =>
  items.filter((_, axis) => !axes.includes(axis));

export const squeeze = defineLayer({
  kind: 'squeeze',
  role: 'shape',
  view: true,
  module: false,
  attributes: { dim: optional(ints()) },
  functions: [{ names: ['torch.squeeze', 'Tensor.squeeze', 'Tensor.squeeze_'], parameters: ['input', 'dim'] }],
  types: keepsType,
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'squeeze');
    return [without(input, squeezedAxes(input, dim))];
  },
  forward: ([x], { dim }, { batch }) => {
    const { shape } = x!;
    // At batch 1 the bound shape does not tell the batch from an axis of size 1: the leading axis is taken for the batch.
    const keepsLeading = dim === null && batch === 1;
    const axes = squeezedAxes(shape, dim).filter((axis) => axis > 0 || !keepsLeading);
    return { outputs: [reshape(x!, without(shape, axes))] };
  },
  channelAxis: (inputAxis, outputRank, { dim }) => {
    if (inputAxis === undefined || dim === null) return undefined;
    const axes = dim.map((axis) => (axis < 0 ? axis + outputRank + dim.length : axis));
    return axes.includes(inputAxis) ? undefined : inputAxis - axes.filter((axis) => axis < inputAxis).length;
  },
});

export const unsqueeze = defineLayer({
  kind: 'unsqueeze',
  role: 'shape',
  view: true,
  module: false,
  attributes: { dim: int() },
  functions: [{ names: ['torch.unsqueeze', 'Tensor.unsqueeze', 'Tensor.unsqueeze_'], parameters: ['input', 'dim'] }],
  types: keepsType,
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'unsqueeze');
    const axis = axisOf(dim, input.length + 1);
    return [[...input.slice(0, axis), 1, ...input.slice(axis)]];
  },
  forward([x], { dim }) {
    const { shape } = x!;
    const axis = axisOf(dim, shape.length + 1);
    return { outputs: [reshape(x!, [...shape.slice(0, axis), 1, ...shape.slice(axis)])] };
  },
  channelAxis: (inputAxis, outputRank, { dim }) => {
    if (inputAxis === undefined) return undefined;
    return inputAxis >= axisOf(dim, outputRank) ? inputAxis + 1 : inputAxis;
  },
});

export const identity = defineLayer({
  kind: 'Identity',
  role: 'shape',
  module: true,
  attributes: {},
  types: keepsType,
  outputShapes: (inputs) => [onlyInput(inputs, 'Identity')],
  forward: ([x]) => ({ outputs: [x!] }),
});
