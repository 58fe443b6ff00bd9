import type { Operations } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { columnSums, rowDots } from './channelSums';
import { batchLastForSums, columns, offsetsOf } from './convolutionColumns';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/**
 * Nanoseconds a value, roughly, of what the ways to a weight's gradient copy and sum beside their products: windows, transposes,
 * columns and shifted copies (dearer out of the cache), one partial gradient a sample, and the turned gradient. Measured on
 * 32 to 512 channels at 56×56 to 2×2.
 */
const COST = {
  window: 0.5,
  column: 0.4,
  farColumn: 0.64,
  shifted: 0.35,
  farShifted: 0.7,
  exchange: 0.6,
  partial: 0.6,
  turned: 2,
  multiply: 0.0133,
} as const;
/** A product with fewer columns than these takes as long as one with them. */
const LEAST_COLUMNS = 16;
/** More values than these fall out of the cache. */
const CACHED = 2 ** 21;

/** The ways to a weight's gradient, by what they cost in nanoseconds. */
function costsOf(node: TensorOf<'convolution'>): Readonly<Record<'columns' | 'offsets' | 'shifts', number>> {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const [outChannels, inChannels, ...kernel] = weight.shape as [number, number, ...number[]];
  const batch = x.shape[0]!;
  const positions = count(node.shape.slice(2));
  const windows = count(kernel) > 1 ? batch * inChannels * positions * count(kernel) : 0;
  const exchanged = batch * positions * (inChannels + outChannels) * COST.exchange;
  const wasted = batch * positions * outChannels * count(kernel) * Math.max(0, LEAST_COLUMNS - inChannels);
  const shifted = shiftedValues(node);
  return {
    columns: windows * (windows > CACHED ? COST.farColumn : COST.column) + exchanged,
    offsets: windows * COST.window + batch * count(weight.shape) * COST.partial + wasted * COST.multiply,
    shifts:
      shifted * (shifted > CACHED ? COST.farShifted : COST.shifted) + exchanged + count(weight.shape) * COST.turned,
  };
}

/** How many values both operands' shifted copies hold; infinite where a convolution cannot be written with them. */
function shiftedValues({ inputs, attributes, shape }: TensorOf<'convolution'>): number {
  const { strides, padsBegin, dilations } = attributes;
  const [x, weight] = inputs as readonly [Tensor, Tensor];
  const [outChannels, inChannels, rows, ...others] = weight.shape as [number, number, number, ...number[]];
  if (strides.some((stride) => stride !== 1) || rows === 1 || count(others) === 1) return Number.POSITIVE_INFINITY;
  // A shift past the end of an image would leave nothing of it.
  const inside = dilations.every((dilation, i) => {
    const size = Math.min(x.shape[i + 2]!, shape[i + 2]!);
    return padsBegin[i]! < size && (weight.shape[i + 2]! - 1) * dilation - padsBegin[i]! < size;
  });
  const terms = x.shape[0]! * x.shape[2]! * count(shape.slice(3));
  return inside ? terms * (inChannels * count(others) + outChannels * rows) : Number.POSITIVE_INFINITY;
}

/**
 * ∂L/∂W, by the cheapest way: one product of the output's gradient with the columns of the whole batch; one with both of
 * them shifted; or, for each kernel offset, the matching strided window of x times the output's gradient sample by sample,
 * summed over the batch.
 */
export function convolutionWeightGradient(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const { columns: byColumns, offsets, shifts } = costsOf(node);
  if (node.attributes.groups > 1 || offsets <= Math.min(byColumns, shifts)) return gradientByOffsets(ops, node, dy);
  if (shifts < byColumns) return gradientByShifts(ops, node, dy);
  const terms = count(dy.shape) / weight.shape[0]!;
  const rows = ops.reshape(batchLastForSums(ops, dy), [weight.shape[0]!, terms]);
  const right = columns(ops, x, batchLastForSums(ops, x), weight.shape.slice(2), node.attributes);
  return ops.reshape(ops.matmul(rows, right, { transposeB: true }), weight.shape);
}

