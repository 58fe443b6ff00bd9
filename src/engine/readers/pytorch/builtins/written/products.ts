import type { BuiltinTable } from '../../../python/builtins/row';
import { asNumber, int, list, NONE, type TensorValue, type Value } from '../../../python/values';
import { isTensor, number, rankOf, written } from './at';

/** The axes of two tensors that a product sums over, by number or by name. */
const tensordot = written('tensordot', ['a', 'b', 'dims'], ({ a, b, dims = int(2) }, torch) => {
  if (!isTensor(a) || !isTensor(b)) return torch.unmodelled('it takes two tensors');
  const count = asNumber(dims);
  const [left, right] =
    count !== undefined
      ? [Array.from({ length: count }, (_, i) => rankOf(a) - count + i), Array.from({ length: count }, (_, i) => i)]
      : (torch.run.iterate(dims, torch.site) ?? []).map((axes) =>
          (torch.run.iterate(axes, torch.site) ?? [axes]).map((axis) => number(axis, 0)),
        );
  if (!left || !right) return torch.unmodelled('its axes are not known');
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  if (rankOf(a) + rankOf(b) > letters.length || (count ?? 0) > rankOf(a))
    return torch.unmodelled('tensors of so many axes are not modelled');
  const [own, other] = [rankOf(a), rankOf(b)];
  const first = Array.from({ length: own }, (_, i) => letters[i]!);
  const summed = right.map((axis) => (axis < 0 ? axis + other : axis));
  const second = Array.from({ length: other }, (_, i) => {
    const at = summed.indexOf(i);
    const axis = left[at];
    return at < 0 || axis === undefined ? letters[own + i]! : first[axis < 0 ? axis + own : axis]!;
  });
  const kept = [
    ...first.filter((letter) => !second.includes(letter)),
    ...second.filter((letter) => !first.includes(letter)),
  ];
  const equation = `${first.join('')},${second.join('')}->${kept.join('')}`;
  return torch.call('einsum', [{ type: 'string', value: equation }, a, b]);
});

/** a × b along an axis of three. */
const cross = written('cross', ['input', 'other', 'dim'], ({ input = NONE, other = NONE, dim }, torch) => {
  const rank = Math.max(rankOf(input), rankOf(other));
  const axis = int(number(dim, rank - 1));
  const part = (of: Value, at: number) => torch.call('narrow', [of, axis, int(at), int(1)]);
  const component = (i: number, j: number) =>
    torch.binary(
      '-',
      torch.binary('*', part(input, i), part(other, j)),
      torch.binary('*', part(input, j), part(other, i)),
    );
  return torch.call('cat', [list([component(1, 2), component(2, 0), component(0, 1)]), axis]);
});

/** Kronecker's product: every element times the other tensor. */
const kron = written('kron', ['input', 'other'], ({ input, other }, torch) => {
  if (!isTensor(input) || !isTensor(other)) return torch.unmodelled('it takes two tensors');
  const rank = Math.max(rankOf(input), rankOf(other));
  const shapeOf = ({ shape = [] }: TensorValue) => [
    ...Array.from({ length: rank - shape.length }, () => 1 as const),
    ...shape,
  ];
  const [a, b] = [shapeOf(input), shapeOf(other)];
  if ([...a, ...b].some((size) => typeof size !== 'number'))
    return torch.unmodelled('the batch times itself is not modelled');
  const [left, right] = [a, b] as number[][];
  const sizes = (of: readonly number[]) => list(of.map(int));
  const wide = torch.call('reshape', [input, sizes(left!.flatMap((size) => [size, 1]))]);
  const narrow = torch.call('reshape', [other, sizes(right!.flatMap((size) => [1, size]))]);
  return torch.call('reshape', [torch.binary('*', wide, narrow), sizes(left!.map((size, i) => size * right![i]!))]);
});

const inner = written('inner', ['input', 'other'], ({ input = NONE, other = NONE }, torch) =>
  rankOf(input) === 0 || rankOf(other) === 0
    ? torch.binary('*', input, other)
    : torch.call('tensordot', [input, other], { dims: list([list([int(-1)]), list([int(-1)])]) }),
);

const matrixPower = written('matrix_power', ['input', 'n'], ({ input = NONE, n }, torch) => {
  const times = n && asNumber(n);
  if (times === undefined || times < 1 || times > 64)
    return torch.unmodelled('a power below 1 or above 64 is not modelled');
  return Array.from({ length: times - 1 }).reduce<Value>((product) => torch.call('matmul', [product, input]), input);
});

/** Matrices multiplied one after the other. */
const chain = (by: string) =>
  written(by, ['tensors'], ({ tensors = NONE }, torch, { positional }) => {
    const items = positional.length > 1 ? positional : torch.run.iterate(tensors, torch.site);
    if (!items || items.length === 0) return torch.unmodelled('which matrices there are is not known');
    return items.reduce((product, each) => torch.call('matmul', [product, each]));
  });

/** Functions and methods alike. */
export const productFunctions: BuiltinTable = {
  tensordot,
  cross,
  kron,
  inner,
  matrix_power: matrixPower,
  dist: written('dist', ['input', 'other', 'p'], ({ input = NONE, other = NONE, p = int(2) }, torch) =>
    torch.call('norm', [torch.binary('-', input, other), p]),
  ),
};

export const productTorch: BuiltinTable = {
  chain_matmul: chain('chain_matmul'),
  'linalg.multi_dot': chain('multi_dot'),
  'linalg.matrix_power': matrixPower,
  'linalg.cross': cross,
  'linalg.matmul': written('matmul', ['input', 'other'], ({ input = NONE, other = NONE }, torch) =>
    torch.call('matmul', [input, other]),
  ),
  'linalg.diagonal': written(
    'diagonal',
    ['A', 'offset', 'dim1', 'dim2'],
    ({ A = NONE, offset = int(0), dim1 = int(-2), dim2 = int(-1) }, torch) =>
      torch.call('diagonal', [A, offset, dim1, dim2]),
  ),
  'linalg.matrix_norm': written(
    'matrix_norm',
    ['A', 'ord', 'dim', 'keepdim'],
    ({ A = NONE, ord, dim, keepdim }, torch) => {
      if (ord && !(ord.type === 'string' && ord.value === 'fro'))
        return torch.unmodelled('norms of matrices are not modelled, but for Frobenius’');
      return torch.call('linalg.vector_norm', [A, int(2), dim ?? list([int(-2), int(-1)])], keepdim ? { keepdim } : {});
    },
  ),
};
