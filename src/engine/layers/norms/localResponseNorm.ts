import { add, convolution, div, exp, log, mul, ones, reshape, square, type Tensor } from '../../tensor';
import { float, int } from '../attribute';
import { onlyInput } from '../dimensions';
import { AttributeError, defineLayer, ShapeError } from '../row';
import { byChannel } from './affine';

/** Σ over a window of neighbouring channels of x [N, C, …], zero outside. */
function overChannels(x: Tensor, before: number, after: number): Tensor {
  const flat = byChannel(x);
  const [samples, channels, positions] = flat.shape as readonly [number, number, number];
  const sums = convolution(reshape(flat, [samples, 1, channels, positions]), ones([1, 1, before + 1 + after, 1]), {
    strides: [1, 1],
    padsBegin: [before, 0],
    padsEnd: [after, 0],
    dilations: [1, 1],
    groups: 1,
  });
  return reshape(sums, x.shape);
}

/** x/(k + α/n·Σ x²)^β, the sum over n neighbouring channels (Krizhevsky et al. 2012, with the mean for the sum). */
export const localResponseNorm = defineLayer({
  kind: 'LocalResponseNorm',
  role: 'norm',
  module: true,
  attributes: { size: int(), alpha: float(1e-4), beta: float(0.75), k: float(1) },
  functions: [
    {
      names: ['torch.nn.functional.local_response_norm'],
      parameters: ['input', 'size', 'alpha', 'beta', 'k'],
    },
  ],
  validate({ size }) {
    if (size >= 1) return;
    throw new AttributeError('size', `kernel size should be greater than zero, but got kH: ${size} kW: 1`);
  },
  outputShapes(inputs) {
    const input = onlyInput(inputs, 'LocalResponseNorm');
    if (input.length >= 3) return [input];
    throw new ShapeError(
      `Expected 3D or higher dimensionality                          input (got ${input.length} dimensions)`,
    );
  },
  forward([x], { size, alpha, beta, k }) {
    const sums = overChannels(square(x!), Math.floor(size / 2), Math.floor((size - 1) / 2));
    const base = add(mul(sums, alpha / size), k);
    return { outputs: [beta === 1 ? div(x!, base) : mul(x!, exp(mul(log(base), -beta)))] };
  },
  channelAxis: () => 1,
});