/**
 * The same of windows at stride 1, as one product whose operands are each shifted along a part of the kernel: the output's
 * gradient along its first axis, x along the others. For a kernel of 3 × 3 both have three copies where x alone has nine.
 */
function gradientByShifts(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const { padsBegin, padsEnd, dilations } = node.attributes;
  const [outChannels, inChannels, rows, ...others] = weight.shape as [number, number, number, ...number[]];
  const [batch, , height] = x.shape as [number, number, number, ...number[]];
  const output = dy.shape.slice(2);
  const terms = height * count(output.slice(1)) * batch;
  const inRow = terms / height;
  const slope = ops.reshape(batchLastForSums(ops, dy), [outChannels, output[0]! * inRow]);
  const zeros = (lines: number) => (lines > 0 ? [ops.zeros([outChannels, lines * inRow])] : []);
  const slopes = Array.from({ length: rows }, (_, row) => {
    // Rows of dy that meet rows of x, and zeros for rows that meet none.
    const before = padsBegin[0]! - row * dilations[0]!;
    const [start, end] = [Math.max(0, before), Math.min(output[0]!, height + before)];
    const met = ops.slice(slope, [0, start * inRow], [outChannels, end * inRow]);
    return [...zeros(start - before), met, ...zeros(height + before - end)];
  });
  const along = { ...node.attributes, padsBegin: [0, ...padsBegin.slice(1)], padsEnd: [0, ...padsEnd.slice(1)] };
  const right = columns(ops, x, batchLastForSums(ops, x), [1, ...others], along);
  const left = ops.reshape(ops.concat(slopes.flat(), 1), [outChannels * rows, terms]);
  const product = ops.matmul(left, right, { transposeB: true });
  const apart = ops.reshape(product, [outChannels, rows, inChannels, count(others)]);
  return ops.reshape(ops.transpose(apart, [0, 2, 1, 3]), weight.shape);
}

function gradientByOffsets(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const { strides, padsBegin, padsEnd, dilations, groups } = node.attributes;
  const [outChannels, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
  const batch = x.shape[0]!;
  const output = dy.shape.slice(2);
  const positions = count(output);

  const padded = ops.pad(x, [0, 0, ...padsBegin], [0, 0, ...padsEnd]);
  const grouped = (tensor: Tensor, channels: number) =>
    groups === 1
      ? ops.reshape(tensor, [batch, channels, positions])
      : ops.reshape(tensor, [batch, groups, channels / groups, positions]);
  const rows = grouped(dy, outChannels);
  // Each channel by itself: products of one number each, of which a batched product takes 80 ns apiece.
  const depthwise = perGroup === 1 && groups === outChannels;
  const single = [batch, outChannels, positions];
  // A slice with a step goes through its values one by one, so it is made once a remainder and not once a window.
  const parted = count(kernel) > count(strides);
  const windowAt = (at: readonly number[]): Tensor => {
    const first = at.map((start, i) => (parted ? start % strides[i]! : start));
    const lengths = at.map((start, i) => (parted ? padded.shape[i + 2]! : start + (output[i]! - 1) * strides[i]! + 1));
    const part = ops.slice(padded, [0, 0, ...first], [batch, x.shape[1]!, ...lengths], [1, 1, ...strides]);
    if (!parted) return part;
    const from = at.map((start, i) => Math.floor(start / strides[i]!));
    return ops.slice(part, [0, 0, ...from], [batch, x.shape[1]!, ...from.map((start, i) => start + output[i]!)]);
  };
  const products = offsetsOf(kernel).map((offset) => {
    const window = windowAt(offset.map((step, i) => step * dilations[i]!));
    if (depthwise) {
      const sums = columnSums(ops, rowDots(ops, ops.reshape(dy, single), ops.reshape(window, single)));
      return ops.reshape(sums, [outChannels, 1, 1]);
    }
    // [batch, (groups,) out, positions] × [batch, (groups,) in, positions]ᵀ
    const product = ops.sum(ops.matmul(rows, grouped(window, x.shape[1]!), { transposeB: true }), [0]);
    return ops.reshape(product, [outChannels, perGroup, 1]);
  });
  return ops.reshape(ops.concat(products, 2), weight.shape);
}
