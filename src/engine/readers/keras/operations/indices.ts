import type { BuiltinTable } from '../../python/builtins/row';
import { asNumber, dimension, int, NONE, tuple, type Value } from '../../python/values';
import { axisAt, type Calls, converted, isTensor, operand, rankOf, row } from './calls';

const asFloat = (calls: Calls, value: Value): Value => converted(calls, value, 'float32');

/** Rows along an axis by index; the axis becomes the indices' own axes. */
const take = row((calls) => {
  const [x, indices] = [operand(calls, 0, 'x|params|reference'), operand(calls, 1, 'indices')];
  const one = asNumber(indices);
  const given = calls.take(2, 'axis') ?? calls.args.keywords.get('axis');
  const rank = rankOf(x);
  if (!isTensor(x) || rank === undefined) return x;
  const from = given?.type === 'int' ? axisAt(given.value, rank) : 0;
  const dim = int(from);
  if (one !== undefined) return calls.torch('select', [x, dim, int(one)]);
  if (!isTensor(indices) || !indices.shape) return indices;
  const rows = calls.torch('index_select', [x, dim, calls.torch('reshape', [indices, tuple([int(-1)])])]);
  if (indices.shape.length === 1) return rows;
  const shape = [...x.shape!.slice(0, from), ...indices.shape, ...x.shape!.slice(from + 1)];
  return calls.torch('reshape', [rows, tuple(shape.map(dimension))]);
});

/** Ones at the classes' places, in a new last axis. */
const oneHot = row((calls) => {
  const classes = calls.take(1, 'num_classes|depth|num_tokens') ?? NONE;
  return asFloat(calls, calls.torch('nn.functional.one_hot', [operand(calls, 0, 'x|indices'), classes]));
});

const multiHot = row((calls) => {
  const hot = calls.torch('nn.functional.one_hot', [
    operand(calls, 0, 'inputs|x'),
    calls.take(1, 'num_classes|num_tokens') ?? NONE,
  ]);
  return calls.torch('amax', [asFloat(calls, hot)], { dim: int(-2) });
});

const where = row((calls) =>
  calls.torch('where', [operand(calls, 0, 'condition'), operand(calls, 1, 'x1|x'), operand(calls, 2, 'x2|y')]),
);

/** The first choice whose condition holds. */
const select = row((calls) => {
  const lists = [calls.take(0, 'condlist'), calls.take(1, 'choicelist')].map((each) =>
    each?.type === 'list' || each?.type === 'tuple' ? [...each.items] : [],
  );
  const [conditions, choices] = lists as [Value[], Value[]];
  const otherwise = calls.take(2, 'default') ?? int(0);
  return conditions.reduceRight<Value>(
    (rest, condition, i) => calls.torch('where', [condition, choices[i] ?? NONE, rest]),
    otherwise,
  );
});

/** How many boundaries lie at or below each value. */
const digitize = row((calls) => {
  const [x, bins] = [operand(calls), operand(calls, 1, 'bins')];
  return calls.torch('sum', [calls.on('>=', calls.torch('unsqueeze', [x, int(-1)]), bins)], { dim: int(-1) });
});

/** Functions that take values by index or by condition. */
export const indices: BuiltinTable = {
  take,
  gather: take,
  take_along_axis: row((calls) =>
    calls.torch('take_along_dim', [operand(calls), operand(calls, 1, 'indices')], { dim: calls.take(2, 'axis') }),
  ),
  one_hot: oneHot,
  multi_hot: multiHot,
  where,
  select,
  digitize,
};
