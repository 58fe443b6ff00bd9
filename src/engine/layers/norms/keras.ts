import { constant, elementCount } from '../../network';
import { channelNorm, layerNorm, mul, ones, reshape, rmsNorm, type Tensor, transpose, zeros } from '../../tensor';
import { bool, float, groupsOf, inferred, int, ints, optional } from '../attribute';
import { axesOf, axisOf, fixedDim, onlyInput, range } from '../dimensions';
import { AttributeError, defineLayer, type ForwardContext, type ParameterSpec, ShapeError } from '../row';
import { byChannel } from './affine';
import { blend, normalizeByRunning, normalizeOverBatch, shareOfBatch } from './statistics';

// Keras 3's norms under its own names, of layers, attributes and weights alike; its defaults and words. Sizes, which Keras
// takes from the first input, are attributes here.

interface Affine {
  readonly scale: boolean;
  readonly center: boolean;
}

/** gamma = 1 and beta = 0. */
const weights = (shape: readonly number[], { scale, center }: Affine): Record<string, ParameterSpec> => ({
  ...(scale && { gamma: { shape, initialization: constant(1) } }),
  ...(center && { beta: { shape, initialization: constant(0) } }),
});

const vectors = (length: number, { scale, center }: Affine, context: ForwardContext) => ({
  scale: scale ? reshape(context.parameter('gamma'), [length]) : ones([length]),
  shift: center ? reshape(context.parameter('beta'), [length]) : zeros([length]),
});

const affine = { center: bool(true), scale: bool(true) };

/** [before, channels, behind]: all that BatchNormalization must know of the other axes. */
function around(shape: readonly number[], axis: number): number[] {
  const at = axisOf(axis, shape.length);
  return [elementCount(shape.slice(0, at)), shape[at]!, elementCount(shape.slice(at + 1))];
}

/** The order of axes that puts `last` behind the others, and the one that undoes it. */
function movedLast(rank: number, last: readonly number[]): { there: number[]; back: number[] } {
  const there = [...range(0, rank).filter((axis) => !last.includes(axis)), ...last];
  return { there, back: there.map((_, axis) => there.indexOf(axis)) };
}

const channelSize = (shape: readonly unknown[] | undefined, axis: number) =>
  shape && axis >= -shape.length && axis < shape.length ? (shape.at(axis) as never) : undefined;

/**
 * Running statistics move by 1 − momentum, the variance biased; with `trainable` false the layer runs in inference mode,
 * whatever the network does.
 */
export const kerasBatchNormalization = defineLayer({
  kind: 'KerasBatchNormalization',
  role: 'norm',
  library: 'keras',
  layout: 'any',
  module: true,
  classes: [],
  irreplaceable: ({ trainable }) => !trainable,
  attributes: {
    channels: inferred(int()),
    axis: int(-1),
    /** The weight of the old value: what PyTorch calls the momentum is 1 − this. */
    momentum: optional(float(), 0.99),
    epsilon: float(1e-3),
    ...affine,
    trainable: bool(true),
  },
  infer: ([input]) => ({ channels: fixedDim(channelSize(input, -1)) }),
  parameters: ({ channels, ...given }) => weights([channels], given),
  buffers({ channels, momentum }) {
    return {
      moving_mean: { shape: [channels], initialization: constant(0) },
      moving_variance: { shape: [channels], initialization: constant(1) },
      ...(momentum === null && { num_batches_tracked: { shape: [], initialization: constant(0) } }),
    };
  },
  outputShapes(inputs, { channels, axis }) {
    const input = onlyInput(inputs, 'BatchNormalization');
    checkChannels(input[axisOf(axis, input.length)], channels, axis, input.length);
    return [input];
  },
  forward([x], attributes, context) {
    const { momentum, epsilon, channels, trainable } = attributes;
    const flat = reshape(x!, around(x!.shape, context.channelsFirst ? 1 : attributes.axis));
    const given = vectors(channels, attributes, context);
    const moving = { mean: context.buffer('moving_mean'), variance: context.buffer('moving_variance') };
    if (context.mode === 'evaluate' || !trainable) {
      return { outputs: [reshape(normalizeByRunning(flat, moving, given, epsilon), x!.shape)] };
    }
    const { y, mean, variance } = normalizeOverBatch(flat, given, epsilon);
    const { share, counted } = shareOfBatch(momentum === null ? null : 1 - momentum, context);
    return {
      outputs: [reshape(y, x!.shape)],
      buffers: {
        moving_mean: blend(moving.mean, mean, share),
        moving_variance: blend(moving.variance, variance, share),
        ...counted,
      },
    };
  },
  channelAxis: (_, outputRank, { axis }) => axisOf(axis, outputRank),
  batchStatistics: ({ trainable }) => trainable,
});

function checkChannels(found: unknown, channels: number, axis: number, rank: number): void {
  if (found === channels) return;
  const size = typeof found === 'number' ? found : 'the batch';
  throw new ShapeError(
    `expected axis ${axisOf(axis, rank)} of input shape to have value ${channels}, but received input with ${size} there`,
  );
}

