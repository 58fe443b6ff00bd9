import { reducedShape } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

type ReductionName = 'norm2' | 'prod' | 'logSumExp';

/** A reduction; its gradient from (operations, x, ∂L/∂y, y), the last two with the reduced axes kept. */
const reduction = (
  opType: string,
  grad: (ops: Operations, x: Tensor, dy: Tensor, y: Tensor, axes: readonly number[]) => Tensor,
): Rule<ReductionName> => ({
  infer: ([x], { axes, keepDims }) => ({ shape: reducedShape(x!, axes, keepDims), dtype: x!.dtype }),
  grad: (ops, node, dy) => {
    const x = node.inputs[0]!;
    const { axes } = node.attributes;
    const kept = reducedShape(x, axes, true);
    return [grad(ops, x, ops.reshape(dy, kept), ops.reshape(node as Tensor, kept), axes)];
  },
  onnx: (emit, [x], { attributes: { axes, keepDims } }) =>
    emit.node(opType, [x!, emit.int64s(axes)], { keepdims: keepDims ? 1 : 0 }),
  flops: (node: TensorOf<ReductionName>) => count(node.inputs[0]!.shape),
  samples: [
    { shapes: [[2, 3, 4]], attributes: { axes: [1], keepDims: true } },
    { shapes: [[2, 3, 2]], attributes: { axes: [0, 2], keepDims: false } },
  ],
});

/** Index of the first extreme along an axis, int64. */
const position = (opType: string): Rule<'argMax' | 'argMin'> => ({
  infer: ([x], { axis }) => ({ shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int64' }),
  grad: null,
  onnx: (emit, inputs, { attributes: { axis } }) => emit.node(opType, inputs, { axis, keepdims: 0 }),
  flops: (node) => count(node.inputs[0]!.shape),
  samples: [{ shapes: [[2, 3, 4]], attributes: { axis: 1 } }],
});

/** Primitives that look at an axis as a whole or in its order. */
export const orderings: {
  norm2: Rule<'norm2'>;
  prod: Rule<'prod'>;
  logSumExp: Rule<'logSumExp'>;
  argMax: Rule<'argMax'>;
  argMin: Rule<'argMin'>;
  topIndices: Rule<'topIndices'>;
  cumulativeSum: Rule<'cumulativeSum'>;
  triangle: Rule<'triangle'>;
  putRows: Rule<'putRows'>;
} = {
  // d‖x‖ = x/‖x‖, and 0 where the norm is 0, as in PyTorch.
  norm2: reduction('ReduceL2', (ops, x, dy, y) => ops.mul(x, ops.where(ops.equal(y, 0), 0, ops.div(dy, y)))),
  // The product of the others: y/x without zeros; with one zero it alone has a derivative, with two none has.
  prod: reduction('ReduceProd', (ops, x, dy, y, axes) => {
    const isZero = ops.equal(x, 0);
    const others = ops.where(isZero, 1, x);
    const zeros = ops.sum(ops.cast(isZero, 'float32'), axes, true);
    const atZero = ops.where(ops.and(isZero, ops.equal(zeros, 1)), ops.prod(others, axes, true), 0);
    return ops.mul(dy, ops.where(ops.equal(zeros, 0), ops.div(y, others), atZero));
  }),
  // d log Σeˣ = softmax
  logSumExp: reduction('ReduceLogSumExp', (ops, x, dy, y) => ops.mul(dy, ops.exp(ops.sub(x, y)))),
  argMax: position('ArgMax'),
  argMin: position('ArgMin'),

  /** Indices of the k largest (or smallest) along an axis, in order. */
  topIndices: {
    infer: ([x], { axis, k }) => ({ shape: x!.shape.map((dim, i) => (i === axis ? k : dim)), dtype: 'int64' }),
    grad: null,
    onnx: (emit, [x], { attributes: { axis, k, largest } }) =>
      emit.node('TopK', [x!, emit.int64s([k])], { axis, largest: largest ? 1 : 0, sorted: 1 }, { outputs: 2, take: 1 }),
    flops: (node) => count(node.inputs[0]!.shape),
    samples: [
      { shapes: [[2, 5]], attributes: { axis: 1, k: 3, largest: true } },
      { shapes: [[4, 2]], attributes: { axis: 0, k: 4, largest: false } },
    ],
  },

  /** y[i] = x[0] + … + x[i] along an axis; reversed: x[i] + … + x[n − 1]. */
  cumulativeSum: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    grad: (ops, { attributes: { axis, reverse } }, dy) => [ops.cumulativeSum(dy, axis, !reverse)],
    onnx: (emit, [x], { attributes: { axis, reverse } }) =>
      emit.node('CumSum', [x!, emit.scalar(axis, 'int64')], { reverse: reverse ? 1 : 0 }),
    samples: [
      { shapes: [[2, 4]], attributes: { axis: 1, reverse: false } },
      { shapes: [[3, 2]], attributes: { axis: 0, reverse: true } },
    ],
  },

  /** Of the last two axes, what is on and above (or below) the k-th diagonal; zeros elsewhere. */
  triangle: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    grad: (ops, { attributes: { upper, diagonal } }, dy) => [ops.triangle(dy, upper, diagonal)],
    onnx: (emit, [x], { attributes: { upper, diagonal } }) =>
      emit.node('Trilu', [x!, emit.scalar(diagonal, 'int64')], { upper: upper ? 1 : 0 }),
    samples: [
      { shapes: [[3, 4]], attributes: { upper: true, diagonal: 1 } },
      { shapes: [[2, 3, 3]], attributes: { upper: false, diagonal: -1 } },
    ],
  },

  /** Adds rows [n, …] into zeros [size, …] by int64 index [n]: gather's transpose. */
  putRows: {
    infer: ([rows], { size }) => ({ shape: [size, ...rows!.shape.slice(1)], dtype: rows!.dtype }),
    grad: (ops, node, dy) => [ops.gather(dy, node.inputs[1]!), undefined],
    onnx: (emit, [rows, indices], node) => {
      const zeros = emit.node('Expand', [emit.scalar(0, node.dtype), emit.int64s(node.shape)]);
      const column = emit.node('Reshape', [indices!, emit.int64s([node.inputs[1]!.shape[0]!, 1])]);
      return emit.node('ScatterND', [zeros, column, rows!], { reduction: 'add' });
    },
    samples: [{ shapes: [[4, 2], [4]], attributes: { size: 3 }, indices: 3 }],
  },
};
