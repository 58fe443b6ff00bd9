import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { FALSE, float, int, NONE, TRUE, tuple, type Value } from '../../python/values';
import { axisAt, type Calls, isTensor, operand, rankOf, row } from './calls';

const axesOf = (calls: Calls, place = 1): Value | undefined => {
  const axis = calls.take(place, 'axis|axes|dim');
  return axis?.type === 'list' ? tuple(axis.items) : axis;
};

const keepsOf = (calls: Calls, place = 2): Value => calls.take(place, 'keepdims|keep_dims') ?? FALSE;

/** Of plain numbers and truths in lists too. */
const reduced = (name: string, more: Readonly<Record<string, Value>> = {}): BuiltinRow =>
  row((calls) => {
    const x = operand(calls);
    if (!isTensor(x)) return x.type === 'list' ? calls.torch(name, [calls.torch('stack', [x])], { ...more }) : x;
    const dim = axesOf(calls);
    return calls.torch(name, [x], { dim, keepdim: dim && keepsOf(calls), ...more });
  });

/** What PyTorch reduces over one axis alone, over several one after the other, the last first. */
const oneByOne = (name: string): BuiltinRow =>
  row((calls) => {
    let x = operand(calls);
    const rank = rankOf(x);
    const axis = axesOf(calls);
    if (rank === undefined) return x;
    const all = axis?.type === 'tuple' ? axis.items : axis ? [axis] : Array.from({ length: rank }, (_, i) => int(i));
    const places = all.flatMap((each) => (each.type === 'int' ? [axisAt(each.value, rank)] : [])).sort((a, b) => b - a);
    for (const dim of places) x = calls.torch(name, [x], { dim: int(dim), keepdim: keepsOf(calls) });
    return x;
  });

const indexed = (name: string): BuiltinRow =>
  row((calls) => {
    const dim = axesOf(calls);
    return calls.torch(name, [operand(calls)], { dim, keepdim: dim && keepsOf(calls) });
  });

/** Mean and variance over axes. */
const moments = row((calls) => {
  const [x, dim, keepdim] = [
    operand(calls),
    axesOf(calls),
    calls.take(2, 'keepdims') ?? calls.args.keywords.get('keepdims') ?? FALSE,
  ];
  return tuple([
    calls.torch('mean', [x], { dim, keepdim }),
    calls.torch('var', [x], { dim, keepdim, correction: int(0) }),
  ]);
});

/** A vector's length, by any order. */
const norm = row((calls) => {
  const x = operand(calls);
  const order = calls.take(1, 'ord');
  const euclidean = !order || order.type === 'string';
  return calls.torch('linalg.vector_norm', [x], {
    ord: euclidean ? int(2) : order,
    dim: axesOf(calls, 2),
    keepdim: keepsOf(calls, 3),
  });
});

/** A mean by weights; without them the mean. */
const average = row((calls) => {
  const [x, dim, weights] = [operand(calls), axesOf(calls), calls.take(2, 'weights')];
  if (!weights) return calls.torch('mean', [x], { dim });
  const total = calls.torch('sum', [weights], { dim: rankOf(weights) === rankOf(x) ? dim : undefined });
  return calls.on('/', calls.torch('sum', [calls.on('*', x, weights)], { dim }), total);
});

/** The value that a share of the values lies below, between two neighbours in proportion. */
function quantile(calls: Calls, share: number, dim: Value | undefined, keeps: Value): Value {
  const x = operand(calls);
  const rank = rankOf(x);
  if (!isTensor(x) || rank === undefined || dim?.type !== 'int')
    return calls.run.unmodelled('quantile', 'it is modelled over one axis', calls.site);
  const axis = axisAt(dim.value, rank);
  const size = x.shape![axis]!;
  if (typeof size !== 'number')
    return calls.run.unmodelled('quantile', 'it is not modelled over the batch', calls.site);
  const sorted = calls.torch('sort', [x], { dim: int(axis) });
  const values = sorted.type === 'tuple' ? sorted.items[0]! : calls.run.subscript(sorted, int(0), calls.site);
  const place = share * (size - 1);
  const low = Math.floor(place);
  const at = (i: number): Value => calls.torch('narrow', [values, int(axis), int(i), int(1)]);
  const between =
    place === low
      ? at(low)
      : calls.on('+', calls.on('*', at(low), 1 - (place - low)), calls.on('*', at(low + 1), place - low));
  return keeps.type === 'bool' && keeps.value ? between : calls.torch('squeeze', [between, int(axis)]);
}

