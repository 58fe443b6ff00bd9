import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, LayerCase } from '../layerCase';
import { anyMode, B, each, evaluated, fn, perhapsBatched } from './forms';

// PyTorch's own classes where it has them; else the papers' and timm's formulas (layer_definitions.py).

/** g's shape for v's. */
const lengths = (v: readonly number[], dim: number | null): number[] =>
  dim === null ? [] : v.map((size, axis) => (axis === dim ? size : 1));

const weightNormOf = (v: readonly number[], dim: number | null): LayerCase => ({
  attributes: dim === 0 ? {} : { dim },
  inputs: [lengths(v, dim), v],
});

const matrixSizes = (shape: readonly number[], dim: number) => {
  const rows = shape[dim]!;
  return [[rows], [shape.reduce((product, size) => product * size, 1) / rows]];
};

const iterations = (draw: Draw): Attributes =>
  draw.some({ n_power_iterations: draw.int(1, 4), eps: draw.pick([1e-12, 1e-3]) });

const convolution = (draw: Draw, channels: string): LayerCase => {
  const groups = draw.int(1, 2);
  const inputs = groups * draw.int(1, 3);
  return {
    attributes: {
      [channels]: inputs,
      out_channels: groups * draw.int(1, 3),
      // At least four values: two, standardized, are ±1 whatever they are.
      kernel_size: draw.pick([2, 3, [2, 3]]),
      ...draw.some({
        stride: draw.int(1, 2),
        padding: draw.int(0, 2),
        dilation: draw.int(1, 2),
        bias: draw.chance(),
        eps: draw.pick([1e-6, 1e-3]),
        ...(channels === 'in_channels' && { gamma: draw.decimal(0.5, 2), gain_init: draw.decimal(0.5, 2) }),
      }),
      groups,
    },
    inputs: [perhapsBatched(draw, [inputs, draw.int(5, 7), draw.int(5, 7)])],
  };
};

export const weightNorms: FamilyCases = {
  _WeightNorm: {
    fixed: [
      weightNormOf([4, 3], 0),
      weightNormOf([4, 3, 2, 2], 0),
      weightNormOf([4, 3], 1),
      weightNormOf([3, 4], null),
      fn('torch._weight_norm', [lengths([4, 3], 0), [4, 3]], { dim: 0 }),
    ],
    random(draw) {
      const v = draw.shape(draw.int(2, 4), 1, 4);
      // PyTorch's own kernel takes the first or the last axis.
      const dim = draw.pick([0, v.length - 1, null]);
      return draw.chance(0.2) && dim !== null
        ? fn('torch._weight_norm', [lengths(v, dim), v], { dim })
        : weightNormOf(v, dim);
    },
  },
  _SpectralNorm: {
    fixed: [
      ...each([[4, 3]], { weight_shape: [4, 3] }, { weight_shape: [4, 3], n_power_iterations: 3 }),
      ...each([[3, 2, 2, 2]], { weight_shape: [3, 2, 2, 2] }, { weight_shape: [3, 2, 2, 2], dim: 1, eps: 1e-3 }),
      ...each([[4]], { weight_shape: [4] }),
      ...evaluated(each([[4, 3]], { weight_shape: [4, 3] })),
    ],
    random(draw) {
      const shape = draw.shape(draw.int(2, 4), 2, 4);
      const dim = draw.int(0, 1);
      return {
        attributes: { weight_shape: shape, ...(dim === 1 && { dim }), ...iterations(draw) },
        inputs: [shape],
        mode: anyMode(draw),
      };
    },
    refused: [{ attributes: { weight_shape: [4, 3], n_power_iterations: 0 }, inputs: [[4, 3]] }],
  },
  SpectralNorm: {
    fixed: [
      ...each([[4, 3], [4], [3]], {}, { n_power_iterations: 2 }),
      ...each([[3, 2, 2], [2], [6]], { dim: 1 }),
      ...evaluated(each([[4, 3], [4], [3]], {})),
    ],
    random(draw) {
      const shape = draw.shape(draw.int(2, 4), 2, 4);
      const dim = draw.int(0, 1);
      return {
        attributes: { ...(dim === 1 && { dim }), ...iterations(draw) },
        inputs: [shape, ...matrixSizes(shape, dim)] as Shape[],
        mode: anyMode(draw),
      };
    },
  },
  WeightStandardization: {
    fixed: each([[3, 2, 2, 2]], {}, { eps: 0.1 }),
    random: (draw) => ({
      attributes: draw.some({ eps: draw.pick([1e-6, 1e-3, 0.1]) }),
      inputs: [[draw.int(1, 4), ...draw.shape(draw.int(1, 3), 3, 4)]],
    }),
  },
  StdConv2d: {
    fixed: each(
      [[B, 2, 5, 6]],
      { in_channel: 2, out_channels: 3, kernel_size: 3 },
      { in_channel: 2, out_channels: 2, kernel_size: [2, 3], stride: 2, groups: 2, bias: true, eps: 1e-3 },
      { in_channel: 2, out_channels: 2, kernel_size: 3, padding: 0, dilation: 2 },
    ),
    random: (draw) => convolution(draw, 'in_channel'),
  },
  ScaledStdConv2d: {
    fixed: each(
      [[B, 2, 5, 6]],
      { in_channels: 2, out_channels: 3, kernel_size: 3 },
      { in_channels: 2, out_channels: 2, kernel_size: 3, stride: 2, bias: false, gamma: 1.7, gain_init: 0.5 },
    ),
    random: (draw) => convolution(draw, 'in_channels'),
  },
};
