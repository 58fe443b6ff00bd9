import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { anyMode, B, batched, each, evaluated, F, fn } from './forms';
import { normLoss } from './norms';

const response = (draw: Draw): Attributes => ({
  size: draw.int(1, 6),
  ...draw.some({ alpha: draw.decimal(0.05, 2), beta: draw.pick([0.5, 0.75, 1]), k: draw.decimal(0.5, 3) }),
});

const layerScale = (
  inputs: readonly Shape[],
  at: (shape: Shape) => number,
  draw: (draw: Draw) => Shape,
): KindCases => ({
  fixed: inputs.flatMap((input) => each([input], { dim: at(input) }, { dim: at(input), init_values: 0.1 })),
  random(choices) {
    const input = draw(choices);
    return {
      attributes: { dim: at(input), ...choices.some({ init_values: choices.decimal(0, 2) }) },
      inputs: [input],
      batch: choices.int(1, 4),
    };
  },
});

/** Wide enough for r and d to reach their bounds: the running deviation is about 2. */
const renorm = (draw: Draw): LayerCase => {
  const channels = draw.int(1, 4);
  const sizes = draw.shape(draw.int(0, 3), 1, 3);
  const positions = sizes.reduce((product, size) => product * size, 1);
  return {
    attributes: {
      num_features: channels,
      ...draw.some({
        eps: draw.pick([1e-5, 0.1]),
        momentum: draw.pick([null, 0.1, 0.5]),
        rmax: draw.pick([1, 1.5, 3]),
        dmax: draw.pick([0, 0.3, 5]),
        affine: draw.chance(),
      }),
    },
    inputs: [[B, channels, ...sizes]],
    batch: Math.ceil(6 / positions) + draw.int(0, 3),
    mode: anyMode(draw),
    spread: draw.pick([0.3, 2, 10]),
    loss: normLoss(draw),
  };
};

export const otherNorms: FamilyCases = {
  FrozenBatchNorm2d: {
    fixed: [
      ...each([[B, 3, 2, 3]], { num_features: 3 }, { num_features: 3, eps: 0.1 }),
      ...evaluated(each([[B, 3, 2, 3]], { num_features: 3 })),
    ],
    random: (draw) => {
      const channels = draw.int(1, 4);
      return {
        attributes: { num_features: channels, ...draw.some({ eps: draw.pick([0, 1e-3, 0.1]) }) },
        inputs: [[B, channels, ...draw.shape(2, 1, 4)]],
        batch: draw.int(1, 3),
        mode: anyMode(draw),
      };
    },
  },
  BatchRenorm: {
    fixed: [
      { attributes: { num_features: 3 }, inputs: [[B, 3]], batch: 6 },
      ...each(
        [[B, 3, 2, 3]],
        { num_features: 3, rmax: 1.2, dmax: 0.1 },
        { num_features: 3, momentum: null, affine: false },
      ),
      { attributes: { num_features: 3 }, inputs: [[B, 3, 2, 3]], spread: 10 },
      ...evaluated(each([[B, 3, 4]], { num_features: 3, eps: 0.1 })),
    ],
    random: renorm,
  },
  LocalResponseNorm: {
    fixed: [
      ...each([[B, 6, 2, 3]], { size: 3 }, { size: 4, alpha: 1, beta: 1, k: 2 }, { size: 1, alpha: 0.5 }),
      ...each([[B, 4, 3]], { size: 2, alpha: 1 }),
      fn(`${F}.local_response_norm`, [[B, 5, 2, 2, 2]], { size: 5, alpha: 0.3, beta: 0.5, k: 1.5 }),
    ],
    random(draw) {
      const attributes = response(draw);
      const input: Shape = [B, draw.int(1, 7), ...draw.shape(draw.int(1, 3), 1, 3)];
      return {
        ...(draw.chance(0.3) ? fn(`${F}.local_response_norm`, [input], attributes) : { attributes, inputs: [input] }),
        batch: draw.int(1, 3),
        spread: draw.pick([0.3, 1, 4]),
      };
    },
    refused: [{ attributes: { size: 2 }, inputs: [[2, 4]] }, ...each([[2, 4, 3]], { size: 0 })],
  },
  normalize: {
    fixed: [
      fn(`${F}.normalize`, [[B, 5]]),
      fn(`${F}.normalize`, [[B, 3, 4]], { p: 1, dim: -1 }),
      fn(`${F}.normalize`, [[B, 3, 4]], { dim: [1, 2], eps: 10 }),
      fn(`${F}.normalize`, [[B, 4]], { p: 3 }),
    ],
    random(draw) {
      const input = batched(draw, draw.int(2, 4), 2, 4);
      return {
        ...fn(
          `${F}.normalize`,
          [input],
          draw.some({ p: draw.pick([1, 1.5, 2, 3]), dim: draw.axis(input.length), eps: draw.pick([1e-12, 1]) }),
        ),
        batch: draw.int(2, 4),
        apart: 0.1,
        // The sum of squares is a constant.
        loss: normLoss(draw),
      };
    },
    refused: [fn(`${F}.normalize`, [[4]])],
  },
  LayerScale: layerScale(
    [
      [B, 4],
      [B, 3, 4],
    ],
    (shape) => shape.at(-1) as number,
    (draw) => batched(draw, draw.int(2, 4)),
  ),
  LayerScale2d: layerScale(
    [[B, 4, 2, 3]],
    (shape) => shape[1] as number,
    (draw) => batched(draw, 4),
  ),
};
