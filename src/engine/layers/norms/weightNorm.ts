import { formatShape, type Shape, sameShape } from '../../network';
import { div, mul, sqrt, sumSquare } from '../../tensor';
import { int, optional } from '../attribute';
import { range } from '../dimensions';
import { defineLayer, ShapeError } from '../row';

/** The axes that one norm is taken over: all but `dim`; all where it is None, which PyTorch also writes −1. */
const axesOf = (dim: number | null, rank: number): number[] =>
  range(0, rank).filter((axis) => dim === null || dim === -1 || axis !== (dim < 0 ? dim + rank : dim));

/** The shape of g for a v: ones but at `dim`, and no axis at all for one norm of everything. */
export function normShape(v: Shape, dim: number | null): Shape {
  const axes = axesOf(dim, v.length);
  return axes.length === v.length ? [] : v.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** w = g·v/‖v‖ (Salimans & Kingma 2016): a weight as lengths and directions. */
export const weightNorm = defineLayer({
  kind: '_WeightNorm',
  role: 'weight',
  module: true,
  classes: ['torch.nn.utils.parametrizations._WeightNorm'],
  attributes: { dim: optional(int(), 0) },
  call: { parameters: ['weight_g', 'weight_v'], operands: ['weight_g', 'weight_v'] },
  functions: [{ names: ['torch._weight_norm'], parameters: ['v', 'g', 'dim'], operands: ['g', 'v'] }],
  outputShapes([g, v], { dim }) {
    if (!g || !v) throw new ShapeError('a weight norm takes 2 inputs: g and v');
    const expected = normShape(v, dim);
    if (!sameShape(g, expected)) {
      throw new ShapeError(
        `g must have the shape ${formatShape(expected)} for v of ${formatShape(v)}, not ${formatShape(g)}`,
      );
    }
    return [v];
  },
  forward([g, v], { dim }) {
    const norm = sqrt(sumSquare(v!, axesOf(dim, v!.shape.length), g!.shape.length > 0));
    return { outputs: [mul(v!, div(g!, norm))] };
  },
});
