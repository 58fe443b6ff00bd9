import type { Emit } from '../../onnx';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { columnSums, rowDots, rowSums } from './channelSums';

type Node = TensorOf<'channelNorm'>;

const typeOf = (node: Node, part: Node['attributes']['part']) => ({ ...node.attributes, part });

/** Another part of the same normalization: what it normalizes by. */
const statistic = (ops: Operations, node: Node, part: 'mean' | 'variance'): Tensor => {
  const [x, scale, shift] = node.inputs as readonly [Tensor, Tensor, Tensor];
  return ops.channelNorm(x, scale, shift, typeOf(node, part));
};

/** 1/√(variance + ε). */
const inverseDeviation = (ops: Operations, node: Node): Tensor =>
  ops.reciprocal(ops.sqrt(ops.add(statistic(ops, node, 'variance'), node.attributes.epsilon)));

/**
 * Over the batch, m values a channel. With s₀ = Σ dy and s₁ = Σ dy·x: dβ = s₀, dγ = (s₁ − μ·s₀)/σ, and
 * dx = γ/σ·(dy − s₀/m − x̂·dγ/m), written as A·dy + B·x + C with a number a channel each.
 */
function batchGradient(ops: Operations, node: Node, dy: Tensor): readonly Tensor[] {
  const [x, scale] = node.inputs as readonly [Tensor, Tensor];
  const [samples, channels, positions] = x.shape as readonly [number, number, number];
  const count = samples * positions;
  const mean = statistic(ops, node, 'mean');
  const inverse = inverseDeviation(ops, node);
  const a = ops.mul(scale, inverse);
  const total = columnSums(ops, rowSums(ops, dy));
  if (positions === 1) {
    // Columns of a matrix: the passes are cheap, the nodes are not. x stands centered already.
    const matrix = [samples, channels];
    const [rows, slopes] = [ops.reshape(x, matrix), ops.reshape(dy, matrix)];
    const centered = ops.sub(rows, mean);
    const dScale = ops.mul(columnSums(ops, ops.mul(slopes, centered)), inverse);
    const along = ops.mul(centered, ops.mul(ops.mul(dScale, inverse), 1 / count));
    const dx = ops.mul(ops.sub(ops.sub(slopes, along), ops.mul(total, 1 / count)), a);
    return [ops.reshape(dx, x.shape), dScale, total];
  }
  const along = columnSums(ops, rowDots(ops, dy, x));
  const dScale = ops.mul(ops.sub(along, ops.mul(mean, total)), inverse);
  const b = ops.mul(ops.mul(ops.mul(a, inverse), dScale), -1 / count);
  const c = ops.sub(ops.mul(ops.mul(a, total), -1 / count), ops.mul(b, mean));
  const dx = ops.add(ops.scaleShift(dy, a, c), ops.mul(x, ops.reshape(b, [channels, 1])));
  return [dx, dScale, total];
}

/** In groups of each sample, m values a group: the same with γ inside of the sums. */
function groupGradient(ops: Operations, node: Node, dy: Tensor): readonly Tensor[] {
  const [x, scale] = node.inputs as readonly [Tensor, Tensor];
  const [samples, channels, positions] = x.shape as readonly [number, number, number];
  const groups = node.attributes.groups!;
  const inGroup = channels / groups;
  const count = inGroup * positions;
  const byGroup = [samples, groups, 1];
  const byChannel = [samples, groups, inGroup];
  const mean = ops.reshape(statistic(ops, node, 'mean'), byGroup);
  const inverse = ops.reshape(inverseDeviation(ops, node), byGroup);
  const gamma = ops.reshape(scale, [groups, inGroup]);
  const total = ops.reshape(rowSums(ops, dy), byChannel);
  const along = ops.reshape(rowDots(ops, dy, x), byChannel);
  const overSamples = (t: Tensor) => columnSums(ops, ops.reshape(t, [samples, channels]));
  const dScale = overSamples(ops.mul(ops.sub(along, ops.mul(mean, total)), inverse));
  const groupTotal = ops.sum(ops.mul(total, gamma), [2], true);
  const groupAlong = ops.sum(ops.mul(along, gamma), [2], true);
  const a = ops.mul(inverse, gamma);
  const cube = ops.mul(ops.mul(inverse, ops.square(inverse)), 1 / count);
  const b = ops.mul(ops.sub(ops.mul(groupTotal, mean), groupAlong), cube);
  const c = ops.sub(ops.mul(ops.mul(groupTotal, inverse), -1 / count), ops.mul(b, mean));
  const rows = [1, samples * channels, positions];
  const flat = (t: Tensor) => ops.reshape(ops.expand(t, byChannel), [samples * channels]);
  const scaled = ops.scaleShift(ops.reshape(dy, rows), flat(a), flat(c));
  const wide = [samples, groups, count];
  const dx = ops.add(ops.reshape(scaled, wide), ops.mul(ops.reshape(x, wide), b));
  return [ops.reshape(dx, x.shape), dScale, overSamples(total)];
}

