import { NotRead } from '../notRead';
import type { Flow, Value } from '../values';
import { type Applied, axisOf } from './applied';
import { type OperatorRow, unary } from './row';

/** The axes that a reduction is over: all where none are said, unless that means none. */
function axesOf(applied: Applied): readonly number[] | undefined {
  const axes = applied.listAt('axes', 1);
  if (axes && axes.length > 0) return axes.map((axis) => axisOf(axis, applied.rank()));
  return applied.number('noop_with_empty_axes', 0) === 1 ? undefined : applied.shape().map((_, axis) => axis);
}

/** One of PyTorch's reductions over the node's axes; `after` and `before` are functions around it. */
const reduction = (
  op: string,
  kind: string,
  before: readonly string[] = [],
  after: readonly string[] = [],
): OperatorRow => ({
  op,
  read(applied) {
    const dim = axesOf(applied);
    const keepdim = applied.number('keepdims', 1) === 1;
    const inner = before.reduce<Value>((value, each) => applied.one(each, {}, [value]), applied.input());
    if (dim === undefined) return inner;
    // Global pooling over an image is written as a mean, too.
    const reduced: Value =
      kind === 'prod'
        ? [...dim]
            .sort((a, b) => b - a)
            .reduce<Value>((value, each) => applied.one(kind, { dim: each, keepdim }, [value]), inner)
        : applied.one(kind, { dim, keepdim }, [inner]);
    return after.reduce<Value>((value, each) => applied.one(each, {}, [value]), reduced);
  },
});

function extremePlace(applied: Applied, kind: 'argmax' | 'argmin'): Value {
  if (applied.number('select_last_index', 0) === 1) throw new NotRead('select_last_index is not modelled');
  return applied.one(kind, { dim: applied.number('axis', 0), keepdim: applied.number('keepdims', 1) === 1 });
}

function topk(applied: Applied): readonly Flow[] {
  const k = applied.optionalNumber('k') ?? applied.scalarAt(1);
  if (k === undefined) throw new NotRead('it has no k');
  const dim = applied.number('axis', -1);
  return applied.all('topk', { k, dim, largest: applied.number('largest', 1) === 1 });
}

export const reductions: readonly OperatorRow[] = [
  reduction('ReduceMean', 'mean'),
  reduction('ReduceSum', 'sum'),
  reduction('ReduceMax', 'amax'),
  reduction('ReduceMin', 'amin'),
  reduction('ReduceProd', 'prod'),
  reduction('ReduceL1', 'sum', ['abs']),
  reduction('ReduceL2', 'sum', ['square'], ['sqrt']),
  reduction('ReduceLogSum', 'sum', [], ['log']),
  reduction('ReduceLogSumExp', 'logsumexp'),
  reduction('ReduceSumSquare', 'sum', ['square']),
  { op: 'ArgMax', read: (applied) => extremePlace(applied, 'argmax') },
  { op: 'ArgMin', read: (applied) => extremePlace(applied, 'argmin') },
  { op: 'TopK', read: topk },
  unary('CumSum', 'cumsum', (applied) => {
    if (applied.number('exclusive', 0) || applied.number('reverse', 0))
      throw new NotRead('exclusive and reverse are not modelled');
    return { dim: applied.scalarAt(1) ?? 0 };
  }),
  {
    op: 'Hardmax',
    read() {
      throw new NotRead('it has no gradient');
    },
  },
];
