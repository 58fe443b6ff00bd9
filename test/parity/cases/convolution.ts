import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { B, each, F, fn, image, perhapsBatched } from './forms';

const plain: Attributes = { in_channels: 4, out_channels: 4, kernel_size: 3 };

/** A window over `rank` spatial axes and sizes that hold it. */
export function drawWindow(draw: Draw, rank: number) {
  const kernel = draw.ints(rank, 1, 3);
  const dilation = draw.chance(0.3) ? draw.ints(rank, 1, 2) : kernel.map(() => 1);
  const padding = draw.chance() ? draw.ints(rank, 0, 2) : kernel.map(() => 0);
  const stride = draw.chance() ? draw.ints(rank, 1, 3) : kernel.map(() => 1);
  const sizes = kernel.map((size, i) => {
    const least = Math.max(1, dilation[i]! * (size - 1) + 1 - 2 * padding[i]!);
    return draw.int(least, least + 4);
  });
  return { kernel, dilation, padding, stride, sizes };
}

/** What a module takes beside its geometry. */
const channels = (inChannels: number, outChannels: number, kernel: readonly number[]): Attributes => ({
  in_channels: inChannels,
  out_channels: outChannels,
  kernel_size: kernel,
});

/** Any convolution over `rank` spatial axes, as a module or by one of `functions`; all that PyTorch's convNd takes. */
export function randomConvolution(draw: Draw, rank: number, functions: readonly string[]): LayerCase {
  const { kernel, dilation, padding, stride, sizes } = drawWindow(draw, rank);
  const groups = draw.chance(0.4) ? draw.int(1, 3) : 1;
  const inChannels = groups * draw.int(1, 3);
  const outChannels = groups * draw.int(1, 3);
  const same = draw.chance(0.2);
  const geometry: Attributes = {
    ...(same ? { padding: draw.pick(['same', 'valid']) } : { stride, padding }),
    dilation,
    ...(groups > 1 && { groups }),
  };
  // 'valid' pads nothing: the kernel itself must fit.
  const spatial = sizes.map((size, i) => size + (same ? 2 * padding[i]! : 0));
  const batch = draw.int(1, 3);
  if (draw.chance(0.25)) {
    const operands = [[outChannels, inChannels / groups, ...kernel], ...(draw.chance() ? [[outChannels]] : [])];
    return { ...fn(draw.pick(functions), [[B, inChannels, ...spatial], ...operands], geometry), batch };
  }
  const mode = draw.pick(['zeros', 'zeros', 'reflect', 'replicate', 'circular']);
  // What is mirrored or wrapped around must be there.
  const held = spatial.map((size) => (mode === 'zeros' ? size : Math.max(size, 5)));
  return {
    attributes: {
      ...channels(inChannels, outChannels, kernel),
      ...geometry,
      ...(mode !== 'zeros' && { padding_mode: mode }),
      ...draw.some({ bias: false }, 0.3),
    },
    inputs: [perhapsBatched(draw, [inChannels, ...held])],
    batch,
  };
}

/** Any transposed convolution over `rank` spatial axes. */
function randomTransposedConvolution(draw: Draw, rank: number, functions: readonly string[]): LayerCase {
  const kernel = draw.ints(rank, 1, 4);
  const stride = draw.chance(0.7) ? draw.ints(rank, 1, 3) : kernel.map(() => 1);
  const dilation = draw.chance(0.3) ? draw.ints(rank, 1, 2) : kernel.map(() => 1);
  const padding = draw.chance(0.6) ? draw.ints(rank, 0, 3) : kernel.map(() => 0);
  const outputPadding = kernel.map((_, i) =>
    draw.chance(0.4) ? draw.int(0, Math.max(stride[i]!, dilation[i]!) - 1) : 0,
  );
  const sizes = kernel.map((size, i) => {
    // So many that something is left: (W − 1)·S + d(K − 1) + 1 + P_out > 2P.
    const reach = dilation[i]! * (size - 1) + 1 + outputPadding[i]!;
    const least = Math.max(1, Math.ceil((2 * padding[i]! + 1 - reach) / stride[i]!) + 1);
    return draw.int(least, least + 3);
  });
  const groups = draw.chance(0.4) ? draw.int(1, 3) : 1;
  const [inChannels, outChannels] = [groups * draw.int(1, 3), groups * draw.int(1, 3)];
  const geometry: Attributes = {
    ...draw.some({ stride, padding }, 0.95),
    output_padding: outputPadding,
    ...(groups > 1 && { groups }),
    dilation,
  };
  // Left to its default, a stride or padding changes what fits.
  const fits = 'stride' in geometry && 'padding' in geometry;
  const whole: Attributes = fits ? geometry : { groups, dilation };
  const batch = draw.int(1, 3);
  if (draw.chance(0.3)) {
    const operands = [[inChannels, outChannels / groups, ...kernel], ...(draw.chance() ? [[outChannels]] : [])];
    return { ...fn(draw.pick(functions), [[B, inChannels, ...sizes], ...operands], whole), batch };
  }
  return {
    attributes: { ...channels(inChannels, outChannels, kernel), ...whole, ...draw.some({ bias: false }, 0.3) },
    inputs: [perhapsBatched(draw, [inChannels, ...sizes])],
    batch,
  };
}

