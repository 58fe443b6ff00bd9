import { divideDims, type Shape } from '../../network';
import { reshape, type Tensor, transpose } from '../../tensor';
import { int } from '../attribute';
import { formatDim, numberOf, onlyInput } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow, ShapeError } from '../row';
import { channelsBefore } from './dimension';

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Refuses what is no image. @throws ShapeError in PyTorch's words. */
function imageOf(inputs: readonly Shape[], kind: string, name: string): Shape {
  const input = onlyInput(inputs, kind);
  if (input.length >= 3) return input;
  throw new ShapeError(
    `${name} expects input to have at least 3 dimensions, but got input with ${input.length} dimension(s)`,
  );
}

function checkFactor(factor: number, attribute: string, name: string): void {
  if (factor > 0) return;
  throw new AttributeError(attribute, `${name} expects a positive ${attribute}, but got ${factor}`);
}

/** [*, C·r², H, W] → [*, C, H·r, W·r] (Shi et al. 2016). */
const pixelShuffle = defineLayer({
  kind: 'PixelShuffle',
  role: 'shape',
  module: true,
  attributes: { upscale_factor: int() },
  functions: [
    {
      names: ['torch.nn.functional.pixel_shuffle', 'torch.pixel_shuffle'],
      parameters: ['input', 'upscale_factor'],
    },
  ],
  validate: ({ upscale_factor }) => checkFactor(upscale_factor, 'upscale_factor', 'pixel_shuffle'),
  outputShapes(inputs, { upscale_factor: factor }) {
    const input = imageOf(inputs, 'PixelShuffle', 'pixel_shuffle');
    const [channels, height, width] = input.slice(-3).map((dim) => numberOf(dim, 'The size of an image'));
    if (channels! % factor ** 2 !== 0) {
      throw new ShapeError(
        "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, " +
          `but input.size(-3)=${channels} is not divisible by ${factor ** 2}`,
      );
    }
    return [[...input.slice(0, -3), channels! / factor ** 2, height! * factor, width! * factor]];
  },
  forward([x], { upscale_factor: factor }) {
    const [channels, height, width] = x!.shape.slice(-3) as [number, number, number];
    const lead = x!.shape.slice(0, -3);
    const apart = reshape(x!, [count(lead), channels / factor ** 2, factor, factor, height, width]);
    const laid = transpose(apart, [0, 1, 4, 2, 5, 3]);
    return { outputs: [reshape(laid, [...lead, channels / factor ** 2, height * factor, width * factor])] };
  },
  channelAxis: channelsBefore(2),
});

/** [*, C, H·r, W·r] → [*, C·r², H, W] */
const pixelUnshuffle = defineLayer({
  kind: 'PixelUnshuffle',
  role: 'shape',
  module: true,
  attributes: { downscale_factor: int() },
  functions: [
    {
      names: ['torch.nn.functional.pixel_unshuffle', 'torch.pixel_unshuffle'],
      parameters: ['input', 'downscale_factor'],
    },
  ],
  validate: ({ downscale_factor }) => checkFactor(downscale_factor, 'downscale_factor', 'pixel_unshuffle'),
  outputShapes(inputs, { downscale_factor: factor }) {
    const input = imageOf(inputs, 'PixelUnshuffle', 'pixel_unshuffle');
    const [channels, height, width] = input.slice(-3).map((dim) => numberOf(dim, 'The size of an image'));
    for (const [name, size, axis] of [
      ['height', height!, -2],
      ['width', width!, -1],
    ] as const) {
      if (size % factor === 0) continue;
      throw new ShapeError(
        `pixel_unshuffle expects ${name} to be divisible by downscale_factor, ` +
          `but input.size(${axis})=${size} is not divisible by ${factor}`,
      );
    }
    return [[...input.slice(0, -3), channels! * factor ** 2, height! / factor, width! / factor]];
  },
  forward([x], { downscale_factor: factor }) {
    const [channels, height, width] = x!.shape.slice(-3) as [number, number, number];
    const lead = x!.shape.slice(0, -3);
    const apart = reshape(x!, [count(lead), channels, height / factor, factor, width / factor, factor]);
    const gathered = transpose(apart, [0, 1, 3, 5, 2, 4]);
    return { outputs: [reshape(gathered, [...lead, channels * factor ** 2, height / factor, width / factor])] };
  },
  channelAxis: channelsBefore(2),
});

/** Channels of g groups, one of each group after another (Zhang et al. 2018). */
const shuffled = (x: Tensor, groups: number): Tensor => {
  const [batch, channels, ...rest] = x.shape as [number, number, ...number[]];
  const apart = reshape(x, [batch, groups, channels / groups, count(rest)]);
  return reshape(transpose(apart, [0, 2, 1, 3]), x.shape);
};

const channelShuffle = defineLayer({
  kind: 'ChannelShuffle',
  role: 'shape',
  module: true,
  attributes: { groups: int() },
  functions: [
    {
      names: ['torch.nn.functional.channel_shuffle', 'torch.channel_shuffle'],
      parameters: ['input', 'groups'],
    },
  ],
  validate({ groups }) {
    if (groups > 0) return;
    throw new AttributeError(
      'groups',
      `Number of groups to divide channels in must be positive. Value of groups:${groups}`,
    );
  },
  outputShapes(inputs, { groups }) {
    const input = onlyInput(inputs, 'ChannelShuffle');
    if (input.length < 3) {
      const sizes = `[${input.map(formatDim).join(', ')}]`;
      throw new ShapeError(`channel_shuffle expects input with > 2 dims, but got input with sizes ${sizes}`);
    }
    if (divideDims(input[1]!, groups) === undefined) {
      throw new ShapeError(
        `Number of channels must be divisible by groups. Got ${formatDim(input[1]!)} channels and ${groups} groups.`,
      );
    }
    return [input];
  },
  forward: ([x], { groups }) => ({ outputs: [shuffled(x!, groups)] }),
});

export const shufflings: readonly LayerRow[] = [pixelShuffle, pixelUnshuffle, channelShuffle];
