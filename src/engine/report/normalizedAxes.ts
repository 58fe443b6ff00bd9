import { countText } from './figureText';
import type { LayerRecord } from './report';

/** What a norm normalizes together. */
export interface NormalizedAxes {
  /** `over N, H, W for each of 64 channels (m = 6,272 values each)`; N samples, C channels or features, the rest positions. */
  readonly over: string;
  /** What follows from it, in one sentence. */
  readonly why: string;
}

type Shape = readonly number[];
type Norm = Pick<LayerRecord, 'kind' | 'attributes' | 'outputShape'>;

/** Names of the axes that are positions, by their number. */
const POSITIONS: readonly (readonly string[])[] = [[], ['L'], ['H', 'W'], ['D', 'H', 'W']];

/** The axes of a shape by name: N, the positions, and C where `channel` says. */
function namesOf(rank: number, channel: number): string[] {
  const positions = POSITIONS[rank - 2] ?? Array.from({ length: Math.max(0, rank - 2) }, (_, i) => `P${i + 1}`);
  const names = ['N', ...positions];
  names.splice(channel, 0, 'C');
  return names;
}

const product = (sizes: Shape): number => sizes.reduce((all, size) => all * size, 1);
const each = (count: number, what: string): string => `each of ${countText(count)} ${what}`;
const values = (count: number): string => `(m = ${countText(count)} ${count === 1 ? 'value' : 'values'} each)`;

const ALONE = 'No other sample takes part: it computes the same at every batch size, in training and in evaluation.';

/** A whole number of an attribute, or of the first of several. */
function whole(value: unknown): number | undefined {
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return typeof one === 'number' && Number.isInteger(one) ? one : undefined;
}

/** Each channel over all samples and positions. */
function overBatch(shape: Shape, channel: number, frozen: boolean, tracks: boolean): NormalizedAxes {
  const channels = shape[channel]!;
  const names = namesOf(shape.length, channel).filter((name) => name !== 'C');
  const what = shape.length === 2 ? 'features' : 'channels';
  const over = `over ${names.join(', ')} for ${each(channels, what)} ${values(product(shape) / channels)}`;
  if (frozen) return { over, why: 'Its statistics are fixed: it is a scale and a shift, and no batch is looked at.' };
  const evaluation = tracks ? 'evaluation takes the running averages instead' : 'so it does in evaluation';
  return { over, why: `In training a sample's output depends on the others of its batch; ${evaluation}.` };
}

/** Each channel of each sample over its positions. */
function overPositions(shape: Shape, channel: number): NormalizedAxes {
  const positions = namesOf(shape.length, channel).filter((name) => name !== 'C' && name !== 'N');
  const count = product(shape) / (shape[0]! * shape[channel]!);
  return {
    over: `over ${positions.join(', ')} for ${each(shape[channel]!, 'channels')} of each sample ${values(count)}`,
    why: `It takes level and contrast of each channel away, which is style in an image. ${ALONE}`,
  };
}

/** Groups of channels of each sample, with all positions. */
function overGroups(shape: Shape, channel: number, groups: number): NormalizedAxes {
  const positions = namesOf(shape.length, channel).filter((name) => name !== 'C' && name !== 'N');
  const inGroup = shape[channel]! / groups;
  const count = product(shape) / (shape[0]! * groups);
  const together = ['C', ...positions].join(', ');
  return {
    over:
      groups === 1
        ? `over ${together} of each sample ${values(count)}`
        : `over ${together} for ${each(groups, `groups of ${countText(inGroup)} channels`)} of each sample ${values(count)}`,
    why: ALONE,
  };
}

/** The last axes of each sample, at each of the positions that are left. */
function overLast(shape: Shape, axes: number, rootMeanSquare: boolean): NormalizedAxes {
  // Whole images are normalized with their channels in front, single positions with their features behind.
  const names = namesOf(shape.length, axes === shape.length - 1 && shape.length > 3 ? 1 : shape.length - 1);
  const left = names.slice(1, shape.length - axes);
  const of = left.length > 0 ? `for each ${left.join(', ')} of each sample` : 'of each sample';
  const mean = rootMeanSquare ? ', by the root mean square: no mean is taken away' : '';
  const others = left.length > 0 ? 'No other sample and no other position takes part' : 'No other sample takes part';
  return {
    over: `over ${names.slice(shape.length - axes).join(', ')} ${of} ${values(product(shape.slice(shape.length - axes)))}${mean}`,
    why: `${others}: it computes the same at every batch size${left.length > 0 ? ' and length' : ''}, in training and in evaluation.`,
  };
}

/** Over which axes of its output a layer normalizes; null for what is no norm of activations, or has no single shape. */
export function normalizedAxes({ kind, attributes, outputShape }: Norm): NormalizedAxes | null {
  const shape = outputShape?.every((size) => typeof size === 'number') ? (outputShape as Shape) : null;
  if (shape === null || shape.length < 2) return null;
  const keras = attributes.axis !== undefined;
  const at = whole(attributes.axis) ?? 1;
  const channel = keras ? (at + shape.length) % shape.length : 1;
  const family = kind.replace(/^Lazy/, '').replace(/\dd$/, '');
  switch (family) {
    case 'BatchNorm':
    case 'SyncBatchNorm':
    case 'BatchRenorm':
      return overBatch(shape, channel, false, attributes.track_running_stats !== false);
    case 'BatchNormalization':
      return overBatch(shape, channel, attributes.trainable === false, true);
    case 'FrozenBatchNorm':
      return overBatch(shape, channel, true, true);
    case 'InstanceNorm':
    case 'AdaIN':
      return shape.length > 2 ? overPositions(shape, channel) : null;
    case 'GroupNorm':
    case 'GroupNormalization': {
      const groups = whole(attributes.num_groups ?? attributes.groups);
      return groups === undefined || groups < 1 ? null : overGroups(shape, channel, groups);
    }
    case 'LayerNorm':
    case 'RMSNorm':
    case 'AdaLN':
    case 'LayerNormalization':
    case 'RMSNormalization': {
      const over = attributes.normalized_shape ?? attributes.shape;
      const axes = Array.isArray(over) ? over.length : 1;
      const byRoot = family.startsWith('RMS') || attributes.rms_scaling === true;
      return axes < shape.length ? overLast(shape, axes, byRoot) : null;
    }
    default:
      return null;
  }
}