/** What every convolution refuses, transposed or not, over `rank` axes. */
const refusedConvolutions = (rank: number): LayerCase[] => {
  const sizes = Array.from({ length: rank }, () => 8);
  return [
    { attributes: plain, inputs: [[2, 5, ...sizes]] },
    { attributes: { ...plain, groups: 2 }, inputs: [[2, 5, ...sizes]] },
    { attributes: plain, inputs: [sizes] },
    { attributes: plain, inputs: [[3, ...sizes]] },
    ...each(
      [[2, 4, ...sizes]],
      { ...plain, groups: 3 },
      { ...plain, out_channels: 5, groups: 2 },
      { ...plain, groups: 0 },
      { ...plain, stride: 0 },
      { ...plain, padding: -1 },
    ),
  ];
};

const weight = (rank: number, out: number, into: number, kernel = 2): number[] => [
  out,
  into,
  ...Array.from({ length: rank }, () => kernel),
];

/** Convolutions over one or three axes. */
function convolutionOver(rank: number, sizes: readonly number[]): KindCases {
  const name = `conv${rank}d`;
  const small: Attributes = { in_channels: 2, out_channels: 2, kernel_size: 2 };
  const eights = sizes.map(() => 8);
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        small,
        { ...small, kernel_size: 3, stride: 2, padding: 1, bias: false },
        { ...small, dilation: 2, groups: 2 },
        { ...small, kernel_size: 3, padding: 'same', padding_mode: 'reflect' },
        { ...small, padding: 1, padding_mode: 'replicate' },
        { ...small, padding: 2, stride: 2, padding_mode: 'circular' },
      ),
      ...each([[2, ...sizes]], { ...small, padding: 'same' }),
      fn(`${F}.${name}`, [[B, 2, ...sizes], weight(rank, 2, 1), [2]], { padding: 1, groups: 2 }),
    ],
    random: (draw) => randomConvolution(draw, rank, [`${F}.${name}`, `torch.${name}`]),
    refused: [
      ...refusedConvolutions(rank),
      ...each(
        [[2, 4, ...eights]],
        { ...plain, dilation: 4 },
        { ...plain, dilation: 0 },
        { ...plain, padding: 'same', stride: 2 },
        { ...plain, padding: 8, padding_mode: 'reflect' },
        { ...plain, padding: 9, padding_mode: 'circular' },
      ),
      fn(`${F}.${name}`, [[2, 5, ...eights], weight(rank, 4, 3)]),
      fn(`${F}.${name}`, [[2, 5, ...eights], weight(rank, 4, 5), [3]]),
    ],
  };
}

/** Transposed convolutions over `rank` axes. */
function transposedOver(rank: number, sizes: readonly number[]): KindCases {
  const name = `conv_transpose${rank}d`;
  const small: Attributes = { in_channels: 2, out_channels: 2, kernel_size: 2 };
  const eights = sizes.map(() => 8);
  return {
    fixed: [
      ...each(
        [[B, 2, ...sizes]],
        small,
        { ...small, stride: 2, bias: false },
        { ...small, kernel_size: 3, stride: 2, padding: 1, output_padding: 1 },
        { ...small, kernel_size: 3, padding: 1, dilation: 2, groups: 2 },
        { ...small, kernel_size: 3, stride: 3, padding: 2, dilation: 2 },
        // The padding is wider than a kernel of one tap reaches.
        { ...small, kernel_size: 1, stride: 2, padding: 1, output_padding: 1 },
      ),
      ...each([[2, ...sizes]], { ...small, stride: 2 }),
      fn(`${F}.${name}`, [[B, 2, ...sizes], weight(rank, 2, 1), [2]], { stride: 2, groups: 2 }),
    ],
    random: (draw) => randomTransposedConvolution(draw, rank, [`${F}.${name}`, `torch.${name}`]),
    refused: [
      ...refusedConvolutions(rank),
      ...each(
        [[2, 4, ...eights]],
        { ...plain, output_padding: 1 },
        { ...plain, stride: 2, output_padding: 2 },
        { ...plain, dilation: 2, output_padding: -1 },
        { ...plain, padding_mode: 'reflect' },
      ),
      fn(`${F}.${name}`, [[2, 5, ...eights], weight(rank, 4, 3)]),
      fn(`${F}.${name}`, [[2, 4, ...eights], weight(rank, 4, 3), [2]]),
    ],
  };
}

