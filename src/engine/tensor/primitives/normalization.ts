import type { Operations, Rule } from '../rule';
import type { Tensor, TensorOf } from '../tensor';
import { channelNorm, scaledAndShifted } from './channelNorm';
import { columnSums, rowDots, rowSums } from './channelSums';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Whether it is `ops.ones`: a scale that changes nothing. */
const isOnes = ({ primitive, inputs: [value] }: Tensor): boolean =>
  primitive === 'expand' && value!.primitive === 'constant' && value!.attributes.values.every((one) => one === 1);

/** Σ of each row of x [R, K], weighted by the scale: [R, 1]. */
const weightedRows = (ops: Operations, x: Tensor, scale: Tensor): Tensor => {
  const [rows, columns] = x.shape as readonly [number, number];
  const sums = rowSums(ops, ops.reshape(x, [1, rows, columns]), isOnes(scale) ? undefined : scale);
  return ops.reshape(sums, [rows, 1]);
};

/** Rows of x times one number each, plus one number each: [R, K]. */
const scaleRows = (ops: Operations, x: Tensor, scale: Tensor, shift: Tensor): Tensor => {
  const [rows, columns] = x.shape as readonly [number, number];
  const flat = (t: Tensor) => ops.reshape(t, [rows]);
  return ops.reshape(ops.scaleShift(ops.reshape(x, [1, rows, columns]), flat(scale), flat(shift)), x.shape);
};

const withScale = (ops: Operations, dy: Tensor, scale: Tensor): Tensor => (isOnes(scale) ? dy : ops.mul(dy, scale));

/**
 * With s₀ = Σ dy·γ and s₁ = Σ dy·γ·x a row of K values: dx = γ·dy/σ + b·x + c, where b = (s₀·μ − s₁)/(σ³K) and
 * c = −b·μ − s₀/(σK); dγ = Σ dy·x/σ − Σ dy·μ/σ and dβ = Σ dy over the rows.
 */
function layerGradient(ops: Operations, node: TensorOf<'layerNorm'>, dy: Tensor): readonly (Tensor | undefined)[] {
  const [x, scale, shift] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined];
  const { epsilon } = node.attributes;
  const columns = x.shape[1]!;
  const mean = ops.layerNorm(x, scale, shift, epsilon, 'mean');
  const inverse = ops.layerNorm(x, scale, shift, epsilon, 'inverse');
  const product = ops.mul(dy, x);
  const total = weightedRows(ops, dy, scale);
  const along = weightedRows(ops, product, scale);
  const share = ops.mul(inverse, 1 / columns);
  const b = ops.mul(ops.mul(ops.sub(ops.mul(total, mean), along), share), ops.square(inverse));
  const c = ops.neg(ops.add(ops.mul(b, mean), ops.mul(total, share)));
  const dx = ops.add(scaleRows(ops, withScale(ops, dy, scale), inverse, c), ops.mul(x, b));
  const dScale = ops.sub(columnSums(ops, product, inverse), columnSums(ops, dy, ops.mul(mean, inverse)));
  return shift ? [dx, dScale, columnSums(ops, dy)] : [dx, dScale];
}

/** ∂μ/∂x = 1/K, ∂(1/σ)/∂x = −(x − μ)/(σ³K). */
function layerStatisticGradient(ops: Operations, node: TensorOf<'layerNorm'>, dy: Tensor): Tensor {
  const [x, scale, shift] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined];
  const { epsilon, part } = node.attributes;
  const share = ops.mul(dy, 1 / x.shape[1]!);
  if (part === 'mean') return ops.expand(share, x.shape);
  const cube = ops.mul(node, ops.square(node));
  return ops.mul(ops.sub(ops.layerNorm(x, scale, shift, epsilon, 'mean'), x), ops.mul(share, cube));
}

/** With s₁ = Σ dy·γ·x a row: dx = γ·dy·r − x·s₁·r³/K and dγ = Σ dy·x·r, r being 1/√(mean of squares + ε). */
function rmsGradient(ops: Operations, node: TensorOf<'rmsNorm'>, dy: Tensor): readonly Tensor[] {
  const [x, scale] = node.inputs as readonly [Tensor, Tensor];
  const inverse = ops.rmsNorm(x, scale, node.attributes.epsilon, 'inverse');
  const product = ops.mul(dy, x);
  const cube = ops.mul(ops.mul(inverse, ops.square(inverse)), 1 / x.shape[1]!);
  const b = ops.mul(weightedRows(ops, product, scale), cube);
  const dx = ops.sub(ops.mul(withScale(ops, dy, scale), inverse), ops.mul(x, b));
  return [dx, columnSums(ops, product, inverse)];
}

