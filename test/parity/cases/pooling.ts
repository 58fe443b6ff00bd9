import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
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

/** The spatial sizes of what one- and three-dimensional poolings are refused on. */
const eights = (rank: number): number[] => Array.from({ length: rank }, () => 8);

/** Windows that no pooling takes. */
const refusedWindows: readonly Attributes[] = [
  { kernel_size: 3, padding: 2 },
  { kernel_size: 3, stride: 0 },
  { kernel_size: 3, stride: -1 },
  { kernel_size: 0 },
  { kernel_size: -1 },
  { kernel_size: 3, padding: -1 },
];

function maxPool(rank: number, sizes: readonly number[]): KindCases {
  const functions = [`${F}.max_pool${rank}d`, `torch.max_pool${rank}d`];
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        { kernel_size: 2 },
        { kernel_size: 2, return_indices: true },
        { kernel_size: 3, stride: 2, padding: 1, return_indices: true },
        { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true },
        { kernel_size: 2, dilation: 2, stride: 1 },
      ),
      ...each([[2, ...sizes]], { kernel_size: 2, stride: 1 }),
      ...functions.map((name) => fn(name, [[B, 2, ...sizes]], { kernel_size: 2, stride: 2, ceil_mode: true })),
    ],
    random(draw) {
      const { attributes, sizes } = drawPool(draw, rank, true);
      return pooled(draw, functions, attributes, sizes);
    },
    refused: [
      { attributes: { kernel_size: 3 }, inputs: [[2, 3, ...sizes.map(() => 2)]] },
      { attributes: { kernel_size: 3 }, inputs: [sizes] },
      ...each([[2, 3, ...eights(rank)]], ...refusedWindows, { kernel_size: 3, dilation: 0 }),
    ],
  };
}

function averagePool(rank: number, sizes: readonly number[]): KindCases {
  const functions = [`${F}.avg_pool${rank}d`, ...(rank === 1 ? ['torch.avg_pool1d'] : [])];
  const divisor = (value: number | null): Attributes => (rank === 1 ? {} : { divisor_override: value });
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        { kernel_size: 2 },
        { kernel_size: sizes },
        { kernel_size: 3, stride: 2, padding: 1, ceil_mode: true, count_include_pad: false },
        { kernel_size: 2, stride: 3, padding: 1, ceil_mode: true, ...divisor(3) },
      ),
      ...each([[2, ...sizes]], { kernel_size: 2, stride: 1 }),
      ...functions.map((name) => fn(name, [[B, 2, ...sizes]], { kernel_size: 2, stride: 1 })),
    ],
    random(draw) {
      const { attributes, sizes } = drawPool(draw, rank, false);
      const given = draw.some({ count_include_pad: draw.chance(), ...divisor(draw.pick([null, 2, 5])) });
      // In three dimensions PyTorch lets no kernel be longer than the input, padded or not.
      const kernel = attributes.kernel_size as readonly number[];
      const held = sizes.map((size, i) => (rank === 3 ? Math.max(size, kernel[i]!) : size));
      return pooled(draw, functions, { ...attributes, ...given }, held);
    },
    refused: [
      { attributes: { kernel_size: 3 }, inputs: [[2, 3, ...sizes.map(() => 2)]] },
      { attributes: { kernel_size: 3 }, inputs: [sizes] },
      ...each([[2, 3, ...eights(rank)]], ...refusedWindows, ...(rank === 1 ? [] : [{ kernel_size: 3, ...divisor(0) }])),
    ],
  };
}

