import type { AttributeValue, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues } from '../layerCase';
import { B, batched, fn } from './forms';

const cut = (start: number | null, stop: number | null, step: number | null = null): AttributeValue => [
  'slice',
  start,
  stop,
  step,
];
const whole = cut(null, null);
const at = (low: number, high: number): InputValues => ({ integers: [low, high] });

/** A part of an index for an axis of a size; `lists` allows a list of whole numbers or truths. */
function part(draw: Draw, size: number, lists: boolean): AttributeValue {
  const kind = draw.int(0, lists ? 4 : 2);
  if (kind === 0) return draw.int(-size, size - 1);
  if (kind === 1) {
    const [from, to] = draw.ints(2, 0, size).sort((a, b) => a - b) as [number, number];
    return cut(
      draw.chance(0.3) ? null : from,
      to === from ? null : to - (draw.chance(0.3) ? size : 0) || null,
      draw.pick([null, 2, 3]),
    );
  }
  if (kind === 2) return whole;
  if (kind === 3) return draw.ints(draw.int(1, 4), -size, size - 1);
  const truths = Array.from({ length: size }, () => draw.chance());
  return truths.includes(true) ? truths : truths.with(0, true);
}

/** Some parts for the axes behind the batch, new axes and an ellipsis among them. */
function parts(draw: Draw, shape: Shape, lists: boolean): AttributeValue[] {
  const taken = shape.slice(1, 1 + draw.int(0, shape.length - 1)).map((size) => part(draw, size as number, lists));
  const index = [whole, ...taken];
  if (draw.chance(0.3)) index.splice(draw.int(0, index.length), 0, null);
  if (draw.chance(0.3)) index.splice(draw.chance() ? index.length : 1, 0, '...');
  return index;
}

