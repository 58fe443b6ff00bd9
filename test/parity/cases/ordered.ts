import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases } from '../layerCase';
import { B, batched, fn } from './forms';

// Running products and extremes, ranks, counts, and places among what is sorted.

const both = (kind: string): string[] => [`torch.${kind}`, `Tensor.${kind}`];

const running = (kind: string): KindCases => ({
  fixed: [fn(`torch.${kind}`, [[B, 7]], { dim: 1 }), fn(`Tensor.${kind}`, [[B, 4, 3]], { dim: -2 })],
  random(draw) {
    const rank = draw.int(1, 4);
    return {
      ...fn(draw.pick(both(kind)), [batched(draw, rank)], { dim: draw.axis(rank) }),
      batch: draw.int(1, 4),
    };
  },
  refused: [fn(`torch.${kind}`, [[3]], { dim: 3 })],
});

const rank = (
  kind: string,
  fixed: readonly Record<string, number>[],
  more: (size: number, draw: Draw) => Record<string, number>,
): KindCases => ({
  fixed: fixed.flatMap((attributes) => [
    fn(`torch.${kind}`, [[B, 5]], { ...attributes, dim: 1 }),
    fn(`Tensor.${kind}`, [[B, 3, 4]], { ...attributes, dim: 1, keepdim: true }),
  ]),
  random(draw) {
    const shape = batched(draw, draw.int(2, 4));
    const axis = draw.int(1, shape.length - 1);
    return {
      ...fn(draw.pick(both(kind)), [shape], {
        ...more(shape[axis] as number, draw),
        dim: draw.chance() ? axis : axis - shape.length,
        ...draw.some({ keepdim: draw.chance() }),
      }),
      batch: draw.int(1, 4),
    };
  },
});

const withGaps: InputValues = { numbers: [Number.NaN, 1, 2, -3, 0.5, Number.NaN], dtype: 'float32' };

const present = (kind: string): KindCases => ({
  fixed: [{ ...fn(`torch.${kind}`, [[2, 3]], { dim: 1 }), values: [withGaps] }, fn(`Tensor.${kind}`, [[B, 4]])],
  random(draw) {
    const rank = draw.int(2, 4);
    return {
      ...fn(
        draw.pick(both(kind)),
        [batched(draw, rank)],
        draw.chance(0.8) ? { dim: draw.axis(rank), ...draw.some({ keepdim: draw.chance() }) } : {},
      ),
      batch: draw.int(1, 4),
    };
  },
});

const ascending: InputValues = { numbers: [-1, -0.25, 0.5, 0.5, 2], dtype: 'float32' };
const some: InputValues = { numbers: [-3, -1, 0.5, 0.7, 2, 2.5], dtype: 'float32' };

export const ordered: FamilyCases = {
  cumprod: running('cumprod'),
  logcumsumexp: running('logcumsumexp'),
  cummax: running('cummax'),
  cummin: running('cummin'),
  median: {
    ...rank('median', [], () => ({})),
    fixed: [fn('torch.median', [[B, 5]], { dim: 1 }), fn('Tensor.median', [[B, 4]])],
  },
  kthvalue: rank('kthvalue', [{ k: 2 }], (size, draw) => ({ k: draw.int(1, size) })),
  quantile: rank('quantile', [{ q: 0.3 }, { q: 0.75 }], (_, draw) => ({ q: draw.decimal(0, 1) })),
  count_nonzero: {
    fixed: [
      { ...fn('torch.count_nonzero', [[B, 5]], { dim: 1 }), values: [{ integers: [-1, 1] }] },
      { ...fn('Tensor.count_nonzero', [[B, 5]]), values: [{ booleans: 0.5 }] },
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      return {
        ...fn(draw.pick(both('count_nonzero')), [batched(draw, rank)], draw.some({ dim: draw.axis(rank) })),
        batch: draw.int(1, 4),
        values: [draw.pick([{ integers: [-1, 1] }, { booleans: 0.5 }] as const)],
      };
    },
  },
  nansum: present('nansum'),
  nanmean: present('nanmean'),
  bucketize: {
    fixed: [
      { ...fn('torch.bucketize', [[2, 3], [5]]), values: [some, ascending] },
      { ...fn('torch.bucketize', [[2, 3], [5]], { right: true }), values: [some, ascending] },
    ],
    random: (draw) => ({
      ...fn('torch.bucketize', [batched(draw, draw.int(1, 3)), [5]], draw.some({ right: draw.chance() })),
      batch: draw.int(1, 4),
      values: [undefined, ascending],
    }),
    refused: [
      fn('torch.bucketize', [
        [2, 3],
        [5, 1],
      ]),
    ],
  },
  searchsorted: {
    fixed: [
      { ...fn('torch.searchsorted', [[5], [2, 3]]), values: [ascending, some] },
      { ...fn('torch.searchsorted', [[5], [2, 3]], { side: 'right' }), values: [ascending, some] },
      {
        ...fn('torch.searchsorted', [
          [1, 5],
          [1, 6],
        ]),
        values: [ascending, some],
      },
      { ...fn('torch.searchsorted', [[5]], { input: 0.5, right: true }), values: [ascending] },
    ],
    random: (draw) => ({
      ...fn('torch.searchsorted', [[5], batched(draw, draw.int(1, 3))], draw.some({ right: draw.chance() })),
      batch: draw.int(1, 4),
      values: [ascending],
    }),
  },
};
