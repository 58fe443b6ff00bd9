import type { Shape, ValueType } from '../network';
import {
  abs,
  add,
  and,
  atan,
  cast,
  where as choose,
  clip,
  constant,
  div,
  equal,
  exp,
  floor,
  greater,
  isNotANumber,
  maximum as largerOf,
  amax as largest,
  less,
  lessOrEqual,
  log,
  log1p,
  mod,
  mul,
  neg,
  not,
  type Operand,
  or,
  pow as power,
  reciprocal,
  reshape,
  sign,
  minimum as smallerOf,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
} from '../tensor';
import { type Attribute, bool, float, optional } from './attribute';
import { arithmeticType, binaryForms, type Numbers, numbers, shapeOfSide, sides } from './binary';
import { broadcastShapes, onlyInput } from './dimensions';
import { asFloat, promoted, together, typeOfNumber } from './elementTypes';
import { AttributeError, defineLayer, type FunctionForm, type LayerRow, NotModelled, ShapeError } from './row';

// Functions of two tensors or more, element by element, under torch's names.

/** The operands in one type, at least one of them a tensor: two numbers cannot meet here. */
const operandsOf = (kind: string, inputs: readonly Tensor[], attributes: Numbers): readonly [Tensor, Tensor] => {
  const [a, b] = together(...sides(kind, inputs, attributes)) as [Operand, Operand];
  const dtype = typeof a === 'number' ? (b as Tensor).dtype : a.dtype;
  const lifted = (side: Operand) => (typeof side === 'number' ? constant(side, [], dtype) : side);
  return [lifted(a), lifted(b)];
};

const ofTwo = (
  kind: string,
  functions: readonly FunctionForm[],
  compute: (a: Tensor, b: Tensor) => Tensor,
  types: (inputs: readonly ValueType[], attributes: Numbers) => readonly ValueType[] = arithmeticType,
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: numbers,
    functions,
    types,
    outputShapes(inputs, attributes) {
      const [a, b] = sides(kind, inputs, attributes);
      return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
    },
    forward: (inputs, attributes) => ({ outputs: [compute(...operandsOf(kind, inputs, attributes))] }),
  });

/** `torch.f` and `Tensor.f` of two operands. */
const plainForms = (...names: readonly string[]): readonly FunctionForm[] => [
  {
    names: names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`]),
    parameters: ['input', 'other'],
    operands: ['input', 'other'],
  },
];

/** xⁿ for the exponents that products, roots and quotients do. */
function knownPower(x: Tensor, exponent: number): Tensor | undefined {
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return square(x);
    case 3:
      return mul(square(x), x);
    case 0.5:
      return sqrt(x);
    case -0.5:
      return reciprocal(sqrt(x));
    case -1:
      return reciprocal(x);
    default:
      return undefined;
  }
}

const pow = defineLayer({
  kind: 'pow',
  role: 'arithmetic',
  module: false,
  attributes: { input: optional(float()), exponent: optional(float()) },
  functions: [
    {
      names: ['torch.pow', 'Tensor.pow', 'Tensor.pow_', 'operator.pow', 'operator.ipow'],
      parameters: ['input', 'exponent'],
      operands: ['input', 'exponent'],
    },
  ],
  types: (inputs, { input, exponent }) => arithmeticType(inputs, { input, other: exponent }),
  outputShapes(inputs, { input, exponent }) {
    const [a, b] = sides('pow', inputs, { input, other: exponent });
    return [broadcastShapes(shapeOfSide(a), shapeOfSide(b))];
  },
  forward(inputs, { input, exponent }) {
    const [base, raised] = operandsOf('pow', inputs, { input, other: exponent });
    const whole = base.dtype !== 'float32' && exponent !== null && exponent < 0;
    if (whole) throw new ShapeError('Integers to negative integer powers are not allowed.');
    const known = exponent === null ? undefined : knownPower(base, exponent);
    return { outputs: [known ?? power(base, raised)] };
  },
});

/** a − b·⌊a/b⌋: of the divisor's sign, as in Python. The step ⌊a/b⌋ has no gradient. */
const remainderOf = (a: Tensor, b: Tensor): Tensor =>
  a.dtype === 'float32' ? sub(a, mul(b, floor(div(a, b)))) : mod(a, b);

const floorQuotient = (a: Tensor, b: Tensor): Tensor =>
  a.dtype === 'float32' ? floor(div(a, b)) : div(sub(a, mod(a, b)), b);

/** The angle of the point (x, y): arctan(y/x), by half a turn more or less where x is negative. */
function angle(y: Tensor, x: Tensor): Tensor {
  const turn = choose(less(y, 0), constant(-Math.PI), Math.PI);
  return add(atan(div(y, x)), choose(less(x, 0), turn, 0));
}

/** log(eᵃ + eᵇ) without overflow: max(a, b) + log(1 + e^−|a − b|). */
const logSum = (a: Tensor, b: Tensor): Tensor => add(largerOf(a, b), log1p(exp(neg(abs(sub(a, b))))));

const bound = optional(float());

/** Between bounds, one of which may be missing. On a bound the gradient passes. */
const clamping = <const S extends Record<string, Attribute<number | null>>>(
  kind: string,
  names: readonly string[],
  attributes: S,
): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: attributes as Readonly<Record<string, Attribute<number | null>>>,
    functions: [
      {
        names: names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`, `torch.${name}_`, `Tensor.${name}_`]),
        parameters: ['input', ...Object.keys(attributes)],
      },
    ],
    validate({ min = null, max = null }) {
      if (min !== null || max !== null) return;
      throw new AttributeError('min', `torch.${kind}: At least one of 'min' or 'max' must not be None`);
    },
    types: (inputs, { min = null, max = null }) => [
      promoted([...inputs, ...[min, max].flatMap((each) => (each === null ? [] : [typeOfNumber(each)]))]),
    ],
    outputShapes: (inputs) => [onlyInput(inputs, kind)],
    forward([input], { min = null, max = null }) {
      const fractions = [min, max].some((each) => each !== null && !Number.isInteger(each));
      const x = fractions ? asFloat(input!) : input!;
      // Where the bounds are the wrong way round, everything is the upper one.
      const low = min !== null && max !== null && min > max ? max : min;
      return { outputs: [clip(x, low, max, true)] };
    },
  });

