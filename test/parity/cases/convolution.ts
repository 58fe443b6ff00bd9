import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { B, each, F, fn, image, perhapsBatched } from './forms';

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
  return {
    attributes: {
      in_channels: inChannels,
      out_channels: outChannels,
      kernel_size: kernel,
      ...geometry,
      ...draw.some({ bias: false }, 0.3),
    },
    inputs: [perhapsBatched(draw, [inChannels, ...spatial])],
    batch,
  };
}

const plain: Attributes = { in_channels: 4, out_channels: 4, kernel_size: 3 };

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

export const convolution: FamilyCases = { Conv2d: conv2d };
