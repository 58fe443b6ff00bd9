import type { AttributeValue } from '../../network';
import { mul, pad, slice } from '../../tensor';
import { type Attribute, choice, float, optional, sizes } from '../attribute';
import { onlyInput, range } from '../dimensions';
import { checkProbability } from '../dropout';
import { AttributeError, defineLayer, type LayerRow } from '../row';
import { alongAxis, pick } from '../spatial/alongAxis';
import { DIMENSIONS, type Dimension } from '../spatial/dimension';
import { cubicTaps, linearTaps } from '../spatial/interpolationTaps';
import { channelsOf, checkSizes, dataFormat, shapeOf, spatialOf } from './format';

/** A number for every side, one an axis, or two an axis: before and after. */
const borders = (dimension: Dimension, fallback: number): Attribute<readonly (readonly number[])[]> => {
  const whole = (value: AttributeValue): number | undefined =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
  const pair = (value: AttributeValue): readonly number[] | undefined => {
    const one = whole(value);
    if (one !== undefined) return [one, one];
    const two = Array.isArray(value) ? value.map(whole) : [];
    return two.length === 2 && !two.includes(undefined) ? (two as number[]) : undefined;
  };
  return {
    takes: 'a whole number, one for each axis, or two for each axis',
    schema: { oneOf: [{ type: 'integer' }, { type: 'array' }] },
    accept(value) {
      const one = whole(value);
      if (one !== undefined) return range(0, dimension).map(() => [one, one]);
      if (!Array.isArray(value)) return undefined;
      if (dimension === 1 && value.length === 2) {
        const only = pair(value);
        return only && [only];
      }
      const pairs = value.map(pair);
      return pairs.length === dimension && !pairs.includes(undefined) ? (pairs as (readonly number[])[]) : undefined;
    },
    fallback: range(0, dimension).map(() => [fallback, fallback]),
  };
};

const shared = { role: 'shape', library: 'keras', layout: 'channelsFirst', module: true } as const;

const zeroPadding = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasZeroPadding${dimension}D`,
    classes: [`keras.layers.ZeroPadding${dimension}D`],
    attributes: { padding: borders(dimension, 1), data_format: dataFormat },
    outputShapes(inputs, { padding, data_format }) {
      const parts = spatialOf(onlyInput(inputs, `ZeroPadding${dimension}D`), dimension, data_format);
      const output = parts.sizes.map((size, i) => size + padding[i]![0]! + padding[i]![1]!);
      return [shapeOf({ ...parts, sizes: output }, data_format)];
    },
    forward: ([x], { padding }) => ({
      outputs: [pad(x!, [0, 0, ...padding.map(([before]) => before!)], [0, 0, ...padding.map(([, after]) => after!)])],
    }),
    channelAxis: channelsOf,
  });

const cropping = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasCropping${dimension}D`,
    classes: [`keras.layers.Cropping${dimension}D`],
    attributes: { cropping: borders(dimension, dimension === 2 ? 0 : 1), data_format: dataFormat },
    outputShapes(inputs, { cropping, data_format }) {
      const input = onlyInput(inputs, `Cropping${dimension}D`);
      const parts = spatialOf(input, dimension, data_format);
      const output = parts.sizes.map((size, i) => size - cropping[i]![0]! - cropping[i]![1]!);
      checkSizes(
        output,
        input,
        cropping.map(([before, after]) => before! + after!),
      );
      return [shapeOf({ ...parts, sizes: output }, data_format)];
    },
    forward: ([x], { cropping }) => ({
      outputs: [
        slice(
          x!,
          [0, 0, ...cropping.map(([before]) => before!)],
          x!.shape.map((size, axis) => size - (axis < 2 ? 0 : cropping[axis - 2]![1]!)),
        ),
      ],
    }),
    channelAxis: channelsOf,
  });

