import type { ConvolutionGeometry } from '../attributes';
import type { Operations } from '../rule';
import type { Tensor } from '../tensor';
import { outputSizes } from './convolutionSizes';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** What unrolling is written in. */
type MovingOperations = Pick<Operations, 'reshape' | 'transpose' | 'pad' | 'slice' | 'concat' | 'matmul' | 'constant'>;

/**
 * Every window's values as a column: [channels · kernel offsets, output positions · batch], with the batch innermost, so
 * that windows are copied in long runs even of small images (Chellapilla, Puri & Simard 2006 call it unrolling).
 * `moved` is x with its batch last.
 */
export function columns(
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
export function batchLastForSums(ops: MovingOperations, x: Tensor): Tensor {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  if (batch > MOST_MULTIPLIED) return batchLast(ops, x);
  const identity = Float32Array.from({ length: batch ** 2 }, (_, i) => (i % (batch + 1) === 0 ? 1 : 0));
  const moved = ops.matmul(ops.reshape(x, [batch, count(sample)]), ops.constant(identity, [batch, batch]), {
    transposeA: true,
  });
  return ops.reshape(moved, [...sample, batch]);
}

/** Every offset inside a kernel, in row-major order. */
export function offsetsOf(kernel: readonly number[]): number[][] {
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
