import type { FamilyCases } from '../layerCase';
import { B, batched, fn } from './forms';

const both = (kind: string): string[] => [`torch.${kind}`, `Tensor.${kind}`];

export const diagonalCases: FamilyCases = {
  diagonal: {
    fixed: [
      fn('torch.diagonal', [[3, 4]]),
      fn('Tensor.diagonal', [[B, 4, 3]], { offset: -1, dim1: 1, dim2: 2 }),
      fn('torch.diagonal', [[B, 4, 3]], { offset: 1, dim1: -1, dim2: -2 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(3, 4));
      const [dim1, dim2] = draw.shuffled(shape.map((_, i) => i).slice(1)) as [number, number];
      return {
        ...fn(draw.pick(both('diagonal')), [shape], { dim1, dim2, ...draw.some({ offset: draw.int(-3, 3) }) }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.diagonal', [[3, 4]], { dim1: 1, dim2: 1 })],
  },
  diag_embed: {
    fixed: [
      fn('torch.diag_embed', [[B, 3]]),
      fn('Tensor.diag_embed', [[B, 3]], { offset: 1, dim1: 0, dim2: 2 }),
      fn('torch.diag_embed', [[B, 2, 3]], { offset: -2 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 3));
      const [dim1, dim2] = draw.shuffled([...shape, 0].map((_, i) => i)) as [number, number];
      return {
        ...fn(draw.pick(both('diag_embed')), [shape], {
          ...(draw.chance() && { dim1, dim2 }),
          ...draw.some({ offset: draw.int(-2, 2) }),
        }),
        batch: draw.int(1, 4),
      };
    },
  },
  diag: {
    fixed: [fn('torch.diag', [[4]], { diagonal: 1 }), fn('Tensor.diag', [[3, 4]])],
    random: (draw) => ({
      ...fn(draw.pick(both('diag')), [draw.shape(draw.int(1, 2))], draw.some({ diagonal: draw.int(-2, 2) })),
    }),
    refused: [fn('torch.diag', [[2, 3, 4]])],
  },
  trace: {
    fixed: [fn('torch.trace', [[3, 4]])],
    random: (draw) => fn(draw.pick(both('trace')), [draw.shape(2)]),
    refused: [fn('torch.trace', [[3]])],
  },
};
