import { constant } from '../../network';
import {
  add,
  div,
  maximum,
  minimum,
  mul,
  ones,
  reciprocal,
  reshape,
  scaleShift,
  sqrt,
  stopGradient,
  sub,
  zeros,
} from '../../tensor';
import { bool, float, inferred, int, optional } from '../attribute';
import { fixedDim, formatDim, onlyInput } from '../dimensions';
import { AttributeError, defineLayer, ShapeError } from '../row';
import { affineVectors, byChannel, scaleAndShift } from './affine';
import { blend, checkBatch, normalizeOverBatch, shareOfBatch } from './statistics';

/**
 * Batch Renormalization (Ioffe 2017, algorithm 1): x̂ = (x − μ_B)/σ_B·r + d, with r = σ_B/σ clipped to [1/rmax, rmax] and
 * d = (μ_B − μ)/σ clipped to [−dmax, dmax], through which no gradient flows. σ_B = √(σ_B² + ε), biased; the running
 * averages are of μ_B and σ_B, moved by the momentum after r and d are taken. In inference y = γ(x − μ)/σ + β.
 */
export const batchRenorm = defineLayer({
  kind: 'BatchRenorm',
  role: 'norm',
  module: true,
  classes: [],
  attributes: {
    num_features: inferred(int()),
    eps: float(1e-3),
    momentum: optional(float(), 0.01),
    /** The paper's bounds once they are let go; at its start it is BatchNorm: 1 and 0. */
    rmax: float(3),
    dmax: float(5),
    affine: bool(true),
  },
  infer: ([input]) => ({ num_features: fixedDim(input?.[1]) }),
  validate({ rmax, dmax }) {
    if (rmax < 1) throw new AttributeError('rmax', `rmax must be at least 1, but got ${rmax}`);
    if (dmax < 0) throw new AttributeError('dmax', `dmax must be at least 0, but got ${dmax}`);
  },
  parameters: ({ num_features, affine }) => scaleAndShift([num_features], affine, true),
  buffers: ({ num_features, momentum }) => ({
    running_mean: { shape: [num_features], initialization: constant(0) },
    running_std: { shape: [num_features], initialization: constant(1) },
    ...(momentum === null && { num_batches_tracked: { shape: [], initialization: constant(0) } }),
  }),
  outputShapes(inputs, { num_features }) {
    const input = onlyInput(inputs, 'BatchRenorm');
    if (input.length < 2) throw new ShapeError(`expected at least 2D input (got ${input.length}D input)`);
    if (input[1] !== num_features) {
      throw new ShapeError(`running_mean should contain ${formatDim(input[1]!)} elements not ${num_features}`);
    }
    return [input];
  },
  forward([x], { eps, momentum, rmax, dmax, affine }, context) {
    const channels = x!.shape[1]!;
    const { scale, shift } = affineVectors(channels, { affine, bias: true }, [x!], context);
    const [mean, deviation] = [context.buffer('running_mean'), context.buffer('running_std')];
    if (context.mode === 'evaluate') {
      const factor = div(scale, deviation);
      const flat = scaleShift(byChannel(x!), factor, sub(shift, mul(mean, factor)));
      return { outputs: [reshape(flat, x!.shape)] };
    }
    checkBatch(x!.shape, eps);
    const batch = normalizeOverBatch(x!, { scale: ones([channels]), shift: zeros([channels]) }, eps);
    const [batchMean, batchDeviation] = [stopGradient(batch.mean), sqrt(add(stopGradient(batch.variance), eps))];
    const inverse = reciprocal(deviation);
    const r = minimum(maximum(mul(batchDeviation, inverse), 1 / rmax), rmax);
    const d = minimum(maximum(mul(sub(batchMean, mean), inverse), -dmax), dmax);
    // y = γ(x̂_B·r + d) + β
    const y = scaleShift(byChannel(batch.y), mul(scale, stopGradient(r)), add(mul(scale, stopGradient(d)), shift));
    const { share, counted } = shareOfBatch(momentum, context);
    return {
      outputs: [reshape(y, x!.shape)],
      buffers: {
        running_mean: blend(mean, batchMean, share),
        running_std: blend(deviation, batchDeviation, share),
        ...counted,
      },
    };
  },
  channelAxis: () => 1,
  batchStatistics: () => true,
});
