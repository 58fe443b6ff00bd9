import { isBatchDim } from '../network';
import { mul, sigmoid, slice } from '../tensor';
import { int } from './attribute';
import { axisOf, formatDim, onlyInput } from './dimensions';
import { defineLayer, ShapeError } from './row';

/** The first half of an axis, through a gate that is the sigmoid of the other half (Dauphin et al. 2017). */
export const glu = defineLayer({
  kind: 'GLU',
  role: 'activation',
  module: true,
  attributes: { dim: int(-1) },
  functions: [{ names: ['torch.nn.functional.glu'], parameters: ['input', 'dim'] }],
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'GLU');
    if (input.length === 0) throw new ShapeError('glu does not support scalars because halving size must be even');
    const axis = axisOf(dim, input.length);
    const size = input[axis]!;
    const whole = isBatchDim(size) ? size.batch : size;
    if (whole % 2 !== 0) {
      throw new ShapeError(`Halving dimension must be even, but dimension ${axis} is size ${formatDim(size)}`);
    }
    return [input.map((each, i) => (i === axis ? (isBatchDim(size) ? { batch: whole / 2 } : whole / 2) : each))];
  },
  forward([input], { dim }) {
    const x = input!;
    const axis = axisOf(dim, x.shape.length);
    const half = x.shape[axis]! / 2;
    const from = (start: number) => x.shape.map((_, i) => (i === axis ? start : 0));
    const to = (end: number) => x.shape.map((size, i) => (i === axis ? end : size));
    const [value, gate] = [slice(x, from(0), to(half)), slice(x, from(half), to(2 * half))];
    return { outputs: [mul(value, sigmoid(gate))] };
  },
});
