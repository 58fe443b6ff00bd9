import { formatShape, type Shape, sameDim, sameShape } from '../../network';
import { add, channelNorm, layerNorm, mul, ones, reshape, scaleShift, sqrt, type Tensor, zeros } from '../../tensor';
import { bool, choice, float, inferred, int, ints } from '../attribute';
import { fixedDim } from '../dimensions';
import { defineLayer, ShapeError } from '../row';
import { byChannel } from './affine';
import { checkPositions } from './instanceNorm';
import {
  checkBatch,
  normalizeByRunning,
  normalizeOverBatch,
  runningStatistics,
  type Statistics,
  updatedStatistics,
} from './statistics';

// Norms whose scale and shift come from elsewhere: an image's style, a map of segments, a condition. What they are there
// for is lost with any other norm in their place.

/** x̂ of each sample and channel, and what it was normalized by. */
function perSample(x: Tensor, epsilon: number): Record<'output' | 'mean' | 'variance', Tensor> {
  const flat = byChannel(x);
  const channels = flat.shape[1]!;
  const part = (which: 'output' | 'mean' | 'variance') =>
    channelNorm(flat, ones([channels]), zeros([channels]), { epsilon, groups: channels, part: which });
  return { output: part('output'), mean: part('mean'), variance: part('variance') };
}

/**
 * Adaptive instance normalization (Huang & Belongie 2017, eq. 8): σ(y)·(x − μ(x))/σ(x) + μ(y) by sample and channel, with
 * σ² biased and ε inside of the root.
 */
export const adaIN = defineLayer({
  kind: 'AdaIN',
  role: 'norm',
  module: true,
  classes: [],
  irreplaceable: () => true,
  call: { parameters: ['content', 'style'], operands: ['content', 'style'] },
  attributes: { eps: float(1e-5) },
  outputShapes([content, style]) {
    if (!content || !style) throw new ShapeError('AdaIN takes 2 inputs: content and style');
    if (content.length < 3 || style.length < 3) {
      throw new ShapeError(
        `expected inputs of 3 dimensions or more, got ${formatShape(content)} and ${formatShape(style)}`,
      );
    }
    if (!sameDim(content[0]!, style[0]!) || !sameDim(content[1]!, style[1]!)) {
      throw new ShapeError(
        `content and style must have the same batch and channels, but got ${formatShape(content)} and ${formatShape(style)}`,
      );
    }
    for (const input of [content, style]) checkPositions(input, input.length - 2);
    return [content];
  },
  forward([content, style], { eps }) {
    const [own, theirs] = [perSample(content!, eps), perSample(style!, eps)];
    const [samples, channels, positions] = own.output.shape as readonly [number, number, number];
    const rows = samples * channels;
    const deviation = sqrt(add(theirs.variance, eps));
    const y = scaleShift(
      reshape(own.output, [1, rows, positions]),
      reshape(deviation, [rows]),
      reshape(theirs.mean, [rows]),
    );
    return { outputs: [reshape(y, content!.shape)] };
  },
  channelAxis: () => 1,
});

/**
 * Spatially-adaptive denormalization (Park et al. 2019, eq. 1): a norm without parameters, then γ(m)·x̂ + β(m) with maps of
 * x's own shape. `unit_offset` adds 1 to γ, as its authors' code does.
 */
