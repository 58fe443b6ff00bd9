import type { AttributeValue } from '../../network';
import type { Tensor } from '../../tensor';
import { type Attribute, bool, choice, float, int, optional } from '../attribute';
import { onlyInput } from '../dimensions';
import { defineLayer, type FunctionForm, type LayerRow } from '../row';
import { adaptiveAverage } from './adaptivePooling';
import { alongAxis } from './alongAxis';
import type { Dimension } from './dimension';
import {
  aligns,
  checkInterpolation,
  type Interpolation,
  interpolatedShape,
  MODES,
  type PerDimension,
  resampled,
} from './interpolatedShape';
import {
  antialiasedTaps,
  cubicTaps,
  type Filter,
  linearTaps,
  nearestExactTaps,
  nearestTaps,
  type Resampling,
} from './interpolationTaps';

/** One number for all dimensions, or one for each of as many as the input has. */
const perAnyDimension = (one: Attribute<number>): Attribute<PerDimension> => ({
  takes: `${one.takes}, or one for each dimension`,
  schema: { oneOf: [one.schema, { type: 'array', items: one.schema, minItems: 1, maxItems: 3 }] },
  accept(value: AttributeValue) {
    if (!Array.isArray(value)) return one.accept(value);
    return value.every((item) => one.accept(item) !== undefined) ? (value as readonly number[]) : undefined;
  },
});

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
