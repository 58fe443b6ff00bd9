import { broadcastShapes } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { convolvedSize } from './convolutionSizes';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

const poolShape = (shape: readonly number[], node: TensorOf<'maxPool'>['attributes']) => [
  ...shape.slice(0, 2),
  ...node.kernel.map((kernel, i) =>
    convolvedSize(shape[i + 2]!, kernel, node.strides[i]!, node.padsBegin[i]! + node.padsEnd[i]!, node.dilations[i]!),
  ),
];

const poolAttributes = ({ kernel, strides, padsBegin, padsEnd, dilations }: TensorOf<'maxPool'>['attributes']) => ({
  kernel_shape: kernel,
  strides,
  pads: [...padsBegin, ...padsEnd],
  dilations,
});

const poolSamples = {
  shapes: [[2, 1, 4, 5]],
  attributes: { kernel: [2, 2], strides: [1, 2], padsBegin: [1, 0], padsEnd: [0, 0], dilations: [1, 1] },
};

const lastTwoSwapped = (shape: readonly number[], swap: boolean): readonly number[] =>
  swap ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

/** y = AB: dA = dy Bᵀ, dB = Aᵀ dy; where an operand came transposed, so does its gradient. */
function matmulGradient(ops: Operations, node: TensorOf<'matmul'>, dy: Tensor): readonly Tensor[] {
  const [a, b] = node.inputs as readonly [Tensor, Tensor];
  const { transposeA, transposeB } = node.attributes;
  const da = transposeA
    ? ops.matmul(b, dy, { transposeA: transposeB, transposeB: true })
    : ops.matmul(dy, b, { transposeB: !transposeB });
  const db = transposeB
    ? ops.matmul(dy, a, { transposeA: true, transposeB: transposeA })
    : ops.matmul(a, dy, { transposeA: !transposeA });
  return [ops.sumTo(da, a.shape), ops.sumTo(db, b.shape)];
}

