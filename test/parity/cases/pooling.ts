import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, LayerCase } from '../layerCase';
import { B, each, F, fn, perhapsBatched } from './forms';

/** A pooling window over `rank` spatial axes, padded by at most half of it, and sizes that hold it. */
export function drawPool(draw: Draw, rank: number, dilated: boolean) {
  const kernel = draw.ints(rank, 1, 3);
  const padding = kernel.map((size) => (draw.chance(0.4) ? draw.int(0, Math.floor(size / 2)) : 0));
  const dilation = kernel.map(() => (dilated && draw.chance(0.3) ? 2 : 1));
  const sizes = kernel.map((size, i) => {
    // No window may see padding alone: PyTorch's max_pool2d writes out of bounds there.
    const least = Math.max(dilation[i]!, dilation[i]! * (size - 1) + 1 - 2 * padding[i]!);
    return draw.int(least, least + 5);
  });
  const attributes: Attributes = {
    kernel_size: kernel,
    ...draw.some({ stride: draw.ints(rank, 1, 3), ceil_mode: draw.chance() }),
    padding,
    ...(dilated && { dilation }),
  };
  return { attributes, sizes };
}

/** A pooling layer as a module or by one of its functions, on [B, C, …sizes]. */
export function pooled(
  draw: Draw,
  functions: readonly string[],
  attributes: Attributes,
  sizes: readonly number[],
): LayerCase {
  const channels = draw.int(1, 3);
  const batch = draw.int(1, 3);
  if (draw.chance(0.25)) return { ...fn(draw.pick(functions), [[B, channels, ...sizes]], attributes), batch };
  return { attributes, inputs: [perhapsBatched(draw, [channels, ...sizes])], batch };
}

const small = [[2, 3, 8, 8]];

export const pooling: FamilyCases = {
  MaxPool2d: {
    fixed: [
      ...each(
        [[B, 2, 7, 6]],
        { kernel_size: 2 },
        { kernel_size: 3, stride: 2, padding: 1 },
        { kernel_size: [3, 2], stride: [1, 2] },
        { kernel_size: 2, ceil_mode: true },
        { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true },
        { kernel_size: 2, dilation: 2, stride: 1 },
        { kernel_size: 3, stride: 4, dilation: [2, 1], padding: 1, ceil_mode: true },
        { kernel_size: 2, stride: 4, padding: 1, ceil_mode: true },
      ),
      ...each([[2, 4, 4]], { kernel_size: 2 }),
      fn(`${F}.max_pool2d`, [[B, 2, 4, 4]], { kernel_size: 2, stride: 1 }),
      fn('torch.max_pool2d', [[B, 2, 5, 5]], { kernel_size: 2, stride: 2, padding: 0, dilation: 1, ceil_mode: true }),
    ],
    random(draw) {
      const { attributes, sizes } = drawPool(draw, 2, true);
      return pooled(draw, [`${F}.max_pool2d`, 'torch.max_pool2d'], attributes, sizes);
    },
    refused: [
      { attributes: { kernel_size: 3 }, inputs: [[2, 3, 2, 2]] },
      { attributes: { kernel_size: 3 }, inputs: [[2, 3]] },
      ...each(
        small,
        { kernel_size: 3, padding: 2 },
        { kernel_size: 3, stride: 0 },
        { kernel_size: 3, padding: -1 },
        { kernel_size: 3, dilation: 0 },
      ),
    ],
  },
  AvgPool2d: {
    fixed: [
      ...each(
        [[B, 2, 7, 6]],
        { kernel_size: 2 },
        { kernel_size: [7, 6] },
        { kernel_size: 3, stride: 2, padding: 1 },
        { kernel_size: 3, stride: 2, padding: 1, count_include_pad: false },
        { kernel_size: [3, 2], stride: [1, 2] },
        { kernel_size: 2, ceil_mode: true },
        { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true },
        { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true, count_include_pad: false },
        { kernel_size: 2, stride: 3, divisor_override: 3 },
        { kernel_size: 2, stride: 4, padding: 1, ceil_mode: true },
        { kernel_size: 1 },
      ),
      ...each([[2, 4, 4]], { kernel_size: 2 }),
      fn(`${F}.avg_pool2d`, [[B, 2, 5, 5]], {
        kernel_size: 2,
        stride: 1,
        padding: 1,
        ceil_mode: false,
        count_include_pad: false,
      }),
    ],
    random(draw) {
      const { attributes, sizes } = drawPool(draw, 2, false);
      const given = draw.some({ count_include_pad: draw.chance(), divisor_override: draw.pick([null, 2, 5]) });
      return pooled(draw, [`${F}.avg_pool2d`], { ...attributes, ...given }, sizes);
    },
    refused: [
      { attributes: { kernel_size: 3 }, inputs: [[2, 3, 2, 2]] },
      { attributes: { kernel_size: 3, divisor_override: 0 }, inputs: [[2, 3, 4, 4]] },
    ],
  },
  AdaptiveAvgPool2d: {
    fixed: [
      ...each(
        [[B, 2, 7, 6]],
        { output_size: 1 },
        { output_size: [7, 3] },
        { output_size: [3, 4] },
        { output_size: [null, 2] },
        { output_size: [5, null] },
        { output_size: [9, 7] },
        { output_size: 7 },
      ),
      ...each([[2, 4, 4]], { output_size: 3 }),
      fn(`${F}.adaptive_avg_pool2d`, [[B, 2, 4, 4]], { output_size: [1, 1] }),
    ],
    random(draw) {
      const sizes = draw.shape(2, 1, 8);
      const size = () => (draw.chance(0.15) ? null : draw.int(1, 9));
      const output = draw.chance(0.3) ? draw.int(1, 4) : [size(), size()];
      return pooled(draw, [`${F}.adaptive_avg_pool2d`], { output_size: output }, sizes);
    },
    refused: [{ attributes: { output_size: 3 }, inputs: [[2, 3]] }],
  },
};
