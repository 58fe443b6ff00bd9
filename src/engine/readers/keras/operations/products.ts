import type { BuiltinTable } from '../../python/builtins/row';
import { asNumber, int, string, tuple, type Value } from '../../python/values';
import { axisAt, type Calls, operand, rankOf, row } from './calls';

const second = (calls: Calls): Value => operand(calls, 1, 'x2|b|y');

const turned = (calls: Calls, x: Value): Value => calls.torch('transpose', [x, int(-2), int(-1)]);
const asked = (value: Value | undefined): boolean => value?.type === 'bool' && value.value;

/** tf.matmul's and keras.ops.matmul's. */
const matmul = row((calls) => {
  const [a, b] = [operand(calls), second(calls)];
  const { keywords, positional } = calls.args;
  const left = asked(keywords.get('transpose_a') ?? positional[2]) ? turned(calls, a) : a;
  return calls.torch('matmul', [left, asked(keywords.get('transpose_b') ?? positional[3]) ? turned(calls, b) : b]);
});

const letters = (count: number, from: number): string[] =>
  Array.from({ length: count }, (_, i) => String.fromCharCode(97 + from + i));

const axesFrom = (value: Value | undefined): number[] =>
  value?.type === 'list' || value?.type === 'tuple'
    ? value.items.flatMap((item) => asNumber(item) ?? [])
    : value && asNumber(value) !== undefined
      ? [asNumber(value)!]
      : [];

/** Sums over the axes of both: `axes` the last of one with the first of the other, or two lists. */
const tensordot = row((calls) => {
  const [a, b] = [operand(calls), second(calls)];
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left === undefined || right === undefined) return left === undefined ? a : b;
  const axes = calls.take(2, 'axes') ?? int(2);
  const count = asNumber(axes);
  const pair = axes.type === 'list' || axes.type === 'tuple' ? axes.items : [];
  const [of, to] =
    count !== undefined
      ? [Array.from({ length: count }, (_, i) => left - count + i), Array.from({ length: count }, (_, i) => i)]
      : [axesFrom(pair[0]).map((axis) => axisAt(axis, left)), axesFrom(pair[1]).map((axis) => axisAt(axis, right))];
  const own = letters(left, 0);
  const others = letters(right, left);
  to.forEach((axis, i) => {
    others[axis] = own[of[i]!]!;
  });
  const kept = [...own.filter((_, i) => !of.includes(i)), ...others.filter((_, i) => !to.includes(i))];
  return calls.torch('einsum', [string(`${own.join('')},${others.join('')}->${kept.join('')}`), a, b]);
});

const inner = row((calls) => {
  const [a, b] = [operand(calls), second(calls)];
  const [left, right] = [rankOf(a) ?? 1, rankOf(b) ?? 1];
  const own = letters(left, 0);
  const others = [...letters(right - 1, left), own.at(-1)!];
  const kept = [...own.slice(0, -1), ...others.slice(0, -1)];
  return calls.torch('einsum', [string(`${own.join('')},${others.join('')}->${kept.join('')}`), a, b]);
});

/** Keras's attention on [B, T, N, H]. */
const attention = row((calls) => {
  const heads = (place: number, name: string): Value =>
    calls.torch('transpose', [operand(calls, place, name), int(1), int(2)]);
  const made = calls.torch(
    'nn.functional.scaled_dot_product_attention',
    [heads(0, 'query'), heads(1, 'key'), heads(2, 'value')],
    {
      attn_mask: calls.take(4, 'mask'),
      scale: calls.take(5, 'scale'),
      is_causal: calls.take(6, 'is_causal'),
    },
  );
  return calls.torch('transpose', [made, int(1), int(2)]);
});

/** The cross product over the last axis of three. */
const cross = row((calls) => {
  const [a, b] = [operand(calls), second(calls)];
  const part = (x: Value, i: number) => calls.torch('narrow', [x, int(-1), int(i), int(1)]);
  const of = (i: number, j: number) =>
    calls.on('-', calls.on('*', part(a, i), part(b, j)), calls.on('*', part(a, j), part(b, i)));
  return calls.torch('cat', [tuple([of(1, 2), of(2, 0), of(0, 1)])], { dim: int(-1) });
});

/** K.batch_dot: sums over one axis of each, a batch at a time. */
const batchDot = row((calls) => {
  const [a, b] = [operand(calls), second(calls)];
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left === undefined || right === undefined) return left === undefined ? a : b;
  const axes = axesFrom(calls.take(2, 'axes'));
  const [of = left - 1, to = axes.length === 1 ? axes[0]! : right - 2] = axes;
  const own = letters(left, 0);
  const others = [own[0]!, ...letters(right - 1, left)];
  others[axisAt(to, right)] = own[axisAt(of, left)]!;
  const kept = [
    ...own.filter((_, i) => i !== axisAt(of, left)),
    ...others.filter((_, i) => i > 0 && i !== axisAt(to, right)),
  ];
  const made = calls.torch('einsum', [string(`${own.join('')},${others.join('')}->${kept.join('')}`), a, b]);
  return kept.length === 1 ? calls.torch('unsqueeze', [made, int(1)]) : made;
});

/** Products of tensors, as keras.ops and TensorFlow name them. */
export const products: BuiltinTable = {
  matmul,
  batch_dot: batchDot,
  dot: row((calls) => {
    const [a, b] = [operand(calls), second(calls)];
    return asNumber(a) !== undefined || asNumber(b) !== undefined ? calls.on('*', a, b) : calls.torch('matmul', [a, b]);
  }),
  matvec: row((calls) => {
    const product = calls.torch('matmul', [operand(calls), calls.torch('unsqueeze', [second(calls), int(-1)])]);
    return calls.torch('squeeze', [product, int(-1)]);
  }),
  einsum: (args, site, run) => run.call(run.library('torch.einsum'), args, site),
  tensordot,
  inner,
  vdot: row((calls) => calls.torch('dot', [operand(calls), second(calls)])),
  outer: row((calls) => calls.torch('outer', [operand(calls), second(calls)])),
  cross,
  dot_product_attention: attention,
  cdist: row((calls) => calls.torch('cdist', [operand(calls), second(calls)])),
};
