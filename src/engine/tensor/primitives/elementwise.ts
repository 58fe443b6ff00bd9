import type { Emit } from '../../onnx';
import { broadcastShapes } from '../broadcast';
import type { Operations, Rule, Sample } from '../rule';
import type { DataType, Tensor, TensorType } from '../tensor';

type UnaryName =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'reciprocal'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'relu'
  | 'not';
type BinaryName =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'greater'
  | 'less'
  | 'equal'
  | 'and'
  | 'or'
  | 'xor'
  | 'shiftRight';

/** ∂L/∂x from (operations, x, y = f(x), ∂L/∂y). */
type UnaryGradient = (ops: Operations, x: Tensor, y: Tensor, dy: Tensor) => Tensor | undefined;
/** ∂L/∂a and ∂L/∂b before they are summed back to their shapes. */
type BinaryGradient = (ops: Operations, a: Tensor, b: Tensor, y: Tensor, dy: Tensor) => readonly [Tensor, Tensor];

const same = ([x]: readonly TensorType[]): TensorType => ({ shape: x!.shape, dtype: x!.dtype });

const unary = (opType: string, grad: UnaryGradient | null, range?: readonly [number, number]): Rule<UnaryName> => ({
  infer: same,
  grad: grad && ((ops, node, dy) => [grad(ops, node.inputs[0]!, node as Tensor, dy)]),
  onnx: (emit, inputs) => emit.node(opType, inputs),
  samples: [range ? { shapes: [[2, 3]], range } : { shapes: [[2, 3]] }],
});

const broadcastSamples: readonly Sample[] = [
  {
    shapes: [
      [2, 3],
      [2, 3],
    ],
  },
  { shapes: [[2, 3], [3]] },
  { shapes: [[], [2, 1, 3]] },
  {
    shapes: [
      [4, 1],
      [1, 3],
    ],
  },
];

const count = ({ shape }: TensorType) => shape.reduce((product, dim) => product * dim, 1);

/**
 * The operands by name, a single number with as many axes as the other operand has: onnxruntime goes through [256, 64, 1, 1]
 * times [] one value at a time, 66 times slower than times [1, 1, 1, 1].
 */
function ranked(emit: Emit, names: readonly string[], { inputs }: Pick<Tensor, 'inputs'>): readonly string[] {
  return names.map((name, i) => {
    const [operand, other] = [inputs[i]!, inputs[1 - i]!];
    if (count(operand) !== 1 || operand.shape.length >= other.shape.length || !other.shape.includes(1)) return name;
    const axes = other.shape.map(() => 1);
    if (operand.primitive === 'constant') return emit.constant(operand.attributes.values, axes, operand.dtype);
    return emit.node('Reshape', [name, emit.int64s(axes)]);
  });
}

const binary = (opType: string, grad: BinaryGradient, samples = broadcastSamples): Rule<BinaryName> => ({
  infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: a!.dtype }),
  grad: (ops, node, dy) => {
    const [a, b] = node.inputs as readonly [Tensor, Tensor];
    const [da, db] = grad(ops, a, b, node as Tensor, dy);
    return [ops.sumTo(da, a.shape), ops.sumTo(db, b.shape)];
  },
  onnx: (emit, inputs, node) => emit.node(opType, ranked(emit, inputs, node)),
  samples,
});

const BOOLEAN: readonly DataType[] = ['bool'];
const samplesOf = (dtype: DataType): readonly Sample[] =>
  broadcastSamples.map((sample) => ({ ...sample, dtypes: [dtype, dtype] }));

/** A comparison, or logic on booleans or bits: no gradient. `dtype` absent keeps the inputs'. */
const discrete = (opType: string, dtype?: 'bool', attributes = {}): Rule<BinaryName> => ({
  infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }),
  grad: null,
  onnx: (emit, inputs, node) => emit.node(opType, ranked(emit, inputs, node), attributes),
  samples: dtype ? broadcastSamples : samplesOf('uint32'),
});

/** Where a and b tie, each takes half, as in PyTorch. */
const shareOfLarger = (ops: Operations, a: Tensor, b: Tensor): Tensor =>
  ops.where(ops.equal(a, b), 0.5, ops.cast(ops.greater(a, b), 'float32'));

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

