import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { checkSize } from '../../../python/evaluator';
import { int, knownNumbers, list, NONE, truth, tuple, type Value } from '../../../python/values';
import { isTensor, number, rankOf, type Torch, torchAt, written } from './at';

/** The tensor with at least so many axes, as numpy has it: a third axis comes last. */
function atLeast(value: Value, rank: 1 | 2 | 3, torch: Torch): Value {
  const own = rankOf(value);
  if (!isTensor(value) || own >= rank) return value;
  const first = own === 0 ? torch.call('reshape', [value, list([int(1)])]) : value;
  if (rank === 1) return first;
  const row = own < 2 ? torch.call('unsqueeze', [first, int(0)]) : first;
  return rank === 3 ? torch.call('unsqueeze', [row, int(2)]) : row;
}

const stacking = (by: string, rank: 1 | 2 | 3, axis: (rank: number) => number): BuiltinRow =>
  written(by, ['tensors'], ({ tensors }, torch) => {
    const items = tensors && torch.run.iterate(tensors, torch.site);
    if (!items) return torch.unmodelled('how many tensors there are is not known');
    const raised = items.map((item) => atLeast(item, rank, torch));
    return torch.call('cat', [list(raised), int(axis(rankOf(raised[0])))]);
  });

const raising = (rank: 1 | 2 | 3): BuiltinRow =>
  written(`atleast_${rank}d`, ['input'], ({ input = NONE }, torch, { positional }) => {
    const items =
      positional.length > 1 ? positional : input.type === 'tuple' || input.type === 'list' ? input.items : undefined;
    return items ? tuple(items.map((item) => atLeast(item, rank, torch))) : atLeast(input, rank, torch);
  });

const rot90 = written('rot90', ['input', 'k', 'dims'], ({ input = NONE, k, dims }, torch) => {
  const axes = dims ? torch.run.iterate(dims, torch.site) : [int(0), int(1)];
  const [a, b] = axes ?? [];
  if (!a || !b) return torch.unmodelled('its axes are not known');
  const turns = ((number(k, 1) % 4) + 4) % 4;
  if (turns === 0) return torch.method('clone', input);
  if (turns === 2) return torch.call('flip', [input, list([a, b])]);
  if (turns === 1) return torch.call('transpose', [torch.call('flip', [input, list([b])]), a, b]);
  return torch.call('flip', [torch.call('transpose', [input, a, b]), list([b])]);
});

const broadcastTensors: BuiltinRow = (args, site, run) => {
  const torch = torchAt('broadcast_tensors', site, run);
  const given =
    args.positional.length === 1 ? (run.iterate(args.positional[0]!, site) ?? args.positional) : args.positional;
  const open = given.find((value) => value.type !== 'tensor' || !value.shape);
  if (open) return open;
  // Their sum has the shape that they have together.
  const whole = given.map((value) => torch.call('zeros_like', [value])).reduce((a, b) => torch.binary('+', a, b));
  const size = run.attribute(whole, 'shape', site);
  return tuple(given.map((value) => torch.call('broadcast_to', [value, size])));
};

const cartesianProd: BuiltinRow = (args, site, run) => {
  const torch = torchAt('cartesian_prod', site, run);
  const grids = torch.call('meshgrid', args.positional, { indexing: { type: 'string', value: 'ij' } });
  const items = run.iterate(grids, site);
  if (!items) return grids;
  const flat = items.map((item) => torch.call('reshape', [item, list([int(-1)])]));
  return flat.length === 1 ? flat[0]! : torch.call('stack', [list(flat)], { dim: int(1) });
};

/** Each element of an axis as often as a list of known numbers says. */
const repeatEach = written(
  'repeat_interleave',
  ['input', 'repeats', 'dim'],
  ({ input = NONE, repeats, dim }, torch) => {
    const counts = isTensor(repeats) ? knownNumbers(repeats)?.values : undefined;
    if (!counts) return torch.unmodelled('how often each element is repeated is not known');
    const flat = !dim || dim.type === 'none';
    const x = flat ? torch.call('reshape', [input, list([int(-1)])]) : input;
    checkSize(counts.reduce((total, count) => total + Math.max(0, count), 0));
    const places = counts.flatMap((count, at) => Array.from({ length: count }, () => at));
    return torch.call('index_select', [x, flat ? int(0) : dim, torch.known(places, [places.length], 'int64')]);
  },
);

/** `repeat_interleave` as the table has it, but where a tensor says how often. */
export const repeating =
  (plain: BuiltinRow): BuiltinRow =>
  (args, site, run) =>
    (isTensor(args.positional[1] ?? args.keywords.get('repeats')) ? repeatEach : plain)(args, site, run);

