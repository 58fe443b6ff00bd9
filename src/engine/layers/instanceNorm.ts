import { elementCount, formatShape, type Shape } from '../network';
import { add, mean, mul, reciprocal, reshape, sqrt, square, sub } from '../tensor';
import {
  normalizeByRunningStatistics,
  runningStatistics,
  scaleAndShift,
  statisticsAttributes,
  updatedStatistics,
} from './batchNorm';
import { fixedDim, formatDim } from './dimensions';
import { weightOrOperand } from './operands';
import { defineLayer, ShapeError } from './row';

/** @throws ShapeError where one value would be normalized by itself. */
function checkPositions(input: Shape): void {
  if (!input.slice(-2).every((dim) => dim === 1)) return;
  throw new ShapeError(
    `Expected more than 1 spatial element when training, got input size torch.Size(${formatShape(input)})`,
  );
}

export const instanceNorm2d = defineLayer({
  kind: 'InstanceNorm2d',
  role: 'norm',
  module: true,
  attributes: statisticsAttributes(false, false),
  functions: [
    {
      names: ['torch.nn.functional.instance_norm'],
      parameters: ['input', 'running_mean', 'running_var', 'weight', 'bias', 'use_input_stats', 'momentum', 'eps'],
      operands: ['input', 'weight', 'bias'],
    },
  ],
  infer: ([input, weight, bias]) => ({
    num_features: fixedDim(input?.at(-3)),
    ...(weight && { affine: true, bias: bias !== undefined }),
  }),
  parameters: ({ num_features, affine, bias }) => scaleAndShift([num_features], affine, bias),
  buffers: runningStatistics,
  outputShapes([input], { num_features, affine, track_running_stats }) {
    if (!input) throw new ShapeError('InstanceNorm2d takes 1 input, but got 0');
    if (input.length !== 3 && input.length !== 4) {
      throw new ShapeError(`expected 3D or 4D input (got ${input.length}D input)`);
    }
    const channels = input.at(-3)!;
    if ((affine || track_running_stats) && channels !== num_features) {
      throw new ShapeError(
        `expected input's size at dim=${input.length - 3} to match num_features (${num_features}), ` +
          `but got: ${formatDim(channels)}.`,
      );
    }
    if (!track_running_stats) checkPositions(input);
    return [input];
  },
  forward(inputs, attributes, context) {
    const x = inputs[0]!;
    const { eps, affine, bias, momentum, track_running_stats } = attributes;
    const column = [x.shape.at(-3)!, 1, 1];
    if (context.mode === 'evaluate' && track_running_stats) {
      return { outputs: [normalizeByRunningStatistics(x, attributes, column, context)] };
    }
    checkPositions(x.shape);
    const average = mean(x, [-2, -1], true);
    const centered = sub(x, average);
    const variance = mean(square(centered), [-2, -1], true);
    const inverse = reciprocal(sqrt(add(variance, eps)));
    const scale = affine ? mul(inverse, reshape(weightOrOperand('weight', 1, inputs, context), column)) : inverse;
    const scaled = mul(centered, scale);
    const y = affine && bias ? add(scaled, reshape(weightOrOperand('bias', 2, inputs, context), column)) : scaled;
    if (context.mode === 'evaluate' || !track_running_stats) return { outputs: [y] };
    // Every sample has its own statistics; the running ones follow their mean over the batch.
    const overBatch = (t: typeof x) => (x.shape.length === 4 ? mean(t, [0, 2, 3]) : reshape(t, [x.shape[0]!]));
    const positions = elementCount(x.shape.slice(-2));
    const observed = {
      mean: overBatch(average),
      unbiasedVariance: mul(overBatch(variance), positions / (positions - 1)),
    };
    return { outputs: [y], buffers: updatedStatistics(momentum, observed, context) };
  },
  channelAxis: (_, outputRank) => outputRank - 3,
});
