import type { Shape } from '../../network';
import { amax, maxPool, mean, reshape, type Tensor } from '../../tensor';
import { bool, choice, optional, sizes } from '../attribute';
import { onlyInput, range } from '../dimensions';
import { defineLayer, type LayerRow } from '../row';
import { averageBy, weighted } from '../spatial/averagePooling';
import { DIMENSIONS, type Dimension } from '../spatial/dimension';
import { channelsOf, checkSizes, dataFormat, shapeOf, spatialOf } from './format';
import { type KerasWindow, placed } from './windows';

interface Pooling {
  readonly pool_size: readonly number[];
  readonly strides: readonly number[] | null;
  readonly padding: 'valid' | 'same';
}

const windowOf = ({ pool_size, strides, padding }: Pooling): KerasWindow => ({
  kernel: pool_size,
  strides: strides ?? pool_size,
  dilations: pool_size.map(() => 1),
  padding,
});

const maximum = (x: Tensor, given: Pooling): Tensor => {
  const { kernel, strides, dilations } = windowOf(given);
  const { before, after } = placed(x.shape.slice(2), windowOf(given));
  return maxPool(x, { kernel, strides, padsBegin: before, padsEnd: after, dilations });
};

/** Of the values that are there: padding does not count. */
const average = (x: Tensor, given: Pooling): Tensor => {
  const window = windowOf(given);
  const own = x.shape.slice(2);
  const { before, output } = placed(own, window);
  return averageBy(
    x,
    own.map((size, i) =>
      range(0, output[i]!).map((at) => {
        const begin = at * window.strides[i]! - before[i]!;
        const [start, end] = [Math.max(0, begin), Math.min(size, begin + window.kernel[i]!)];
        return weighted(start, end, 1 / (end - start));
      }),
    ),
  );
};

const shared = { role: 'pooling', library: 'keras', layout: 'channelsFirst', module: true } as const;

const windowed = (name: string, dimension: Dimension, compute: (x: Tensor, given: Pooling) => Tensor): LayerRow =>
  defineLayer({
    ...shared,
    kind: `Keras${name}Pooling${dimension}D`,
    classes: [`keras.layers.${name}Pooling${dimension}D`],
    attributes: {
      pool_size: name === 'Max' ? sizes(dimension, 2) : sizes(dimension),
      strides: optional(sizes(dimension)),
      padding: choice(['valid', 'same'], 'valid'),
      data_format: dataFormat,
    },
    outputShapes(inputs, given) {
      const input = onlyInput(inputs, `${name}Pooling${dimension}D`);
      const parts = spatialOf(input, dimension, given.data_format);
      const { output } = placed(parts.sizes, windowOf(given));
      checkSizes(output, input, given.pool_size);
      return [shapeOf({ ...parts, sizes: output }, given.data_format)];
    },
    forward: ([x], given) => ({ outputs: [compute(x!, given)] }),
    channelAxis: channelsOf,
  });

const global = (
  name: string,
  dimension: Dimension,
  compute: (x: Tensor, axes: readonly number[]) => Tensor,
): LayerRow =>
  defineLayer({
    ...shared,
    kind: `KerasGlobal${name}Pooling${dimension}D`,
    classes: [`keras.layers.Global${name}Pooling${dimension}D`],
    attributes: { data_format: dataFormat, keepdims: bool(false) },
    outputShapes(inputs, { data_format, keepdims }): readonly Shape[] {
      const parts = spatialOf(onlyInput(inputs, `Global${name}Pooling${dimension}D`), dimension, data_format);
      const ones = parts.sizes.map(() => 1);
      return [keepdims ? shapeOf({ ...parts, sizes: ones }, data_format) : [parts.batch, parts.channels]];
    },
    forward([x], { keepdims }) {
      const y = compute(x!, range(2, x!.shape.length));
      const ones = range(2, x!.shape.length).map(() => 1);
      return { outputs: [reshape(y, [...x!.shape.slice(0, 2), ...(keepdims ? ones : [])])] };
    },
    channelAxis: (_, outputRank, given) => (outputRank === 2 ? 1 : channelsOf(_, outputRank, given)),
  });

export const poolings: readonly LayerRow[] = DIMENSIONS.flatMap((dimension) => [
  windowed('Max', dimension, maximum),
  windowed('Average', dimension, average),
  global('Max', dimension, (x, axes) => amax(x, axes)),
  global('Average', dimension, (x, axes) => mean(x, axes)),
]);
