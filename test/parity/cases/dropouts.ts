import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { anyMode, B, batched, each, evaluated, F, fn } from './forms';

// What training drops is random; test/unit/layers holds that against the formula, with the mask given.

/** Inference, and the probabilities with which nothing or everything goes. */
const dropping = (
  name: string,
  shape: Shape,
  ranks: readonly number[],
  refused: readonly LayerCase[] = [],
): KindCases => ({
  fixed: [
    ...evaluated(each([shape], {}, { p: 0.9 })),
    ...each([shape], { p: 0 }, { p: 1 }),
    fn(`${F}.${name}`, [shape], { p: 0.3, training: false }),
  ],
  random(draw) {
    const inputs = [batched(draw, draw.pick(ranks))];
    const mode = anyMode(draw);
    const batch = draw.int(1, 4);
    if (draw.chance(0.3)) return { ...fn(`${F}.${name}`, inputs, { p: draw.decimal(0, 1), training: false }), batch };
    return {
      attributes: mode === 'train' ? { p: draw.pick([0, 1]) } : draw.some({ p: draw.decimal(0, 1) }),
      inputs,
      mode,
      batch,
    };
  },
  refused: [
    { attributes: { p: 1.5 }, inputs: [shape.map((size) => (typeof size === 'number' ? size : 2))] },
    ...refused,
  ],
});

const path = (fixed: readonly LayerCase[], attributes: (draw: Draw, keeps: boolean) => Attributes): KindCases => ({
  fixed,
  random(draw) {
    const mode = anyMode(draw);
    return {
      attributes: attributes(draw, mode === 'train'),
      inputs: [batched(draw, draw.int(1, 4))],
      mode,
      batch: draw.int(1, 4),
    };
  },
});

const sample: Shape = [B, 3, 2];

export const dropouts: FamilyCases = {
  Dropout: dropping('dropout', [B, 5], [1, 2, 3, 4], [fn(`${F}.dropout`, [[2, 3]], { p: -0.5 })]),
  Dropout1d: dropping('dropout1d', [B, 3, 4], [2, 3], [{ inputs: [[2]] }, { inputs: [[2, 2, 2, 2]] }]),
  Dropout2d: dropping('dropout2d', [B, 3, 4, 2], [3, 4], [{ inputs: [[2]] }]),
  Dropout3d: dropping('dropout3d', [B, 3, 4, 2, 2], [4, 5]),
  AlphaDropout: dropping('alpha_dropout', [B, 5], [1, 2, 3, 4]),
  FeatureAlphaDropout: dropping('feature_alpha_dropout', [B, 3, 4], [2, 3, 4], [{ inputs: [[2]] }]),
  StochasticDepth: path(
    [
      ...evaluated(each([sample], { p: 0.4, mode: 'row' })),
      ...each([sample], { p: 0, mode: 'batch' }, { p: 1, mode: 'row' }),
      fn('torchvision.ops.stochastic_depth', [sample], { p: 0.4, mode: 'batch', training: false }),
    ],
    (draw, trains) => ({ p: trains ? draw.pick([0, 1]) : draw.decimal(0, 1), mode: draw.pick(['batch', 'row']) }),
  ),
  DropPath: path(
    [
      ...evaluated(each([sample], { drop_prob: 0.4 })),
      ...each([sample], {}, { drop_prob: 1 }),
      fn('timm.layers.drop_path', [sample], { drop_prob: 0.4 }),
    ],
    (draw, trains) => ({
      drop_prob: trains ? draw.pick([0, 1]) : draw.decimal(0, 1),
      ...draw.some({ scale_by_keep: draw.chance() }),
    }),
  ),
};