function powerPool(rank: number, sizes: readonly number[]): KindCases {
  const name = `${F}.lp_pool${rank}d`;
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        { norm_type: 2, kernel_size: 2 },
        { norm_type: 1, kernel_size: 2, stride: 1 },
        { norm_type: 4, kernel_size: 2, stride: 3, ceil_mode: true },
      ),
      // A power with a fraction is of positive numbers alone.
      ...each([[B, 2, ...sizes]], { norm_type: 1.5, kernel_size: 2 }, { norm_type: 3, kernel_size: 2 }).map((one) => ({
        ...one,
        values: [{ between: [0.1, 2] as const }],
      })),
      fn(name, [[B, 2, ...sizes]], { norm_type: 2, kernel_size: 2, stride: 1, ceil_mode: true }),
    ],
    random(draw) {
      const { attributes, sizes } = drawPool(draw, rank, false);
      const { padding: _, ...window } = attributes;
      const kernel = window.kernel_size as readonly number[];
      const held = sizes.map((size, i) => Math.max(size, kernel[i]!));
      const norm = draw.pick([1, 2, 2, 3, 4, 1.5, 2.5]);
      // In one dimension PyTorch multiplies by the kernel's size as it is given: a number.
      const given = rank === 1 ? { ...window, kernel_size: kernel[0]! } : window;
      const one = pooled(draw, [name], { norm_type: norm, ...given }, held);
      return { ...one, values: [{ between: [0.2, 2] }] };
    },
    refused: [
      { attributes: { norm_type: 2, kernel_size: 3 }, inputs: [[2, 3, ...sizes.map(() => 2)]] },
      ...each([[2, 3, ...eights(rank)]], { norm_type: 2, kernel_size: 3, stride: 0 }, { norm_type: 0, kernel_size: 3 }),
    ],
  };
}

function adaptivePool(kind: 'avg' | 'max', rank: number, sizes: readonly number[]): KindCases {
  const name = `adaptive_${kind}_pool${rank}d`;
  const functions = [`${F}.${name}`, ...(rank === 1 && kind === 'avg' ? [`torch.${name}`] : [])];
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        { output_size: 1 },
        { output_size: 3 },
        { output_size: sizes.map((size, i) => size - i) },
        { output_size: sizes.map((size) => size + 2) },
        ...(rank === 1 ? [] : [{ output_size: sizes.map((_, i) => (i === 0 ? null : 2)) }]),
      ),
      ...each([[2, ...sizes]], { output_size: 2 }),
      ...functions.map((one) => fn(one, [[B, 2, ...sizes]], { output_size: sizes.map(() => 2) })),
    ],
    random(draw) {
      const size = () => (rank > 1 && draw.chance(0.15) ? null : draw.int(1, 9));
      const output = draw.chance(0.3) ? draw.int(1, 4) : Array.from({ length: rank }, size);
      return pooled(draw, functions, { output_size: output }, draw.shape(rank, 1, rank === 3 ? 5 : 9));
    },
    refused: [{ attributes: { output_size: 3 }, inputs: [sizes] }],
  };
}

/** Values put where indices say, as MaxPool returned them. */
function maxUnpool(rank: number): KindCases {
  const name = `${F}.max_unpool${rank}d`;
  const whole = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);
  const case_ = (sizes: readonly number[], channels: number): LayerCase => ({
    ...fn(
      name,
      [
        [B, channels, ...sizes],
        [B, channels, ...sizes],
      ],
      { kernel_size: 2 },
    ),
    values: [undefined, { integers: [0, whole(sizes.map((size) => 2 * size)) - 1] }],
  });
  const sizes = [3, 2, 2].slice(0, rank);
  return {
    fixed: [
      case_(sizes, 2),
      (({ function: _, ...module }: LayerCase) => module)(case_(sizes, 2)),
      { ...case_(sizes, 1), attributes: { kernel_size: 3, stride: 2 } },
    ],
    random: (draw) => ({ ...case_(draw.ints(rank, 1, 3), draw.int(1, 3)), batch: draw.int(1, 3) }),
  };
}

export const pooling: FamilyCases = {
  MaxUnpool1d: maxUnpool(1),
  MaxUnpool2d: maxUnpool(2),
  MaxUnpool3d: maxUnpool(3),
  MaxPool1d: maxPool(1, [9]),
  MaxPool3d: maxPool(3, [5, 4, 3]),
  AvgPool1d: averagePool(1, [9]),
  AvgPool3d: averagePool(3, [5, 4, 3]),
  LPPool1d: powerPool(1, [9]),
  LPPool2d: powerPool(2, [5, 6]),
  LPPool3d: powerPool(3, [3, 4, 5]),
  AdaptiveAvgPool1d: adaptivePool('avg', 1, [7]),
  AdaptiveAvgPool3d: adaptivePool('avg', 3, [4, 5, 3]),
  AdaptiveMaxPool1d: adaptivePool('max', 1, [7]),
  AdaptiveMaxPool2d: adaptivePool('max', 2, [6, 5]),
  AdaptiveMaxPool3d: adaptivePool('max', 3, [4, 5, 3]),
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
