import type { Attributes, Shape } from '../../../src/engine/network';
import type { FamilyCases } from '../layerCase';
import { anyMode, B, each, evaluated } from './forms';

const heads: Attributes = { embed_dim: 4, num_heads: 2 };
const three = (shape: Shape): Shape[] => [shape, shape, shape];

export const attention: FamilyCases = {
  MultiheadAttention: {
    fixed: [
      ...each(
        [[B, 3, 4]],
        { embed_dim: 4, num_heads: 2, batch_first: true },
        { embed_dim: 4, num_heads: 1, batch_first: true, bias: false },
      ),
      ...each([[3, B, 4]], { embed_dim: 4, num_heads: 4 }),
      ...each(
        [
          [3, B, 4],
          [5, B, 4],
          [5, B, 4],
        ],
        { embed_dim: 4, num_heads: 2 },
      ),
      ...each(
        [
          [B, 3, 4],
          [B, 5, 4],
          [B, 5, 4],
        ],
        { embed_dim: 4, num_heads: 2, batch_first: true },
      ),
      ...each([[3, 4]], { embed_dim: 4, num_heads: 2 }),
      ...evaluated(each([[B, 3, 4]], { embed_dim: 4, num_heads: 2, batch_first: true, dropout: 0.5 })),
    ],
    random(draw) {
      const numHeads = draw.int(1, 3);
      const embedDim = numHeads * draw.int(1, 4);
      const batchFirst = draw.chance();
      const unbatched = draw.chance(0.15);
      const tokens = (count: number): Shape =>
        unbatched ? [count, embedDim] : batchFirst ? [B, count, embedDim] : [count, B, embedDim];
      const queries = tokens(draw.int(1, 5));
      const keys = tokens(draw.int(2, 5));
      const mode = anyMode(draw);
      return {
        attributes: {
          embed_dim: embedDim,
          num_heads: numHeads,
          ...draw.some({ bias: draw.chance() }),
          ...(batchFirst && { batch_first: true }),
          ...(mode === 'evaluate' && draw.some({ dropout: 0.3 })),
        },
        inputs: draw.chance() ? [keys] : [queries, keys, keys],
        batch: draw.int(1, 3),
        mode,
      };
    },
    refused: [
      { attributes: { embed_dim: 5, num_heads: 2 }, inputs: three([2, 3, 4]) },
      { attributes: { embed_dim: 0, num_heads: 2 }, inputs: three([2, 3, 4]) },
      { attributes: heads, inputs: three([2, 3, 5]) },
      { attributes: heads, inputs: three([2, 3, 5, 4]) },
      {
        attributes: heads,
        inputs: [
          [2, 3, 4],
          [3, 3, 4],
          [2, 3, 4],
        ],
      },
      {
        attributes: heads,
        inputs: [
          [3, 4],
          [5, 2, 4],
          [5, 2, 4],
        ],
      },
      { attributes: { ...heads, dropout: 1.5 }, inputs: three([2, 3, 4]) },
    ],
  },
};
