import type { Shape } from '../../network';
import { reshape, type Tensor } from '../../tensor';
import { numberOf } from '../dimensions';

/** How many spatial dimensions a layer has. */
export type Dimension = 1 | 2 | 3;

export const DIMENSIONS: readonly Dimension[] = [1, 2, 3];

const SIZES = {
  1: 'The length of a sequence',
  2: 'The height and width of an image',
  3: 'The depth, height and width of a volume',
} as const;

/** The last sizes of a shape. @throws ShapeError where one of them is the batch. */
export const spatialSizes = (shape: Shape, dimension: Dimension): number[] =>
  shape.slice(-dimension).map((dim) => numberOf(dim, SIZES[dimension]));

/** `3D or 4D`: the ranks of an input without and with a batch. */
export const ranksOf = (dimension: Dimension): string => `${dimension + 1}D or ${dimension + 2}D`;

/** Whether the rank is that of an input without a batch, or with one. */
export const hasRank = (shape: Shape, dimension: Dimension): boolean =>
  shape.length === dimension + 1 || shape.length === dimension + 2;

/** Computes over [N, C, …], which an input without a batch becomes for the time. */
export function withBatch(x: Tensor, dimension: Dimension, compute: (batched: Tensor) => Tensor): Tensor {
  if (x.shape.length !== dimension + 1) return compute(x);
  const y = compute(reshape(x, [1, ...x.shape]));
  return reshape(y, y.shape.slice(1));
}

/** The channels' axis: the one before the spatial ones. */
export const channelsBefore =
  (dimension: Dimension) =>
  (_: number | undefined, outputRank: number): number =>
    outputRank - dimension - 1;

/** An attribute's values as PyTorch prints them, `height: 2 width: 3`, by the names of one, two or three dimensions. */
export const labelled = (names: readonly string[], values: readonly number[]): string =>
  values.map((value, i) => `${names[names.length - values.length + i]}: ${value}`).join(' ');
