import type { Shape } from '../../network';
import type { Traits } from '../traits';

/** How many values of a sample an output holds; undefined where one of its sizes is the batch's multiple in the middle. */
export function valuesOf(shape: Shape): number | undefined {
  const rest = shape.slice(1);
  return rest.every((dim) => typeof dim === 'number') ? rest.reduce<number>((a, b) => a * (b as number), 1) : undefined;
}

/** One number a sample: [B], [B, 1], [B, 1, 1, 1]. */
export const isScore = (shape: Shape | undefined): boolean => shape !== undefined && valuesOf(shape) === 1;

/** A vector a sample: [B, K], or [B, K, 1, 1]. */
export const isVector = (shape: Shape | undefined): boolean =>
  shape !== undefined && shape.length >= 2 && shape.slice(2).every((dim) => dim === 1);

/** Whether the network takes images, or volumes, and convolves them or cuts them into patches. */
export const takesImages = ({ data }: Traits): boolean => data === 'image' || data === 'volume';

/** Size of an output map over the input's: 2 for a doubled image; undefined where either has no such axes. */
export function enlargement({ inputSize, outputSize }: Traits): number | undefined {
  if (!inputSize || !outputSize || inputSize.sizes.length !== outputSize.sizes.length) return undefined;
  const [before, after] = [inputSize.sizes.at(-1)!, outputSize.sizes.at(-1)!];
  // Unpadded convolutions take a border away.
  return Math.abs(after - before) <= 0.25 * before && after > 1 ? 1 : after / before;
}

/** Channels that a picture has. */
export const isPicture = (channels: number): boolean => channels === 1 || channels === 3 || channels === 4;
