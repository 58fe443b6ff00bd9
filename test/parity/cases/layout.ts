import type { Draw } from '../draw';
import type { FamilyCases, KindCases } from '../layerCase';
import { B, batched, fn } from './forms';

const triangle = (kind: string): KindCases => ({
  fixed: [fn(`torch.${kind}`, [[B, 4, 4]]), fn(`Tensor.${kind}`, [[B, 3, 5]], { diagonal: 1 })],
  random: (draw) => ({
    ...fn(
      draw.pick([`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`]),
      [batched(draw, draw.int(2, 4))],
      draw.some({ diagonal: draw.int(-3, 3) }),
    ),
    batch: draw.int(1, 4),
  }),
  refused: [fn(`torch.${kind}`, [[3]])],
});

/** Counts for every axis and perhaps more in front; none for the batch. */
const counts = (draw: Draw, rank: number): number[] => [
  ...draw.ints(draw.int(0, 1), 1, 3),
  1,
  ...draw.ints(rank - 1, 1, 3),
];

export const layouts: FamilyCases = {
  expand: {
    fixed: [
      fn('Tensor.expand', [[B, 1, 3]], { size: [-1, 4, 3] }),
      fn('Tensor.expand', [[1, 3]], { size: [B, -1, 3] }),
      fn('Tensor.broadcast_to', [[3]], { size: [B, 3] }),
      fn('torch.broadcast_to', [[B, 1]], { size: [2, B, 4] }),
    ],
    random(draw) {
      const shape = [B, ...draw.shape(draw.int(0, 3), 1, 3)].map((size, i) => (i > 0 && draw.chance() ? 1 : size));
      const lead = draw.ints(draw.int(0, 1), 1, 3);
      const name = draw.pick(['Tensor.expand', 'torch.broadcast_to', 'Tensor.broadcast_to']);
      const grown = shape.map((size) => (size === 1 ? draw.int(1, 4) : draw.chance() ? -1 : size));
      return { ...fn(name, [shape], { size: [...lead, ...grown] }), batch: draw.int(2, 4) };
    },
    refused: [fn('Tensor.expand', [[3]], { size: [2, 4] }), fn('Tensor.expand', [[3]], { size: [2] })],
  },
  repeat: {
    fixed: [fn('Tensor.repeat', [[B, 3]], { repeats: [1, 2] }), fn('Tensor.repeat', [[1, 3]], { repeats: [B, 2, 1] })],
    random(draw) {
      const shape = batched(draw, draw.int(1, 3), 1, 3);
      return { ...fn('Tensor.repeat', [shape], { repeats: counts(draw, shape.length) }), batch: draw.int(1, 4) };
    },
    refused: [fn('Tensor.repeat', [[2, 3]], { repeats: [2] })],
  },
  tile: {
    fixed: [fn('torch.tile', [[B, 3]], { dims: [2] }), fn('Tensor.tile', [[B, 3]], { dims: [3, 1, 2] })],
    random(draw) {
      const shape = batched(draw, draw.int(2, 3), 1, 3);
      const dims = draw.chance(0.3) ? [draw.int(1, 3)] : counts(draw, shape.length);
      return { ...fn(draw.pick(['torch.tile', 'Tensor.tile']), [shape], { dims }), batch: draw.int(1, 4) };
    },
  },
  repeat_interleave: {
    fixed: [
      fn('torch.repeat_interleave', [[B, 3]], { repeats: 2, dim: 1 }),
      fn('Tensor.repeat_interleave', [[B, 3]], { repeats: 3 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 3), 1, 3);
      return {
        ...fn(draw.pick(['torch.repeat_interleave', 'Tensor.repeat_interleave']), [shape], {
          repeats: draw.int(1, 3),
          ...draw.some({ dim: draw.axis(shape.length) }, 0.8),
        }),
        batch: draw.int(1, 4),
      };
    },
  },
  t: {
    fixed: [fn('torch.t', [[B, 3]]), fn('Tensor.t', [[4]])],
    random: (draw) => ({
      ...fn(draw.pick(['torch.t', 'Tensor.t']), [batched(draw, draw.int(1, 2))]),
      batch: draw.int(1, 4),
    }),
    refused: [fn('torch.t', [[2, 3, 4]])],
  },
  movedim: {
    fixed: [
      fn('torch.movedim', [[B, 3, 4]], { source: 1, destination: -1 }),
      fn('Tensor.moveaxis', [[B, 3, 4, 2]], { source: [1, 2], destination: [2, 3] }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4), 1, 3);
      const axes = draw.shuffled(shape.map((_, i) => i));
      const count = draw.int(1, shape.length);
      const source = axes.slice(0, count);
      const destination = draw.shuffled(shape.map((_, i) => i)).slice(0, count);
      const names = ['torch.movedim', 'Tensor.movedim', 'torch.moveaxis', 'Tensor.moveaxis'];
      return { ...fn(draw.pick(names), [shape], { source, destination }), batch: draw.int(1, 4) };
    },
    refused: [
      fn('torch.movedim', [[2, 3]], { source: [0, 1], destination: [0, 0] }),
      fn('torch.movedim', [[2, 3]], { source: [0, 1], destination: [0] }),
    ],
  },
  tril: triangle('tril'),
  triu: triangle('triu'),
  cumsum: {
    fixed: [
      fn('torch.cumsum', [[B, 4]], { dim: 1 }),
      fn('Tensor.cumsum', [[B, 4, 2]], { dim: -2 }),
      { ...fn('torch.cumsum', [[B, 4]], { dim: 1 }), values: [{ booleans: 0.5 }] },
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const values = draw.pick([undefined, { integers: [-3, 3] }] as const);
      return {
        ...fn(draw.pick(['torch.cumsum', 'Tensor.cumsum']), [batched(draw, rank)], { dim: draw.axis(rank) }),
        batch: draw.int(1, 4),
        values: [values],
      };
    },
    refused: [fn('torch.cumsum', [[3]], { dim: 3 })],
  },
  diff: {
    fixed: [
      fn('torch.diff', [[B, 5]]),
      fn('Tensor.diff', [[B, 4, 3]], { n: 2, dim: 1 }),
      { ...fn('torch.diff', [[B, 4]]), values: [{ booleans: 0.5 }] },
      { ...fn('torch.diff', [[B, 4]]), values: [{ integers: [-3, 3] }] },
    ],
    random(draw) {
      const shape = [B, ...draw.shape(draw.int(1, 3), 2, 5)];
      return {
        ...fn(draw.pick(['torch.diff', 'Tensor.diff']), [shape], {
          n: draw.int(0, 2),
          dim: draw.int(1, shape.length - 1),
        }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.diff', [[]])],
  },
  detach: {
    fixed: [fn('torch.detach', [[B, 3]])],
    random: (draw) => ({
      ...fn(draw.pick(['torch.detach', 'Tensor.detach']), [batched(draw, draw.int(1, 4))]),
      batch: draw.int(1, 4),
    }),
  },
  to: {
    fixed: [
      { ...fn('Tensor.to', [[B, 5]], { dtype: 'float32' }), values: [{ integers: [-4, 4] }] },
      fn('Tensor.to', [[B, 5]], { dtype: 'int64' }),
      { ...fn('Tensor.to', [[B, 5]], { dtype: 'bool' }), values: [{ integers: [-1, 1] }] },
    ],
    random: (draw) => ({
      ...fn('Tensor.to', [batched(draw, draw.int(1, 4))], { dtype: draw.pick(['float32', 'int64', 'bool']) }),
      batch: draw.int(1, 4),
      values: [draw.pick([undefined, { integers: [-3, 3] }, { booleans: 0.5 }] as const)],
      spread: 3,
    }),
  },
};
