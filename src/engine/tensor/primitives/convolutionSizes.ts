import type { ConvolutionGeometry } from '../attributes';

/**
 * Size of a convolution's or pooling's output along one axis: ⌊(W + P₀ + P₁ − d(K−1) − 1)/S⌋ + 1
 * (Dumoulin & Visin 2016, relation 14).
 */
export const convolvedSize = (size: number, kernel: number, stride: number, pads: number, dilation: number): number =>
  Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;

export const outputSizes = (
  x: readonly number[],
  kernel: readonly number[],
  { strides, padsBegin, padsEnd, dilations }: ConvolutionGeometry,
): number[] =>
  kernel.map((size, i) => convolvedSize(x[i + 2]!, size, strides[i]!, padsBegin[i]! + padsEnd[i]!, dilations[i]!));
