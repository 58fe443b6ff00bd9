import { mathFunctions } from '../../python/builtins/math';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { asNumber, float, NONE, type Value } from '../../python/values';
import { type Calls, itemsOf, operand, row } from './calls';

/** A function of one tensor that PyTorch has too; of a plain number, Python's. */
const unary = (name: string): BuiltinRow =>
  row((calls) => {
    const x = operand(calls, 0, 'x|input|inputs|input_tensor|features|logits|a|tensor');
    const number = asNumber(x);
    const math = Object.hasOwn(mathFunctions, name) ? mathFunctions[name] : undefined;
    if (number !== undefined && math) return math({ positional: [x], keywords: new Map() }, calls.site, calls.run);
    return calls.torch(name, [number === undefined ? x : calls.torch('tensor', [float(number)])]);
  });

const second = (calls: Calls): Value => operand(calls, 1, 'x2|y|b|other|exponent');

/** A number where PyTorch's function asks for a tensor. */
const asTensor = (calls: Calls, value: Value): Value =>
  asNumber(value) === undefined ? value : calls.torch('tensor', [float(asNumber(value)!)]);

const binary = (name: string): BuiltinRow =>
  row((calls) => calls.torch(name, [asTensor(calls, operand(calls)), asTensor(calls, second(calls))]));

const operator = (sign: string): BuiltinRow => row((calls) => calls.on(sign, operand(calls), second(calls)));

/** Two tensors compared; gives truths. */
const comparison = operator;

/** `max(x, 0)`: by a clamp where one side is a number. */
const extreme = (name: 'maximum' | 'minimum'): BuiltinRow =>
  row((calls) => {
    const [x, y] = [operand(calls), second(calls)];
    const bound = name === 'maximum' ? 'min' : 'max';
    if (asNumber(y) !== undefined && asNumber(x) === undefined) return calls.torch('clamp', [x], { [bound]: y });
    if (asNumber(x) !== undefined && asNumber(y) === undefined) return calls.torch('clamp', [y], { [bound]: x });
    if (asNumber(x) !== undefined && asNumber(y) !== undefined)
      return asNumber(x)! > asNumber(y)! === (name === 'maximum') ? x : y;
    return calls.torch(name, [x, y]);
  });

const clip = row((calls) =>
  calls.torch('clamp', [operand(calls, 0, 'x|t|a|tensor')], {
    min: calls.take(1, 'x_min|clip_value_min|min_value|a_min'),
    max: calls.take(2, 'x_max|clip_value_max|max_value|a_max'),
  }),
);

/** x/y, and 0 where y is 0. */
const divideNoNan = row((calls) => {
  const [x, y] = [operand(calls), second(calls)];
  const zero = calls.on('==', y, 0);
  const safe = calls.torch('where', [zero, calls.torch('ones_like', [y]), y]);
  return calls.torch('where', [zero, calls.torch('zeros_like', [y]), calls.on('/', x, safe)]);
});

/** sin(πx)/(πx), 1 at 0. */
const sinc = row((calls) => {
  const x = calls.on('*', operand(calls), Math.PI);
  const zero = calls.on('==', x, 0);
  const one = calls.torch('ones_like', [x]);
  const safe = calls.torch('where', [zero, one, x]);
  return calls.torch('where', [zero, one, calls.on('/', calls.torch('sin', [safe]), safe)]);
});

const scaled = (factor: number): BuiltinRow => row((calls) => calls.on('*', operand(calls), factor));

const truths = (name: string): BuiltinRow => row((calls) => calls.torch(name, [operand(calls), second(calls)]));

/** |x − y| ≤ atol + rtol·|y|. */
const isClose = row((calls) => {
  const [x, y] = [operand(calls), second(calls)];
  const [relative, absolute] = [calls.take(2, 'rtol') ?? float(1e-5), calls.take(3, 'atol') ?? float(1e-8)];
  const most = calls.on('+', calls.on('*', calls.torch('abs', [y]), relative), absolute);
  return calls.on('<=', calls.torch('abs', [calls.on('-', x, y)]), most);
});