const sums = reduced('sum');
const means = reduced('mean');
const largest = reduced('amax');
const smallest = reduced('amin');
const deviation = reduced('std', { correction: int(0) });
const variance = reduced('var', { correction: int(0) });
const products = oneByOne('prod');

/** Functions that make one value of many, as keras.ops and TensorFlow name them. */
export const reductions: BuiltinTable = {
  sum: sums,
  reduce_sum: sums,
  mean: means,
  reduce_mean: means,
  max: largest,
  amax: largest,
  reduce_max: largest,
  min: smallest,
  amin: smallest,
  reduce_min: smallest,
  std: deviation,
  reduce_std: deviation,
  var: variance,
  reduce_variance: variance,
  prod: products,
  reduce_prod: products,
  all: oneByOne('all'),
  reduce_all: oneByOne('all'),
  any: oneByOne('any'),
  reduce_any: oneByOne('any'),
  logsumexp: reduced('logsumexp'),
  reduce_logsumexp: reduced('logsumexp'),
  argmax: indexed('argmax'),
  argmin: indexed('argmin'),
  moments,
  norm,
  reduce_euclidean_norm: reduced('linalg.vector_norm'),
  average,
  count_nonzero: row((calls) => {
    const dim = axesOf(calls);
    return calls.torch('sum', [calls.on('!=', operand(calls), 0)], { dim, keepdim: dim && keepsOf(calls) });
  }),
  ptp: row((calls) => {
    const [x, dim] = [operand(calls), axesOf(calls)];
    const keepdim = dim && keepsOf(calls);
    return calls.on('-', calls.torch('amax', [x], { dim, keepdim }), calls.torch('amin', [x], { dim, keepdim }));
  }),
  median: row((calls) => quantile(calls, 0.5, axesOf(calls), keepsOf(calls))),
  quantile: row((calls) => {
    const share = calls.take(1, 'q');
    if (share?.type !== 'float' && share?.type !== 'int')
      return calls.run.unmodelled('quantile', 'its share is not one known number', calls.site);
    return quantile(calls, share.value, axesOf(calls, 2), calls.args.keywords.get('keepdims') ?? FALSE);
  }),
  cumsum: row((calls) => calls.torch('cumsum', [operand(calls)], { dim: calls.take(1, 'axis') ?? int(0) })),
  diff: row((calls) =>
    calls.torch('diff', [operand(calls, 0, 'a|x')], { n: calls.take(1, 'n'), dim: calls.take(2, 'axis') }),
  ),
  sort: row((calls) => {
    const sorted = calls.torch('sort', [operand(calls)], { dim: calls.take(1, 'axis') ?? int(-1) });
    return calls.run.subscript(sorted, int(0), calls.site);
  }),
  argsort: row((calls) => calls.torch('argsort', [operand(calls)], { dim: calls.take(1, 'axis') ?? int(-1) })),
  top_k: row((calls) =>
    calls.torch('topk', [operand(calls), calls.take(1, 'k') ?? int(1)], { sorted: calls.take(2, 'sorted') ?? TRUE }),
  ),
  l2_normalize: row((calls) =>
    calls.torch('nn.functional.normalize', [operand(calls)], { dim: calls.take(1, 'axis') ?? int(-1) }),
  ),
  normalize: row((calls) =>
    calls.torch('nn.functional.normalize', [operand(calls)], {
      dim: calls.take(1, 'axis') ?? int(-1),
      p: calls.take(2, 'order') ?? float(2),
      eps: calls.take(3, 'epsilon'),
    }),
  ),
  global_norm: () => NONE,
};
