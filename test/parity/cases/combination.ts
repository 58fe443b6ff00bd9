import type { Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases, LayerCase } from '../layerCase';
import { broadcastable } from './arithmetic';
import { batched, fn, vector } from './forms';

const mask: InputValues = { booleans: 0.5 };
const integers: InputValues = { integers: [-4, 5] };
/** Divisors: no zero. */
const divisors: InputValues = { integers: [1, 5] };
const positive: InputValues = { between: [0.3, 2.5] };

/** Two tensors, or a tensor and a number, under any of the names. */
const ofTwo = (
  fixed: readonly LayerCase[],
  functions: readonly string[],
  operators: readonly string[] = [],
  values?: InputValues,
): KindCases => ({
  fixed,
  random(draw) {
    const batch = draw.int(1, 4);
    if (operators.length > 0 && draw.chance(0.3)) {
      const number = draw.decimal(0.5, 3);
      const inputs = [batched(draw, draw.int(1, 3))];
      return { ...fn(draw.pick(operators), inputs, { other: number }), batch, ...(values && { values: [values] }) };
    }
    return {
      ...fn(draw.pick([...functions, ...operators]), broadcastable(draw)),
      batch,
      ...(values && { values: [values, values] }),
    };
  },
});

const comparison = (kind: string, also: readonly string[]): KindCases => {
  const functions = [kind, ...also].flatMap((name) => [`torch.${name}`, `Tensor.${name}`]);
  return {
    fixed: [
      fn(`torch.${kind}`, [vector, [6]]),
      { ...fn(`operator.${kind}`, [vector], { other: 1 }), values: [integers] },
    ],
    random(draw) {
      const batch = draw.int(1, 4);
      const values = draw.chance() ? { integers: [0, 2] as const } : undefined;
      if (draw.chance(0.4)) {
        const number = draw.pick([0, 1, 0.5, -1]);
        return {
          ...fn(draw.pick([...functions, `operator.${kind}`]), [batched(draw, draw.int(1, 4))], { other: number }),
          batch,
          values: [values],
        };
      }
      return {
        ...fn(draw.pick([...functions, `operator.${kind}`]), broadcastable(draw)),
        batch,
        values: [values, values],
      };
    },
  };
};

const logical = (kind: string): KindCases => ({
  fixed: [{ ...fn(`torch.${kind}`, [vector, vector]), values: [mask, mask] }],
  random: (draw) => ({
    ...fn(draw.pick([`torch.${kind}`, `Tensor.${kind}`]), broadcastable(draw)),
    batch: draw.int(1, 4),
    values: [draw.pick([mask, { integers: [-1, 1] }] as const), draw.pick([mask, { integers: [0, 1] }] as const)],
  }),
});

const bitwise = (kind: string, operator: string): KindCases => ({
  fixed: [{ ...fn(`torch.${kind}`, [vector, [6]]), values: [mask, mask] }],
  random: (draw) => ({
    ...fn(draw.pick([`torch.${kind}`, `Tensor.${kind}`, `operator.${operator}`]), broadcastable(draw)),
    batch: draw.int(1, 4),
    values: [mask, mask],
  }),
});

