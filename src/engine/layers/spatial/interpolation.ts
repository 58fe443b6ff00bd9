import { type AttributeValue, formatShape, type Shape } from '../../network';
import type { Tensor } from '../../tensor';
import { type Attribute, bool, choice, float, int, optional } from '../attribute';
import { onlyInput } from '../dimensions';
import { AttributeError, defineLayer, type FunctionForm, type LayerRow, ShapeError } from '../row';
import { adaptiveAverage } from './adaptivePooling';
import { alongAxis } from './alongAxis';
import { type Dimension, labelled, spatialSizes } from './dimension';
import {
  antialiasedTaps,
  cubicTaps,
  type Filter,
  linearTaps,
  nearestExactTaps,
  nearestTaps,
  type Resampling,
} from './interpolationTaps';

const MODES = ['nearest', 'linear', 'bilinear', 'bicubic', 'trilinear', 'lanczos', 'area', 'nearest-exact'] as const;
type Mode = (typeof MODES)[number];

/** How many dimensions a mode is for; the others take any. */
const OF_DIMENSION: Partial<Record<Mode, Dimension>> = { linear: 1, bilinear: 2, trilinear: 3 };

/** The modes that interpolate take `align_corners`. */
const aligns = (mode: Mode): boolean => !['nearest', 'nearest-exact', 'area'].includes(mode);

type PerDimension = number | readonly number[];

interface Interpolation {
  readonly size: PerDimension | null;
  readonly scale_factor: PerDimension | null;
  readonly mode: Mode;
  readonly align_corners: boolean | null;
  readonly recompute_scale_factor: boolean | null;
  readonly antialias: boolean;
}

/** One number for all dimensions, or one for each of as many as the input has. */
const perAnyDimension = (one: Attribute<number>): Attribute<PerDimension> => ({
  takes: `${one.takes}, or one for each dimension`,
  schema: { oneOf: [one.schema, { type: 'array', items: one.schema, minItems: 1, maxItems: 3 }] },
  accept(value: AttributeValue) {
    if (!Array.isArray(value)) return one.accept(value);
    return value.every((item) => one.accept(item) !== undefined) ? (value as readonly number[]) : undefined;
  },
});

/** @throws AttributeError for what PyTorch's interpolate refuses of any input, in its words. */
function checkInterpolation(given: Interpolation): void {
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
function resampled(input: Shape, given: Interpolation): { output: number[]; factors?: readonly number[] } {
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
function interpolatedShape(input: Shape, given: Interpolation): Shape {
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

/** One linear map an axis: resampling is separable, and so is its gradient. */
function interpolate(x: Tensor, given: Interpolation): Tensor {
  const { mode, antialias } = given;
  const { output, factors } = resampled(x.shape, given);
  if (mode === 'area') return adaptiveAverage(x, output);
  const taps = (resampling: Resampling) => {
    if (antialias) return antialiasedTaps(resampling, mode as Filter);
    if (mode === 'bicubic') return cubicTaps(resampling);
    if (mode === 'nearest-exact') return nearestExactTaps(resampling);
    return aligns(mode) ? linearTaps(resampling) : nearestTaps(resampling, output.length as Dimension);
  };
  return output.reduceRight((y, size, i) => {
    const alignCorners = given.align_corners ?? false;
    const own = x.shape[i + 2]!;
    return alongAxis(y, taps({ size: own, output: size, factor: factors?.[i], alignCorners }), i + 2);
  }, x);
}

const sizeAttributes = { size: optional(perAnyDimension(int())), scale_factor: optional(perAnyDimension(float())) };
const modeAttributes = {
  ...sizeAttributes,
  mode: choice(MODES, 'nearest'),
  align_corners: optional(bool()),
  recompute_scale_factor: optional(bool()),
};

const interpolateFunction = defineLayer({
  kind: 'interpolate',
  role: 'arithmetic',
  module: false,
  attributes: { ...modeAttributes, antialias: bool(false) },
  functions: [
    {
      names: ['torch.nn.functional.interpolate'],
      parameters: ['input', 'size', 'scale_factor', 'mode', 'align_corners', 'recompute_scale_factor', 'antialias'],
    },
  ],
  validate: checkInterpolation,
  outputShapes: (inputs, given) => [interpolatedShape(onlyInput(inputs, 'interpolate'), given)],
  forward: ([x], given) => ({ outputs: [interpolate(x!, given)] }),
});

const upsample = defineLayer({
  kind: 'Upsample',
  role: 'arithmetic',
  module: true,
  attributes: modeAttributes,
  functions: [
    {
      names: ['torch.nn.functional.upsample'],
      parameters: ['input', 'size', 'scale_factor', 'mode', 'align_corners'],
    },
  ],
  validate: (given) => checkInterpolation({ ...given, antialias: false }),
  outputShapes: (inputs, given) => [interpolatedShape(onlyInput(inputs, 'Upsample'), { ...given, antialias: false })],
  forward: ([x], given) => ({ outputs: [interpolate(x!, { ...given, antialias: false })] }),
});

/** The classes of one mode for images. */
const upsampling2d = (
  kind: string,
  mode: 'nearest' | 'bilinear',
  align_corners: true | null,
  functions: readonly FunctionForm[],
): LayerRow => {
  const fixed = { mode, align_corners, recompute_scale_factor: null, antialias: false };
  return defineLayer({
    kind,
    role: 'arithmetic',
    module: true,
    attributes: sizeAttributes,
    functions,
    validate: (given) => checkInterpolation({ ...given, ...fixed }),
    outputShapes: (inputs, given) => [interpolatedShape(onlyInput(inputs, kind), { ...given, ...fixed })],
    forward: ([x], given) => ({ outputs: [interpolate(x!, { ...given, ...fixed })] }),
  });
};

const oldForm = (name: string): FunctionForm => ({
  names: [`torch.nn.functional.${name}`],
  parameters: ['input', 'size', 'scale_factor'],
});

export const interpolations: readonly LayerRow[] = [
  upsample,
  upsampling2d('UpsamplingNearest2d', 'nearest', null, [oldForm('upsample_nearest')]),
  upsampling2d('UpsamplingBilinear2d', 'bilinear', true, [oldForm('upsample_bilinear')]),
  interpolateFunction,
];
