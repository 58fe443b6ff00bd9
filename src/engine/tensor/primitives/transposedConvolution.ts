import type { ConvolutionGeometry } from '../attributes';
import type { Operations } from '../rule';
import type { Tensor } from '../tensor';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** What a transposed convolution is written in. */
type OwnOperations = Pick<
  Operations,
  'reshape' | 'transpose' | 'pad' | 'slice' | 'spread' | 'flip' | 'matmul' | 'constant' | 'convolution'
>;

/** Kernels of so many offsets at most are reversed by a product. */
const MOST_REVERSED = 64;

/**
 * A kernel's spatial axes in reverse order, as a product with the reversing permutation: three times faster than a slice
 * with negative steps, which copies value by value.
 */
function reversed(ops: OwnOperations, weight: Tensor): Tensor {
  const kernel = weight.shape.slice(2);
  const offsets = count(kernel);
  if (offsets === 1) return weight;
  if (offsets > MOST_REVERSED)
    return ops.flip(
      weight,
      kernel.map((_, i) => i + 2),
    );
  const permutation = new Float32Array(offsets * offsets);
  for (let i = 0; i < offsets; i++) permutation[i * offsets + offsets - 1 - i] = 1;
  const rows = ops.reshape(weight, [count(weight.shape) / offsets, offsets]);
  return ops.reshape(ops.matmul(rows, ops.constant(permutation, [offsets, offsets])), weight.shape);
}

/**
 * The transpose of a convolution (PyTorch's conv_transposeN, and a convolution's gradient by its input): x [N, C, …],
 * weight [C, O/groups, K…]. Every x[q] adds weight[k]·x[q] at position q·S + d·k − P of an output of `size`.
 *
 * With k = S·j + r, output positions of one remainder r by S are a plain convolution of x with the taps of that r. So one
 * convolution with S times the channels an axis computes all remainders, and its channels are laid out as positions: no
 * zeros are put between the x's, which would be multiplied for nothing, and the gradients are a plain convolution's.
 */
export function transposedConvolution(
  ops: OwnOperations,
  x: Tensor,
  weight: Tensor,
  { strides, padsBegin, dilations, groups }: Omit<ConvolutionGeometry, 'padsEnd'>,
  size: readonly number[],
): Tensor {
  const [inChannels, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
  const axes = kernel.map((_, i) => i);
  const batch = x.shape[0]!;
  const outChannels = perGroup * groups;
  const strided = strides.some((stride) => stride > 1);

  // A dilated kernel is written out with its zeros where positions are told apart by their remainder.
  const zeros = axes.map(() => 0);
  const written = strided ? ops.spread(weight, [1, 1, ...dilations], [0, 0, ...zeros], [0, 0, ...zeros]) : weight;
  const tapDilations = strided ? dilations.map(() => 1) : dilations;
  const reach = written.shape.slice(2);
  // A kernel shorter than the stride leaves the positions of some remainders without a value.
  const remainders = axes.map((i) => Math.min(strides[i]!, reach[i]!));
  const taps = axes.map((i) => Math.ceil(reach[i]! / remainders[i]!));
  const whole = ops.pad(written, [0, 0, ...zeros], [0, 0, ...axes.map((i) => taps[i]! * remainders[i]! - reach[i]!)]);

  // [C, O/g, (j, r)…] → [g, O/g, r…, C/g, j…] → [O·Πr, C/g, j…], the taps from last to first.
  const split = ops.reshape(whole, [
    groups,
    inChannels / groups,
    perGroup,
    ...axes.flatMap((i) => [taps[i]!, remainders[i]!]),
  ]);
  const order = [0, 2, ...axes.map((i) => 4 + 2 * i), 1, ...axes.map((i) => 3 + 2 * i)];
  const byRemainder = ops.reshape(ops.transpose(split, order), [
    outChannels * count(remainders),
    inChannels / groups,
    ...taps,
  ]);

  // Positions u·S + r with u from 0 to W + j − 2 are reached; those that the padding cuts off are not computed.
  const behind = axes.map((i) => tapDilations[i]! * (taps[i]! - 1));
  const skipped = axes.map((i) => Math.min(Math.floor(padsBegin[i]! / strides[i]!), behind[i]!));
  const needed = axes.map((i) => Math.ceil((padsBegin[i]! + size[i]!) / strides[i]!));
  const convolved = ops.convolution(x, reversed(ops, byRemainder), {
    strides: axes.map(() => 1),
    padsBegin: axes.map((i) => behind[i]! - skipped[i]!),
    padsEnd: axes.map((i) => Math.min(Math.max(needed[i]! - x.shape[i + 2]!, 0), behind[i]!)),
    dilations: tapDilations,
    groups,
  });

  const positions = convolved.shape.slice(2);
  const apart = ops.reshape(convolved, [batch, outChannels, ...remainders, ...positions]);
  const interleaved = ops.transpose(apart, [0, 1, ...axes.flatMap((i) => [2 + axes.length + i, 2 + i])]);
  const none = [0, 0, ...axes.flatMap(() => [0, 0])];
  const stretched = ops.pad(interleaved, none, [0, 0, ...axes.flatMap((i) => [0, strides[i]! - remainders[i]!])]);
  const laidOut = ops.reshape(stretched, [batch, outChannels, ...axes.map((i) => positions[i]! * strides[i]!)]);

  const first = axes.map((i) => padsBegin[i]! - skipped[i]! * strides[i]!);
  const end = axes.map((i) => Math.min(first[i]! + size[i]!, laidOut.shape[i + 2]!));
  const cut = ops.slice(laidOut, [0, 0, ...first], [batch, outChannels, ...end]);
  // Beyond the last window nothing is reached.
  return ops.pad(cut, [0, 0, ...zeros], [0, 0, ...axes.map((i) => size[i]! - (end[i]! - first[i]!))]);
}
