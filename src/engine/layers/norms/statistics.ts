import { constant, formatShape, type Shape } from '../../network';
import { add, channelNorm, mul, reciprocal, reshape, scaleShift, sqrt, sub, type Tensor } from '../../tensor';
import { bool, float, inferred, int, optional } from '../attribute';
import { formatDim } from '../dimensions';
import { type ForwardContext, type ParameterSpec, ShapeError } from '../row';
import { byChannel } from './affine';

/** The attributes that BatchNorm and InstanceNorm share; `affine` and `track_running_stats` differ in their defaults. */
export const statisticsAttributes = (affine: boolean, tracked: boolean) => ({
  num_features: inferred(int()),
  eps: float(1e-5),
  momentum: optional(float(), 0.1),
  affine: bool(affine),
  track_running_stats: bool(tracked),
  bias: bool(true),
});

export interface Statistics {
  readonly num_features: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly track_running_stats: boolean;
  readonly bias: boolean;
}

/**
 * Running mean 0 and variance 1. The count of batches, which PyTorch always keeps, is kept where something reads it:
 * without a momentum the average is cumulative.
 */
export function runningStatistics({
  num_features,
  momentum,
  track_running_stats,
}: Pick<Statistics, 'num_features' | 'momentum' | 'track_running_stats'>): Record<string, ParameterSpec> {
  if (!track_running_stats) return {};
  return {
    running_mean: { shape: [num_features], initialization: constant(0) },
    running_var: { shape: [num_features], initialization: constant(1) },
    ...(momentum === null && { num_batches_tracked: { shape: [], initialization: constant(0) } }),
  };
}

/** A running average after one more batch: new = (1 − share)·old + share·observed. */
export const blend = (old: Tensor, observed: Tensor, share: number | Tensor): Tensor =>
  typeof share === 'number' ? add(mul(old, 1 - share), mul(observed, share)) : add(old, mul(sub(observed, old), share));

/** What the next batch weighs: the momentum, or 1/n for the n-th batch where there is none. */
export function shareOfBatch(
  momentum: number | null,
  context: ForwardContext,
): { share: number | Tensor; counted: Readonly<Record<string, Tensor>> } {
  if (momentum !== null) return { share: momentum, counted: {} };
  const batches = add(context.buffer('num_batches_tracked'), 1);
  return { share: reciprocal(batches), counted: { num_batches_tracked: batches } };
}

/** The running statistics after one more batch, with PyTorch's momentum and unbiased variance. */
export function updatedStatistics(
  momentum: number | null,
  observed: { readonly mean: Tensor; readonly unbiasedVariance: Tensor },
  context: ForwardContext,
): Record<string, Tensor> {
  const { share, counted } = shareOfBatch(momentum, context);
  return {
    running_mean: blend(context.buffer('running_mean'), observed.mean, share),
    running_var: blend(context.buffer('running_var'), observed.unbiasedVariance, share),
    ...counted,
  };
}

/** The folded inference form: y = γ/√(Var + ε)·x + (β − γE/√(Var + ε)), for x [N, C, …]. */
export function normalizeByRunning(
  x: Tensor,
  running: { readonly mean: Tensor; readonly variance: Tensor },
  { scale, shift }: { readonly scale: Tensor; readonly shift: Tensor },
  epsilon: number,
): Tensor {
  const factor = mul(scale, reciprocal(sqrt(add(running.variance, epsilon))));
  return reshape(scaleShift(byChannel(x), factor, sub(shift, mul(running.mean, factor))), x.shape);
}

/** x [N, C, …] normalized by channel over batch and positions, and what it was normalized by: vectors [C]. */
export function normalizeOverBatch(
  x: Tensor,
  { scale, shift }: { readonly scale: Tensor; readonly shift: Tensor },
  epsilon: number,
): { y: Tensor; mean: Tensor; variance: Tensor } {
  const part = (which: 'output' | 'mean' | 'variance') =>
    channelNorm(byChannel(x), scale, shift, { epsilon, groups: null, part: which });
  return { y: reshape(part('output'), x.shape), mean: part('mean'), variance: part('variance') };
}

/** @throws ShapeError in PyTorch's words where a channel has one value, or ε does not keep from dividing by zero. */
export function checkBatch(shape: readonly number[], epsilon: number): void {
  const values = shape.reduce((product, size, axis) => (axis === 1 ? product : product * size), 1);
  if (values === 1) {
    throw new ShapeError(
      `Expected more than 1 value per channel when training, got input size torch.Size(${formatShape(shape)})`,
      'take a batch of 2 or more, or a norm that does not need the batch (LayerNorm, GroupNorm)',
    );
  }
  if (epsilon <= 0) throw new ShapeError(`batch_norm eps must be positive during training, but got ${epsilon}`);
}

/** @throws ShapeError in PyTorch's words where the channels are not `num_features`. */
export function checkChannels(input: Shape, { num_features, affine, track_running_stats }: Statistics): void {
  const channels = input[1]!;
  if (channels === num_features) return;
  const name = track_running_stats ? 'running_mean' : affine ? 'weight' : undefined;
  if (name) throw new ShapeError(`${name} should contain ${formatDim(channels)} elements not ${num_features}`);
}
