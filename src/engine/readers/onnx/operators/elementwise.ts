import { dataTypeName } from '../../../onnx';
import { NotRead } from '../notRead';
import { type Value, valueTypeOf } from '../values';
import type { Applied } from './applied';
import { applyBinary, binary, type OperatorRow, unary } from './row';

/** Functions of one value that PyTorch calls so too, or nearly. */
const functions: readonly (readonly [op: string, kind: string])[] = [
  ['Abs', 'abs'],
  ['Acos', 'acos'],
  ['Acosh', 'acosh'],
  ['Asin', 'asin'],
  ['Asinh', 'asinh'],
  ['Atan', 'atan'],
  ['Atanh', 'atanh'],
  ['BitwiseNot', 'bitwise_not'],
  ['Ceil', 'ceil'],
  ['Cos', 'cos'],
  ['Cosh', 'cosh'],
  ['Erf', 'erf'],
  ['Exp', 'exp'],
  ['Floor', 'floor'],
  ['IsNaN', 'isnan'],
  ['Log', 'log'],
  ['Neg', 'neg'],
  ['Not', 'logical_not'],
  ['Reciprocal', 'reciprocal'],
  ['Round', 'round'],
  ['Sign', 'sign'],
  ['Sin', 'sin'],
  ['Sinh', 'sinh'],
  ['Sqrt', 'sqrt'],
  ['Tan', 'tan'],
];

const comparisons: readonly (readonly [op: string, kind: string])[] = [
  ['Equal', 'eq'],
  ['Greater', 'gt'],
  ['GreaterOrEqual', 'ge'],
  ['Less', 'lt'],
  ['LessOrEqual', 'le'],
];

const logical: readonly (readonly [op: string, kind: string])[] = [
  ['And', 'logical_and'],
  ['Or', 'logical_or'],
  ['Xor', 'logical_xor'],
  ['BitwiseAnd', 'bitwise_and'],
  ['BitwiseOr', 'bitwise_or'],
  ['BitwiseXor', 'bitwise_xor'],
];

/** Several values one after another: Sum, Max and Min take any number. */
const chained = (op: string, kind: string): OperatorRow => ({
  op,
  read: (applied) =>
    applied.inputs
      .slice(1)
      .reduce<Value>((so, _, i) => applyBinary(applied, kind, so, applied.input(i + 1)), applied.input()),
});

function isInteger(applied: Applied): boolean {
  return applied.inputs.every(
    (value) => value && (value.kind === 'stored' ? valueTypeOf(value.stored.type) : value.type) !== 'float32',
  );
}

const cast = (op: string, target: (applied: Applied) => string): OperatorRow => ({
  op,
  read(applied) {
    const input = applied.input();
    const name = target(applied);
    const dtype = valueTypeOf(name);
    if (dtype === undefined) throw new NotRead(`a cast to ${name} is not modelled`);
    if (input.kind === 'stored' && valueTypeOf(input.stored.type) === dtype) return input;
    if (input.kind === 'flow' && input.type === dtype) return input;
    return applied.one('to', { dtype });
  },
});

export const elementwise: readonly OperatorRow[] = [
  ...functions.map(([op, kind]) => unary(op, kind)),
  ...comparisons.map(([op, kind]) => binary(op, kind)),
  ...logical.map(
    ([op, kind]): OperatorRow => ({
      op,
      read: (applied) => applied.one(kind, {}, [applied.input(0), applied.input(1)]),
    }),
  ),
  {
    op: 'IsInf',
    read(applied) {
      if (applied.number('detect_negative', 1) === 0 || applied.number('detect_positive', 1) === 0)
        throw new NotRead('infinities of one sign are not modelled');
      return applied.one('isinf', {});
    },
  },
  binary('Add', 'add'),
  binary('Sub', 'sub'),
  binary('Mul', 'mul'),
  binary('Pow', 'pow', 'input', 'exponent'),
  {
    op: 'Div',
    read(applied) {
      const quotient = applyBinary(applied, 'div', applied.input(0), applied.input(1));
      if (!isInteger(applied)) return quotient;
      // Of whole numbers the quotient is cut off towards zero.
      return applied.one('to', { dtype: 'int64' }, [applied.one('trunc', {}, [quotient])]);
    },
  },
  {
    op: 'Mod',
    read(applied) {
      if (applied.number('fmod', 0) !== 0) throw new NotRead('fmod is not modelled');
      return applyBinary(applied, 'remainder', applied.input(0), applied.input(1));
    },
  },
  chained('Sum', 'add'),
  chained('Max', 'maximum'),
  chained('Min', 'minimum'),
  {
    op: 'Mean',
    read(applied) {
      const sum = applied.inputs
        .slice(1)
        .reduce<Value>((so, _, i) => applyBinary(applied, 'add', so, applied.input(i + 1)), applied.input());
      return applyBinary(applied, 'div', sum, {
        kind: 'filled',
        shape: [],
        type: 'float32',
        value: applied.inputs.length,
      });
    },
  },
  {
    op: 'Where',
    read(applied) {
      return applied.one('where', {}, [applied.input(0), applied.input(1), applied.input(2)]);
    },
  },
  {
    op: 'Clip',
    read(applied) {
      const min = applied.optionalNumber('min') ?? applied.scalarAt(1) ?? null;
      const max = applied.optionalNumber('max') ?? applied.scalarAt(2) ?? null;
      if (min === 0 && max === 6) return applied.one('ReLU6', {});
      if (min !== null && max !== null) return applied.one('Hardtanh', { min_val: min, max_val: max });
      return min === null && max === null ? applied.input() : applied.one('clamp', { min, max });
    },
  },
  cast('Cast', (applied) => dataTypeName(applied.number('to', 1))),
  cast('CastLike', (applied) => {
    const like = applied.input(1);
    return like.kind === 'stored' ? like.stored.type : like.type;
  }),
  { op: 'Identity', read: (applied) => applied.input() },
  { op: 'Dropout', read: (applied) => dropout(applied) },
];

/** Its ratio is an attribute up to opset 10, an input later. */
function dropout(applied: Applied): Value | readonly Value[] {
  const p = applied.optionalNumber('ratio') ?? applied.scalarAt(1) ?? 0.5;
  return applied.one('Dropout', { p });
}
