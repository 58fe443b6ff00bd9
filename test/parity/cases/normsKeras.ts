import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases } from '../layerCase';
import { anyMode, B, each, evaluated } from './forms';
import { normLoss, ofTwoValues } from './norms';

// The peers are Keras 3's formulas in plain PyTorch (layer_definitions.py).

/** Sizes with the channels last, or, where `axis` says so, first. */
function withChannels(draw: Draw, channels: number, least: number): { input: Shape; axis?: number } {
  const sizes = draw.shape(draw.int(0, 2), least, 3);
  const first = sizes.length > 0 && draw.chance(0.3);
  return first ? { input: [B, channels, ...sizes], axis: 1 } : { input: [B, ...sizes, channels] };
}

const affine = (draw: Draw): Attributes => draw.some({ center: draw.chance(), scale: draw.chance() });
const epsilon = (draw: Draw): Attributes => draw.some({ epsilon: draw.pick([1e-4, 1e-3, 0.1]) });

/** Some axes behind the batch, and what they hold. */
function someAxes(draw: Draw): { input: Shape; attributes: Attributes } {
  const sizes = draw.shape(draw.int(1, 3), 2, 4);
  const axes = sizes.map((_, i) => i + 1).filter(() => draw.chance());
  const chosen = axes.length > 0 ? axes : [sizes.length];
  const shape = chosen.map((axis) => sizes[axis - 1]!);
  const last = chosen.length === 1 && chosen[0] === sizes.length;
  return { input: [B, ...sizes], attributes: { shape, ...(!(last && draw.chance()) && { axis: chosen }) } };
}

export const kerasNorms: FamilyCases = {
  KerasBatchNormalization: {
    fixed: [
      ...each([[B, 3, 2, 4]], { channels: 4 }, { channels: 3, axis: 1, momentum: 0.5, scale: false }),
      { attributes: { channels: 5, center: false, epsilon: 0.1 }, inputs: [[B, 5]], batch: 6 },
      ...each([[B, 3, 4]], { channels: 4, trainable: false }),
      ...evaluated(each([[B, 2, 3]], { channels: 3 })),
    ],
    random(draw) {
      const channels = draw.int(1, 5);
      const { input, axis } = withChannels(draw, channels, 2);
      return {
        attributes: {
          channels,
          ...(axis !== undefined && { axis }),
          ...draw.some({ momentum: draw.decimal(0, 1), trainable: draw.chance() }),
          ...epsilon(draw),
          ...affine(draw),
        },
        inputs: [input],
        batch: draw.int(5, 8),
        mode: anyMode(draw),
        loss: normLoss(draw),
      };
    },
  },
  KerasLayerNormalization: {
    fixed: each(
      [[B, 3, 4]],
      { shape: 4 },
      { shape: [3, 4], axis: [1, 2], center: false },
      { shape: 3, axis: 1, scale: false, epsilon: 0.1 },
      { shape: 4, rms_scaling: true },
    ),
    random(draw) {
      const { input, attributes } = someAxes(draw);
      const two = (attributes.shape as readonly number[]).reduce((product, dim) => product * dim, 1) === 2;
      return {
        attributes: {
          ...attributes,
          ...epsilon(draw),
          ...affine(draw),
          ...draw.some({ rms_scaling: draw.chance(0.3) }),
        },
        inputs: [input],
        batch: draw.int(1, 4),
        ...(two && ofTwoValues),
        loss: normLoss(draw),
      };
    },
  },
  KerasRMSNormalization: {
    fixed: each([[B, 3, 4]], { shape: 4 }, { shape: [3, 4], axis: [1, 2], epsilon: 0.1 }, { shape: 3, axis: 1 }),
    random(draw) {
      const { input, attributes } = someAxes(draw);
      return {
        attributes: { ...attributes, ...epsilon(draw) },
        inputs: [input],
        batch: draw.int(1, 4),
        loss: normLoss(draw),
      };
    },
  },
  KerasGroupNormalization: {
    fixed: [
      ...each([[B, 2, 3, 4]], { channels: 4, groups: 2 }, { channels: 4, groups: -1, scale: false }),
      ...each([[B, 4, 3]], { channels: 4, groups: 1, axis: 1, center: false }),
      ...each([[B, 6]], { channels: 6, groups: 2, epsilon: 0.1 }),
    ],
    random(draw) {
      const groups = draw.int(1, 3);
      const channels = groups * draw.int(2, 3);
      const { input, axis } = withChannels(draw, channels, 2);
      const flat = input.length === 2;
      return {
        attributes: {
          channels: flat ? 3 * channels : channels,
          groups,
          ...(axis !== undefined && { axis }),
          ...epsilon(draw),
          ...affine(draw),
        },
        inputs: [flat ? [B, 3 * channels] : input],
        batch: draw.int(1, 4),
        loss: normLoss(draw),
      };
    },
  },
};
