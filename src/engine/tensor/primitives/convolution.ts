import type { ConvolutionGeometry } from '../attributes';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { emitBlockedConvolution, worthBlocks } from './blockedConvolution';
import { transposedConvolution } from './transposedConvolution';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/**
 * Size of a convolution's or pooling's output along one axis: ⌊(W + P₀ + P₁ − d(K−1) − 1)/S⌋ + 1
 * (Dumoulin & Visin 2016, relation 14).
 */
export const convolvedSize = (size: number, kernel: number, stride: number, pads: number, dilation: number): number =>
  Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;

const outputSizes = (
  x: readonly number[],
  kernel: readonly number[],
  { strides, padsBegin, padsEnd, dilations }: ConvolutionGeometry,
): number[] =>
  kernel.map((size, i) => convolvedSize(x[i + 2]!, size, strides[i]!, padsBegin[i]! + padsEnd[i]!, dilations[i]!));

/** What unrolling is written in. */
type MovingOperations = Pick<Operations, 'reshape' | 'transpose' | 'pad' | 'slice' | 'concat' | 'matmul' | 'constant'>;

/**
 * Every window's values as a column: [channels · kernel offsets, output positions · batch], with the batch innermost, so
 * that windows are copied in long runs even of small images (Chellapilla, Puri & Simard 2006 call it unrolling).
 * `moved` is x with its batch last.
 */
function columns(
  ops: MovingOperations,
  x: Tensor,
  moved: Tensor,
  kernel: readonly number[],
  geometry: ConvolutionGeometry,
): Tensor {
  const { strides, padsBegin, padsEnd, dilations } = geometry;
  const [batch, channels] = x.shape as [number, number, ...number[]];
  const output = outputSizes(x.shape, kernel, geometry);
  const positions = count(output) * batch;
  // An axis for the kernel's offsets from the start: the windows are then put beside each other as they are.
  const apart = ops.reshape(moved, [channels, 1, ...x.shape.slice(2), batch]);
  const padded = ops.pad(apart, [0, 0, ...padsBegin, 0], [0, 0, ...padsEnd, 0]);
  const windows: Tensor[] = [];
  for (const offset of offsetsOf(kernel)) {
    const starts = offset.map((at, i) => at * dilations[i]!);
    const ends = starts.map((start, i) => start + (output[i]! - 1) * strides[i]! + 1);
    windows.push(ops.slice(padded, [0, 0, ...starts, 0], [channels, 1, ...ends, batch], [1, 1, ...strides, 1]));
  }
  return ops.reshape(ops.concat(windows, 1), [channels * count(kernel), positions]);
}

/** [batch, channels, …] as [channels, …, batch]. */
function batchLast(ops: MovingOperations, x: Tensor): Tensor {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  return ops.reshape(ops.transpose(ops.reshape(x, [batch, count(sample)]), [1, 0]), [...sample, batch]);
}

/** Batches of so many samples are moved by a product. */
const MOST_MULTIPLIED = 32;

/**
 * The same for what is summed over the batch afterwards, where one sample's infinity reaches the others in any case: as
 * a product with the identity, exact for finite values. onnxruntime's transpose lets two threads write into one cache
 * line: 16 samples of 8,192 values took 0.16 ms with two threads, and 0.045 ms so, or with one.
 */
function batchLastForSums(ops: MovingOperations, x: Tensor): Tensor {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  if (batch > MOST_MULTIPLIED) return batchLast(ops, x);
  const identity = Float32Array.from({ length: batch ** 2 }, (_, i) => (i % (batch + 1) === 0 ? 1 : 0));
  const moved = ops.matmul(ops.reshape(x, [batch, count(sample)]), ops.constant(identity, [batch, batch]), {
    transposeA: true,
  });
  return ops.reshape(moved, [...sample, batch]);
}

/** Every offset inside a kernel, in row-major order. */
function offsetsOf(kernel: readonly number[]): number[][] {
  return Array.from({ length: count(kernel) }, (_, offset) => {
    let rest = offset;
    return kernel
      .map((_, i) => kernel.length - 1 - i)
      .map((axis) => {
        const at = rest % kernel[axis]!;
        rest = Math.floor(rest / kernel[axis]!);
        return at;
      })
      .reverse();
  });
}