export const spade = defineLayer({
  kind: 'SPADE',
  role: 'norm',
  module: true,
  classes: [],
  irreplaceable: () => true,
  call: { parameters: ['x', 'gamma', 'beta'], operands: ['x', 'gamma', 'beta'] },
  attributes: {
    num_features: inferred(int()),
    normalization: choice(['batch', 'instance'], 'batch'),
    eps: float(1e-5),
    momentum: float(0.1),
    unit_offset: bool(true),
  },
  infer: ([x]) => ({ num_features: fixedDim(x?.[1]) }),
  buffers: (attributes) => runningStatistics(tracking(attributes)),
  outputShapes(inputs) {
    const [x, gamma, beta] = inputs;
    if (!x || !gamma || !beta) throw new ShapeError('SPADE takes 3 inputs: x, gamma and beta');
    if (x.length < 3) throw new ShapeError(`expected 3D input or higher (got ${x.length}D input)`);
    for (const map of [gamma, beta]) {
      if (!sameShape(map, x)) {
        throw new ShapeError(`gamma and beta must have the shape of x, ${formatShape(x)}, but got ${formatShape(map)}`);
      }
    }
    return [x];
  },
  forward([x, gamma, beta], attributes, context) {
    const { normalization, eps, momentum, unit_offset } = attributes;
    const channels = x!.shape[1]!;
    const plain = { scale: ones([channels]), shift: zeros([channels]) };
    const styled = (normal: Tensor) => {
      const flat = reshape(normal, x!.shape);
      return [add(mul(flat, unit_offset ? add(gamma!, 1) : gamma!), beta!)];
    };
    if (normalization === 'instance') {
      checkPositions(x!.shape, x!.shape.length - 2);
      return { outputs: styled(perSample(x!, eps).output) };
    }
    if (context.mode === 'evaluate') {
      const running = { mean: context.buffer('running_mean'), variance: context.buffer('running_var') };
      return { outputs: styled(normalizeByRunning(x!, running, plain, eps)) };
    }
    checkBatch(x!.shape, eps);
    const { y, mean, variance } = normalizeOverBatch(x!, plain, eps);
    const count = x!.shape.reduce((product, size) => product * size, 1) / channels;
    const observed = { mean, unbiasedVariance: mul(variance, count / (count - 1)) };
    return { outputs: styled(y), buffers: updatedStatistics(momentum, observed, context) };
  },
  channelAxis: () => 1,
  batchStatistics: ({ normalization }) => normalization === 'batch',
});

const tracking = ({
  num_features,
  momentum,
  normalization,
}: {
  readonly num_features: number;
  readonly momentum: number;
  readonly normalization: string;
}): Pick<Statistics, 'num_features' | 'momentum' | 'track_running_stats'> => ({
  num_features,
  momentum,
  track_running_stats: normalization === 'batch',
});

/** [N, D] beside [N, …, D]. */
const beside = (condition: Tensor, x: Tensor): Tensor =>
  condition.shape.length === x.shape.length
    ? condition
    : reshape(condition, [condition.shape[0]!, ...x.shape.slice(2).map(() => 1), condition.shape.at(-1)!]);

/** adaLN (Peebles & Xie 2023): LayerNorm without affine parameters, then x̂·(1 + scale) + shift, both from a condition. */
export const adaLN = defineLayer({
  kind: 'AdaLN',
  role: 'norm',
  module: true,
  classes: [],
  irreplaceable: () => true,
  call: { parameters: ['x', 'shift', 'scale'], operands: ['x', 'shift', 'scale'] },
  attributes: { normalized_shape: inferred(ints()), eps: float(1e-6) },
  infer: ([x]) => {
    const last = fixedDim(x?.at(-1));
    return last === undefined ? {} : { normalized_shape: [last] };
  },
  outputShapes(inputs, { normalized_shape }) {
    const [x, shift, scale] = inputs;
    if (!x || !shift || !scale) throw new ShapeError('AdaLN takes 3 inputs: x, shift and scale');
    const [size, ...more] = normalized_shape;
    if (more.length > 0 || x.length < 2 || x.at(-1) !== size) {
      throw new ShapeError(
        `Given normalized_shape=${formatShape(normalized_shape)}, expected input with shape [*, ${normalized_shape.join(', ')}], ` +
          `but got input of size${formatShape(x)}`,
      );
    }
    for (const condition of [shift, scale]) checkCondition(x, condition);
    return [x];
  },
  forward([x, shift, scale], { normalized_shape, eps }) {
    const [size] = normalized_shape as readonly [number];
    const rows = reshape(x!, [x!.shape.slice(0, -1).reduce((product, dim) => product * dim, 1), size]);
    const normal = reshape(layerNorm(rows, ones([size]), undefined, eps), x!.shape);
    return { outputs: [add(mul(normal, add(beside(scale!, x!), 1)), beside(shift!, x!))] };
  },
});

function checkCondition(x: Shape, condition: Shape): void {
  const fits =
    condition.length >= 2 &&
    sameDim(condition[0]!, x[0]!) &&
    sameDim(condition.at(-1)!, x.at(-1)!) &&
    (condition.length === 2 || condition.slice(1, -1).every((dim, i) => dim === 1 || sameDim(dim, x[i + 1]!)));
  if (fits && (condition.length === 2 || condition.length === x.length)) return;
  throw new ShapeError(
    `shift and scale must be [batch, features] or fit ${formatShape(x)}, but got ${formatShape(condition)}`,
  );
}
