import type { Attributes } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases, LayerCase } from '../layerCase';
import { B, batched, fn, image } from './forms';

/** Some axes of a rank, each counted from the front or from the end. */
export const someAxes = (draw: Draw, rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => (draw.chance(0.3) ? i - rank : i)).filter(() => draw.chance());

/** Over any axes, under any of the names. */
const reduction = (kind: string, values?: (draw: Draw) => InputValues | undefined): KindCases => ({
  fixed: [
    { ...fn(`torch.${kind}`, [image], { dim: [2, 3] }), ...(values && { values: [{ booleans: 0.5 }] }) },
    fn(`Tensor.${kind}`, [[B, 3, 4]], { dim: 1, keepdim: true }),
    fn(`torch.${kind}`, [[B, 3]]),
  ],
  random(draw) {
    const rank = draw.int(1, 4);
    const dim = draw.pick([undefined, draw.axis(rank), someAxes(draw, rank)] as const);
    // PyTorch wants `dim` where `keepdim` is given.
    const attributes =
      dim === undefined || (Array.isArray(dim) && dim.length === 0)
        ? {}
        : { dim, ...draw.some({ keepdim: draw.chance() }) };
    const one: LayerCase = {
      ...fn(draw.pick([`torch.${kind}`, `Tensor.${kind}`]), [batched(draw, rank)], attributes),
      batch: draw.int(1, 4),
    };
    return values ? { ...one, values: [values(draw)] } : one;
  },
  refused: [fn(`torch.${kind}`, [[2, 3]], { dim: 3 })],
});

/** Over one axis or over all. */
const oneAxis = (kind: string, more: (draw: Draw) => Attributes = () => ({}), needsAxis = false): KindCases => ({
  fixed: [
    fn(`torch.${kind}`, [[B, 3, 4]], { dim: 1 }),
    fn(`Tensor.${kind}`, [[B, 3, 4]], { dim: -1, keepdim: true }),
    ...(needsAxis ? [] : [fn(`torch.${kind}`, [[B, 3]])]),
  ],
  random(draw) {
    const rank = draw.int(1, 4);
    const attributes =
      needsAxis || draw.chance(0.7) ? { dim: draw.axis(rank), ...draw.some({ keepdim: draw.chance() }) } : {};
    const name = draw.pick([`torch.${kind}`, `Tensor.${kind}`]);
    return { ...fn(name, [batched(draw, rank)], { ...attributes, ...more(draw) }), batch: draw.int(1, 4) };
  },
  refused: [fn(`torch.${kind}`, [[2, 3]], { dim: 2 })],
});

const spread = (kind: string, names: readonly string[]): KindCases => ({
  fixed: [
    fn(`torch.${kind}`, [[B, 3, 4]], { dim: [1, 2] }),
    fn(`torch.${kind}`, [[B, 5]], { dim: 1, unbiased: false, keepdim: true }),
    fn(names.at(-1)!, [[B, 5]], { dim: -1, correction: 0 }),
    fn(`torch.${kind}`, [[B, 5]]),
  ],
  random(draw) {
    const rank = draw.int(2, 4);
    const shape = batched(draw, rank, 3, 5);
    const attributes: Attributes = draw.chance(0.8)
      ? {
          dim: draw.chance() ? draw.int(1, rank - 1) : [1, rank - 1].slice(0, rank > 2 ? 2 : 1),
          ...draw.some({ keepdim: draw.chance() }),
        }
      : {};
    const corrected = draw.pick([
      {},
      { unbiased: draw.chance() },
      { correction: draw.pick([0, 1, 2]) },
    ] as readonly Attributes[]);
    // Positional `unbiased` without a `dim` would be taken for it.
    const given = 'dim' in attributes ? corrected : 'correction' in corrected ? corrected : {};
    return { ...fn(draw.pick(names), [shape], { ...attributes, ...given }), batch: draw.int(2, 4) };
  },
});

const positive: InputValues = { between: [0.3, 2] };

