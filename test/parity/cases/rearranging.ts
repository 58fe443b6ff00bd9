import type { Draw } from '../draw';
import type { FamilyCases } from '../layerCase';
import { B, batched, each, F, fn, perhapsBatched } from './forms';

/** Blocks of an image, and an image that holds one at least. */
function drawBlocks(draw: Draw) {
  const kernel = draw.ints(2, 1, 3);
  const dilation = draw.chance(0.3) ? draw.ints(2, 1, 2) : [1, 1];
  const padding = draw.chance(0.4) ? draw.ints(2, 0, 2) : [0, 0];
  const stride = draw.chance() ? draw.ints(2, 1, 3) : [1, 1];
  const sizes = kernel.map((size, i) => {
    const least = Math.max(1, dilation[i]! * (size - 1) + 1 - 2 * padding[i]!);
    return draw.int(least, least + 4);
  });
  const blocks = sizes.map((size, i) =>
    Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]! + 1),
  );
  return { attributes: { kernel_size: kernel, dilation, padding, stride }, sizes, blocks };
}

const unfolded = [B, 2, 4, 5];

export const rearranging: FamilyCases = {
  PixelShuffle: {
    fixed: [
      ...each([[B, 8, 2, 3]], { upscale_factor: 2 }),
      ...each([[9, 2, 1]], { upscale_factor: 3 }, { upscale_factor: 1 }),
      fn(`${F}.pixel_shuffle`, [[B, 4, 2, 3]], { upscale_factor: 2 }),
    ],
    random(draw) {
      const factor = draw.int(1, 3);
      const inputs = [perhapsBatched(draw, [factor ** 2 * draw.int(1, 3), ...draw.shape(2, 1, 4)])];
      const name = draw.pick([`${F}.pixel_shuffle`, 'torch.pixel_shuffle']);
      return { attributes: { upscale_factor: factor }, inputs, ...(draw.chance(0.3) && { function: name }) };
    },
    refused: [
      ...each([[2, 3, 4, 4]], { upscale_factor: 2 }, { upscale_factor: 0 }),
      ...each([[4, 4]], { upscale_factor: 2 }),
    ],
  },
  PixelUnshuffle: {
    fixed: [
      ...each([[B, 2, 4, 6]], { downscale_factor: 2 }),
      ...each([[1, 3, 6]], { downscale_factor: 3 }),
      fn(`${F}.pixel_unshuffle`, [[B, 1, 2, 4]], { downscale_factor: 2 }),
    ],
    random(draw) {
      const factor = draw.int(1, 3);
      const inputs = [perhapsBatched(draw, [draw.int(1, 3), factor * draw.int(1, 3), factor * draw.int(1, 3)])];
      const name = draw.pick([`${F}.pixel_unshuffle`, 'torch.pixel_unshuffle']);
      return { attributes: { downscale_factor: factor }, inputs, ...(draw.chance(0.3) && { function: name }) };
    },
    refused: [
      ...each([[2, 4, 5, 4]], { downscale_factor: 2 }),
      ...each([[2, 4, 4, 5]], { downscale_factor: 2 }, { downscale_factor: -1 }),
      ...each([[4, 4]], { downscale_factor: 2 }),
    ],
  },
  ChannelShuffle: {
    fixed: [
      ...each([[B, 6, 2, 2]], { groups: 2 }, { groups: 3 }),
      fn('torch.channel_shuffle', [[B, 4, 3]], { groups: 2 }),
    ],
    random(draw) {
      const groups = draw.int(1, 4);
      const inputs = [[B, groups * draw.int(1, 4), ...draw.shape(draw.int(1, 3), 1, 4)]];
      const name = draw.pick([`${F}.channel_shuffle`, 'torch.channel_shuffle']);
      return { attributes: { groups }, inputs, ...(draw.chance(0.4) && { function: name }) };
    },
    refused: [...each([[2, 4, 5, 5]], { groups: 3 }, { groups: 0 }), ...each([[2, 4]], { groups: 2 })],
  },
  Unfold: {
    fixed: [
      ...each(
        [unfolded],
        { kernel_size: 2 },
        { kernel_size: [3, 2], dilation: [1, 2], padding: 1, stride: 2 },
        { kernel_size: 2, stride: 2 },
      ),
      ...each([[2, 4, 5]], { kernel_size: 3 }),
      fn(`${F}.unfold`, [unfolded], { kernel_size: 3, padding: 1 }),
    ],
    random(draw) {
      const { attributes, sizes } = drawBlocks(draw);
      const inputs = [perhapsBatched(draw, [draw.int(1, 3), ...sizes])];
      return { attributes, inputs, batch: draw.int(1, 3), ...(draw.chance(0.3) && { function: `${F}.unfold` }) };
    },
    refused: [
      ...each([[2, 3, 2, 2]], { kernel_size: 3 }),
      ...each([[1, 2, 3, 5, 5]], { kernel_size: 3 }),
      ...each(
        [[3, 5, 5]],
        { kernel_size: 0 },
        { kernel_size: 3, stride: 0 },
        { kernel_size: 3, dilation: 0 },
        { kernel_size: 3, padding: -1 },
      ),
    ],
  },
  Fold: {
    fixed: [
      ...each([[B, 8, 6]], { output_size: [3, 4], kernel_size: 2 }, { output_size: [5, 7], kernel_size: 2, stride: 2 }),
      ...each([[B, 6, 6]], { output_size: [4, 6], kernel_size: [3, 2], dilation: [1, 2], padding: 1, stride: 2 }),
      ...each([[4, 4]], { output_size: 3, kernel_size: 2 }),
      fn(`${F}.fold`, [[B, 9, 4]], { output_size: [2, 2], kernel_size: 3, padding: 1 }),
    ],
    random(draw) {
      const { attributes, sizes, blocks } = drawBlocks(draw);
      const places = attributes.kernel_size[0]! * attributes.kernel_size[1]!;
      const inputs = [perhapsBatched(draw, [draw.int(1, 3) * places, blocks[0]! * blocks[1]!])];
      const given = { output_size: sizes, ...attributes };
      return { attributes: given, inputs, batch: draw.int(1, 3), ...(draw.chance(0.3) && { function: `${F}.fold` }) };
    },
    refused: [
      ...each([[2, 10, 4]], { output_size: [4, 4], kernel_size: 3 }),
      ...each([[2, 9, 5]], { output_size: [4, 4], kernel_size: 3 }),
      ...each([[2, 2, 9, 4]], { output_size: [4, 4], kernel_size: 3 }),
      ...each([[9, 4]], { output_size: [2, 2], kernel_size: 3 }, { output_size: [4, 4], kernel_size: 0 }),
    ],
  },
  'Tensor.unfold': {
    fixed: [
      fn('Tensor.unfold', [[B, 7]], { dimension: 1, size: 3, step: 2 }),
      fn('Tensor.unfold', [[B, 7, 3]], { dimension: 1, size: 3, step: 3 }),
      fn('Tensor.unfold', [[B, 2, 5]], { dimension: -1, size: 2, step: 1 }),
      fn('Tensor.unfold', [[B, 4, 2]], { dimension: -2, size: 1, step: 3 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4), 2, 7);
      const dimension = draw.int(1, shape.length - 1);
      const size = draw.int(1, shape[dimension] as number);
      const counted = draw.chance() ? dimension : dimension - shape.length;
      return fn('Tensor.unfold', [shape], { dimension: counted, size, step: draw.chance(0.3) ? size : draw.int(1, 4) });
    },
    refused: [
      fn('Tensor.unfold', [[2, 8]], { dimension: 1, size: 9, step: 2 }),
      fn('Tensor.unfold', [[2, 8]], { dimension: 1, size: 3, step: 0 }),
      fn('Tensor.unfold', [[2, 8]], { dimension: 1, size: -1, step: 2 }),
      fn('Tensor.unfold', [[2, 8]], { dimension: 3, size: 3, step: 1 }),
    ],
  },
  roll: {
    fixed: [
      fn('torch.roll', [[B, 3, 4]], { shifts: 1, dims: 1 }),
      fn('torch.roll', [[B, 3, 4]], { shifts: [-1, 6], dims: [1, -1] }),
      fn('torch.roll', [[B, 3]], { shifts: 2 }),
      fn('Tensor.roll', [[B, 3, 4]], { shifts: [0, 1], dims: [1, 0] }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 4));
      const name = draw.pick(['torch.roll', 'Tensor.roll']);
      if (draw.chance(0.2)) return fn(name, [shape], { shifts: draw.int(-7, 7) });
      const dims = draw.ints(draw.int(1, 3), -shape.length, shape.length - 1);
      return { ...fn(name, [shape], { shifts: dims.map(() => draw.int(-7, 7)), dims }), batch: draw.int(1, 4) };
    },
    refused: [
      fn('torch.roll', [[2, 3]], { shifts: [1, 2], dims: [0] }),
      fn('torch.roll', [[2, 3]], { shifts: [1, 2] }),
      fn('torch.roll', [[2, 3]], { shifts: 1, dims: 3 }),
    ],
  },
  flip: {
    fixed: [
      fn('torch.flip', [[B, 3, 4]], { dims: [1] }),
      fn('Tensor.flip', [[B, 3, 4]], { dims: [0, -1] }),
      fn('torch.fliplr', [[B, 3, 2]]),
      fn('Tensor.flipud', [[B, 3]]),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const name = draw.pick(['torch.flip', 'torch.flip', 'Tensor.flip', 'torch.fliplr', 'Tensor.flipud']);
      const axes = draw.shuffled(shape.map((_, i) => i)).slice(0, draw.int(0, shape.length));
      const dims = axes.map((axis) => (draw.chance() ? axis : axis - shape.length));
      if (!name.endsWith('flip')) return { ...fn(name, [shape]), batch: draw.int(1, 4) };
      return {
        ...fn(name, [shape], { dims: name === 'Tensor.flip' && dims.length === 0 ? [0] : dims }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.flip', [[2, 3]], { dims: [2] }), fn('torch.flip', [[2, 3]], { dims: [0, 0] })],
  },
};
