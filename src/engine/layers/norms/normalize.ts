import { abs, amax, div, exp, log, maximum, mul, sqrt, sum, sumSquare, type Tensor } from '../../tensor';
import { float, ints } from '../attribute';
import { axesOf, onlyInput } from '../dimensions';
import { defineLayer } from '../row';

/** ‖x‖_p over the axes, which stay as ones. */
function norm(x: Tensor, p: number, axes: readonly number[]): Tensor {
  if (p === 2) return sqrt(sumSquare(x, axes, true));
  if (p === Number.POSITIVE_INFINITY) return amax(abs(x), axes, true);
  if (p === 1) return sum(abs(x), axes, true);
  const powers = exp(mul(log(abs(x)), p));
  return exp(mul(log(sum(powers, axes, true)), 1 / p));
}

/** `F.normalize`: x/max(‖x‖_p, ε). It brings vectors to one length; no layer is trained more easily by it. */
export const normalize = defineLayer({
  kind: 'normalize',
  role: 'arithmetic',
  module: false,
  attributes: { p: float(2), dim: ints([1]), eps: float(1e-12) },
  functions: [{ names: ['torch.nn.functional.normalize'], parameters: ['input', 'p', 'dim', 'eps', 'out'] }],
  outputShapes(inputs, { dim }) {
    const input = onlyInput(inputs, 'normalize');
    axesOf(dim, input.length);
    return [input];
  },
  forward([x], { p, dim, eps }) {
    return { outputs: [div(x!, maximum(norm(x!, p, axesOf(dim, x!.shape.length)), eps))] };
  },
});