export const elementwise = {
  neg: unary('Neg', (ops, _x, _y, dy) => ops.neg(dy)),
  abs: unary('Abs', (ops, x, _y, dy) => ops.mul(dy, ops.sign(x))),
  sign: unary('Sign', () => undefined),
  exp: unary('Exp', (ops, _x, y, dy) => ops.mul(dy, y)),
  log: unary('Log', (ops, x, _y, dy) => ops.div(dy, x), [0.3, 3]),
  // d√x = 1/(2√x)
  sqrt: unary('Sqrt', (ops, _x, y, dy) => ops.div(ops.mul(dy, 0.5), y), [0.3, 3]),
  // d(1/x) = −1/x²
  reciprocal: unary('Reciprocal', (ops, _x, y, dy) => ops.neg(ops.mul(dy, ops.square(y))), [0.3, 3]),
  // d tanh = 1 − tanh²
  tanh: unary('Tanh', (ops, _x, y, dy) => ops.mul(dy, ops.sub(1, ops.square(y)))),
  // dσ = σ(1 − σ)
  sigmoid: unary('Sigmoid', (ops, _x, y, dy) => ops.mul(dy, ops.mul(y, ops.sub(1, y)))),
  // d erf = 2/√π · exp(−x²)
  erf: unary('Erf', (ops, x, _y, dy) => ops.mul(dy, ops.mul(ops.exp(ops.neg(ops.square(x))), TWO_OVER_SQRT_PI))),
  // The derivative at 0 is 0, as in PyTorch. A product with the mask passes NaN and infinity on, `where` would hide them.
  relu: unary('Relu', (ops, _x, y, dy) => ops.mul(dy, ops.cast(ops.greater(y, 0), 'float32'))),
  not: { ...unary('Not', null), samples: [{ shapes: [[2, 3]], dtypes: BOOLEAN }] },

  add: binary('Add', (_ops, _a, _b, _y, dy) => [dy, dy]),
  sub: binary('Sub', (ops, _a, _b, _y, dy) => [dy, ops.neg(dy)]),
  mul: binary('Mul', (ops, a, b, _y, dy) => [ops.mul(dy, b), ops.mul(dy, a)]),
  // d(a/b) = da/b − (a/b)/b · db
  div: binary(
    'Div',
    (ops, _a, b, y, dy) => {
      const da = ops.div(dy, b);
      return [da, ops.neg(ops.mul(da, y))];
    },
    broadcastSamples.map((sample) => ({ ...sample, range: [0.5, 2] as const })),
  ),
  maximum: binary('Max', (ops, a, b, _y, dy) => {
    const share = shareOfLarger(ops, a, b);
    return [ops.mul(dy, share), ops.mul(dy, ops.sub(1, share))];
  }),
  minimum: binary('Min', (ops, a, b, _y, dy) => {
    const share = shareOfLarger(ops, b, a);
    return [ops.mul(dy, share), ops.mul(dy, ops.sub(1, share))];
  }),
  greater: discrete('Greater', 'bool'),
  less: discrete('Less', 'bool'),
  equal: discrete('Equal', 'bool'),
  and: { ...discrete('And', 'bool'), samples: samplesOf('bool') },
  or: { ...discrete('Or', 'bool'), samples: samplesOf('bool') },
  xor: discrete('BitwiseXor'),
  shiftRight: {
    ...discrete('BitShift', undefined, { direction: 'RIGHT' }),
    samples: samplesOf('uint32').map((sample) => ({ ...sample, range: [0, 31] as const })),
  },

  cast: {
    infer: ([x], { to }) => ({ shape: x!.shape, dtype: to }),
    // Between floats a cast is the identity; through integers and booleans nothing flows back.
    grad: (_ops, node, dy) => [node.inputs[0]!.dtype === 'float32' && node.dtype === 'float32' ? dy : undefined],
    onnx: (emit, inputs, node) => emit.node('Cast', inputs, { to: emit.dataType(node.attributes.to) }),
    samples: [
      { shapes: [[2, 3]], attributes: { to: 'float32' } },
      { shapes: [[2, 3]], attributes: { to: 'float32' }, dtypes: ['bool'] },
      { shapes: [[2, 3]], attributes: { to: 'int64' }, dtypes: ['int32'] },
    ],
  } satisfies Rule<'cast'>,

  stopGradient: {
    infer: same,
    grad: () => [undefined],
    onnx: (_emit, [x]) => x!,
    flops: () => 0,
    samples: [{ shapes: [[2, 3]] }],
  } satisfies Rule<'stopGradient'>,

  opaque: {
    infer: same,
    grad: (_ops, _node, dy) => [dy],
    onnx: (_emit, [x]) => x!,
    flops: () => 0,
    samples: [{ shapes: [[2, 3]] }],
  } satisfies Rule<'opaque'>,

  where: {
    infer: ([condition, a, b]) => ({
      shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)),
      dtype: a!.dtype,
    }),
    grad: (ops, node, dy) => {
      const [condition, a, b] = node.inputs as readonly [Tensor, Tensor, Tensor];
      return [
        undefined,
        ops.sumTo(ops.where(condition, dy, 0), a.shape),
        ops.sumTo(ops.where(condition, 0, dy), b.shape),
      ];
    },
    onnx: (emit, inputs) => emit.node('Where', inputs),
    samples: [
      {
        shapes: [
          [2, 3],
          [2, 3],
          [2, 3],
        ],
        dtypes: ['bool', 'float32', 'float32'],
      },
      { shapes: [[3], [2, 1], []], dtypes: ['bool', 'float32', 'float32'] },
    ],
  } satisfies Rule<'where'>,
};
