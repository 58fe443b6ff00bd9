import type { Shape } from '../../network';
import { flip as flipAxes, reshape, type Tensor } from '../../tensor';
import { ints, optional } from '../attribute';
import { axesOf, axisOf, onlyInput, range } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { rearrangeAlong } from './alongAxis';

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

export const rearrangements: readonly LayerRow[] = [roll, flip];
