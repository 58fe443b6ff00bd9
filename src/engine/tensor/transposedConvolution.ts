import type { ConvolutionGeometry } from './attributes';
import * as ops from './operations';
import type { Tensor } from './tensor';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/**
 * The transpose of a convolution (PyTorch's conv_transposeN): x [N, C, …], weight [C, O/groups, K…]. Every x[q] adds
 * weight[k]·x[q] at position q·S + k·d − P of an output of `size`.
 *
 * With k = S·j + r, output positions of one remainder r by S are a plain convolution of x with the taps of that r. So one
 * convolution with S times the channels an axis computes all remainders, and its channels are laid out as positions: no
 * zeros are put between the x's, which would be multiplied for nothing, and the gradients are a plain convolution's.
 */
export function transposedConvolution(
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
  const spreadKernel = strided ? ops.spread(weight, [1, 1, ...dilations], [0, 0, ...zeros], [0, 0, ...zeros]) : weight;
  const tapDilations = strided ? dilations.map(() => 1) : dilations;
  const reach = spreadKernel.shape.slice(2);
  const taps = reach.map((length, i) => Math.ceil(length / strides[i]!));
  const whole = ops.pad(
    spreadKernel,
    [0, 0, ...zeros],
    [0, 0, ...reach.map((length, i) => taps[i]! * strides[i]! - length)],
  );

  // [C, O/g, (j, r)…] → [g, O/g, r…, C/g, j…] → [O·Πr, C/g, j…], the taps from last to first.
  const split = ops.reshape(whole, [
    groups,
    inChannels / groups,
    perGroup,
    ...axes.flatMap((i) => [taps[i]!, strides[i]!]),
  ]);
  const order = [0, 2, ...axes.map((i) => 4 + 2 * i), 1, ...axes.map((i) => 3 + 2 * i)];
  const byRemainder = ops.reshape(ops.transpose(split, order), [
    outChannels * count(strides),
    inChannels / groups,
    ...taps,
  ]);
  const turned = axes.filter((i) => taps[i]! > 1).map((i) => i + 2);
  const flipped = turned.length > 0 ? ops.flip(byRemainder, turned) : byRemainder;

  // Positions u·S + r with u from 0 to W + j − 2 are reached; those that the padding cuts off are not computed.
  const behind = taps.map((length, i) => tapDilations[i]! * (length - 1));
  const skipped = axes.map((i) => Math.min(Math.floor(padsBegin[i]! / strides[i]!), behind[i]!));
  const needed = axes.map((i) => Math.ceil((padsBegin[i]! + size[i]!) / strides[i]!));
  const padsEnd = axes.map((i) => Math.min(Math.max(needed[i]! - x.shape[i + 2]!, 0), behind[i]!));
  const convolved = ops.convolution(x, flipped, {
    strides: axes.map(() => 1),
    padsBegin: axes.map((i) => behind[i]! - skipped[i]!),
    padsEnd,
    dilations: tapDilations,
    groups,
  });

  const positions = convolved.shape.slice(2);
  const apart = ops.reshape(convolved, [batch, outChannels, ...strides, ...positions]);
  const interleaved = ops.transpose(apart, [0, 1, ...axes.flatMap((i) => [2 + axes.length + i, 2 + i])]);
  const laidOut = ops.reshape(interleaved, [batch, outChannels, ...positions.map((length, i) => length * strides[i]!)]);

  const first = axes.map((i) => padsBegin[i]! - skipped[i]! * strides[i]!);
  const end = axes.map((i) => Math.min(first[i]! + size[i]!, laidOut.shape[i + 2]!));
  const cut = ops.slice(laidOut, [0, 0, ...first], [batch, outChannels, ...end]);
  // The output padding beyond the last window is nothing but zeros.
  return ops.pad(cut, [0, 0, ...zeros], [0, 0, ...axes.map((i) => size[i]! - (end[i]! - first[i]!))]);
}
