import type { ElementType as DataType, TypedArray } from '../onnx';

type None = Readonly<Record<string, never>>;
interface Axes {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Geometry of a convolution over n spatial dimensions; one entry for each. */
export interface ConvolutionGeometry {
  readonly strides: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

export interface PoolingGeometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly dilations: readonly number[];
}

/** How a channel is normalized: x [N, C, K], with a scale and a shift [C]. */
export interface ChannelNormalization {
  readonly epsilon: number;
  /** null: statistics of a channel over the batch and its positions; else of so many groups of channels in each sample. */
  readonly groups: number | null;
  /** The normalized values [N, C, K], or what they are normalized by (biased variance): [C], or [N, groups]. */
  readonly part: 'output' | 'mean' | 'variance';
}

/** A recurrent layer's walk over time in one direction. */
export interface RecurrenceGeometry {
  /** `tanh` and `relu` are the plain cells, without gates. */
  readonly cell: 'tanh' | 'relu' | 'lstm' | 'gru';
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** Whether there are biases [G·H]: one of both products together, in GRU one of each (its reset gate scales the second). */
  readonly biased: boolean;
  /** Whether a mask says which steps count; at the others the state stays as it is. */
  readonly masked: boolean;
}

/** The primitives, each with what it needs beside its inputs. The table in `table.ts` must have a row for each. */
export interface PrimitiveAttributes {
  input: { readonly name: string };
  constant: { readonly values: TypedArray };
  /** 0, 1, …, length − 1 */
  range: { readonly length: number };

  neg: None;
  abs: None;
  sign: None;
  exp: None;
  log: None;
  sqrt: None;
  reciprocal: None;
  tanh: None;
  sigmoid: None;
  erf: None;
  relu: None;
  not: None;
  cast: { readonly to: DataType };
  /** The same value, which no gradient passes. */
  stopGradient: None;
  /** The same value, which no expression looks into: a reshape of it is not a reshape of what it was made of. */
  opaque: None;

  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;
  minimum: None;
  greater: None;
  less: None;
  equal: None;
  and: None;
  or: None;
  xor: None;
  shiftRight: None;
  where: None;

  sum: Axes;
  sumSquare: Axes;
  mean: Axes;
  amax: Axes;
  amin: Axes;

  reshape: { readonly shape: readonly number[] };
  transpose: { readonly perm: readonly number[] };
  expand: { readonly shape: readonly number[] };
  slice: { readonly starts: readonly number[]; readonly ends: readonly number[]; readonly steps: readonly number[] };
  /** Inserts step − 1 zeros between neighbours along each axis, with `before` and `after` more at the ends: slice's transpose. */
  spread: {
    readonly steps: readonly number[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  };
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  concat: { readonly axis: number };
  /** One of `count` equal parts along axis 0. */
  part: { readonly index: number; readonly count: number };
  flip: { readonly axes: readonly number[] };

  /** Whole rows along axis 0 by index. */
  gather: None;
  /** One element for each index, along an axis (GatherElements). */
  takeAlong: { readonly axis: number };
  /** Adds the updates into zeros of `size` along the axis: takeAlong's transpose. */
  putAlong: { readonly axis: number; readonly size: number };
  /** Elements of x at given places of an axis replaced (the last of several), or the largest or smallest of all kept. */
  placeAlong: { readonly axis: number; readonly reduction: 'none' | 'max' | 'min' };

  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** A·B + c, a row vector added to each row of a plain product. */
  matmulAdd: { readonly transposeA: boolean; readonly transposeB: boolean };
  convolution: ConvolutionGeometry;
  maxPool: PoolingGeometry;
  /** Where each maximum stood, as an index into the flattened input. */
  maxPoolIndices: PoolingGeometry;
  softmax: { readonly axis: number };
  logSoftmax: { readonly axis: number };

  /** Batch, group and instance norms: inputs x, scale, shift. */
  channelNorm: ChannelNormalization;
  /** (x − mean)/√(variance + ε)·scale + shift over the last axis: inputs x [R, K], scale [K], optionally shift [K]. Statistics are [R, 1]. */
  layerNorm: { readonly epsilon: number; readonly part: 'output' | 'mean' | 'inverse' };
  /** x/√(mean of squares + ε)·scale over the last axis: inputs x [R, K], scale [K]. The inverse root is [R, 1]. */
  rmsNorm: { readonly epsilon: number; readonly part: 'output' | 'inverse' };
  /** x·scale + shift by channel, in one pass: inputs x [N, C, K], scale [C], shift [C]. */
  scaleShift: None;
  binaryCrossEntropy: None;
  binaryCrossEntropyWithLogits: None;
  /**
   * A recurrence over the steps of x [T, B, I]: from W_ih [G·H, I], W_hh [G·H, H], a first hidden state [B, H], the
   * LSTM's first cell state, biases if any, and the mask [T, 1, B] (bool) if any.
   */
  recurrence: RecurrenceGeometry & {
    /** Whether what the gradient needs of each step is kept. */
    readonly keeps: boolean;
    /** `hidden`: the states after each step, [T, B, H]. `cell`: LSTM's last one, [B, H]. Else a kept value of each step, [T, H, B]. */
    readonly take: string;
  };
  /** The gradients of a recurrence, by its inputs and the gradient of its `hidden` or `cell`. */
  recurrenceGradient: RecurrenceGeometry & {
    readonly of: 'hidden' | 'cell';
    /** By the product of W_ih, by that of W_hh (both [G·H, T·B], the same but in GRU), or by a first state. */
    readonly take: 'projected' | 'recurrent' | 'hidden0' | 'cell0';
  };
  sin: None;
  cos: None;
  tan: None;
  asin: None;
  acos: None;
  atan: None;
  sinh: None;
  cosh: None;
  asinh: None;
  acosh: None;
  atanh: None;
  expm1: None;
  log1p: None;
  floor: None;
  ceil: None;
  round: None;
  pow: None;
  mod: None;
  greaterOrEqual: None;
  lessOrEqual: None;
  isNaN: None;
  /** null: no bound on that side. At least one is there. */
  clip: { readonly low: number | null; readonly high: number | null; readonly onBounds: boolean };

  norm2: Axes;
  prod: Axes;
  logSumExp: Axes;
  argMax: { readonly axis: number };
  argMin: { readonly axis: number };
  topIndices: { readonly axis: number; readonly k: number; readonly largest: boolean };
  cumulativeSum: { readonly axis: number; readonly reverse: boolean };
  triangle: { readonly upper: boolean; readonly diagonal: number };
  putRows: { readonly size: number };
}
