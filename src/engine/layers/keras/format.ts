import { type Dim, isBatchDim, type Shape } from '../../network';
import { choice } from '../attribute';
import { numberOf } from '../dimensions';
import { ShapeError } from '../row';
import type { Dimension } from '../spatial/dimension';

/** Where an image's channels stand. */
export type DataFormat = 'channels_last' | 'channels_first';

export const dataFormat = choice(['channels_last', 'channels_first'], 'channels_last');

/** A shape as Keras prints it, the batch as None: `(None, 28, 28, 1)`. */
export const kerasShape = (shape: Shape): string =>
  `(${shape.map((dim) => (isBatchDim(dim) ? 'None' : dim)).join(', ')}${shape.length === 1 ? ',' : ''})`;

/** What a spatial layer sees of [N, …, C] or [N, C, …]. */
export interface Spatial {
  readonly batch: Dim;
  readonly sizes: readonly number[];
  readonly channels: Dim;
}

/** @throws ShapeError in Keras's words for an input of another rank. */
export function spatialOf(input: Shape, dimension: Dimension, format: DataFormat): Spatial {
  if (input.length !== dimension + 2) {
    throw new ShapeError(
      `expected ndim=${dimension + 2}, found ndim=${input.length}. Full shape received: ${kerasShape(input)}`,
      dimension === 2 && input.length === 3 ? 'give the images a channel axis, as (28, 28, 1)' : undefined,
    );
  }
  const last = format === 'channels_last';
  const sizes = last ? input.slice(1, -1) : input.slice(2);
  return {
    batch: input[0]!,
    sizes: sizes.map((dim) => numberOf(dim, 'A size of an image or sequence')),
    channels: last ? input.at(-1)! : input[1]!,
  };
}

/** The shape of those parts. */
export const shapeOf = ({ batch, sizes, channels }: Spatial, format: DataFormat): Shape =>
  format === 'channels_last' ? [batch, ...sizes, channels] : [batch, channels, ...sizes];

/** The axis of channels. */
export const channelsOf = (
  _: number | undefined,
  outputRank: number,
  { data_format }: { readonly data_format: DataFormat },
): number => (data_format === 'channels_last' ? outputRank - 1 : 1);

/** The channels of an input, where they are a number. */
export const channelCount = (input: Shape | undefined, format: unknown): number | undefined => {
  const channels = format === 'channels_first' ? input?.[1] : input?.at(-1);
  return typeof channels === 'number' ? channels : undefined;
};

/** @throws ShapeError in Keras's words where an axis has not the size that the layer was built for. */
export function checkAxis(input: Shape, axis: number, size: number): void {
  if (input.at(axis) === size) return;
  throw new ShapeError(
    `expected axis ${axis} of input shape to have value ${size}, but received input with shape ${kerasShape(input)}`,
  );
}

/** @throws ShapeError for what Keras says of a window that leaves nothing. */
export function checkSizes(output: readonly number[], input: Shape, kernel: readonly number[]): void {
  if (output.every((size) => size > 0)) return;
  throw new ShapeError(
    `Computed output size would be negative. Received: inputs shape=${kerasShape(input)}, kernel_size=(${kernel.join(', ')})`,
    "take a smaller kernel, padding='same' or a larger input",
  );
}
