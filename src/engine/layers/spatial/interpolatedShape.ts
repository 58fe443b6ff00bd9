import { formatShape, type Shape } from '../../network';
import { AttributeError, ShapeError } from '../row';
import { type Dimension, labelled, spatialSizes } from './dimension';

/** How values between values are found. */
export const MODES = [
  'nearest',
  'linear',
  'bilinear',
  'bicubic',
  'trilinear',
  'lanczos',
  'area',
  'nearest-exact',
] as const;
export type Mode = (typeof MODES)[number];

/** How many dimensions a mode is for; the others take any. */
const OF_DIMENSION: Partial<Record<Mode, Dimension>> = { linear: 1, bilinear: 2, trilinear: 3 };

/** The modes that interpolate take `align_corners`. */
export const aligns = (mode: Mode): boolean => !['nearest', 'nearest-exact', 'area'].includes(mode);

/** One number for all dimensions, or one for each. */
export type PerDimension = number | readonly number[];

/** What PyTorch's interpolate is asked for. */
export interface Interpolation {
  readonly size: PerDimension | null;
  readonly scale_factor: PerDimension | null;
  readonly mode: Mode;
  readonly align_corners: boolean | null;
  readonly recompute_scale_factor: boolean | null;
  readonly antialias: boolean;
}

/** @throws AttributeError for what PyTorch's interpolate refuses of any input, in its words. */
export function checkInterpolation(given: Interpolation): void {
  const { size, scale_factor, mode, align_corners, recompute_scale_factor, antialias } = given;
  if (align_corners !== null && !aligns(mode)) {
    const modes = 'linear | bilinear | bicubic | trilinear';
    throw new AttributeError(
      'align_corners',
      `align_corners option can only be set with the interpolating modes: ${modes}`,
    );
  }
  if (size !== null && scale_factor !== null) {
    throw new AttributeError('size', 'only one of size or scale_factor should be defined');
  }
  if (recompute_scale_factor && size !== null) {
    throw new AttributeError(
      'recompute_scale_factor',
      'recompute_scale_factor is not meaningful with an explicit size.',
    );
  }
  if (mode === 'lanczos' && align_corners) {
    throw new AttributeError('align_corners', 'Lanczos mode does not support align_corners=True');
  }
  if (mode === 'lanczos' && !antialias) throw new AttributeError('antialias', 'Lanczos mode requires antialias=True');
}

/** A value for each dimension. @throws ShapeError in PyTorch's words where there are too many or too few. */
function spread(values: PerDimension, input: Shape, name: 'size' | 'scale_factor'): readonly number[] {
  const dimension = input.length - 2;
  if (typeof values === 'number') return Array.from({ length: dimension }, () => values);
  if (values.length === dimension) return values;
  const own = formatShape(input.slice(2));
  const tuple = `(${values.join(', ')}${values.length === 1 ? ',' : ''})`;
  throw new ShapeError(
    name === 'size'
      ? 'Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ' +
          `${own} and output size of ${tuple}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ` +
          'output size in (o1, o2, ...,oK) format.'
      : 'Input and scale_factor must have the same number of spatial dimensions, but got input with spatial ' +
          `dimensions of ${own} and scale_factor of shape ${tuple}. Please provide input tensor in ` +
          '(N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.',
  );
}

/** @throws ShapeError in PyTorch's words for a mode that is not for an input of this rank. */
function checkRank(rank: number, { mode, antialias }: Interpolation): void {
  if (antialias && !(['bilinear', 'bicubic', 'lanczos'].includes(mode) && rank === 4)) {
    throw new ShapeError(
      'Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input',
    );
  }
  const needed = OF_DIMENSION[mode];
  if (rank >= 3 && rank <= 5 && needed !== undefined && needed + 2 !== rank) {
    throw new ShapeError(`Got ${rank}D input, but ${mode} mode needs ${needed + 2}D input`);
  }
  if (rank >= 3 && rank <= 5 && (rank === 4 || !['bicubic', 'lanczos'].includes(mode))) return;
  throw new ShapeError(
    `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${rank}D) for the modes: nearest | linear | ` +
      `bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${mode})`,
  );
}

/** The output's sizes, and the factors where they decide the positions. @throws ShapeError */
export function resampled(input: Shape, given: Interpolation): { output: number[]; factors?: readonly number[] } {
  const { size, scale_factor, mode, recompute_scale_factor } = given;
  if (size === null && scale_factor === null) {
    throw new ShapeError('either size or scale_factor should be defined');
  }
  if (size !== null) return { output: [...spread(size, input, 'size')] };
  const factors = spread(scale_factor!, input, 'scale_factor');
  const own = spatialSizes(input, (input.length - 2) as Dimension);
  const output = own.map((length, i) => Math.trunc(length * factors[i]!));
  return recompute_scale_factor || mode === 'area' ? { output } : { output, factors };
}

/** @throws ShapeError in PyTorch's words. */
export function interpolatedShape(input: Shape, given: Interpolation): Shape {
  const rank = input.length;
  if (rank < 3) checkRank(rank, given);
  const { output } = resampled(input, given);
  checkRank(rank, given);
  if (output.some((size) => size < 1)) {
    const own = spatialSizes(input, (rank - 2) as Dimension);
    const text = (values: readonly number[]) => `(${labelled(['D', 'H', 'W'], values).replaceAll(/(?<=\d) /g, ', ')})`;
    const and = rank === 3 ? 'and ' : '';
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input ${text(own)} ${and}output ${text(output)}`,
    );
  }
  return [...input.slice(0, 2), ...output];
}