/** Primitives that sum products, and those that look at a neighbourhood or a row at once. */
export const contractions: {
  matmul: Rule<'matmul'>;
  matmulAdd: Rule<'matmulAdd'>;
  maxPool: Rule<'maxPool'>;
  maxPoolIndices: Rule<'maxPoolIndices'>;
  softmax: Rule<'softmax'>;
  logSoftmax: Rule<'logSoftmax'>;
} = {
  matmul: {
    infer: ([a, b], { transposeA, transposeB }) => {
      const left = lastTwoSwapped(a!.shape, transposeA);
      const right = lastTwoSwapped(b!.shape, transposeB);
      if (left.length < 2 || right.length < 2 || left.at(-1) !== right.at(-2)) {
        throw new Error(`cannot multiply [${left}] by [${right}]`);
      }
      const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2));
      return { shape: [...batch, left.at(-2)!, right.at(-1)!], dtype: a!.dtype };
    },
    grad: matmulGradient,
    onnx: (emit, inputs, node) => {
      const { transposeA, transposeB } = node.attributes;
      if (!transposeA && !transposeB) return emit.node('MatMul', inputs);
      const transA = transposeA ? 1 : 0;
      const transB = transposeB ? 1 : 0;
      return node.inputs.every((input) => input.shape.length === 2)
        ? emit.node('Gemm', inputs, { transA, transB })
        : emit.node('FusedMatMul', inputs, { transA, transB }, { domain: 'com.microsoft' });
    },
    flops: (node) => 2 * count(node.shape) * node.inputs[0]!.shape.at(node.attributes.transposeA ? -2 : -1)!,
    product: true,
    samples: [
      {
        shapes: [
          [2, 3],
          [3, 4],
        ],
        attributes: { transposeA: false, transposeB: false },
      },
      {
        shapes: [
          [3, 2],
          [4, 3],
        ],
        attributes: { transposeA: true, transposeB: true },
      },
      {
        shapes: [
          [2, 2, 3],
          [4, 3],
        ],
        attributes: { transposeA: false, transposeB: true },
      },
      {
        shapes: [
          [2, 3, 2],
          [2, 3, 4],
        ],
        attributes: { transposeA: true, transposeB: false },
      },
    ],
  },

  matmulAdd: {
    infer: ([a, b, c], { transposeA, transposeB }) => {
      const [rows, inner] = lastTwoSwapped(a!.shape, transposeA);
      const [innerToo, columns] = lastTwoSwapped(b!.shape, transposeB);
      if (inner !== innerToo || c!.shape.length !== 1 || c!.shape[0] !== columns) {
        throw new Error(`cannot multiply [${a!.shape}] by [${b!.shape}] and add [${c!.shape}]`);
      }
      return { shape: [rows!, columns!], dtype: a!.dtype };
    },
    grad: (ops, node, dy) => {
      const [a, b, c] = node.inputs as readonly [Tensor, Tensor, Tensor];
      const product = ops.matmul(a, b, node.attributes) as TensorOf<'matmul'>;
      return [...matmulGradient(ops, product, dy), ops.sumTo(dy, c.shape)];
    },
    onnx: (emit, inputs, { attributes: { transposeA, transposeB } }) =>
      emit.node('Gemm', inputs, { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 }),
    flops: (node) =>
      2 * count(node.shape) * node.inputs[0]!.shape.at(node.attributes.transposeA ? 0 : 1)! + count(node.shape),
    product: true,
    samples: [
      { shapes: [[2, 3], [3, 4], [4]], attributes: { transposeA: false, transposeB: false } },
      { shapes: [[3, 2], [4, 3], [4]], attributes: { transposeA: true, transposeB: true } },
    ],
  },

  maxPool: {
    infer: ([x], attributes) => ({ shape: poolShape(x!.shape, attributes), dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const x = node.inputs[0]!;
      const indices = ops.reshape(ops.maxPoolIndices(x, node.attributes), [count(node.shape)]);
      const flat = ops.putAlong(ops.reshape(dy, [count(node.shape)]), indices, 0, count(x.shape));
      return [ops.reshape(flat, x.shape)];
    },
    onnx: (emit, inputs, node) => emit.node('MaxPool', inputs, poolAttributes(node.attributes), { outputs: 2 }),
    flops: (node) => count(node.shape) * count(node.attributes.kernel),
    samples: [poolSamples],
  },

  maxPoolIndices: {
    infer: ([x], attributes) => ({ shape: poolShape(x!.shape, attributes), dtype: 'int64' }),
    grad: null,
    // The same node as maxPool's: the emitter makes it once.
    onnx: (emit, inputs, node) =>
      emit.node('MaxPool', inputs, poolAttributes(node.attributes), { outputs: 2, take: 1 }),
    flops: () => 0,
    samples: [poolSamples],
  },

  softmax: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    // Jacobian p_i(δ_ij − p_j)
    grad: (ops, node, dy) => {
      const { axis } = node.attributes;
      const weighted = ops.mul(dy, node);
      return [ops.sub(weighted, ops.mul(node, ops.sum(weighted, [axis], true)))];
    },
    onnx: (emit, inputs, node) => emit.node('Softmax', inputs, { axis: node.attributes.axis }),
    flops: (node) => 4 * count(node.shape),
    samples: [
      { shapes: [[2, 3]], attributes: { axis: 1 } },
      { shapes: [[2, 3, 2]], attributes: { axis: 1 } },
    ],
  },

  logSoftmax: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const { axis } = node.attributes;
      return [ops.sub(dy, ops.mul(ops.exp(node), ops.sum(dy, [axis], true)))];
    },
    onnx: (emit, inputs, node) => emit.node('LogSoftmax', inputs, { axis: node.attributes.axis }),
    flops: (node) => 4 * count(node.shape),
    samples: [{ shapes: [[2, 3]], attributes: { axis: 1 } }],
  },
};
