import type { Shape } from '../../../src/engine/network';
import type { FamilyCases, KindCases } from '../layerCase';
import { B, fn } from './forms';

const scales = { beta: 0.5, alpha: -2 };

const added = (kind: string, batched: boolean, sums = false): KindCases => ({
  fixed: [
    fn(`torch.${kind}`, batched ? [sums ? [3, 5] : [B, 3, 5], [B, 3, 4], [B, 4, 5]] : [[5], [B, 4], [4, 5]]),
    fn(
      `Tensor.${kind}`,
      batched
        ? [
            [3, 5],
            [B, 3, 4],
            [B, 4, 5],
          ]
        : [
            [B, 5],
            [B, 4],
            [4, 5],
          ],
      scales,
    ),
  ],
  random(draw) {
    const [rows, inner, columns] = draw.shape(3) as [number, number, number];
    const lead: Shape = batched ? [B] : [];
    const left: Shape = batched ? [B, rows, inner] : [B, inner];
    const right: Shape = [...lead, inner, columns];
    const whole: Shape = sums ? [rows, columns] : batched ? [B, rows, columns] : [B, columns];
    const input = draw.pick([whole, [columns], []] as readonly Shape[]);
    const name = draw.pick([`torch.${kind}`, `Tensor.${kind}`]);
    return {
      ...fn(name, [input, left, right], draw.some({ beta: draw.decimal(-2, 2), alpha: draw.decimal(-2, 2) })),
      batch: draw.int(1, 4),
    };
  },
  refused: [fn(`torch.${kind}`, batched ? [[2], [2, 3, 4], [2, 5, 2]] : [[2], [2, 3], [4, 3]])],
});

/** Equations with the shapes that they take; sizes by label, b the batch. */
const EQUATIONS = [
  'bij,bjk->bik',
  'bhid,bhjd->bhij',
  'bhij,bhjd->bhid',
  'bi,bi->b',
  'bi,ij->bj',
  'bi,bj->bij',
  'bij->bji',
  'bij->b',
  'bi,io,bo->b',
  'bnc,kc->bnk',
  'bid,bjd',
  'i,i->',
  'b...i,ij->b...j',
  'bci,bcj->bij',
] as const;

const einsumShapes = (equation: string, size: (label: string) => number): Shape[] =>
  equation
    .split('->')[0]!
    .split(',')
    .map((labels) => [...labels.replace('...', 'yz')].map((label) => (label === 'b' ? B : size(label))));

export const products: FamilyCases = {
  addmm: added('addmm', false),
  baddbmm: added('baddbmm', true),
  addbmm: added('addbmm', true, true),
  einsum: {
    fixed: EQUATIONS.map((equation) =>
      fn(
        'torch.einsum',
        einsumShapes(equation, (label) => 2 + (label.charCodeAt(0) % 3)),
        { equation },
      ),
    ),
    random(draw) {
      const equation = draw.pick(EQUATIONS);
      const sizes = new Map<string, number>();
      const size = (label: string) => {
        if (!sizes.has(label)) sizes.set(label, draw.int(1, 4));
        return sizes.get(label)!;
      };
      return { ...fn('torch.einsum', einsumShapes(equation, size), { equation }), batch: draw.int(1, 4) };
    },
    refused: [
      fn(
        'torch.einsum',
        [
          [2, 3],
          [2, 3],
        ],
        { equation: 'ij,jk->ik' },
      ),
      fn(
        'torch.einsum',
        [
          [2, 3],
          [2, 3],
        ],
        { equation: 'ijk,jk->ik' },
      ),
    ],
  },
  outer: {
    fixed: [fn('torch.outer', [[B], [4]]), fn('Tensor.ger', [[3], [B]])],
    random: (draw) => ({
      ...fn(draw.pick(['torch.outer', 'Tensor.outer', 'torch.ger']), draw.shuffled([[B], [draw.int(1, 5)]] as Shape[])),
      batch: draw.int(1, 5),
    }),
    refused: [fn('torch.outer', [[3], [2, 2]])],
  },
  dot: {
    fixed: [fn('torch.dot', [[5], [5]])],
    random(draw) {
      const n = draw.int(1, 9);
      return fn(draw.pick(['torch.dot', 'Tensor.dot', 'torch.vdot']), [[n], [n]]);
    },
    refused: [fn('torch.dot', [[3], [2, 2]]), fn('torch.dot', [[3], [2]])],
  },
  mv: {
    fixed: [fn('torch.mv', [[B, 4], [4]])],
    random(draw) {
      const n = draw.int(1, 6);
      return { ...fn(draw.pick(['torch.mv', 'Tensor.mv']), [[B, n], [n]]), batch: draw.int(1, 5) };
    },
    refused: [fn('torch.mv', [[2, 3], [2]])],
  },
};