/** Blocks of matrices along a diagonal, zeros around them. */
const blockDiag: BuiltinRow = (args, site, run) => {
  const torch = torchAt('block_diag', site, run);
  const blocks = args.positional.map((each) => atLeast(each, 2, torch));
  const sizes = blocks.map((each) => (isTensor(each) ? each.shape : undefined));
  const widths = sizes.map((shape) => (typeof shape?.[1] === 'number' ? shape[1] : undefined));
  if (widths.includes(undefined)) return torch.unmodelled('the sizes of its blocks are not known');
  const total = (part: readonly (number | undefined)[]) => part.reduce<number>((sum, width) => sum + width!, 0);
  const rows = blocks.map((block, i) =>
    torch.call('nn.functional.pad', [block, list([int(total(widths.slice(0, i))), int(total(widths.slice(i + 1)))])]),
  );
  return torch.call('cat', [list(rows), int(0)]);
};

/** The last two axes exchanged. */
const matrixTransposed = written('mT', ['input'], ({ input = NONE }, torch) =>
  torch.call('transpose', [input, int(-2), int(-1)]),
);

const allTransposed = written('T', ['input'], ({ input = NONE }, torch) => {
  const axes = Array.from({ length: rankOf(input) }, (_, i) => int(rankOf(input) - 1 - i));
  return axes.length < 2 ? input : torch.call('permute', [input, list(axes)]);
});

/** Properties of tensors that are functions of them. */
export const writtenProperties: BuiltinTable = {
  T: allTransposed,
  H: matrixTransposed,
  mT: matrixTransposed,
  mH: matrixTransposed,
};

/** Functions and methods alike. */
export const shapeFunctions: BuiltinTable = {
  ravel: written('ravel', ['input'], ({ input = NONE }, torch) => torch.call('reshape', [input, list([int(-1)])])),
  rot90,
  take: written('take', ['input', 'index'], ({ input = NONE, index = NONE }, torch) => {
    const flat = torch.call('reshape', [input, list([int(-1)])]);
    const places = torch.call('reshape', [index, list([int(-1)])]);
    return torch.call('reshape', [
      torch.call('index_select', [flat, int(0), places]),
      torch.run.attribute(index, 'shape', torch.site),
    ]);
  }),
};

export const shapeTorch: BuiltinTable = {
  hstack: stacking('hstack', 1, (rank) => (rank === 1 ? 0 : 1)),
  vstack: stacking('vstack', 2, () => 0),
  row_stack: stacking('row_stack', 2, () => 0),
  dstack: stacking('dstack', 3, () => 2),
  column_stack: stacking('column_stack', 2, () => 1),
  atleast_1d: raising(1),
  atleast_2d: raising(2),
  atleast_3d: raising(3),
  broadcast_tensors: broadcastTensors,
  cartesian_prod: cartesianProd,
  block_diag: blockDiag,
};

/** `x[indices] = values`, in place or as a copy. */
const indexPut = (inPlace: boolean): BuiltinRow =>
  written(
    'index_put',
    ['input', 'indices', 'values', 'accumulate'],
    ({ input = NONE, indices, values = NONE, accumulate }, torch) => {
      if (accumulate && truth(accumulate) !== false) return torch.unmodelled('adding by index is not modelled');
      const index = indices && torch.run.iterate(indices, torch.site);
      const target = inPlace ? input : torch.method('clone', input);
      if (!index || !isTensor(target)) return torch.unmodelled('its indices are not known');
      torch.run.setTensorItem(target, tuple(index), values, torch.site);
      return target;
    },
  );

/** One number on the diagonal of a matrix. */
const fillDiagonal = written(
  'fill_diagonal_',
  ['input', 'fill_value'],
  ({ input = NONE, fill_value = int(0) }, torch) => {
    const shape = isTensor(input) ? input.shape : undefined;
    const columns = shape?.[1];
    if (!isTensor(input) || shape?.length !== 2 || typeof columns !== 'number')
      return torch.unmodelled('it is modelled for matrices of known width');
    const ones = torch.call('ones_like', [input]);
    const mask = torch.method('bool', torch.call('triu', [torch.call('tril', [ones])]));
    return torch.run.writeTo(input, torch.call('masked_fill', [input, mask, fill_value]), torch.site);
  },
);

export const shapeMethods: BuiltinTable = {
  index_put: indexPut(false),
  index_put_: indexPut(true),
  fill_diagonal_: fillDiagonal,
  view_as: written('view_as', ['input', 'other'], ({ input = NONE, other = NONE }, torch) =>
    torch.method('reshape', input, torch.run.attribute(other, 'shape', torch.site)),
  ),
};