/** ∂mean/∂x = 1/m, ∂variance/∂x = 2(x − μ)/m. */
function statisticGradient(ops: Operations, node: Node, dy: Tensor): Tensor {
  const [x] = node.inputs as readonly [Tensor];
  const [samples, channels, positions] = x.shape as readonly [number, number, number];
  const { groups, part } = node.attributes;
  const wide = groups === null ? [samples, channels, positions] : [samples, groups, (channels / groups) * positions];
  const column = groups === null ? [channels, 1] : [samples, groups, 1];
  const share = ops.mul(ops.reshape(dy, column), 1 / (groups === null ? samples * positions : wide[2]!));
  if (part === 'mean') return ops.reshape(ops.expand(share, wide), x.shape);
  const centered = ops.sub(ops.reshape(x, wide), ops.reshape(statistic(ops, node, 'mean'), column));
  return ops.reshape(ops.mul(ops.mul(centered, 2), share), x.shape);
}

/**
 * onnxruntime's BatchNormalization in training mode gives the values and both statistics in one node; with momentum 0
 * its running statistics are the batch's. It writes them over its inputs 3 and 4, whatever else reads those: so each
 * such node gets two tensors of its own, made by random nodes, which no optimization merges or folds. They are zero.
 */
function batchNormalization(emit: Emit, [x, scale, shift]: readonly string[], channels: number, node: Node): string {
  const zero = (which: string) =>
    emit.node(
      'RandomUniform',
      [],
      { shape: [channels], low: { float: 0 }, high: { float: 0 } },
      { apart: `${which} of ${x} ${scale} ${shift} ${node.attributes.epsilon}` },
    );
  const take = { output: 0, mean: 1, variance: 2 }[node.attributes.part];
  return emit.node(
    'BatchNormalization',
    [x!, scale!, shift!, zero('mean'), zero('variance')],
    { epsilon: { float: node.attributes.epsilon }, momentum: { float: 0 }, training_mode: 1 },
    { outputs: 3, take },
  );
}

/** The columns of a matrix, where onnxruntime's own node is slow (one value at a time). */
function columns(emit: Emit, [x, scale, shift]: readonly string[], node: Node): string {
  const [samples, channels] = node.inputs[0]!.shape as readonly [number, number];
  const { epsilon, part } = node.attributes;
  const shares = emit.constant(new Float32Array(samples).fill(1 / samples), [1, samples], 'float32');
  const vector = emit.int64s([channels]);
  const rows = emit.node('Reshape', [x!, emit.int64s([samples, channels])]);
  const mean = emit.node('Reshape', [emit.node('MatMul', [shares, rows]), vector]);
  if (part === 'mean') return mean;
  const centered = emit.node('Sub', [rows, mean]);
  const square = emit.node('Mul', [centered, centered]);
  const variance = emit.node('Reshape', [emit.node('MatMul', [shares, square]), vector]);
  if (part === 'variance') return variance;
  const deviation = emit.node('Sqrt', [emit.node('Add', [variance, emit.scalar(epsilon, 'float32')])]);
  const factor = emit.node('Mul', [scale!, emit.node('Reciprocal', [deviation])]);
  const y = emit.node('Add', [emit.node('Mul', [centered, factor]), shift!]);
  return emit.node('Reshape', [y, emit.int64s(node.shape)]);
}

/** A constant of one number. */
const filled = (emit: Emit, value: number, size: number): string =>
  emit.constant(new Float32Array(size).fill(value), [size], 'float32');

