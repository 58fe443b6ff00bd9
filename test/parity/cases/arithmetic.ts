import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { B, batched, fn, image, vector } from './forms';

/** Two shapes that broadcast against each other, at least one with the batch. */
export function broadcastable(draw: Draw): [Shape, Shape] {
  const whole = batched(draw, draw.int(1, 4));
  const narrowed = whole.map((dim) => (draw.chance(0.3) ? 1 : dim)).slice(draw.int(0, whole.length - 1));
  const other = draw.chance(0.3) ? whole : narrowed;
  return draw.chance() ? [whole, other] : [other, whole];
}

/** An operation of two operands: both tensors, or a number for one of them. */
function randomBinary(draw: Draw, kind: string, operator: string, attributes: Attributes = {}): LayerCase {
  const batch = draw.int(1, 4);
  if (draw.chance(0.3)) {
    const number = draw.decimal(0.5, 3) * draw.pick([-1, 1]);
    return { ...fn(`operator.${operator}`, [batched(draw, 3)], { [draw.pick(['input', 'other'])]: number }), batch };
  }
  const name = draw.pick([`torch.${kind}`, `Tensor.${kind}`]);
  return { ...fn(name, broadcastable(draw), attributes), batch };
}

/** The leading axes of one operand of matmul beside the other's: broadcast, or left out. */
const matmul: KindCases = {
  fixed: [
    fn('torch.matmul', [
      [B, 3, 4],
      [B, 4, 2],
    ]),
    fn('torch.matmul', [
      [B, 2, 3, 4],
      [4, 5],
    ]),
    fn('Tensor.matmul', [
      [3, 4],
      [B, 4, 2],
    ]),
    fn('torch.mm', [
      [B, 3],
      [3, 4],
    ]),
    fn('operator.matmul', [[B, 3, 4], [4]]),
    fn('torch.matmul', [[4], [B, 4, 3]]),
    fn('torch.matmul', [[4], [4]]),
    fn('torch.matmul', [
      [B, 1, 3, 4],
      [2, 4, 3],
    ]),
  ],
  random(draw) {
    const [rows, inner, columns] = draw.shape(3, 1, 5);
    const lead: Shape = [B, ...draw.shape(draw.int(0, 1))];
    const narrowed = lead.map((dim) => (draw.chance(0.3) ? 1 : dim)).slice(draw.int(0, lead.length));
    const vectorOr = (shape: Shape) => (draw.chance(0.15) ? [inner!] : shape);
    const left: Shape = [rows!, inner!];
    const right: Shape = [inner!, columns!];
    const inputs: Shape[] = draw.chance()
      ? [[...lead, ...left], vectorOr([...narrowed, ...right])]
      : [vectorOr([...narrowed, ...left]), [...lead, ...right]];
    return { ...fn(draw.pick(['torch.matmul', 'Tensor.matmul', 'operator.matmul']), inputs), batch: draw.int(1, 4) };
  },
  refused: [
    fn('torch.matmul', [
      [2, 3],
      [2, 4],
    ]),
    fn('torch.matmul', [[], [3]]),
  ],
};

const cat: KindCases = {
  fixed: [
    fn(
      'torch.cat',
      [
        [B, 2, 3],
        [B, 4, 3],
      ],
      { dim: 1 },
    ),
    fn('torch.cat', [
      [B, 2],
      [B, 2],
      [B, 2],
    ]),
    fn(
      'torch.concat',
      [
        [B, 2],
        [B, 3],
      ],
      { dim: -1 },
    ),
  ],
  random(draw) {
    const shape = batched(draw, draw.int(1, 4));
    const axis = draw.int(0, shape.length - 1);
    const inputs = Array.from({ length: draw.int(1, 4) }, () =>
      shape.map((dim, i) => (i === axis && axis > 0 ? draw.int(1, 4) : dim)),
    );
    const dim = axis - (draw.chance(0.3) ? shape.length : 0);
    const name = draw.pick(['torch.cat', 'torch.concat', 'torch.concatenate']);
    return { ...fn(name, inputs, dim === 0 && draw.chance() ? {} : { dim }), batch: draw.int(1, 3) };
  },
  refused: [
    fn(
      'torch.cat',
      [
        [2, 3],
        [3, 3],
      ],
      { dim: 1 },
    ),
    fn(
      'torch.cat',
      [
        [2, 3],
        [3, 3, 1],
      ],
      { dim: 1 },
    ),
    fn(
      'torch.cat',
      [
        [2, 3],
        [2, 3],
      ],
      { dim: 5 },
    ),
  ],
};

export const arithmetic: FamilyCases = {
  add: {
    fixed: [
      fn('torch.add', [image, image]),
      fn('torch.add', [image, [4, 1, 1]], { alpha: 0.5 }),
      fn('Tensor.add', [
        [B, 1, 3],
        [5, 1],
      ]),
      fn('operator.add', [vector], { other: 2.5 }),
      fn('operator.add', [vector], { input: -1 }),
    ],
    random: (draw) => randomBinary(draw, 'add', 'add', draw.some({ alpha: draw.decimal(-2, 2) })),
    refused: [
      fn('torch.add', [
        [2, 3, 5],
        [4, 5],
      ]),
    ],
  },
  sub: {
    fixed: [
      fn('torch.sub', [image, [B, 4, 1, 1]], { alpha: 3 }),
      fn('Tensor.sub', [vector], { other: 2 }),
      fn('operator.sub', [vector], { input: 1 }),
    ],
    random: (draw) => randomBinary(draw, 'sub', 'sub', draw.some({ alpha: draw.decimal(-2, 2) })),
  },
  mul: {
    fixed: [
      fn('torch.mul', [image, [4, 1, 1]]),
      fn('operator.mul', [vector], { other: -3 }),
      fn('Tensor.mul', [vector, vector]),
    ],
    random: (draw) => randomBinary(draw, 'mul', 'mul'),
  },
  div: {
    fixed: [
      { ...fn('torch.div', [image, [B, 4, 1, 1]]), apart: 0.3 },
      fn('operator.truediv', [vector], { other: 4 }),
      { ...fn('operator.truediv', [vector], { input: 2 }), apart: 0.3 },
    ],
    random: (draw) => ({ ...randomBinary(draw, 'div', 'truediv'), apart: 0.3 }),
  },
  matmul,
  cat,
  mean: {
    fixed: [
      fn('torch.mean', [image], { dim: [2, 3] }),
      fn('Tensor.mean', [image], { dim: [-1, -2], keepdim: true }),
      fn('Tensor.mean', [[B, 3, 4]], { dim: 1 }),
      fn('Tensor.mean', [[B, 3]]),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const some = Array.from({ length: rank }, (_, i) => (draw.chance(0.3) ? i - rank : i)).filter(() =>
        draw.chance(),
      );
      const dim = draw.pick([undefined, draw.axis(rank), some] as const);
      const attributes = dim === undefined ? {} : { dim, ...draw.some({ keepdim: draw.chance() }) };
      return {
        ...fn(draw.pick(['torch.mean', 'Tensor.mean']), [batched(draw, rank)], attributes),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.mean', [[2, 3]], { dim: 3 }), fn('torch.mean', [[2, 3]], { dim: [0, 0] })],
  },
};
