import { constant, elementCount, formatShape, type Shape } from '../network';
import { add, mean, mul, reciprocal, reshape, sqrt, square, sub, type Tensor } from '../tensor';
import { bool, float, inferred, int, optional } from './attribute';
import { fixedDim, formatDim, onlyInput, range } from './dimensions';
import type { ParameterSpec } from './row';
import { defineLayer, type ForwardContext, type LayerRow, ShapeError } from './row';

/** The attributes that BatchNorm and InstanceNorm share; `affine` and `track_running_stats` differ in their defaults. */
export const statisticsAttributes = (affine: boolean, tracked: boolean) => ({
  num_features: inferred(int()),
  eps: float(1e-5),
  momentum: optional(float(), 0.1),
  affine: bool(affine),
  track_running_stats: bool(tracked),
  bias: bool(true),
});

interface Statistics {
  readonly num_features: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly track_running_stats: boolean;
  readonly bias: boolean;
}

/** γ = 1 and β = 0, one for each channel. */
export const scaleAndShift = (
  channels: readonly number[],
  affine: boolean,
  bias: boolean,
): Record<string, ParameterSpec> =>
  affine
    ? {
        weight: { shape: channels, initialization: constant(1) },
        ...(bias && { bias: { shape: channels, initialization: constant(0) } }),
      }
    : {};

/**
 * Running mean 0 and variance 1. The count of batches, which PyTorch always keeps, is kept where something reads it:
 * without a momentum the average is cumulative.
 */
export function runningStatistics({
  num_features,
  momentum,
  track_running_stats,
}: Statistics): Record<string, ParameterSpec> {
  if (!track_running_stats) return {};
  return {
    running_mean: { shape: [num_features], initialization: constant(0) },
    running_var: { shape: [num_features], initialization: constant(1) },
    ...(momentum === null && { num_batches_tracked: { shape: [], initialization: constant(0) } }),
  };
}

/**
 * The running statistics after one more batch: new = (1 − m)·old + m·observed, m being 1/n for the n-th batch where
 * there is no momentum. The observed variance is the unbiased one.
 */
export function updatedStatistics(
  momentum: number | null,
  observed: { readonly mean: Tensor; readonly unbiasedVariance: Tensor },
  context: ForwardContext,
): Record<string, Tensor> {
  const batches = momentum === null ? add(context.buffer('num_batches_tracked'), 1) : undefined;
  const share = momentum ?? reciprocal(batches!);
  const blend = (old: Tensor, value: Tensor) =>
    typeof share === 'number' ? add(mul(old, 1 - share), mul(value, share)) : add(old, mul(sub(value, old), share));
  return {
    running_mean: blend(context.buffer('running_mean'), observed.mean),
    running_var: blend(context.buffer('running_var'), observed.unbiasedVariance),
    ...(batches && { num_batches_tracked: batches }),
  };
}

/** The folded inference form: y = γ/√(Var + ε)·x + (β − γE/√(Var + ε)). `column` is a channel vector's shape beside x. */
export function normalizeByRunningStatistics(
  x: Tensor,
  { affine, bias, eps }: Statistics & { readonly eps: number },
  column: readonly number[],
  context: ForwardContext,
): Tensor {
  const inverse = reciprocal(sqrt(add(context.buffer('running_var'), eps)));
  const scale = affine ? mul(context.parameter('weight'), inverse) : inverse;
  const mean = mul(context.buffer('running_mean'), scale);
  const shift = affine && bias ? sub(context.parameter('bias'), mean) : mul(mean, -1);
  return add(mul(x, reshape(scale, column)), reshape(shift, column));
}

/** @throws ShapeError in PyTorch's words where the channels are not `num_features`. */
export function checkChannels(input: Shape, { num_features, affine, track_running_stats }: Statistics): void {
  const channels = input[1]!;
  if (channels === num_features) return;
  const name = track_running_stats ? 'running_mean' : affine ? 'weight' : undefined;
  if (name) throw new ShapeError(`${name} should contain ${formatDim(channels)} elements not ${num_features}`);
}

const batchNorm = (dimension: 1 | 2): LayerRow => {
  const ranks = dimension === 1 ? [2, 3] : [4];
  return defineLayer({
    kind: `BatchNorm${dimension}d`,
    role: 'norm',
    module: true,
    attributes: statisticsAttributes(true, true),
    infer: ([input]) => ({ num_features: fixedDim(input?.[1]) }),
    parameters: ({ num_features, affine, bias }) => scaleAndShift([num_features], affine, bias),
    buffers: runningStatistics,
    outputShapes(inputs, attributes) {
      const input = onlyInput(inputs, `BatchNorm${dimension}d`);
      if (!ranks.includes(input.length)) {
        const expected = ranks.map((rank) => `${rank}D`).join(' or ');
        throw new ShapeError(`expected ${expected} input (got ${input.length}D input)`);
      }
      checkChannels(input, attributes);
      return [input];
    },
    forward([input], attributes, context) {
      const x = input!;
      const channels = x.shape[1]!;
      const column = [channels, ...x.shape.slice(2).map(() => 1)];
      if (context.mode === 'evaluate' && attributes.track_running_stats) {
        return { outputs: [normalizeByRunningStatistics(x, attributes, column, context)] };
      }
      const count = elementCount(x.shape) / channels;
      if (count === 1) {
        throw new ShapeError(
          `Expected more than 1 value per channel when training, got input size torch.Size(${formatShape(x.shape)})`,
        );
      }
      const axes = [0, ...range(2, x.shape.length)];
      const average = mean(x, axes, true);
      const centered = sub(x, average);
      const variance = mean(square(centered), axes, true);
      const inverse = reciprocal(sqrt(add(variance, attributes.eps)));
      const scale = attributes.affine ? mul(inverse, reshape(context.parameter('weight'), column)) : inverse;
      const scaled = mul(centered, scale);
      const y = attributes.affine && attributes.bias ? add(scaled, reshape(context.parameter('bias'), column)) : scaled;
      if (context.mode === 'evaluate' || !attributes.track_running_stats) return { outputs: [y] };
      const observed = {
        mean: reshape(average, [channels]),
        unbiasedVariance: mul(reshape(variance, [channels]), count / (count - 1)),
      };
      return { outputs: [y], buffers: updatedStatistics(attributes.momentum, observed, context) };
    },
    batchStatistics: () => true,
  });
};

export const batchNorm1d = batchNorm(1);
export const batchNorm2d = batchNorm(2);