const clamp = (names: readonly string[], bounds: readonly string[]): KindCases => {
  const functions = names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`, `torch.${name}_`, `Tensor.${name}_`]);
  const drawBounds = (draw: Draw) => {
    const [low, high] = [draw.decimal(-1.5, 0), draw.decimal(0, 1.5)];
    const all = { min: low, max: high };
    const given = bounds.length === 1 ? bounds : draw.pick([bounds, ['min'], ['max']]);
    return Object.fromEntries(given.map((name) => [name, all[name as 'min' | 'max']]));
  };
  return {
    fixed: [
      fn(functions[0]!, [vector], Object.fromEntries(bounds.map((name) => [name, name === 'min' ? -0.5 : 0.5]))),
      // On the bounds the gradient passes.
      {
        ...fn(functions[0]!, [[5]], Object.fromEntries(bounds.map((name) => [name, name === 'min' ? -1 : 1]))),
        values: [{ numbers: [-2, -1, 0, 1, 2], dtype: 'float32' }],
      },
    ],
    random: (draw) => ({
      ...fn(draw.pick(functions), [batched(draw, draw.int(1, 4))], drawBounds(draw)),
      batch: draw.int(1, 4),
      spread: 1.5,
    }),
  };
};

/** A mask that broadcasts against an input of this shape. */
const maskFor = (draw: Draw, shape: Shape): Shape =>
  shape.map((size) => (draw.chance(0.3) ? 1 : size)).slice(draw.chance(0.3) && shape.length > 1 ? 1 : 0);

const addCombined = (kind: string): KindCases => ({
  fixed: [{ ...fn(`torch.${kind}`, [vector, vector, [6]], { value: 0.5 }), apart: 0.3 }],
  random(draw) {
    const [a, b] = broadcastable(draw);
    const whole = a.length >= b.length ? a : b;
    const widest = whole.map((size, i) => {
      const other = (whole === a ? b : a)[i - whole.length + (whole === a ? b : a).length];
      return size === 1 && other !== undefined ? other : size;
    });
    return {
      ...fn(
        draw.pick([`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`]),
        [widest, a, b],
        draw.some({ value: draw.decimal(-2, 2) }),
      ),
      batch: draw.int(1, 4),
      apart: 0.3,
    };
  },
});

export const combinations: FamilyCases = {
  pow: {
    fixed: [
      ...[2, 3, -1, 0, 4].map((exponent) => ({ ...fn('torch.pow', [vector], { exponent }), apart: 0.3 })),
      ...[0.5, -0.5, 1.7].map((exponent) => ({ ...fn('operator.pow', [vector], { exponent }), values: [positive] })),
      { ...fn('torch.pow', [vector], { input: 2.5 }) },
      { ...fn('Tensor.pow', [vector, [6]]), values: [positive, undefined] },
    ],
    random(draw) {
      const batch = draw.int(1, 4);
      if (draw.chance(0.2)) return { ...fn('torch.pow', [batched(draw, 3)], { input: draw.decimal(0.5, 3) }), batch };
      if (draw.chance()) {
        const exponent = draw.pick([2, 3, 1, 0, 0.5, -1, -0.5, 1.5, 4]);
        const name = draw.pick(['torch.pow', 'Tensor.pow', 'Tensor.pow_', 'operator.pow']);
        return { ...fn(name, [batched(draw, draw.int(1, 4))], { exponent }), batch, values: [positive] };
      }
      const name = draw.pick(['torch.pow', 'Tensor.pow', 'operator.pow']);
      return { ...fn(name, broadcastable(draw)), batch, values: [positive, undefined] };
    },
  },
  minimum: ofTwo([fn('torch.minimum', [vector, [6]])], ['torch.minimum', 'Tensor.minimum']),
  maximum: ofTwo([fn('torch.maximum', [vector, [6]])], ['torch.maximum', 'Tensor.maximum']),
  remainder: {
    fixed: [
      fn('operator.mod', [vector], { other: 0.7 }),
      { ...fn('torch.remainder', [vector, [6]]), values: [undefined, positive] },
      { ...fn('torch.remainder', [vector, [6]]), values: [integers, divisors] },
    ],
    random(draw) {
      const whole = draw.chance(0.3);
      const inputs = broadcastable(draw);
      return {
        ...fn(draw.pick(['torch.remainder', 'Tensor.remainder', 'operator.mod']), inputs),
        batch: draw.int(1, 4),
        values: whole ? [integers, divisors] : [undefined, positive],
      };
    },
  },
  // Of whole numbers: PyTorch has no derivative for it.
  floor_divide: {
    fixed: [
      { ...fn('operator.floordiv', [vector], { other: 2 }), values: [integers] },
      { ...fn('torch.floor_divide', [vector, [6]]), values: [integers, divisors] },
    ],
    random: (draw) => ({
      ...fn(draw.pick(['torch.floor_divide', 'Tensor.floor_divide', 'operator.floordiv']), broadcastable(draw)),
      batch: draw.int(1, 4),
      values: [integers, divisors],
    }),
  },
  atan2: ofTwo([{ ...fn('torch.atan2', [vector, [6]]), apart: 0.2 }], ['torch.atan2', 'Tensor.atan2', 'torch.arctan2']),
  logaddexp: ofTwo([fn('torch.logaddexp', [vector, [6]])], ['torch.logaddexp', 'Tensor.logaddexp']),
  fmod: {
    fixed: [
      fn('torch.fmod', [vector], { other: 0.7 }),
      { ...fn('Tensor.fmod', [vector, [6]]), values: [undefined, positive] },
      { ...fn('torch.fmod', [vector, [6]]), values: [integers, divisors] },
    ],
    random(draw) {
      const whole = draw.chance(0.3);
      return {
        ...fn(draw.pick(['torch.fmod', 'Tensor.fmod']), broadcastable(draw)),
        batch: draw.int(1, 4),
        values: whole ? [integers, divisors] : [undefined, positive],
      };
    },
  },
  xlogy: {
    fixed: [{ ...fn('torch.xlogy', [vector, [6]]), values: [undefined, positive] }],
    random: (draw) => ({
      ...fn(draw.pick(['torch.xlogy', 'Tensor.xlogy']), broadcastable(draw)),
      batch: draw.int(1, 4),
      values: [undefined, positive],
    }),
  },
  copysign: ofTwo([fn('torch.copysign', [vector, [6]])], ['torch.copysign', 'Tensor.copysign']),
  isclose: {
    fixed: [
      fn('torch.isclose', [vector, [6]], { atol: 0.5 }),
      { ...fn('Tensor.isclose', [vector, [6]]), values: [integers, integers] },
    ],
    random: (draw) => ({
      ...fn(draw.pick(['torch.isclose', 'Tensor.isclose']), broadcastable(draw), draw.some({ atol: 0.5, rtol: 0.1 })),
      batch: draw.int(1, 4),
    }),
  },
  isin: {
    fixed: [
      { ...fn('torch.isin', [vector, [3]]), values: [integers, integers] },
      { ...fn('torch.isin', [vector], { test_elements: 2 }), values: [integers] },
      { ...fn('torch.isin', [vector, [3]], { invert: true }), values: [integers, integers] },
    ],
    random: (draw) => ({
      ...fn(
        'torch.isin',
        [batched(draw, draw.int(1, 3)), draw.shape(draw.int(1, 2))],
        draw.some({ invert: draw.chance() }),
      ),
      batch: draw.int(1, 4),
      values: [integers, integers],
    }),
  },
  clamp: clamp(['clamp', 'clip'], ['min', 'max']),
  clamp_min: clamp(['clamp_min'], ['min']),
  clamp_max: clamp(['clamp_max'], ['max']),
  where: {
    fixed: [
      { ...fn('torch.where', [vector, vector, [6]]), values: [mask, undefined, undefined] },
      { ...fn('torch.where', [vector, vector], { other: 0.5 }), values: [mask, undefined] },
      { ...fn('Tensor.where', [vector, vector], { other: 2.5 }), values: [mask, undefined] },
    ],
    random(draw) {
      const batch = draw.int(1, 4);
      const shape = batched(draw, draw.int(1, 4));
      const condition = maskFor(draw, shape);
      if (draw.chance(0.3)) {
        const number = draw.decimal(-2, 2) + 0.001;
        if (draw.chance())
          return { ...fn('torch.where', [condition, shape], { input: number }), batch, values: [mask, undefined] };
        const name = draw.pick(['torch.where', 'Tensor.where']);
        return { ...fn(name, [condition, shape], { other: number }), batch, values: [mask, undefined] };
      }
      const name = draw.pick(['torch.where', 'Tensor.where']);
      return { ...fn(name, [condition, shape, shape]), batch, values: [mask, undefined, undefined] };
    },
  },
  masked_fill: {
    fixed: [
      { ...fn('Tensor.masked_fill', [vector, [6]], { value: -1e9 }), values: [undefined, mask], tolerance: 1e-6 },
      { ...fn('torch.masked_fill', [vector, vector, []]), values: [undefined, mask] },
    ],
    random(draw) {
      const shape = batched(draw, draw.int(1, 4));
      const name = draw.pick(['torch.masked_fill', 'Tensor.masked_fill', 'Tensor.masked_fill_']);
      const inputs = [shape, maskFor(draw, shape)];
      return {
        ...fn(name, inputs, { value: draw.decimal(-3, 3) }),
        batch: draw.int(1, 4),
        values: [undefined, mask],
      };
    },
    refused: [
      fn(
        'torch.masked_fill',
        [
          [2, 3],
          [2, 3],
        ],
        { value: 0 },
      ),
    ],
  },
  lerp: {
    fixed: [fn('torch.lerp', [vector, vector], { weight: 0.3 }), fn('Tensor.lerp', [vector, vector, [6]])],
    random(draw) {
      const shape = batched(draw, draw.int(1, 4));
      const name = draw.pick(['torch.lerp', 'Tensor.lerp', 'Tensor.lerp_']);
      if (draw.chance()) return { ...fn(name, [shape, shape], { weight: draw.decimal(-1, 2) }), batch: draw.int(1, 4) };
      return { ...fn(name, [shape, shape, shape]), batch: draw.int(1, 4) };
    },
  },
  addcmul: addCombined('addcmul'),
  addcdiv: addCombined('addcdiv'),
  gt: comparison('gt', ['greater']),
  ge: comparison('ge', ['greater_equal']),
  lt: comparison('lt', ['less']),
  le: comparison('le', ['less_equal']),
  eq: comparison('eq', []),
  ne: comparison('ne', ['not_equal']),
  logical_and: logical('logical_and'),
  logical_or: logical('logical_or'),
  logical_xor: logical('logical_xor'),
  bitwise_and: bitwise('bitwise_and', 'and_'),
  bitwise_or: bitwise('bitwise_or', 'or_'),
  bitwise_xor: bitwise('bitwise_xor', 'xor'),
};