/** Numbers stand for tensors here: `torch.where(mask, x, 0)`. */
const chosen = { input: optional(float()), other: optional(float()) };

const asBool = (mask: Tensor): Tensor => (mask.dtype === 'bool' ? mask : not(equal(mask, 0)));

const where = defineLayer({
  kind: 'where',
  role: 'shape',
  module: false,
  attributes: chosen,
  functions: [
    {
      names: ['torch.where'],
      parameters: ['condition', 'input', 'other'],
      operands: ['condition', 'input', 'other'],
    },
    {
      names: ['Tensor.where'],
      parameters: ['input', 'condition', 'other'],
      operands: ['condition', 'input', 'other'],
    },
  ],
  types: ([, ...inputs], { input, other }) => {
    const given = [input, other].flatMap((number) => (number === null ? [] : [typeOfNumber(number)]));
    // Two numbers are floating point, as PyTorch's default type is.
    return [inputs.length === 0 ? 'float32' : promoted([...inputs, ...given])];
  },
  outputShapes(inputs, { input, other }) {
    const [condition, ...rest] = inputs;
    if (!condition || (rest.length === 0 && (input === null || other === null))) {
      throw new NotModelled('other', 'where with a condition alone is not modelled: its shape hangs on values');
    }
    const given = [input, other].filter((number) => number !== null).length;
    if (rest.length + given !== 2) throw new ShapeError(`where takes 3 operands, but got ${1 + rest.length + given}`);
    return [rest.reduce<Shape>(broadcastShapes, condition)];
  },
  forward([condition, ...rest], { input, other }) {
    const operands = [...rest];
    const [a, b] = [input ?? operands.shift()!, other ?? operands.shift()!];
    const both = rest.length === 0 ? [constant(a as number), b] : together(a, b);
    return { outputs: [choose(asBool(condition!), both[0]!, both[1]!)] };
  },
});

const maskedFill = defineLayer({
  kind: 'masked_fill',
  // What is filled in is no value of the network: −∞ before a softmax is no fault.
  role: 'shape',
  module: false,
  attributes: { value: optional(float()) },
  functions: [
    {
      names: ['torch.masked_fill', 'Tensor.masked_fill', 'Tensor.masked_fill_'],
      parameters: ['input', 'mask', 'value'],
      operands: ['input', 'mask', 'value'],
    },
  ],
  types: ([input, mask]) => {
    if (mask !== 'bool')
      throw new ShapeError(
        `masked_fill_ only supports boolean masks, but got mask with dtype ${mask === 'int64' ? 'long int' : 'float'}`,
      );
    return [input!];
  },
  outputShapes([input, mask]) {
    if (!input || !mask) throw new ShapeError('masked_fill takes an input and a mask');
    return [broadcastShapes(input, mask)];
  },
  forward: ([x, mask, filler], { value }) => ({
    outputs: [choose(mask!, value ?? cast(filler!, x!.dtype), x!)],
  }),
});

const lerp = defineLayer({
  kind: 'lerp',
  role: 'arithmetic',
  module: false,
  attributes: { weight: optional(float()) },
  functions: [
    {
      names: ['torch.lerp', 'Tensor.lerp', 'Tensor.lerp_'],
      parameters: ['input', 'end', 'weight'],
      operands: ['input', 'end', 'weight'],
    },
  ],
  outputShapes: (inputs) => [inputs.reduce(broadcastShapes)],
  forward: ([start, end, share], { weight }) => ({
    outputs: [add(start!, mul(sub(end!, start!), weight ?? share!))],
  }),
});