/**
 * Images of so many positions at most are convolved by columns: onnxruntime multiplies image by image, and a product
 * with few columns is slow. 512 channels at 2×2, batch 16: 1.4 ms against 5.6; 256 at 4×4: 1.4 against 1.8; 128 at 8×8:
 * 1.8 against 1.6. Their gradients follow from the parts, without a kernel to turn round.
 */
const MOST_POSITIONS = 16;

/** Whether a convolution is better written as one product of the whole batch's columns. */
export function worthColumns(x: Tensor, weight: Tensor, geometry: ConvolutionGeometry): boolean {
  const output = outputSizes(x.shape, weight.shape.slice(2), geometry);
  return geometry.groups === 1 && x.shape[0]! > 1 && count(output) <= MOST_POSITIONS && count(output) > 0;
}

/** A convolution in one group as one matrix product over the whole batch. */
export function convolutionByColumns(
  ops: MovingOperations,
  x: Tensor,
  weight: Tensor,
  geometry: ConvolutionGeometry,
): Tensor {
  const [outChannels, inChannels, ...kernel] = weight.shape as [number, number, ...number[]];
  if (x.shape[1] !== inChannels) throw new Error(`a weight of [${weight.shape}] does not fit [${x.shape}]`);
  const output = outputSizes(x.shape, kernel, geometry);
  const rows = ops.reshape(weight, [outChannels, count(weight.shape) / outChannels]);
  const product = ops.matmul(rows, columns(ops, x, batchLast(ops, x), kernel, geometry));
  const sample = [outChannels, ...output];
  return ops.reshape(ops.transpose(ops.reshape(product, [count(sample), x.shape[0]!]), [1, 0]), [
    x.shape[0]!,
    ...sample,
  ]);
}

/**
 * Nanoseconds a value, roughly, of what the two ways to a weight's gradient copy and sum beside their products: windows,
 * transposes and columns (dearer out of the cache), and one partial gradient a sample. Measured on 32 to 512 channels
 * at 32×32 to 2×2.
 */
const COST = { window: 0.5, column: 0.4, farColumn: 0.64, exchange: 0.6, partial: 0.6, multiply: 0.0133 } as const;
/** A product with fewer columns than these takes as long as one with them. */
const LEAST_COLUMNS = 16;
/** Columns of more values than these fall out of the cache. */
const CACHED = 2 ** 21;

/** Values copied for shifts over those for windows, at most: the shifts' product is the larger one. */
const MOST_SHIFTED = 0.85;

function columnsCostLess(x: Tensor, weight: Tensor, positions: number): boolean {
  const [outChannels, inChannels, ...kernel] = weight.shape as [number, number, ...number[]];
  const batch = x.shape[0]!;
  const windows = count(kernel) > 1 ? batch * inChannels * positions * count(kernel) : 0;
  const byColumns =
    windows * (windows > CACHED ? COST.farColumn : COST.column) +
    batch * positions * (inChannels + outChannels) * COST.exchange;
  const wasted = batch * positions * outChannels * count(kernel) * Math.max(0, LEAST_COLUMNS - inChannels);
  const byOffsets = windows * COST.window + batch * count(weight.shape) * COST.partial + wasted * COST.multiply;
  return byColumns < byOffsets;
}

/**
 * ∂L/∂W, by the cheaper way: one product of the output's gradient with the columns of the whole batch, or, for each
 * kernel offset, the matching strided window of x times the output's gradient sample by sample, summed over the batch.
 */
function convolutionWeightGradient(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const kernel = weight.shape.slice(2);
  const positions = count(dy.shape.slice(2));
  if (node.attributes.groups > 1 || !columnsCostLess(x, weight, positions)) return gradientByOffsets(ops, node, dy);
  if (shiftsCostLess(x, weight, node)) return gradientByShifts(ops, node, dy);
  const rows = ops.reshape(batchLastForSums(ops, dy), [weight.shape[0]!, positions * x.shape[0]!]);
  const product = ops.matmul(rows, columns(ops, x, batchLastForSums(ops, x), kernel, node.attributes), {
    transposeB: true,
  });
  return ops.reshape(product, weight.shape);
}