/** Over the axes together, each element with its own gamma and beta. */
export const kerasLayerNormalization = defineLayer({
  kind: 'KerasLayerNormalization',
  role: 'norm',
  library: 'keras',
  module: true,
  classes: [],
  attributes: {
    shape: inferred(ints()),
    axis: ints([-1]),
    epsilon: float(1e-3),
    ...affine,
    /** x/√(variance + ε)·gamma: the mean stays, and beta is not there. */
    rms_scaling: bool(false),
  },
  infer: ([input]) => {
    const last = fixedDim(input?.at(-1));
    return last === undefined ? {} : { shape: [last] };
  },
  parameters: ({ shape, center, scale, rms_scaling }) =>
    weights(shape, { scale: scale || rms_scaling, center: center && !rms_scaling }),
  outputShapes(inputs, { shape, axis }) {
    const input = onlyInput(inputs, 'LayerNormalization');
    const axes = axesOf(axis, input.length).sort((a, b) => a - b);
    axes.forEach((at, i) => {
      checkChannels(input[at], shape[i]!, at, input.length);
    });
    return [input];
  },
  forward([x], { shape, axis, epsilon, center, scale, rms_scaling }, context) {
    const count = elementCount(shape);
    return overAxes(x!, axis, (rows) => {
      const given = vectors(count, { scale: scale || rms_scaling, center: center && !rms_scaling }, context);
      if (!rms_scaling) return layerNorm(rows, given.scale, center ? given.shift : undefined, epsilon);
      return mul(mul(rows, layerNorm(rows, ones([count]), undefined, epsilon, 'inverse')), given.scale);
    });
  },
});

export const kerasRMSNormalization = defineLayer({
  kind: 'KerasRMSNormalization',
  role: 'norm',
  library: 'keras',
  module: true,
  classes: [],
  attributes: { shape: inferred(ints()), axis: ints([-1]), epsilon: float(1e-6) },
  infer: ([input]) => {
    const last = fixedDim(input?.at(-1));
    return last === undefined ? {} : { shape: [last] };
  },
  parameters: ({ shape }) => ({ scale: { shape, initialization: constant(1) } }),
  outputShapes(inputs, { shape, axis }) {
    const input = onlyInput(inputs, 'RMSNormalization');
    const axes = axesOf(axis, input.length).sort((a, b) => a - b);
    axes.forEach((at, i) => {
      checkChannels(input[at], shape[i]!, at, input.length);
    });
    return [input];
  },
  forward: ([x], { shape, axis, epsilon }, context) =>
    overAxes(x!, axis, (rows) => rmsNorm(rows, reshape(context.parameter('scale'), [elementCount(shape)]), epsilon)),
});

/** Rows of what the axes hold together, something made of them, and all of it put back. */
function overAxes(x: Tensor, axis: readonly number[], make: (rows: Tensor) => Tensor) {
  const rank = x.shape.length;
  const axes = axesOf(axis, rank).sort((a, b) => a - b);
  const { there, back } = movedLast(rank, axes);
  const moved = transpose(x, there);
  const columns = axes.reduce((product, at) => product * x.shape[at]!, 1);
  const rows = make(reshape(moved, [elementCount(x.shape) / columns, columns]));
  return { outputs: [transpose(reshape(rows, moved.shape), back)] };
}

export const kerasGroupNormalization = defineLayer({
  kind: 'KerasGroupNormalization',
  role: 'norm',
  library: 'keras',
  layout: 'channelsFirst',
  module: true,
  classes: [],
  attributes: {
    channels: inferred(int()),
    /** −1: one a channel. */
    groups: groupsOf(int(32)),
    axis: int(-1),
    epsilon: float(1e-3),
    ...affine,
  },
  infer: ([input]) => ({ channels: fixedDim(channelSize(input, -1)) }),
  validate({ groups, channels }) {
    if (groups === -1) return;
    const refuse = (what: string) => {
      throw new AttributeError('groups', what);
    };
    if (groups < 1) refuse(`groups must be -1 or positive, but got ${groups}`);
    if (channels < groups) {
      refuse(`Number of groups (${groups}) cannot be more than the number of channels (${channels}).`);
    }
    if (channels % groups !== 0) {
      refuse(`Number of groups (${groups}) must be a multiple of the number of channels (${channels}).`);
    }
  },
  parameters: ({ channels, ...given }) => weights([channels], given),
  outputShapes(inputs, { channels, axis }) {
    const input = onlyInput(inputs, 'GroupNormalization');
    checkChannels(input[axisOf(axis, input.length)], channels, axis, input.length);
    return [input];
  },
  forward([x], attributes, context) {
    const { channels, groups, axis, epsilon } = attributes;
    const rank = x!.shape.length;
    const at = context.channelsFirst ? 1 : axisOf(axis, rank);
    // [N, C, …]
    const there = [0, at, ...range(1, rank).filter((other) => other !== at)];
    const back = there.map((_, other) => there.indexOf(other));
    const moved = transpose(x!, there);
    const { scale, shift } = vectors(channels, attributes, context);
    const y = channelNorm(byChannel(moved), scale, shift, { epsilon, groups: groups === -1 ? channels : groups });
    return { outputs: [transpose(reshape(y, moved.shape), back)] };
  },
  channelAxis: (_, outputRank, { axis }) => axisOf(axis, outputRank),
});
