import type { Shape } from '../../../src/engine/network';
import type { FamilyCases } from '../layerCase';
import { B, batched, each, F, fn } from './forms';

const pair = (shape: Shape): Shape[] => [shape, shape];

export const similarities: FamilyCases = {
  CosineSimilarity: {
    fixed: [
      ...each(pair([B, 5]), {}, { dim: -1, eps: 0.5 }),
      ...each(pair([B, 3, 4]), { dim: 2 }),
      fn(`${F}.cosine_similarity`, pair([B, 5])),
      fn(
        'torch.cosine_similarity',
        [
          [B, 1, 4],
          [3, 4],
        ],
        { dim: -1 },
      ),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4), 2);
      const attributes = draw.some({ dim: draw.axis(shape.length), eps: draw.pick([1e-8, 0.1]) });
      const batch = draw.int(1, 4);
      if (draw.chance()) return { attributes, inputs: pair(shape), batch };
      return {
        ...fn(draw.pick([`${F}.cosine_similarity`, 'torch.cosine_similarity']), pair(shape), attributes),
        batch,
      };
    },
  },
  PairwiseDistance: {
    fixed: [
      ...each(pair([B, 5]), {}, { p: 1 }, { p: 3, eps: 0.1, keepdim: true }),
      fn(`${F}.pairwise_distance`, pair([B, 5])),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 3), 2);
      const attributes = draw.some({ p: draw.pick([1, 2, 2.5]), eps: draw.pick([1e-6, 0.1]), keepdim: draw.chance() });
      const batch = draw.int(1, 4);
      if (draw.chance()) return { attributes, inputs: pair(shape), batch };
      return {
        ...fn(draw.pick([`${F}.pairwise_distance`, 'torch.pairwise_distance']), pair(shape), attributes),
        batch,
      };
    },
  },
  cdist: {
    fixed: [
      fn('torch.cdist', [
        [B, 3, 4],
        [B, 5, 4],
      ]),
      fn(
        'torch.cdist',
        [
          [B, 4],
          [5, 4],
        ],
        { p: 1 },
      ),
    ],
    random(draw) {
      const [rows, columns, width] = draw.shape(3) as [number, number, number];
      const lead: Shape = draw.chance() ? [B] : [];
      return {
        ...fn(
          'torch.cdist',
          [
            [...lead, rows, width],
            [...lead, columns, width],
          ],
          draw.some({ p: draw.pick([1, 2, 3]) }),
        ),
        batch: draw.int(1, 4),
      };
    },
  },
};