const upSampling = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    role: 'arithmetic',
    kind: `KerasUpSampling${dimension}D`,
    classes: [`keras.layers.UpSampling${dimension}D`],
    attributes: {
      size: sizes(dimension, 2),
      data_format: dataFormat,
      interpolation: choice(dimension === 2 ? ['nearest', 'bilinear', 'bicubic'] : ['nearest'], 'nearest'),
    },
    outputShapes(inputs, { size, data_format }) {
      const parts = spatialOf(onlyInput(inputs, `UpSampling${dimension}D`), dimension, data_format);
      return [shapeOf({ ...parts, sizes: parts.sizes.map((own, i) => own * size[i]!) }, data_format)];
    },
    forward([x], { size, interpolation }) {
      const y = size.reduceRight((at, times, i) => {
        const own = x!.shape[i + 2]!;
        const resampling = { size: own, output: own * times, factor: undefined, alignCorners: false };
        const taps =
          interpolation === 'nearest'
            ? range(0, own * times).map((position) => pick(Math.floor(position / times)))
            : interpolation === 'bilinear'
              ? linearTaps(resampling)
              : cubicTaps(resampling);
        return alongAxis(at, taps, i + 2);
      }, x!);
      return { outputs: [y] };
    },
    channelAxis: channelsOf,
  });

/** Whole channels are dropped. */
const spatialDropout = (dimension: Dimension): LayerRow =>
  defineLayer({
    ...shared,
    role: 'dropout',
    kind: `KerasSpatialDropout${dimension}D`,
    classes: [`keras.layers.SpatialDropout${dimension}D`],
    attributes: { rate: float(), data_format: dataFormat },
    validate: ({ rate }) => checkProbability('rate', rate),
    outputShapes(inputs, { data_format }) {
      const input = onlyInput(inputs, `SpatialDropout${dimension}D`);
      spatialOf(input, dimension, data_format);
      return [input];
    },
    forward([x], { rate }, context) {
      if (rate === 0 || context.mode === 'evaluate') return { outputs: [x!] };
      if (rate === 1) return { outputs: [mul(x!, 0)] };
      const mask = context.bernoulli(
        x!.shape.map((size, axis) => (axis < 2 ? size : 1)),
        1 - rate,
      );
      return { outputs: [mul(x!, mul(mask, 1 / (1 - rate)))] };
    },
    channelAxis: channelsOf,
  });

/** Sizes of a mask, None where it is the input's. */
const maskSizes: Attribute<readonly (number | null)[]> = {
  takes: 'a list of sizes or None',
  schema: { type: 'array' },
  accept: (value) =>
    Array.isArray(value) && value.every((item) => item === null || Number.isInteger(item) || typeof item === 'object')
      ? value.map((item) => (typeof item === 'number' ? item : null))
      : undefined,
};

const dropout = defineLayer({
  kind: 'KerasDropout',
  role: 'dropout',
  library: 'keras',
  layout: 'any',
  module: true,
  classes: ['keras.layers.Dropout'],
  attributes: { rate: float(), noise_shape: optional(maskSizes) },
  validate({ rate }) {
    if (rate >= 0 && rate <= 1) return;
    const what = 'Invalid value received for argument `rate`. Expected a float value between 0 and 1.';
    throw new AttributeError('rate', `${what} Received: rate=${rate}`);
  },
  outputShapes: (inputs) => [onlyInput(inputs, 'Dropout')],
  forward([x], { rate, noise_shape }, context) {
    if (rate === 0 || context.mode === 'evaluate') return { outputs: [x!] };
    if (rate === 1) return { outputs: [mul(x!, 0)] };
    const rank = x!.shape.length;
    const own = noise_shape?.length === rank ? noise_shape : x!.shape.map(() => null);
    const sizes = context.channelsFirst ? [own[0]!, own[rank - 1]!, ...own.slice(1, -1)] : own;
    const mask = context.bernoulli(
      x!.shape.map((size, axis) => sizes[axis] ?? size),
      1 - rate,
    );
    return { outputs: [mul(x!, mul(mask, 1 / (1 - rate)))] };
  },
});

export const movings: readonly LayerRow[] = [
  dropout,
  ...DIMENSIONS.flatMap((dimension) => [
    zeroPadding(dimension),
    cropping(dimension),
    upSampling(dimension),
    spatialDropout(dimension),
  ]),
];
