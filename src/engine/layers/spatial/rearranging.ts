import type { Shape } from '../../network';
import { flip as flipAxes, reshape, type Tensor, transpose } from '../../tensor';
import { int, ints, optional } from '../attribute';
import { axesOf, axisOf, numberOf, onlyInput, range } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from '../row';
import { alongAxis, pick, rearrangeAlong } from './alongAxis';
import { windowCount } from './convolution';

/** What comes off one end of the axis comes back at the other. */
function rolled(x: Tensor, shift: number, axis: number): Tensor {
  const size = x.shape[axis]!;
  const first = ((-shift % size) + size) % size || 0;
  if (size === 0 || first === 0) return x;
  return rearrangeAlong(x, [...range(first, size), ...range(0, first)], axis);
}

/** The axes to roll. @throws ShapeError in PyTorch's words. */
function rolledAxes(input: Shape, shifts: readonly number[], dims: readonly number[] | null): number[] {
  if (shifts.length === 0) throw new ShapeError('`shifts` required');
  if (dims === null || dims.length === 0) {
    if (shifts.length === 1) return [];
    throw new ShapeError(`shifts and dimensions must align. shifts: ${shifts.length}, dims:0`);
  }
  if (shifts.length !== dims.length) {
    throw new ShapeError(`shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`);
  }
  return dims.map((dim) => axisOf(dim, input.length));
}

const roll = defineLayer({
  kind: 'roll',
  role: 'shape',
  module: false,
  attributes: { shifts: ints(), dims: optional(ints()) },
  functions: [{ names: ['torch.roll', 'Tensor.roll'], parameters: ['input', 'shifts', 'dims'] }],
  outputShapes(inputs, { shifts, dims }) {
    const input = onlyInput(inputs, 'roll');
    rolledAxes(input, shifts, dims);
    return [input];
  },
  forward([x], { shifts, dims }) {
    const { shape } = x!;
    const axes = rolledAxes(shape, shifts, dims);
    if (axes.length > 0) return { outputs: [axes.reduce((y, axis, i) => rolled(y, shifts[i]!, axis), x!)] };
    const flat = reshape(x!, [shape.reduce((product, size) => product * size, 1)]);
    return { outputs: [reshape(rolled(flat, shifts[0]!, 0), shape)] };
  },
});

const flip = defineLayer({
  kind: 'flip',
  role: 'shape',
  module: false,
  attributes: { dims: ints() },
  functions: [
    { names: ['torch.flip'], parameters: ['input', 'dims'] },
    { names: ['Tensor.flip'], parameters: ['input', '*dims'] },
    { names: ['torch.fliplr', 'Tensor.fliplr'], parameters: ['input'], defaults: { dims: [1] } },
    { names: ['torch.flipud', 'Tensor.flipud'], parameters: ['input'], defaults: { dims: [0] } },
  ],
  types: (inputs) => inputs.slice(0, 1),
  outputShapes(inputs, { dims }) {
    const input = onlyInput(inputs, 'flip');
    axesOf(dims, input.length);
    return [input];
  },
  forward([x], { dims }) {
    const axes = axesOf(dims, x!.shape.length);
    return { outputs: [axes.length === 0 || x!.shape.length === 0 ? x! : flipAxes(x!, axes)] };
  },
});

/** Windows along one axis. @throws ShapeError in PyTorch's words where none fits. */
function windowsOf(input: Shape, dimension: number, size: number, step: number): { axis: number; windows: number } {
  const axis = axisOf(dimension, input.length);
  const length = numberOf(input[axis] ?? 1, 'The size of an axis that is unfolded');
  if (size > length) {
    throw new ShapeError(`maximum size for tensor at dimension ${axis} is ${length} but size is ${size}`);
  }
  return { axis, windows: windowCount(length, size, step, 1) };
}

/** Windows of one axis, their places as a new last axis. */
const tensorUnfold = defineLayer({
  kind: 'Tensor.unfold',
  role: 'shape',
  module: false,
  attributes: { dimension: int(), size: int(), step: int() },
  functions: [{ names: ['Tensor.unfold'], parameters: ['input', 'dimension', 'size', 'step'] }],
  validate({ size, step }) {
    if (size < 1) throw new AttributeError('size', `size is ${size} but must be ${size < 0 ? '>=' : '>'} 0`);
    if (step < 1) throw new AttributeError('step', `step is ${step} but must be > 0`);
  },
  outputShapes(inputs, { dimension, size, step }) {
    const input = onlyInput(inputs, 'unfold');
    const { axis, windows } = windowsOf(input, dimension, size, step);
    return [input.length === 0 ? [1] : [...input.map((dim, i) => (i === axis ? windows : dim)), size]];
  },
  forward([x], { dimension, size, step }) {
    const { shape } = x!;
    if (shape.length === 0) return { outputs: [reshape(x!, [1])] };
    const { axis, windows } = windowsOf(shape, dimension, size, step) as { axis: number; windows: number };
    const positions = range(0, windows).flatMap((window) => range(window * step, window * step + size));
    const apart = alongAxis(x!, positions.map(pick), axis);
    const split = reshape(apart, [...shape.slice(0, axis), windows, size, ...shape.slice(axis + 1)]);
    const places = range(0, shape.length + 1).filter((i) => i !== axis + 1);
    return { outputs: [transpose(split, [...places, axis + 1])] };
  },
});

export const rearrangements: readonly LayerRow[] = [roll, flip, tensorUnfold];
