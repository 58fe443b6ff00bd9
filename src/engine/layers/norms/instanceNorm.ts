import { elementCount, formatShape, type Shape } from '../../network';
import { channelNorm, mean, mul, reshape } from '../../tensor';
import { fixedDim, formatDim } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { affineVectors, byChannel, scaleAndShift } from './affine';
import { normalizeByRunning, runningStatistics, statisticsAttributes, updatedStatistics } from './statistics';

/** @throws ShapeError where one value would be normalized by itself; `spatial` is the number of axes behind the channels. */
export function checkPositions(input: Shape, spatial: number): void {
  if (!input.slice(input.length - spatial).every((dim) => dim === 1)) return;
  const batched = input.length === spatial + 1 ? [1, ...input] : input;
  throw new ShapeError(
    `Expected more than 1 spatial element when training, got input size torch.Size(${formatShape(batched)})`,
    'put it where a channel has more than one position, or take LayerNorm or GroupNorm there',
  );
}

/** InstanceNorm over `spatial` axes, with or without a batch in front of the channels. */
const instanceNorm = (spatial: 1 | 2 | 3): LayerRow =>
  defineLayer({
    kind: `InstanceNorm${spatial}d`,
    role: 'norm',
    module: true,
    attributes: statisticsAttributes(false, false),
    infer: ([input]) => ({ num_features: fixedDim(input?.at(-1 - spatial)) }),
    parameters: ({ num_features, affine, bias }) => scaleAndShift([num_features], affine, bias),
    buffers: runningStatistics,
    outputShapes([input], { num_features, affine, track_running_stats }) {
      if (!input) throw new ShapeError(`InstanceNorm${spatial}d takes 1 input, but got 0`);
      if (input.length !== spatial + 1 && input.length !== spatial + 2) {
        throw new ShapeError(`expected ${spatial + 1}D or ${spatial + 2}D input (got ${input.length}D input)`);
      }
      const channels = input.at(-1 - spatial)!;
      if ((affine || track_running_stats) && channels !== num_features) {
        throw new ShapeError(
          `expected input's size at dim=${input.length - 1 - spatial} to match num_features (${num_features}), ` +
            `but got: ${formatDim(channels)}.`,
        );
      }
      if (!track_running_stats) checkPositions(input, spatial);
      return [input];
    },
    forward([input], attributes, context) {
      const { eps, momentum, track_running_stats } = attributes;
      const shape = input!.shape;
      const x = shape.length === spatial + 1 ? reshape(input!, [1, ...shape]) : input!;
      const [samples, channels] = x.shape as readonly [number, number];
      const affine = affineVectors(channels, attributes, [x], context);
      if (context.mode === 'evaluate' && track_running_stats) {
        const running = { mean: context.buffer('running_mean'), variance: context.buffer('running_var') };
        return { outputs: [reshape(normalizeByRunning(x, running, affine, eps), shape)] };
      }
      checkPositions(shape, spatial);
      const part = (which: 'output' | 'mean' | 'variance') =>
        channelNorm(byChannel(x), affine.scale, affine.shift, { epsilon: eps, groups: channels, part: which });
      const y = reshape(part('output'), shape);
      if (context.mode === 'evaluate' || !track_running_stats) return { outputs: [y] };
      // Every sample has its own statistics; the running ones follow their mean over the batch.
      const positions = elementCount(x.shape) / (samples * channels);
      const observed = {
        mean: mean(part('mean'), [0]),
        unbiasedVariance: mul(mean(part('variance'), [0]), positions / (positions - 1)),
      };
      return { outputs: [y], buffers: updatedStatistics(momentum, observed, context) };
    },
    channelAxis: (_, outputRank) => outputRank - 1 - spatial,
  });

export const instanceNorm1d = instanceNorm(1);
export const instanceNorm2d = instanceNorm(2);
export const instanceNorm3d = instanceNorm(3);
