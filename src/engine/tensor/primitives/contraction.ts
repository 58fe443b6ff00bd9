import { broadcastShapes } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/**
 * Size of a convolution's or pooling's output along one axis: ⌊(W + P₀ + P₁ − d(K−1) − 1)/S⌋ + 1
 * (Dumoulin & Visin 2016, relation 14).
 */
export const convolvedSize = (size: number, kernel: number, stride: number, pads: number, dilation: number): number =>
  Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;

/**
 * ∂L/∂x: the output's gradient, its elements `stride` apart, convolved with the kernel flipped and its channel axes
 * exchanged within each group. A convolution again, so that second derivatives need no further rule.
 */
function convolutionInputGradient(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const { strides, padsBegin, dilations, groups } = node.attributes;
  const [outChannels, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
  const spatial = kernel.map((_, i) => i + 2);

  let flipped = kernel.some((size) => size > 1) ? ops.flip(weight, spatial) : weight;
  if (groups > 1) {
    const grouped = ops.reshape(flipped, [groups, outChannels / groups, perGroup, ...kernel]);
    const exchanged = ops.transpose(grouped, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
    flipped = ops.reshape(exchanged, [groups * perGroup, outChannels / groups, ...kernel]);
  } else {
    flipped = ops.transpose(flipped, [1, 0, ...spatial]);
  }

  // x[p] reaches y[q] through offset k where p = q·stride + k·dilation − padBegin.
  const reach = kernel.map((size, i) => dilations[i]! * (size - 1));
  const before = reach.map((r, i) => r - padsBegin[i]!);
  const after = reach.map((r, i) => x.shape[i + 2]! + r - before[i]! - ((dy.shape[i + 2]! - 1) * strides[i]! + 1));
  // Where the padding exceeds the kernel's reach, a negative pad crops the gradient of positions outside x.
  const plain = strides.every((s) => s === 1) && before.every((b) => b >= 0) && after.every((a) => a >= 0);
  const spreadOut = plain ? dy : ops.spread(dy, [1, 1, ...strides], [0, 0, ...before], [0, 0, ...after]);
  return ops.convolution(spreadOut, flipped, {
    strides: strides.map(() => 1),
    padsBegin: plain ? before : before.map(() => 0),
    padsEnd: plain ? after : after.map(() => 0),
    dilations,
    groups,
  });
}

/**
 * ∂L/∂W: for each kernel offset the matching strided window of x times the output's gradient, as one batched matrix
 * product, summed over the batch. Measured faster here than im2col (which copies x once for each offset) and than a
 * convolution with batch and channels exchanged.
 */
function convolutionWeightGradient(ops: Operations, node: TensorOf<'convolution'>, dy: Tensor): Tensor {
  const [x, weight] = node.inputs as readonly [Tensor, Tensor];
  const { strides, padsBegin, padsEnd, dilations, groups } = node.attributes;
  const [outChannels, perGroup, ...kernel] = weight.shape as [number, number, ...number[]];
  const batch = x.shape[0]!;
  const output = dy.shape.slice(2);
  const positions = count(output);

  const padded = ops.pad(x, [0, 0, ...padsBegin], [0, 0, ...padsEnd]);
  const grouped = (tensor: Tensor, channels: number) =>
    groups === 1
      ? ops.reshape(tensor, [batch, channels, positions])
      : ops.reshape(tensor, [batch, groups, channels / groups, positions]);
  const rows = grouped(dy, outChannels);
  const products: Tensor[] = [];
  for (let offset = 0; offset < count(kernel); offset++) {
    let rest = offset;
    const at = kernel.map(() => 0);
    for (let axis = kernel.length - 1; axis >= 0; axis--) {
      at[axis] = (rest % kernel[axis]!) * dilations[axis]!;
      rest = Math.floor(rest / kernel[axis]!);
    }
    const ends = at.map((start, i) => start + (output[i]! - 1) * strides[i]! + 1);
    const window = ops.slice(padded, [0, 0, ...at], [batch, x.shape[1]!, ...ends], [1, 1, ...strides]);
    // [batch, (groups,) out, positions] × [batch, (groups,) in, positions]ᵀ
    const product = ops.sum(ops.matmul(rows, grouped(window, x.shape[1]!), { transposeB: true }), [0]);
    products.push(ops.reshape(product, [outChannels, perGroup, 1]));
  }
  return ops.reshape(ops.concat(products, 2), weight.shape);
}

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
  convolution: Rule<'convolution'>;
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

  convolution: {
    infer: ([x, weight], geometry) => {
      const [outChannels, perGroup, ...kernel] = weight!.shape as [number, number, ...number[]];
      if (x!.shape[1] !== perGroup * geometry.groups) {
        throw new Error(`a weight of [${weight!.shape}] in ${geometry.groups} groups does not fit [${x!.shape}]`);
      }
      const spatial = kernel.map((size, i) =>
        convolvedSize(
          x!.shape[i + 2]!,
          size,
          geometry.strides[i]!,
          geometry.padsBegin[i]! + geometry.padsEnd[i]!,
          geometry.dilations[i]!,
        ),
      );
      return { shape: [x!.shape[0]!, outChannels, ...spatial], dtype: x!.dtype };
    },
    grad: (ops, node, dy) => [convolutionInputGradient(ops, node, dy), convolutionWeightGradient(ops, node, dy)],
    onnx: (emit, inputs, { attributes, inputs: [, weight] }) =>
      emit.node('Conv', inputs, {
        kernel_shape: weight!.shape.slice(2),
        strides: attributes.strides,
        pads: [...attributes.padsBegin, ...attributes.padsEnd],
        dilations: attributes.dilations,
        group: attributes.groups,
      }),
    flops: (node) => 2 * count(node.shape) * count(node.inputs[1]!.shape.slice(1)),
    product: true,
    samples: [
      {
        shapes: [
          [2, 2, 5, 4],
          [3, 2, 3, 2],
        ],
        attributes: { strides: [2, 1], padsBegin: [1, 0], padsEnd: [1, 1], dilations: [1, 2], groups: 1 },
      },
      {
        shapes: [
          [1, 4, 4, 4],
          [2, 2, 3, 3],
        ],
        attributes: { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1], dilations: [1, 1], groups: 2 },
      },
      // The padding is wider than the kernel reaches, and the stride leaves a row over.
      {
        shapes: [
          [1, 1, 5],
          [1, 1, 1],
        ],
        attributes: { strides: [3], padsBegin: [1], padsEnd: [0], dilations: [1], groups: 1 },
      },
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
    samples: [],
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