/** Groups as channels of one sample; then the affine part by channel, a pass of its own where a group has several. */
function grouped(emit: Emit, [x, scale, shift]: readonly string[], node: Node): string {
  const [samples, channels, positions] = node.inputs[0]!.shape as readonly [number, number, number];
  const groups = node.attributes.groups!;
  const all = samples * groups;
  const rows = emit.node('Reshape', [x!, emit.int64s([1, all, (channels / groups) * positions])]);
  const single = groups === channels;
  const repeated = (vector: string) => emit.node('Tile', [vector, emit.int64s([samples])]);
  const affine = single ? [repeated(scale!), repeated(shift!)] : [filled(emit, 1, all), filled(emit, 0, all)];
  const value = batchNormalization(emit, [rows, ...affine], all, node);
  if (node.attributes.part !== 'output') return emit.node('Reshape', [value, emit.int64s([samples, groups])]);
  const shaped = emit.node('Reshape', [value, emit.int64s(node.shape)]);
  return single ? shaped : scaledAndShifted(emit, [shaped, scale!, shift!], node.shape);
}

/**
 * x·scale + shift by channel. onnxruntime's BatchNormalization for inference, with mean 0, variance 1 and ε 0, is one
 * pass where two nodes are two; for columns of a matrix it is slow.
 */
export function scaledAndShifted(
  emit: Emit,
  [x, scale, shift]: readonly string[],
  [samples, channels, positions]: readonly number[],
): string {
  if (positions! > 1) {
    const [mean, variance] = [filled(emit, 0, channels!), filled(emit, 1, channels!)];
    return emit.node('BatchNormalization', [x!, scale!, shift!, mean, variance], { epsilon: { float: 0 } });
  }
  const rows = emit.node('Reshape', [x!, emit.int64s([samples!, channels!])]);
  const y = emit.node('Add', [emit.node('Mul', [rows, scale!]), shift!]);
  return emit.node('Reshape', [y, emit.int64s([samples!, channels!, 1])]);
}

const numbers = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

export const channelNorm: Rule<'channelNorm'> = {
  infer: ([x, scale, shift], { groups, part }) => {
    const [samples, channels] = x!.shape as readonly [number, number];
    if (x!.shape.length !== 3 || [scale, shift].some((t) => t!.shape.length !== 1 || t!.shape[0] !== channels)) {
      throw new Error(`cannot normalize [${x!.shape}] with [${scale!.shape}] and [${shift!.shape}]`);
    }
    if (groups !== null && channels % groups !== 0) throw new Error(`${channels} channels in ${groups} groups`);
    const statistics = groups === null ? [channels] : [samples, groups];
    return { shape: part === 'output' ? x!.shape : statistics, dtype: x!.dtype };
  },
  grad: (ops, node, dy) => {
    if (node.attributes.part !== 'output') return [statisticGradient(ops, node, dy), undefined, undefined];
    return node.attributes.groups === null ? batchGradient(ops, node, dy) : groupGradient(ops, node, dy);
  },
  onnx: (emit, inputs, node) => {
    if (node.attributes.groups !== null) return grouped(emit, inputs, node);
    const [, channels, positions] = node.inputs[0]!.shape as readonly [number, number, number];
    return positions === 1 ? columns(emit, inputs, node) : batchNormalization(emit, inputs, channels, node);
  },
  flops: (node) => (node.attributes.part === 'output' ? 5 * numbers(node.shape) : 0),
  samples: [
    { shapes: [[3, 2, 2], [2], [2]], attributes: { epsilon: 0.1, groups: null, part: 'output' } },
    { shapes: [[5, 2, 1], [2], [2]], attributes: { epsilon: 0.1, groups: null, part: 'output' } },
    { shapes: [[2, 4, 3], [4], [4]], attributes: { epsilon: 0.1, groups: 2, part: 'output' } },
    { shapes: [[2, 4, 1], [4], [4]], attributes: { epsilon: 0.1, groups: 1, part: 'output' } },
    { shapes: [[2, 2, 2], [2], [2]], attributes: { epsilon: 0.1, groups: null, part: 'mean' } },
    { shapes: [[2, 4, 2], [4], [4]], attributes: { epsilon: 0.1, groups: 2, part: 'mean' } },
    { shapes: [[2, 2, 2], [2], [2]], attributes: { epsilon: 0.1, groups: null, part: 'variance' } },
    { shapes: [[4, 2, 1], [2], [2]], attributes: { epsilon: 0.1, groups: null, part: 'variance' } },
    { shapes: [[2, 4, 2], [4], [4]], attributes: { epsilon: 0.1, groups: 2, part: 'variance' } },
  ],
};
