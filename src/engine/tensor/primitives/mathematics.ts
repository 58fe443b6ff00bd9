import { broadcastShapes } from '../broadcast';
import type { Operations, Rule, Sample } from '../rule';
import type { Tensor, TensorType } from '../tensor';

type Name =
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'asinh'
  | 'acosh'
  | 'atanh'
  | 'expm1'
  | 'log1p'
  | 'floor'
  | 'ceil'
  | 'round';

const same = ([x]: readonly TensorType[]): TensorType => ({ shape: x!.shape, dtype: x!.dtype });

/** A function of each element; its derivative from (operations, x, y). */
const unary = (
  opType: string,
  derivative: (ops: Operations, x: Tensor, y: Tensor) => Tensor,
  range: readonly [number, number] = [-2, 2],
): Rule<Name> => ({
  infer: same,
  grad: (ops, node, dy) => [ops.mul(dy, derivative(ops, node.inputs[0]!, node as Tensor))],
  onnx: (emit, inputs) => emit.node(opType, inputs),
  samples: [{ shapes: [[2, 3]], range }],
});

/** Steps: the derivative is zero wherever there is one. */
const step = (opType: string): Rule<Name> => ({
  infer: same,
  grad: () => [undefined],
  onnx: (emit, inputs) => emit.node(opType, inputs),
  // Between two whole numbers, as at a jump no difference quotient is finite.
  samples: [{ shapes: [[2, 3]], range: [0.1, 0.4] }],
});

const comparison = (opType: string): Rule<'greaterOrEqual' | 'lessOrEqual'> => ({
  infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: 'bool' }),
  grad: null,
  onnx: (emit, inputs) => emit.node(opType, inputs),
  samples: [{ shapes: [[2, 3], [3]] }, { shapes: [[4], [4]], dtypes: ['int64', 'int64'] }],
});

const powSamples: readonly Sample[] = [
  { shapes: [[2, 3], [3]], range: [0.5, 2] },
  { shapes: [[], [2, 3]], range: [0.5, 2] },
];

/** √(1 − x²) */
const sqrtOneMinusSquare = (ops: Operations, x: Tensor) => ops.sqrt(ops.sub(1, ops.square(x)));

