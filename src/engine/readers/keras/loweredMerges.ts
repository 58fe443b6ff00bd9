import { string, type Value } from '../python/values';
import { calls, config, isSaid, type Lower, type Lowering, numbersOf } from './lowering';
import { axisAt, type Calls, ints, isTensor } from './operations';

const letters = (count: number, from: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + from + i));

const unit = (c: Calls, x: Value, dim: Value): Value =>
  c.on(
    '*',
    x,
    c.torch('rsqrt', [
      c.torch('clamp', [c.torch('sum', [c.torch('square', [x])], { dim, keepdim: { type: 'bool', value: true } })], {
        min: { type: 'float', value: 1e-12 },
      }),
    ]),
  );

/** The sum over one axis of each of two tensors, a sample at a time. */
function dot(lowering: Lowering): Value {
  const { input, site, run } = lowering;
  const [a, b] = input.type === 'list' || input.type === 'tuple' ? input.items : [];
  if (!isTensor(a) || !isTensor(b) || !a.shape || !b.shape)
    return run.unmodelled('Dot', 'it takes two tensors of known shape', site);
  const axes = numbersOf(lowering, 'axes');
  const [left, right] = [a.shape.length, b.shape.length];
  const [of = left - 1, to = of] = axes;
  const c = calls(lowering);
  const [first, second] = isSaid(lowering, 'normalize') ? [unit(c, a, ints([of])), unit(c, b, ints([to]))] : [a, b];
  const own = letters(left, 0);
  const others = [own[0]!, ...letters(right - 1, left)];
  others[axisAt(to, right)] = own[axisAt(of, left)]!;
  const kept = [
    ...own.filter((_, i) => i !== axisAt(of, left)),
    ...others.filter((_, i) => i > 0 && i !== axisAt(to, right)),
  ];
  const made = c.torch('einsum', [string(`${own.join('')},${others.join('')}->${kept.join('')}`), first, second]);
  return kept.length === 1 ? c.torch('unsqueeze', [made, { type: 'int', value: 1 }]) : made;
}

/** Every vector over the axes with length one. */
function unitNormalization(lowering: Lowering): Value {
  const axes = numbersOf(lowering, 'axis');
  return unit(calls(lowering), lowering.input, ints(axes.length === 0 ? [-1] : axes));
}

const perAxis = (lowering: Lowering, count: number): Value => {
  const sizes = numbersOf(lowering, 'output_size');
  return ints(Array.from({ length: count }, (_, i) => sizes[i] ?? sizes[0] ?? 1));
};

/** Pooling to a given size, the channels last or first. */
const adaptive =
  (kind: 'avg' | 'max', dimension: 1 | 2 | 3): Lower =>
  (lowering) => {
    const c = calls(lowering);
    const first = config(lowering, 'data_format');
    const moves = !(first?.type === 'string' && first.value === 'channels_first');
    const axes = Array.from({ length: dimension }, (_, i) => i);
    const x = moves
      ? c.torch('permute', [lowering.input, ints([0, dimension + 1, ...axes.map((i) => i + 1)])])
      : lowering.input;
    const pooled = c.torch(`nn.functional.adaptive_${kind}_pool${dimension}d`, [x, perAxis(lowering, dimension)]);
    return moves ? c.torch('permute', [pooled, ints([0, ...axes.map((i) => i + 2), 1])]) : pooled;
  };

/** Layers of several inputs, and norms and pools without weights. */
export const loweredMerges: Readonly<Record<string, Lower>> = {
  Dot: dot,
  UnitNormalization: unitNormalization,
  ...Object.fromEntries(
    ([1, 2, 3] as const).flatMap((dimension) => [
      [`AdaptiveAveragePooling${dimension}D`, adaptive('avg', dimension)],
      [`AdaptiveMaxPooling${dimension}D`, adaptive('max', dimension)],
    ]),
  ),
};
