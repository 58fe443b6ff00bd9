import type { FamilyCases } from '../layerCase';
import { B, fn } from './forms';

const types = ['float32', 'int64', 'bool'] as const;

export const knownValues: FamilyCases = {
  full: {
    fixed: [
      fn('torch.full', [], { size: [B, 3], fill_value: 2.5 }),
      fn('torch.full', [], { size: [2, 3], fill_value: 2, dtype: 'int64' }),
      fn('torch.zeros', [], { size: [2, 3] }),
      fn('torch.ones', [], { size: [B, 1, 2], dtype: 'bool' }),
    ],
    random(draw) {
      const size = [B, ...draw.shape(2)];
      const batch = draw.int(1, 4);
      if (draw.chance(0.3)) {
        const fill_value = draw.decimal(-3, 3) + 0.001;
        return { ...fn('torch.full', [], { size, fill_value, ...draw.some({ dtype: 'float32' }) }), batch };
      }
      return {
        ...fn(draw.pick(['torch.zeros', 'torch.ones']), [], { size, ...draw.some({ dtype: draw.pick(types) }) }),
        batch,
      };
    },
  },
  arange: {
    fixed: [
      fn('torch.arange', [], { start: 0, end: 5 }),
      fn('torch.arange', [], { start: 0, end: B }),
      fn('torch.arange', [], { start: 2, end: -3, step: -2 }),
      fn('torch.arange', [], { start: 0, end: 1, step: 0.3, dtype: 'float32' }),
    ],
    random(draw) {
      const start = draw.int(-3, 3);
      const step = draw.pick([1, 2, 3, 0.5, 0.7]);
      return fn('torch.arange', [], {
        start,
        end: start + draw.int(0, 9) + 0.25 * draw.int(0, 1),
        step,
        ...draw.some({ dtype: 'float32' }),
      });
    },
    refused: [fn('torch.arange', [], { start: 5, end: 1 })],
  },
  linspace: {
    fixed: [
      fn('torch.linspace', [], { start: 0, end: 1, steps: 5 }),
      fn('torch.linspace', [], { start: 3, end: -1, steps: 1 }),
    ],
    random: (draw) =>
      fn('torch.linspace', [], { start: draw.decimal(-3, 3), end: draw.decimal(-3, 3), steps: draw.int(1, 9) }),
  },
  eye: {
    fixed: [fn('torch.eye', [], { n: 3 }), fn('torch.eye', [], { n: 2, m: 4, dtype: 'bool' })],
    random: (draw) =>
      fn('torch.eye', [], { n: draw.int(1, 5), ...draw.some({ m: draw.int(1, 5), dtype: draw.pick(types) }) }),
  },
  tensor: {
    fixed: [
      fn('torch.tensor', [], { shape: [2, 2], values: [1, 2, 3.5, -4] }),
      fn('torch.tensor', [], { shape: [3], values: [1, 0, 2], dtype: 'int64' }),
    ],
    random(draw) {
      const [rows, columns] = draw.shape(2) as [number, number];
      const values = draw.ints(rows * columns, -5, 5);
      return fn('torch.tensor', [], { shape: [rows, columns], values, ...draw.some({ dtype: draw.pick(types) }) });
    },
  },
  meshgrid: {
    fixed: [
      fn('torch.meshgrid', [[3], [4]], { indexing: 'ij' }),
      fn('torch.meshgrid', [[3], [4], [2]], { indexing: 'xy' }),
    ],
    random: (draw) =>
      fn(
        'torch.meshgrid',
        Array.from({ length: draw.int(1, 4) }, () => draw.shape(1)),
        { indexing: draw.pick(['ij', 'xy']) },
      ),
  },
};
