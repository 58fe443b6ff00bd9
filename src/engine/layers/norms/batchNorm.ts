import { elementCount } from '../../network';
import { mul } from '../../tensor';
import { fixedDim, onlyInput } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';
import { affineVectors, scaleAndShift } from './affine';
import {
  checkBatch,
  checkChannels,
  normalizeByRunning,
  normalizeOverBatch,
  runningStatistics,
  statisticsAttributes,
  updatedStatistics,
} from './statistics';

/** BatchNorm over inputs of these ranks; `expected` says which, in PyTorch's words. */
const batchNorm = (kind: string, fits: (rank: number) => boolean, expected: string): LayerRow =>
  defineLayer({
    kind,
    role: 'norm',
    module: true,
    attributes: statisticsAttributes(true, true),
    infer: ([input]) => ({ num_features: fixedDim(input?.[1]) }),
    parameters: ({ num_features, affine, bias }) => scaleAndShift([num_features], affine, bias),
    buffers: runningStatistics,
    outputShapes(inputs, attributes) {
      const input = onlyInput(inputs, kind);
      if (!fits(input.length)) throw new ShapeError(`expected ${expected} input (got ${input.length}D input)`);
      checkChannels(input, attributes);
      return [input];
    },
    forward([input], attributes, context) {
      const x = input!;
      const { eps, momentum, track_running_stats } = attributes;
      const affine = affineVectors(x.shape[1]!, attributes, [x], context);
      if (context.mode === 'evaluate' && track_running_stats) {
        const running = { mean: context.buffer('running_mean'), variance: context.buffer('running_var') };
        return { outputs: [normalizeByRunning(x, running, affine, eps)] };
      }
      checkBatch(x.shape, eps);
      const { y, mean, variance } = normalizeOverBatch(x, affine, eps);
      if (context.mode === 'evaluate' || !track_running_stats) return { outputs: [y] };
      const count = elementCount(x.shape) / x.shape[1]!;
      const observed = { mean, unbiasedVariance: mul(variance, count / (count - 1)) };
      return { outputs: [y], buffers: updatedStatistics(momentum, observed, context) };
    },
    channelAxis: () => 1,
    batchStatistics: () => true,
  });

export const batchNorm1d = batchNorm('BatchNorm1d', (rank) => rank === 2 || rank === 3, '2D or 3D');
export const batchNorm2d = batchNorm('BatchNorm2d', (rank) => rank === 4, '4D');
export const batchNorm3d = batchNorm('BatchNorm3d', (rank) => rank === 5, '5D');
/** On one device it is BatchNorm, over inputs of any rank. */
export const syncBatchNorm = batchNorm('SyncBatchNorm', (rank) => rank >= 2, 'at least 2D');