/** input + value·(tensor1 ∘ tensor2) */
const addCombined = (kind: string, combine: (a: Tensor, b: Tensor) => Tensor): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: false,
    attributes: { value: float(1) },
    functions: [
      {
        names: [`torch.${kind}`, `Tensor.${kind}`, `Tensor.${kind}_`],
        parameters: ['input', 'tensor1', 'tensor2', 'value'],
        operands: ['input', 'tensor1', 'tensor2'],
      },
    ],
    outputShapes: (inputs) => [inputs.reduce(broadcastShapes)],
    forward: ([x, a, b], { value }) => ({ outputs: [add(x!, mul(combine(a!, b!), value))] }),
  });

/** a − b·trunc(a/b): the remainder with a's sign; of b's gradient only the quotient is left. */
function fmodOf(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== 'float32') {
    const size = (x: Tensor) => abs(x);
    return mul(sign(a), mod(size(a), size(b)));
  }
  const quotient = div(a, b);
  const whole = stopGradient(mul(sign(quotient), floor(abs(quotient))));
  return sub(a, mul(b, whole));
}

/** x·ln y, and 0 where x is 0. */
function xlogyOf(x: Tensor, y: Tensor): Tensor {
  const nothing = equal(x, 0);
  return choose(nothing, 0, mul(x, log(choose(nothing, 1, y))));
}

/** |a| with b's sign. */
const copysignOf = (a: Tensor, b: Tensor): Tensor => mul(a, stopGradient(mul(signOrOne(a), signOrOne(b))));
const signOrOne = (x: Tensor): Tensor => choose(less(x, 0), -1, constant(1));

const close = { rtol: float(1e-5), atol: float(1e-8), equal_nan: bool(false) };

const isclose = defineLayer({
  kind: 'isclose',
  role: 'arithmetic',
  module: false,
  attributes: close,
  functions: [
    {
      names: ['torch.isclose', 'Tensor.isclose'],
      parameters: ['input', 'other', 'rtol', 'atol', 'equal_nan'],
      operands: ['input', 'other'],
    },
  ],
  types: () => ['bool'],
  outputShapes: (inputs) => [inputs.reduce(broadcastShapes)],
  forward([first, second], { rtol, atol, equal_nan }) {
    const [a, b] = [asFloat(first!), asFloat(second!)];
    const within = lessOrEqual(abs(sub(a, b)), add(mul(abs(b), rtol), atol));
    const same = or(equal(a, b), within);
    return { outputs: [equal_nan ? or(same, and(isNotANumber(a), isNotANumber(b))) : same] };
  },
});

/** Whether each element is one of those of another tensor. */
const isin = defineLayer({
  kind: 'isin',
  role: 'arithmetic',
  module: false,
  attributes: { test_elements: optional(float()), assume_unique: bool(false), invert: bool(false) },
  functions: [
    {
      names: ['torch.isin'],
      parameters: ['elements', 'test_elements', 'assume_unique', 'invert'],
      operands: ['elements', 'test_elements'],
    },
  ],
  types: () => ['bool'],
  outputShapes: (inputs) => [inputs[0]!],
  forward([elements, tests], { test_elements, invert }) {
    const x = elements!;
    const of = tests ?? constant(test_elements ?? 0, [], x.dtype);
    const [a, b] = together(reshape(x, [...x.shape, 1]), reshape(of, [of.shape.reduce((p, n) => p * n, 1)]));
    const found = greater(largest(cast(equal(a!, b!), 'float32'), [x.shape.length]), 0.5);
    return { outputs: [invert ? not(found) : found] };
  },
});

export const combinations: readonly LayerRow[] = [
  pow,
  ofTwo('minimum', plainForms('minimum'), smallerOf),
  ofTwo('maximum', plainForms('maximum'), largerOf),
  ofTwo('remainder', binaryForms(['remainder'], ['mod', 'imod'], []), remainderOf),
  ofTwo('floor_divide', binaryForms(['floor_divide'], ['floordiv', 'ifloordiv'], []), floorQuotient),
  ofTwo('atan2', plainForms('atan2', 'arctan2'), angle, () => ['float32']),
  ofTwo('logaddexp', plainForms('logaddexp'), logSum, () => ['float32']),
  ofTwo(
    'fmod',
    [
      {
        names: ['torch.fmod', 'Tensor.fmod', 'Tensor.fmod_'],
        parameters: ['input', 'other'],
        operands: ['input', 'other'],
      },
    ],
    fmodOf,
  ),
  ofTwo('xlogy', plainForms('xlogy'), xlogyOf, () => ['float32']),
  ofTwo('copysign', plainForms('copysign'), copysignOf, () => ['float32']),
  isclose,
  isin,
  clamping('clamp', ['clamp', 'clip'], { min: bound, max: bound }),
  clamping('clamp_min', ['clamp_min'], { min: bound }),
  clamping('clamp_max', ['clamp_max'], { max: bound }),
  where,
  maskedFill,
  lerp,
  addCombined('addcmul', mul),
  addCombined('addcdiv', div),
];
