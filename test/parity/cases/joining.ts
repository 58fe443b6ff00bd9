import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases } from '../layerCase';
import { B, batched, fn } from './forms';

/** Cut along an axis that is not the batch. */
const cutting = (
  names: readonly string[],
  fixed: KindCases['fixed'],
  refused: KindCases['fixed'],
  attributes: (draw: Draw, size: number) => Attributes,
): KindCases => ({
  fixed,
  random(draw) {
    const shape = batched(draw, draw.int(2, 4), 2, 6);
    const axis = draw.int(1, shape.length - 1);
    const dim = draw.chance(0.7) ? axis : axis - shape.length;
    return {
      ...fn(draw.pick(names), [shape], { ...attributes(draw, shape[axis] as number), dim }),
      batch: draw.int(1, 4),
    };
  },
  refused,
});

/** Sizes that add up. */
function sections(draw: Draw, size: number): number[] {
  const parts: number[] = [];
  for (let left = size; left > 0; left -= parts.at(-1)!) parts.push(draw.int(1, left));
  return parts;
}

export const joinings: FamilyCases = {
  stack: {
    fixed: [
      fn('torch.stack', [
        [B, 3],
        [B, 3],
      ]),
      fn(
        'torch.stack',
        [
          [B, 3],
          [B, 3],
          [B, 3],
        ],
        { dim: 1 },
      ),
      fn(
        'torch.stack',
        [
          [B, 3],
          [B, 3],
        ],
        { dim: -1 },
      ),
      {
        ...fn(
          'torch.stack',
          [
            [B, 3],
            [B, 3],
          ],
          { dim: 1 },
        ),
        values: [{ integers: [0, 5] }, undefined],
      },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 3));
      const inputs = Array.from({ length: draw.int(1, 4) }, () => shape);
      return { ...fn('torch.stack', inputs, draw.some({ dim: draw.axis(shape.length + 1) })), batch: draw.int(1, 3) };
    },
    refused: [fn('torch.stack', [[3], [2]])],
  },
  chunk: cutting(
    ['torch.chunk', 'Tensor.chunk'],
    [
      fn('torch.chunk', [[B, 6]], { chunks: 3, dim: 1 }),
      fn('Tensor.chunk', [[B, 7]], { chunks: 3, dim: -1 }),
      fn('Tensor.chunk', [[B, 5]], { chunks: 4, dim: 1 }),
      { ...fn('torch.chunk', [[{ batch: 2 }, 3]], { chunks: 2 }), batch: 3 },
    ],
    [fn('torch.chunk', [[3]], { chunks: 0 })],
    (draw, size) => ({ chunks: draw.int(1, size + 1) }),
  ),
  split: cutting(
    ['torch.split', 'Tensor.split', 'torch.split_with_sizes', 'Tensor.split_with_sizes'],
    [
      fn('torch.split', [[B, 7]], { split_size_or_sections: 3, dim: 1 }),
      fn('Tensor.split', [[B, 6, 2]], { split_size_or_sections: [1, 2, 3], dim: 1 }),
      fn('torch.split_with_sizes', [[B, 5]], { split_size_or_sections: [4, 1], dim: -1 }),
    ],
    [
      fn('torch.split', [[3]], { split_size_or_sections: 0 }),
      fn('torch.split', [[3]], { split_size_or_sections: [1, 1] }),
    ],
    (draw, size) => ({ split_size_or_sections: sections(draw, size) }),
  ),
  tensor_split: cutting(
    ['torch.tensor_split', 'Tensor.tensor_split'],
    [
      fn('torch.tensor_split', [[B, 7]], { indices_or_sections: 3, dim: 1 }),
      fn('Tensor.tensor_split', [[B, 6]], { indices_or_sections: [1, 4], dim: 1 }),
    ],
    [fn('torch.tensor_split', [[3]], { indices_or_sections: 0 })],
    (draw, size) => ({
      indices_or_sections: draw.chance()
        ? draw.int(1, size)
        : draw.ints(draw.int(1, 3), -size, size).sort((a, b) => (a < 0 ? a + size : a) - (b < 0 ? b + size : b)),
    }),
  ),
  unbind: cutting(
    ['torch.unbind', 'Tensor.unbind'],
    [fn('torch.unbind', [[3, B, 2]]), fn('Tensor.unbind', [[B, 2, 3]], { dim: -1 })],
    [],
    () => ({}),
  ),
};