export const selections: FamilyCases = {
  getitem: {
    fixed: [
      fn('operator.getitem', [[B, 4]], { index: [whole, -1] }),
      fn('operator.getitem', [[B, 4, 5]], { index: ['...', cut(null, 3)] }),
      fn('operator.getitem', [[B, 4, 5]], { index: [whole, null, cut(1, null), cut(null, null, 2)] }),
      fn('operator.getitem', [[B, 4, 5]], { index: [0] }),
      fn('operator.getitem', [[B, 4, 5]], { index: [whole, [0, 3, -1, 0]] }),
      fn('operator.getitem', [[B, 4, 5]], { index: [whole, [true, false, true, true]] }),
      // Lists apart from one another: their axis comes in front.
      fn('operator.getitem', [[B, 4, 5, 3]], { index: [whole, [0, 1], whole, [2, 0]] }),
      fn('operator.getitem', [[B, 4, 5, 3]], { index: [whole, [0, 1], [2, 0]] }),
      {
        ...fn(
          'operator.getitem',
          [
            [7, 3],
            [B, 4],
          ],
          { index: ['tensor'] },
        ),
        values: [undefined, at(-7, 6)],
      },
      {
        ...fn('operator.getitem', [[B, 4, 3], [B], [B]], { index: ['tensor', 'tensor'] }),
        values: [undefined, at(0, 1), at(0, 3)],
      },
      {
        ...fn(
          'operator.getitem',
          [
            [B, 4, 3],
            [2, 3],
          ],
          { index: [whole, 'tensor'] },
        ),
        values: [undefined, at(-4, 3)],
      },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 4), 2);
      const batch = draw.int(1, 4);
      if (draw.chance(0.3)) {
        const rows = draw.int(1, 6);
        const indices = batched(draw, draw.int(1, 2), 1, 3);
        const lead = draw.chance() ? [whole] : [];
        const table: Shape = [...lead.map(() => draw.int(1, 3)), rows, ...draw.shape(draw.int(0, 2))];
        return {
          ...fn('operator.getitem', [table, indices], { index: [...lead, 'tensor'] }),
          batch,
          values: [undefined, at(-rows, rows - 1)],
        };
      }
      return { ...fn('operator.getitem', [shape], { index: parts(draw, shape, draw.chance()) }), batch };
    },
    refused: [
      fn('operator.getitem', [[3]], { index: [5] }),
      fn('operator.getitem', [[3]], { index: [0, 0] }),
      fn('operator.getitem', [[3]], { index: [cut(null, null, -1)] }),
    ],
  },
  setitem: {
    fixed: [
      fn('operator.setitem', [[B, 4], [B]], { index: [whole, 1] }),
      fn('operator.setitem', [[B, 4, 5], [2]], { index: ['...', cut(0, 4, 2)] }),
      fn('operator.setitem', [[B, 4, 5], []], { index: [whole, cut(1, 3)] }),
      {
        ...fn('operator.setitem', [[B, 4], [], [B, 4]], { index: ['tensor'] }),
        values: [undefined, undefined, { booleans: 0.4 }],
      },
      fn('operator.setitem', [[B, 4, 5], []], { index: [whole, [2, 0, -1]] }),
      fn(
        'operator.setitem',
        [
          [B, 4, 5],
          [B, 2, 5],
        ],
        { index: [whole, [true, false, true, false]] },
      ),
      {
        ...fn('operator.setitem', [[B, 4, 5], [3], [3], [3]], { index: [whole, 'tensor', 'tensor'] }),
        values: [undefined, undefined, { numbers: [0, 3, 1], dtype: 'int64' }, { numbers: [4, 0, 0], dtype: 'int64' }],
      },
      {
        ...fn('operator.setitem', [[B, 4, 5], [], [4]], { index: [whole, 'tensor'] }),
        values: [undefined, undefined, { booleans: 0.5 }],
      },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 4), 2);
      const batch = draw.int(1, 4);
      if (draw.chance(0.2)) {
        return {
          ...fn('operator.setitem', [shape, [], shape], { index: ['tensor'] }),
          batch,
          values: [undefined, undefined, { booleans: 0.5 }],
        };
      }
      return { ...fn('operator.setitem', [shape, []], { index: parts(draw, shape, false) }), batch };
    },
  },
  select: {
    fixed: [
      fn('torch.select', [[B, 4, 5]], { dim: 1, index: 2 }),
      fn('Tensor.select', [[B, 4]], { dim: -1, index: -1 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const axis = draw.int(1, shape.length - 1);
      const size = shape[axis] as number;
      const dim = draw.chance() ? axis : axis - shape.length;
      return {
        ...fn(draw.pick(['torch.select', 'Tensor.select']), [shape], { dim, index: draw.int(-size, size - 1) }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.select', [[3]], { dim: 0, index: 7 })],
  },
  narrow: {
    fixed: [
      fn('torch.narrow', [[B, 5]], { dim: 1, start: 1, length: 3 }),
      fn('Tensor.narrow', [[B, 5, 2]], { dim: -2, start: -2, length: 2 }),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const axis = draw.int(1, shape.length - 1);
      const size = shape[axis] as number;
      const start = draw.int(0, size - 1);
      return {
        ...fn(draw.pick(['torch.narrow', 'Tensor.narrow']), [shape], {
          dim: axis,
          start,
          length: draw.int(1, size - start),
        }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.narrow', [[3]], { dim: 0, start: 1, length: 5 })],
  },
  index_select: {
    fixed: [
      { ...fn('torch.index_select', [[B, 4, 3], [5]], { dim: 1 }), values: [undefined, at(0, 3)] },
      { ...fn('Tensor.index_select', [[6, 3], [B]], { dim: 0 }), values: [undefined, at(0, 5)] },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const axis = draw.int(1, shape.length - 1);
      return {
        ...fn(draw.pick(['torch.index_select', 'Tensor.index_select']), [shape, [draw.int(1, 5)]], { dim: axis }),
        batch: draw.int(1, 4),
        values: [undefined, at(0, (shape[axis] as number) - 1)],
      };
    },
    refused: [
      {
        ...fn(
          'torch.index_select',
          [
            [2, 3],
            [1, 1],
          ],
          { dim: 1 },
        ),
        values: [undefined, at(0, 1)],
      },
    ],
  },
  gather: {
    fixed: [
      {
        ...fn(
          'torch.gather',
          [
            [B, 4],
            [B, 2],
          ],
          { dim: 1 },
        ),
        values: [undefined, at(0, 3)],
      },
      {
        ...fn(
          'Tensor.gather',
          [
            [B, 4, 3],
            [B, 2, 2],
          ],
          { dim: -1 },
        ),
        values: [undefined, at(0, 2)],
      },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const axis = draw.int(1, shape.length - 1);
      const index = shape.map((size, i) =>
        i === 0 ? size : i === axis ? draw.int(1, 4) : draw.int(1, size as number),
      );
      return {
        ...fn(draw.pick(['torch.gather', 'Tensor.gather']), [shape, index], { dim: axis }),
        batch: draw.int(1, 4),
        values: [undefined, at(0, (shape[axis] as number) - 1)],
      };
    },
    refused: [{ ...fn('torch.gather', [[2, 3], [1]], { dim: 1 }), values: [undefined, at(0, 1)] }],
  },
  take_along_dim: {
    fixed: [
      {
        ...fn(
          'torch.take_along_dim',
          [
            [B, 4],
            [B, 2],
          ],
          { dim: 1 },
        ),
        values: [undefined, at(0, 3)],
      },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const axis = draw.int(1, shape.length - 1);
      const index = shape.map((size, i) => (i === axis ? draw.int(1, 4) : draw.chance(0.3) ? 1 : size));
      return {
        ...fn(draw.pick(['torch.take_along_dim', 'Tensor.take_along_dim']), [shape, index], { dim: axis }),
        batch: draw.int(1, 4),
        values: [undefined, at(0, (shape[axis] as number) - 1)],
      };
    },
  },
};