const rowsOf = ([x]: readonly { readonly shape: readonly number[] }[]) => {
  if (x!.shape.length !== 2) throw new Error(`rows are normalized of a matrix, not of [${x!.shape}]`);
  return [x!.shape[0]!, 1];
};

/** Primitives that normalize: each one node of onnxruntime's forward, and a backward pass of few. */
export const normalizations: {
  channelNorm: Rule<'channelNorm'>;
  layerNorm: Rule<'layerNorm'>;
  rmsNorm: Rule<'rmsNorm'>;
  scaleShift: Rule<'scaleShift'>;
} = {
  channelNorm,

  layerNorm: {
    infer: (inputs, { part }) => {
      const statistics = rowsOf(inputs);
      return { shape: part === 'output' ? inputs[0]!.shape : statistics, dtype: inputs[0]!.dtype };
    },
    grad: (ops, node, dy) =>
      node.attributes.part === 'output'
        ? layerGradient(ops, node, dy)
        : node.inputs.map((_, i) => (i === 0 ? layerStatisticGradient(ops, node, dy) : undefined)),
    onnx: (emit, inputs, { attributes: { epsilon, part } }) =>
      emit.node(
        'LayerNormalization',
        inputs,
        { axis: -1, epsilon: { float: epsilon } },
        { outputs: 3, take: { output: 0, mean: 1, inverse: 2 }[part] },
      ),
    flops: (node) => (node.attributes.part === 'output' ? 5 * count(node.shape) : 0),
    samples: [
      { shapes: [[3, 4], [4], [4]], attributes: { epsilon: 0.1, part: 'output' } },
      { shapes: [[2, 3], [3]], attributes: { epsilon: 0.1, part: 'output' } },
      { shapes: [[2, 3], [3]], attributes: { epsilon: 0.1, part: 'mean' } },
      { shapes: [[2, 3], [3]], attributes: { epsilon: 0.1, part: 'inverse' } },
    ],
  },

  rmsNorm: {
    infer: (inputs, { part }) => {
      const statistics = rowsOf(inputs);
      return { shape: part === 'output' ? inputs[0]!.shape : statistics, dtype: inputs[0]!.dtype };
    },
    grad: (ops, node, dy) => {
      if (node.attributes.part === 'output') return rmsGradient(ops, node, dy);
      // ∂r/∂x = −x·r³/K
      const x = node.inputs[0]!;
      const cube = ops.mul(ops.mul(node, ops.square(node)), -1 / x.shape[1]!);
      return [ops.mul(x, ops.mul(dy, cube)), undefined];
    },
    onnx: (emit, inputs, { attributes: { epsilon, part } }) =>
      emit.node(
        'SimplifiedLayerNormalization',
        inputs,
        { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
        { outputs: 2, take: part === 'output' ? 0 : 1 },
      ),
    flops: (node) => (node.attributes.part === 'output' ? 3 * count(node.shape) : 0),
    samples: [
      { shapes: [[3, 4], [4]], attributes: { epsilon: 0.1, part: 'output' } },
      { shapes: [[2, 3], [3]], attributes: { epsilon: 0.1, part: 'inverse' } },
    ],
  },

  scaleShift: {
    infer: ([x, scale, shift]) => {
      const channels = x!.shape[1];
      if (x!.shape.length !== 3 || [scale, shift].some((t) => t!.shape.length !== 1 || t!.shape[0] !== channels)) {
        throw new Error(`cannot scale [${x!.shape}] by [${scale!.shape}] and shift it by [${shift!.shape}]`);
      }
      return { shape: x!.shape, dtype: x!.dtype };
    },
    grad: (ops, node, dy) => {
      const [x, scale] = node.inputs as readonly [Tensor, Tensor];
      const byChannel = (t: Tensor) => columnSums(ops, t);
      return [
        ops.mul(dy, ops.reshape(scale, [scale.shape[0]!, 1])),
        byChannel(rowDots(ops, dy, x)),
        byChannel(rowSums(ops, dy)),
      ];
    },
    onnx: (emit, inputs, node) => scaledAndShifted(emit, inputs, node.shape),
    flops: (node) => 2 * count(node.shape),
    samples: [{ shapes: [[2, 3, 4], [3], [3]] }, { shapes: [[4, 3, 1], [3], [3]] }],
  },
};