/** Names that PyTorch has too. */
const SAME =
  'abs ceil cos cosh erf erfc exp exp2 expm1 floor log log10 log1p log2 reciprocal rsqrt sign sin sinh sqrt square tan trunc round isnan isinf isfinite logical_not nan_to_num';

const OTHER: Readonly<Record<string, string>> = {
  absolute: 'abs',
  fabs: 'abs',
  arccos: 'acos',
  acos: 'acos',
  arccosh: 'acosh',
  acosh: 'acosh',
  arcsin: 'asin',
  asin: 'asin',
  arcsinh: 'asinh',
  asinh: 'asinh',
  arctan: 'atan',
  atan: 'atan',
  arctanh: 'atanh',
  atanh: 'atanh',
  negative: 'neg',
  is_nan: 'isnan',
  is_inf: 'isinf',
  is_finite: 'isfinite',
  bitwise_not: 'logical_not',
};

/** Functions of each element by itself, as keras.ops and TensorFlow name them. */
export const elementwise: BuiltinTable = {
  ...Object.fromEntries(SAME.split(' ').map((name) => [name, unary(name)])),
  ...Object.fromEntries(Object.entries(OTHER).map(([name, own]) => [name, unary(own)])),
  add: operator('+'),
  subtract: operator('-'),
  sub: operator('-'),
  multiply: operator('*'),
  mul: operator('*'),
  divide: operator('/'),
  truediv: operator('/'),
  true_divide: operator('/'),
  floor_divide: operator('//'),
  floordiv: operator('//'),
  floor_div: operator('//'),
  mod: operator('%'),
  floormod: operator('%'),
  pow: operator('**'),
  power: operator('**'),
  divide_no_nan: divideNoNan,
  maximum: extreme('maximum'),
  minimum: extreme('minimum'),
  fmax: extreme('maximum'),
  fmin: extreme('minimum'),
  clip: clip,
  clip_by_value: clip,
  arctan2: binary('atan2'),
  atan2: binary('atan2'),
  logaddexp: binary('logaddexp'),
  logaddexp2: row((calls) => {
    const sum = calls.on('+', calls.torch('exp2', [operand(calls)]), calls.torch('exp2', [second(calls)]));
    return calls.torch('log2', [sum]);
  }),
  add_n: row((calls) => {
    const [first = NONE, ...others] = itemsOf(calls.take(0, 'inputs'));
    return others.reduce<Value>((total, each) => calls.on('+', total, each), first);
  }),
  squared_difference: row((calls) => calls.torch('square', [calls.on('-', operand(calls), second(calls))])),
  hypot: row((calls) => {
    const [x, y] = [calls.torch('square', [operand(calls)]), calls.torch('square', [second(calls)])];
    return calls.torch('sqrt', [calls.on('+', x, y)]);
  }),
  cbrt: row((calls) => {
    const x = operand(calls);
    return calls.on('*', calls.torch('sign', [x]), calls.on('**', calls.torch('abs', [x]), 1 / 3));
  }),
  fmod: row((calls) => {
    const [x, y] = [operand(calls), second(calls)];
    return calls.on('-', x, calls.on('*', calls.torch('trunc', [calls.on('/', x, y)]), y));
  }),
  heaviside: row((calls) => {
    const [x, at] = [operand(calls), second(calls)];
    const step = calls.torch('where', [
      calls.on('>', x, 0),
      calls.torch('ones_like', [x]),
      calls.torch('zeros_like', [x]),
    ]);
    return calls.torch('where', [calls.on('==', x, 0), at, step]);
  }),
  sinc,
  deg2rad: scaled(Math.PI / 180),
  rad2deg: scaled(180 / Math.PI),
  equal: comparison('=='),
  not_equal: comparison('!='),
  greater: comparison('>'),
  greater_equal: comparison('>='),
  less: comparison('<'),
  less_equal: comparison('<='),
  logical_and: truths('logical_and'),
  logical_or: truths('logical_or'),
  logical_xor: truths('logical_xor'),
  isclose: isClose,
};