const conv2d: KindCases = {
  fixed: [
    ...each(
      [image],
      { in_channels: 4, out_channels: 3, kernel_size: 3 },
      { in_channels: 4, out_channels: 3, kernel_size: 1, bias: false },
      { in_channels: 4, out_channels: 2, kernel_size: [3, 2], padding: [1, 0] },
      { in_channels: 4, out_channels: 2, kernel_size: 3, stride: 2, padding: 1 },
      { in_channels: 4, out_channels: 2, kernel_size: 2, stride: [1, 3], padding: 2 },
      { in_channels: 4, out_channels: 2, kernel_size: 3, dilation: 2, padding: 2 },
      { in_channels: 4, out_channels: 6, kernel_size: 3, groups: 2, padding: 1 },
      { in_channels: 4, out_channels: 4, kernel_size: 3, groups: 4, stride: 2 },
      { in_channels: 4, out_channels: 2, kernel_size: [4, 3], padding: 'same', dilation: [1, 2] },
      { in_channels: 4, out_channels: 2, kernel_size: 3, padding: 'valid' },
      { in_channels: 4, out_channels: 2, kernel_size: [5, 6] },
      { in_channels: 4, out_channels: 2, kernel_size: 1, stride: 3 },
      { in_channels: 4, out_channels: 2, kernel_size: 1, padding: 1, stride: 2 },
      { in_channels: 4, out_channels: 2, kernel_size: 3, padding: [2, 1], padding_mode: 'reflect' },
      { in_channels: 4, out_channels: 2, kernel_size: [2, 3], padding: 'same', padding_mode: 'circular' },
    ),
    { attributes: { in_channels: 2, out_channels: 3, kernel_size: 3, padding: 1 }, inputs: [[B, 2, 3, 3]], batch: 1 },
    ...each([[2, 4, 5]], { in_channels: 2, out_channels: 3, kernel_size: 3 }),
    fn(`${F}.conv2d`, [image, [3, 4, 3, 3], [3]], { stride: 2, padding: 1 }),
    fn(`${F}.conv2d`, [image, [3, 4, 3, 3]]),
    fn('torch.conv2d', [image, [4, 2, 3, 3], [4]], { padding: 'same', groups: 2 }),
  ],
  random: (draw) => randomConvolution(draw, 2, [`${F}.conv2d`, 'torch.conv2d']),
  refused: [
    { attributes: plain, inputs: [[2, 5, 8, 8]] },
    { attributes: { ...plain, groups: 2 }, inputs: [[2, 5, 8, 8]] },
    { attributes: plain, inputs: [[4, 5]] },
    { attributes: plain, inputs: [[3, 8, 8]] },
    ...each(
      [[2, 4, 5, 5]],
      { ...plain, dilation: 4, padding: 1 },
      { ...plain, groups: 3 },
      { ...plain, out_channels: 5, groups: 2 },
      { ...plain, groups: 0 },
      { ...plain, padding: 'same', stride: 2 },
      { ...plain, stride: 0 },
      { ...plain, padding: -1 },
      { ...plain, dilation: 0 },
    ),
    fn(`${F}.conv2d`, [
      [2, 5, 8, 8],
      [4, 3, 3, 3],
    ]),
  ],
};

export const convolution: FamilyCases = {
  Conv1d: convolutionOver(1, [7]),
  Conv2d: conv2d,
  Conv3d: convolutionOver(3, [4, 3, 5]),
  ConvTranspose1d: transposedOver(1, [5]),
  ConvTranspose2d: transposedOver(2, [3, 4]),
  ConvTranspose3d: transposedOver(3, [2, 3, 2]),
};
