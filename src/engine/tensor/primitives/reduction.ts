import { reducedShape } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { longSum, partialSquares } from './longSums';

type ReductionName = 'sum' | 'sumSquare' | 'mean' | 'amax' | 'amin';

const samples = [
  { shapes: [[2, 3, 4]], attributes: { axes: [1], keepDims: true } },
  { shapes: [[2, 3, 4]], attributes: { axes: [0, 2], keepDims: false } },
  { shapes: [[2, 3, 4]], attributes: { axes: [1, 2], keepDims: true } },
  { shapes: [[3]], attributes: { axes: [0], keepDims: false } },
];

const reduction = (
  opType: 'ReduceSum' | 'ReduceSumSquare' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin',
  grad: (ops: Operations, x: Tensor, dy: Tensor, y: Tensor, count: number) => Tensor,
): Rule<ReductionName> => ({
  infer: ([x], { axes, keepDims }) => ({ shape: reducedShape(x!, axes, keepDims), dtype: x!.dtype }),
  grad: (ops, node, dy) => {
    const x = node.inputs[0]!;
    const kept = reducedShape(x, node.attributes.axes, true);
    const count = node.attributes.axes.reduce((product, axis) => product * x.shape[axis]!, 1);
    return [grad(ops, x, ops.reshape(dy, kept), ops.reshape(node as Tensor, kept), count)];
  },
  onnx: (emit, [x], { attributes: { axes, keepDims }, inputs, shape }) =>
    (opType !== 'ReduceMax' && opType !== 'ReduceMin' && longSum(emit, opType, x!, inputs[0]!, axes, shape)) ||
    (opType === 'ReduceSumSquare' && partialSquares(emit, x!, inputs[0]!, axes, shape)) ||
    emit.node(opType, [x!, emit.int64s(axes)], { keepdims: keepDims ? 1 : 0 }),
  flops: (node: TensorOf<ReductionName>) => node.inputs[0]!.shape.reduce((product, dim) => product * dim, 1),
  samples,
});

/** Extremes that tie share the gradient evenly, as in PyTorch's amax and amin. */
function shareAmongTies(ops: Operations, x: Tensor, dy: Tensor, y: Tensor): Tensor {
  const ties = ops.cast(ops.equal(x, y), 'float32');
  const axes = y.shape.flatMap((dim, axis) => (dim === x.shape[axis] ? [] : [axis]));
  return ops.mul(ties, ops.div(dy, ops.sum(ties, axes, true)));
}

export const reductions = {
  sum: reduction('ReduceSum', (ops, x, dy) => ops.expand(dy, x.shape)),
  sumSquare: reduction('ReduceSumSquare', (ops, x, dy) => ops.mul(ops.mul(x, 2), dy)),
  mean: reduction('ReduceMean', (ops, x, dy, _y, count) => ops.expand(ops.mul(dy, 1 / count), x.shape)),
  amax: reduction('ReduceMax', shareAmongTies),
  amin: reduction('ReduceMin', shareAmongTies),
};