/** Whether shifting both operands copies less than all windows of x do. */
function shiftsCostLess(x: Tensor, weight: Tensor, { attributes, shape }: TensorOf<'convolution'>): boolean {
  const { strides, padsBegin, dilations } = attributes;
  const [outChannels, inChannels, rows, ...others] = weight.shape as [number, number, number, ...number[]];
  if (strides.some((stride) => stride !== 1) || rows === 1 || count(others) === 1) return false;
  // A shift past the end of an image would leave nothing of it.
  const inside = dilations.every((dilation, i) => {
    const size = Math.min(x.shape[i + 2]!, shape[i + 2]!);
    return padsBegin[i]! < size && (weight.shape[i + 2]! - 1) * dilation - padsBegin[i]! < size;
  });
  const shifted = inChannels * count(others) * x.shape[2]! + outChannels * rows * x.shape[2]!;
  return inside && shifted < MOST_SHIFTED * inChannels * rows * count(others) * shape[2]!;
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
  const products = offsetsOf(kernel).map((offset) => {
    const at = offset.map((step, i) => step * dilations[i]!);
    const ends = at.map((start, i) => start + (output[i]! - 1) * strides[i]! + 1);
    const window = ops.slice(padded, [0, 0, ...at], [batch, x.shape[1]!, ...ends], [1, 1, ...strides]);
    // [batch, (groups,) out, positions] × [batch, (groups,) in, positions]ᵀ
    const product = ops.sum(ops.matmul(rows, grouped(window, x.shape[1]!), { transposeB: true }), [0]);
    return ops.reshape(product, [outChannels, perGroup, 1]);
  });
  return ops.reshape(ops.concat(products, 2), weight.shape);
}

/** Cross-correlation over any number of spatial dimensions. */
export const convolution: Rule<'convolution'> = {
  infer: ([x, weight], geometry) => {
    const [outChannels, perGroup, ...kernel] = weight!.shape as [number, number, ...number[]];
    if (x!.shape[1] !== perGroup * geometry.groups) {
      throw new Error(`a weight of [${weight!.shape}] in ${geometry.groups} groups does not fit [${x!.shape}]`);
    }
    return { shape: [x!.shape[0]!, outChannels, ...outputSizes(x!.shape, kernel, geometry)], dtype: x!.dtype };
  },
  // ∂L/∂x is the transposed convolution of ∂L/∂y: convolutions again, so that second derivatives need no further rule.
  grad: (ops, node, dy) => {
    const [x, weight] = node.inputs as readonly [Tensor, Tensor];
    return [
      transposedConvolution(ops, dy, weight, node.attributes, x.shape.slice(2)),
      convolutionWeightGradient(ops, node, dy),
    ];
  },
  onnx(emit, inputs, node) {
    const { strides, padsBegin, padsEnd, dilations, groups: group } = node.attributes;
    const kernel_shape = node.inputs[1]!.shape.slice(2);
    const attributes = { kernel_shape, strides, pads: [...padsBegin, ...padsEnd], dilations, group };
    return emit.blocks && worthBlocks(node)
      ? emitBlockedConvolution(emit, inputs as readonly [string, string], node, attributes)
      : emit.node('Conv', inputs, attributes);
  },
  // Blocks of what goes in and of what comes out.
  memory: (node) => {
    const [x, weight] = node.inputs as readonly [Tensor, Tensor];
    const values = worthBlocks(node) ? count(x.shape) + 2 * count(weight.shape) + count(node.shape) : 0;
    return { held: 0, passing: 4 * values };
  },
  flops: (node) => 2 * count(node.shape) * count(node.inputs[1]!.shape.slice(1)),
  product: true,
  samples: [
    {
      shapes: [
        [2, 2, 5, 4],
        [3, 2, 3, 2],
      ],
      attributes: { strides: [2, 1], padsBegin: [1, 0], padsEnd: [1, 1], dilations: [1, 2], groups: 1 },
    },
    {
      shapes: [
        [1, 4, 4, 4],
        [2, 2, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1], dilations: [1, 1], groups: 2 },
    },
    // Large enough a kernel for shifts of both operands; uneven padding, and a step between the kernel's rows.
    {
      shapes: [
        [2, 3, 5, 4],
        [3, 3, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [2, 0], padsEnd: [1, 1], dilations: [1, 1], groups: 1 },
    },
    {
      shapes: [
        [2, 3, 5, 3],
        [3, 3, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [1, 1], padsEnd: [3, 1], dilations: [2, 1], groups: 1 },
    },
    // The padding is wider than the kernel reaches, and the stride leaves a row over.
    {
      shapes: [
        [1, 1, 5],
        [1, 1, 1],
      ],
      attributes: { strides: [3], padsBegin: [1], padsEnd: [0], dilations: [1], groups: 1 },
    },
  ],
};