export const reductions: FamilyCases = {
  sum: {
    ...reduction('sum'),
    fixed: [
      fn('torch.sum', [image], { dim: [2, 3] }),
      fn('Tensor.sum', [[B, 3, 4]], { dim: 1, keepdim: true }),
      { ...fn('Tensor.sum', [[B, 3]]), values: [{ booleans: 0.5 }] },
      { ...fn('torch.sum', [[B, 3]], { dim: 1 }), values: [{ integers: [-3, 3] }] },
    ],
  },
  amax: reduction('amax'),
  amin: reduction('amin'),
  all: reduction('all', (draw) => draw.pick([{ booleans: 0.8 }, { integers: [0, 3] }] as const)),
  any: reduction('any', (draw) => draw.pick([{ booleans: 0.3 }, { integers: [0, 1] }] as const)),
  prod: {
    ...oneAxis('prod'),
    fixed: [
      fn('torch.prod', [[B, 3, 4]], { dim: 1 }),
      fn('Tensor.prod', [[B, 3]], { dim: -1, keepdim: true }),
      fn('torch.prod', [[B, 3]]),
      // The gradient beside one zero, and beside two.
      {
        ...fn('torch.prod', [[3, 3]], { dim: 1 }),
        values: [{ numbers: [0, 2, 3, 0, 0, 5, 1, 2, 4], dtype: 'float32' }],
      },
    ],
  },
  var: spread('var', ['torch.var', 'Tensor.var']),
  std: spread('std', ['torch.std', 'Tensor.std']),
  var_mean: spread('var_mean', ['torch.var_mean']),
  std_mean: spread('std_mean', ['torch.std_mean']),
  max: oneAxis('max'),
  min: oneAxis('min'),
  argmax: oneAxis('argmax'),
  argmin: oneAxis('argmin'),
  logsumexp: {
    fixed: [
      fn('torch.logsumexp', [[B, 3, 4]], { dim: [1, 2] }),
      fn('Tensor.logsumexp', [[B, 3]], { dim: 1, keepdim: true }),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const axes = someAxes(draw, rank);
      const dim = axes.length > 0 ? axes : draw.axis(rank);
      return {
        ...fn(draw.pick(['torch.logsumexp', 'Tensor.logsumexp']), [batched(draw, rank)], {
          dim,
          ...draw.some({ keepdim: draw.chance() }),
        }),
        batch: draw.int(1, 4),
        spread: draw.pick([1, 10]),
      };
    },
  },
  norm: {
    fixed: [
      fn('torch.norm', [image]),
      fn('Tensor.norm', [[B, 3, 4]], { p: 2, dim: -1, keepdim: true }),
      ...[1, 3, 0, 'inf', '-inf'].map((p) => fn('torch.norm', [[B, 5]], { p, dim: 1 })),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const p = draw.pick(['fro', 1, 2, 2.5, 'inf', '-inf'] as const);
      const dim = draw.axis(rank);
      const attributes = draw.chance(0.3)
        ? {}
        : { p: p === 'fro' ? 2 : p, dim, ...draw.some({ keepdim: draw.chance() }) };
      return {
        ...fn(draw.pick(['torch.norm', 'Tensor.norm']), [batched(draw, rank)], attributes),
        batch: draw.int(1, 4),
      };
    },
  },
  vector_norm: {
    fixed: [
      fn('torch.linalg.vector_norm', [image], { dim: [1, 2] }),
      fn('torch.linalg.vector_norm', [[B, 5]], { ord: 1 }),
      fn('torch.linalg.norm', [[B, 5]], { dim: 1, keepdim: true }),
      fn('torch.linalg.norm', [image]),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const name = draw.pick(['torch.linalg.vector_norm', 'torch.linalg.norm']);
      const ord = draw.pick([1, 2, 3, 'inf'] as const);
      return {
        ...fn(name, [batched(draw, rank)], {
          ...(draw.chance() && { ord }),
          dim: draw.axis(rank),
          ...draw.some({ keepdim: draw.chance() }),
        }),
        batch: draw.int(1, 4),
        values: [positive],
      };
    },
  },
  topk: {
    fixed: [fn('torch.topk', [[B, 6]], { k: 3 }), fn('Tensor.topk', [[B, 4, 3]], { k: 2, dim: 1, largest: false })],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4), 2);
      const axis = draw.int(1, shape.length - 1);
      return {
        ...fn(draw.pick(['torch.topk', 'Tensor.topk']), [shape], {
          k: draw.int(1, shape[axis] as number),
          dim: draw.chance() ? axis : axis - shape.length,
          ...draw.some({ largest: draw.chance() }),
        }),
        batch: draw.int(1, 4),
      };
    },
    refused: [fn('torch.topk', [[2, 3]], { k: 4 })],
  },
  sort: {
    fixed: [fn('torch.sort', [[B, 6]]), fn('Tensor.sort', [[B, 4, 3]], { dim: 1, descending: true })],
    random(draw) {
      const rank = draw.int(1, 4);
      return {
        ...fn(draw.pick(['torch.sort', 'Tensor.sort']), [batched(draw, rank)], {
          dim: draw.axis(rank),
          ...draw.some({ descending: draw.chance() }),
        }),
        batch: draw.int(1, 4),
      };
    },
  },
  argsort: {
    fixed: [fn('torch.argsort', [[B, 6]]), fn('Tensor.argsort', [[B, 4, 3]], { dim: 1, descending: true })],
    random(draw) {
      const rank = draw.int(1, 4);
      return {
        ...fn(draw.pick(['torch.argsort', 'Tensor.argsort']), [batched(draw, rank)], {
          dim: draw.axis(rank),
          ...draw.some({ descending: draw.chance() }),
        }),
        batch: draw.int(1, 4),
      };
    },
  },
};
