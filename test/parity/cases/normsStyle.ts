import type { Shape } from '../../../src/engine/network';
import type { FamilyCases } from '../layerCase';
import { anyMode, B, each, evaluated } from './forms';
import { normLoss } from './norms';

// The peers are the papers' formulas in plain PyTorch (layer_definitions.py).

const features: Shape = [B, 3, 3, 4];

export const styleNorms: FamilyCases = {
  AdaIN: {
    fixed: each([features, [B, 3, 2, 3]], {}, { eps: 0.1 }),
    random(draw) {
      const channels = draw.int(1, 4);
      return {
        attributes: draw.some({ eps: draw.pick([1e-3, 0.1]) }),
        inputs: [
          [B, channels, ...draw.shape(draw.int(1, 2), 3, 4)],
          [B, channels, ...draw.shape(draw.int(1, 2), 3, 4)],
        ],
        batch: draw.int(1, 3),
        loss: normLoss(draw),
      };
    },
  },
  SPADE: {
    fixed: [
      ...each(
        [features, features, features],
        { num_features: 3 },
        { num_features: 3, normalization: 'instance', unit_offset: false },
      ),
      ...evaluated(each([features, features, features], { num_features: 3 })),
    ],
    random(draw) {
      const channels = draw.int(1, 4);
      const x: Shape = [B, channels, ...draw.shape(2, 2, 4)];
      return {
        attributes: {
          num_features: channels,
          ...draw.some({
            normalization: draw.pick(['batch', 'instance']),
            eps: draw.pick([1e-3, 0.1]),
            momentum: draw.decimal(0, 1),
            unit_offset: draw.chance(),
          }),
        },
        inputs: [x, x, x],
        batch: draw.int(2, 4),
        mode: anyMode(draw),
        loss: normLoss(draw),
      };
    },
  },
  AdaLN: {
    fixed: [
      ...each(
        [
          [B, 3, 5],
          [B, 5],
          [B, 5],
        ],
        { normalized_shape: 5 },
      ),
      ...each(
        [
          [B, 5],
          [B, 5],
          [B, 5],
        ],
        { normalized_shape: [5], eps: 0.1 },
      ),
      ...each(
        [
          [B, 3, 5],
          [B, 1, 5],
          [B, 3, 5],
        ],
        { normalized_shape: 5 },
      ),
    ],
    random(draw) {
      const size = draw.int(3, 6);
      const tokens = draw.shape(draw.int(0, 2), 1, 4);
      const condition = (): Shape =>
        draw.pick([
          [B, size],
          [B, ...tokens.map(() => 1), size],
          [B, ...tokens, size],
        ]);
      return {
        attributes: { normalized_shape: size, ...draw.some({ eps: draw.pick([1e-5, 0.1]) }) },
        inputs: [[B, ...tokens, size], condition(), condition()],
        batch: draw.int(1, 4),
        loss: normLoss(draw),
      };
    },
  },
};
