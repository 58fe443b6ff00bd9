import {
  constant,
  expand,
  greater,
  logSoftmax as logSoftmaxOf,
  neg,
  softmax as softmaxOf,
  square,
  sum,
  type Tensor,
} from '../tensor';
import { int, optional } from './attribute';
import { axisOf, onlyInput } from './dimensions';
import { defineLayer, type FunctionForm, type LayerRow, ShapeError } from './row';

/** The axis that PyTorch takes where none is given (deprecated, with a warning): 0 for 0, 1 or 3 dimensions, else 1. */
const implicitAxis = (rank: number): number => (rank === 0 || rank === 1 || rank === 3 ? 0 : 1);

const axisFor = (dim: number | null, rank: number): number => (dim === null ? implicitAxis(rank) : axisOf(dim, rank));

/**
 * Rows of probabilities so near to one-hot that little gradient passes: 1 − Σp² < 0.1·(1 − 1/K). A row has no low and
 * high side; all of it counts as high.
 */
export function saturatedRows(probabilities: Tensor, axis: number): { low: Tensor; high: Tensor } {
  const classes = probabilities.shape[axis]!;
  const high = greater(sum(square(probabilities), [axis]), 1 - 0.1 * (1 - 1 / classes));
  return { low: expand(constant([0], [], 'bool'), high.shape), high };
}

const functionsOf = (name: string): readonly FunctionForm[] => [
  { names: [`torch.nn.functional.${name}`], parameters: ['input', 'dim', '_stacklevel', 'dtype'] },
  { names: [`torch.${name}`, `Tensor.${name}`, `torch.special.${name}`], parameters: ['input', 'dim', 'dtype'] },
];

const overOneAxis = (
  kind: string,
  functions: readonly FunctionForm[],
  compute: (x: Tensor, axis: number) => Tensor,
): LayerRow =>
  defineLayer({
    kind,
    role: 'activation',
    module: true,
    attributes: { dim: optional(int()) },
    functions,
    outputShapes(inputs, { dim }) {
      const input = onlyInput(inputs, kind);
      axisFor(dim, input.length);
      return [input];
    },
    forward([input], { dim }) {
      const x = input!;
      const axis = axisFor(dim, x.shape.length);
      const y = compute(x, axis);
      return { outputs: [y], saturated: kind === 'LogSoftmax' ? undefined : saturatedRows(y, axis) };
    },
  });

export const softmax = overOneAxis('Softmax', functionsOf('softmax'), softmaxOf);
export const logSoftmax = overOneAxis('LogSoftmax', functionsOf('log_softmax'), logSoftmaxOf);
export const softmin = overOneAxis('Softmin', [functionsOf('softmin')[0]!], (x, axis) => softmaxOf(neg(x), axis));

/** Softmax over the channels at each position: the third axis from the end. */
export const softmax2d = defineLayer({
  kind: 'Softmax2d',
  role: 'activation',
  module: true,
  attributes: {},
  outputShapes(inputs) {
    const input = onlyInput(inputs, 'Softmax2d');
    if (input.length === 3 || input.length === 4) return [input];
    throw new ShapeError(`Softmax2d: expected input to be 3D or 4D, got ${input.length}D instead`);
  },
  forward([x]) {
    const axis = x!.shape.length - 3;
    const y = softmaxOf(x!, axis);
    return { outputs: [y], saturated: saturatedRows(y, axis) };
  },
});
