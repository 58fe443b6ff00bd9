import type { Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, LayerCase } from '../layerCase';
import { B, fn } from './forms';

const at = (low: number, high: number): InputValues => ({ integers: [low, high] });
const places = (...numbers: number[]): InputValues => ({ numbers, dtype: 'int64' });
const mask: InputValues = { booleans: 0.5 };

const names = (kind: string): string[] => [`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`];

/** A tensor of fixed sizes, an index that is perhaps shorter, and what is written. */
function elements(draw: Draw, distinct: boolean) {
  const input = draw.shape(draw.int(1, 3), 2, 5);
  const axis = draw.int(0, input.length - 1);
  const index = input.map((size, i) => (i === axis ? (distinct ? 1 : draw.int(1, 6)) : draw.int(1, size)));
  const dim = draw.chance() ? axis : axis - input.length;
  return { shapes: [input, index, index] as Shape[], dim, values: [undefined, at(0, input[axis]! - 1), undefined] };
}

const slices = (kind: string, fixed: readonly LayerCase[]) => ({
  fixed,
  random(draw: Draw): LayerCase {
    const input = draw.shape(draw.int(1, 3), 2, 5);
    const axis = draw.int(0, input.length - 1);
    const size = input[axis]!;
    // Slices that are written twice have no defined order.
    const index = draw.shuffled(Array.from({ length: size }, (_, i) => i)).slice(0, draw.int(1, size));
    return {
      ...fn(
        draw.pick(names(kind)),
        [input, [index.length], input.with(axis, index.length)],
        kind === 'index_add' ? { dim: axis, ...draw.some({ alpha: draw.decimal(-2, 2) }) } : { dim: axis },
      ),
      values: [undefined, places(...index), undefined],
    };
  },
});

export const scatterings: FamilyCases = {
  scatter: {
    fixed: [
      {
        ...fn(
          'torch.scatter',
          [
            [3, 5],
            [3, 2],
            [3, 2],
          ],
          { dim: 1 },
        ),
        values: [undefined, places(0, 3, 4, 1, 2, 0), undefined],
      },
      // Shorter than what it writes to.
      {
        ...fn(
          'Tensor.scatter_',
          [
            [4, 5],
            [2, 3],
            [2, 3],
          ],
          { dim: 0 },
        ),
        values: [undefined, places(0, 1, 2, 3, 0, 1), undefined],
      },
      {
        ...fn(
          'Tensor.scatter',
          [
            [3, 5],
            [3, 2],
          ],
          { dim: -1, src: 1.5 },
        ),
        values: [undefined, at(0, 4)],
      },
      {
        ...fn(
          'Tensor.scatter',
          [
            [B, 4],
            [B, 1],
          ],
          { dim: 1, src: 0 },
        ),
        values: [undefined, at(0, 3)],
      },
    ],
    random(draw) {
      const { shapes, dim, values } = elements(draw, true);
      if (draw.chance(0.3))
        return { ...fn(draw.pick(names('scatter')), shapes.slice(0, 2), { dim, src: draw.decimal(-2, 2) }), values };
      return { ...fn(draw.pick(names('scatter')), shapes, { dim }), values };
    },
    refused: [
      {
        ...fn(
          'torch.scatter',
          [
            [3, 5],
            [4, 2],
            [4, 2],
          ],
          { dim: 1 },
        ),
        values: [undefined, at(0, 2), undefined],
      },
    ],
  },
  scatter_add: {
    fixed: [
      {
        ...fn(
          'torch.scatter_add',
          [
            [3, 4],
            [3, 6],
            [3, 6],
          ],
          { dim: 1 },
        ),
        values: [undefined, at(0, 3), undefined],
      },
      {
        ...fn('Tensor.scatter_add_', [[5], [3], [3]], { dim: 0 }),
        values: [undefined, places(4, 0, 4), undefined],
      },
    ],
    random(draw) {
      const { shapes, dim, values } = elements(draw, false);
      return { ...fn(draw.pick(names('scatter_add')), shapes, { dim }), values };
    },
  },
  scatter_reduce: {
    fixed: (['sum', 'mean', 'amax', 'amin'] as const).flatMap((reduce) =>
      [true, false].map((include_self) => ({
        ...fn(
          'torch.scatter_reduce',
          [
            [3, 4],
            [3, 6],
            [3, 6],
          ],
          { dim: 1, reduce, include_self },
        ),
        values: [undefined, at(0, 3), undefined],
      })),
    ),
    random(draw) {
      const { shapes, dim, values } = elements(draw, false);
      const reduce = draw.pick(['sum', 'mean', 'amax', 'amin']);
      return {
        ...fn(draw.pick(names('scatter_reduce')), shapes, {
          dim,
          reduce,
          ...draw.some({ include_self: draw.chance() }),
        }),
        values,
      };
    },
  },
  index_add: slices('index_add', [
    {
      ...fn('torch.index_add', [[4, 3], [5], [5, 3]], { dim: 0 }),
      values: [undefined, places(0, 2, 2, 3, 0), undefined],
    },
    {
      ...fn('Tensor.index_add_', [[2, 4, 3], [2], [2, 2, 3]], { dim: 1, alpha: 0.5 }),
      values: [undefined, places(3, 1), undefined],
    },
  ]),
  index_copy: slices('index_copy', [
    {
      ...fn('torch.index_copy', [[4, 3], [2], [2, 3]], { dim: 0 }),
      values: [undefined, places(3, 1), undefined],
    },
  ]),
  index_fill: {
    fixed: [
      { ...fn('torch.index_fill', [[4, 3], [2]], { dim: 0, value: -1 }), values: [undefined, places(0, 2)] },
      { ...fn('Tensor.index_fill_', [[B, 5], [2]], { dim: 1, value: 0.5 }), values: [undefined, places(4, 2)] },
    ],
    random(draw) {
      const input = draw.shape(draw.int(1, 3), 2, 5);
      const dim = draw.axis(input.length);
      const size = input.at(dim)!;
      return {
        ...fn(draw.pick(names('index_fill')), [input, [draw.int(1, 3)]], { dim, value: draw.decimal(-2, 2) }),
        values: [undefined, at(0, size - 1)],
      };
    },
  },
  masked_scatter: {
    fixed: [
      {
        ...fn('torch.masked_scatter', [
          [3, 4],
          [3, 4],
          [5, 3],
        ]),
        values: [undefined, mask, undefined],
      },
      { ...fn('Tensor.masked_scatter_', [[B, 4], [4], [B, 4]]), values: [undefined, mask, undefined] },
    ],
    random(draw) {
      const input = draw.shape(draw.int(1, 3), 1, 5);
      const of = draw.chance(0.3) ? input.slice(1) : input;
      return {
        ...fn(draw.pick(names('masked_scatter')), [input, of, input]),
        values: [undefined, mask, undefined],
      };
    },
  },
};