/** Elementary functions beside those that every activation needs. */
export const mathematics = {
  sin: unary('Sin', (ops, x) => ops.cos(x)),
  cos: unary('Cos', (ops, x) => ops.neg(ops.sin(x))),
  // d tan = 1 + tan²
  tan: unary('Tan', (ops, _x, y) => ops.add(ops.square(y), 1), [-1.2, 1.2]),
  asin: unary('Asin', (ops, x) => ops.reciprocal(sqrtOneMinusSquare(ops, x)), [-0.8, 0.8]),
  acos: unary('Acos', (ops, x) => ops.neg(ops.reciprocal(sqrtOneMinusSquare(ops, x))), [-0.8, 0.8]),
  atan: unary('Atan', (ops, x) => ops.reciprocal(ops.add(ops.square(x), 1))),
  sinh: unary('Sinh', (ops, x) => ops.cosh(x)),
  cosh: unary('Cosh', (ops, x) => ops.sinh(x)),
  asinh: unary('Asinh', (ops, x) => ops.reciprocal(ops.sqrt(ops.add(ops.square(x), 1)))),
  acosh: unary('Acosh', (ops, x) => ops.reciprocal(ops.sqrt(ops.sub(ops.square(x), 1))), [1.5, 3]),
  atanh: unary('Atanh', (ops, x) => ops.reciprocal(ops.sub(1, ops.square(x))), [-0.8, 0.8]),
  floor: step('Floor'),
  ceil: step('Ceil'),
  /** Halves to the even neighbour. */
  round: step('Round'),

  // eˣ − 1 loses its digits near 0. There it is 2t/(1 − t) with t = tanh(x/2), which loses none.
  expm1: {
    ...unary('Exp', (ops, _x, y) => ops.add(y, 1)),
    onnx: (emit, [x]) => {
      const scalar = (value: number) => emit.scalar(value, 'float32');
      const half = emit.node('Tanh', [emit.node('Mul', [x!, scalar(0.5)])]);
      const near = emit.node('Div', [emit.node('Mul', [half, scalar(2)]), emit.node('Sub', [scalar(1), half])]);
      const far = emit.node('Sub', [emit.node('Exp', [x!]), scalar(1)]);
      return emit.node('Where', [emit.node('Less', [emit.node('Abs', [x!]), scalar(1)]), near, far]);
    },
  } satisfies Rule<'expm1'>,
  // log(1 + x) near 0 is 2·artanh(x/(2 + x)), which keeps the digits that 1 + x loses.
  log1p: {
    ...unary('Log', (ops, x) => ops.reciprocal(ops.add(x, 1)), [-0.7, 2]),
    onnx: (emit, [x]) => {
      const scalar = (value: number) => emit.scalar(value, 'float32');
      const ratio = emit.node('Div', [x!, emit.node('Add', [x!, scalar(2)])]);
      const near = emit.node('Mul', [emit.node('Atanh', [ratio]), scalar(2)]);
      const far = emit.node('Log', [emit.node('Add', [x!, scalar(1)])]);
      const isNear = emit.node('Less', [emit.node('Abs', [x!]), scalar(0.5)]);
      return emit.node('Where', [isNear, near, far]);
    },
  } satisfies Rule<'log1p'>,

  // d(aᵇ) = b·aᵇ⁻¹ da + aᵇ·ln a db. Where b = 0 the first is 0; where a = 0 and b ≥ 0 the second is, as in PyTorch.
  pow: {
    infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: a!.dtype }),
    grad: (ops, node, dy) => {
      const [a, b] = node.inputs as readonly [Tensor, Tensor];
      const da = ops.where(ops.equal(b, 0), 0, ops.mul(b, ops.pow(a, ops.sub(b, 1))));
      const atZero = ops.and(ops.equal(a, 0), ops.greaterOrEqual(b, 0));
      const db = ops.where(atZero, 0, ops.mul(node as Tensor, ops.log(a)));
      return [ops.sumTo(ops.mul(dy, da), a.shape), ops.sumTo(ops.mul(dy, db), b.shape)];
    },
    onnx: (emit, inputs) => emit.node('Pow', inputs),
    samples: powSamples,
  } satisfies Rule<'pow'>,

  // Whole numbers, with the divisor's sign, as in Python.
  mod: {
    infer: ([a, b]) => ({ shape: broadcastShapes(a!.shape, b!.shape), dtype: a!.dtype }),
    grad: null,
    onnx: (emit, inputs) => emit.node('Mod', inputs),
    samples: [{ shapes: [[4], [1]], dtypes: ['int64', 'int64'], range: [0, 9] }],
  } satisfies Rule<'mod'>,

  greaterOrEqual: comparison('GreaterOrEqual'),
  lessOrEqual: comparison('LessOrEqual'),
  isNaN: {
    infer: ([x]) => ({ shape: x!.shape, dtype: 'bool' }),
    grad: null,
    onnx: (emit, inputs) => emit.node('IsNaN', inputs),
    samples: [{ shapes: [[2, 3]] }],
  } satisfies Rule<'isNaN'>,

  // The derivative inside is 1, outside 0; on a bound `onBounds` says (clamp passes the gradient there, Hardtanh does not).
  clip: {
    infer: same,
    grad: (ops, { inputs: [x], attributes: { low, high, onBounds } }, dy) => {
      const [above, below] = onBounds ? [ops.greaterOrEqual, ops.lessOrEqual] : [ops.greater, ops.less];
      const within = [...(low === null ? [] : [above(x!, low)]), ...(high === null ? [] : [below(x!, high)])].reduce(
        (a, b) => ops.and(a, b),
      );
      return [ops.mul(dy, ops.cast(within, 'float32'))];
    },
    // Clip with one bound would make an infinity the largest finite number.
    onnx: (emit, [x], { attributes: { low, high }, dtype }) => {
      if (low === null || high === null)
        return emit.node(low === null ? 'Min' : 'Max', [x!, emit.scalar((low ?? high)!, dtype)]);
      return emit.node('Clip', [x!, emit.scalar(low, dtype), emit.scalar(high, dtype)]);
    },
    samples: [
      { shapes: [[3, 4]], attributes: { low: -1, high: 0.5, onBounds: false } },
      { shapes: [[3, 4]], attributes: { low: null, high: 0.5, onBounds: true } },
    ],
  } satisfies Rule<'clip'>,
};
