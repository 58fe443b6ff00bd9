import type { ValueType } from '../network';
import type { Tensor } from '../tensor';
import * as tensor from '../tensor';
import { float, int, optional } from './attribute';
import { complementaryError } from './complementaryError';
import { onlyInput } from './dimensions';
import { asFloat, givesBool, givesFloat, keepsType } from './elementTypes';
import { defineLayer, type LayerRow } from './row';
import { digamma, erfinv, lgamma, sinc } from './specialFunctions';

// Functions of each element by itself, under torch's names: no module class has them.

interface Elementary {
  /** Further names of the same function. */
  readonly also?: readonly string[];
  /** Whether torch has it in place, as `name_`. */
  readonly inPlace?: boolean;
  /** Default: floating point out, whatever goes in. */
  readonly types?: (inputs: readonly ValueType[]) => readonly ValueType[];
  /** Python's operator of this meaning. */
  readonly operator?: string;
}

/** `torch.f`, `Tensor.f`, `torch.f_`, `Tensor.f_`. */
const namesOf = (name: string, inPlace: boolean): string[] => [
  `torch.${name}`,
  `Tensor.${name}`,
  ...(inPlace ? [`torch.${name}_`, `Tensor.${name}_`] : []),
];

const elementary = (
  name: string,
  compute: (x: Tensor) => Tensor,
  { also = [], inPlace = true, types = givesFloat, operator }: Elementary = {},
): LayerRow =>
  defineLayer({
    kind: name,
    role: 'arithmetic',
    module: false,
    attributes: {},
    functions: [
      {
        names: [
          ...[name, ...also].flatMap((each) => namesOf(each, inPlace)),
          ...(operator === undefined ? [] : [`operator.${operator}`]),
        ],
        parameters: ['input'],
      },
    ],
    types,
    outputShapes: (inputs) => [onlyInput(inputs, name)],
    forward: ([x]) => ({ outputs: [compute(types === givesFloat ? asFloat(x!) : x!)] }),
  });

const scaledLog = (base: number) => (x: Tensor) => tensor.mul(tensor.log(x), 1 / Math.log(base));

/** Kept as it is where it is a whole number already. */
const rounded =
  (round: (x: Tensor) => Tensor) =>
  (x: Tensor): Tensor =>
    x.dtype === 'float32' ? round(x) : x;

/** Towards zero: the larger whole number below zero, the smaller above. */
const truncated = (x: Tensor): Tensor => tensor.mul(tensor.sign(x), tensor.floor(tensor.abs(x)));

const isInfinite = (x: Tensor): Tensor => tensor.equal(tensor.abs(x), Number.POSITIVE_INFINITY);

const asBool = (x: Tensor): Tensor => (x.dtype === 'bool' ? x : tensor.not(tensor.equal(x, 0)));

const round = defineLayer({
  kind: 'round',
  role: 'arithmetic',
  module: false,
  attributes: { decimals: int(0) },
  functions: [
    { names: ['torch.round', 'Tensor.round', 'torch.round_', 'Tensor.round_'], parameters: ['input', 'decimals'] },
  ],
  types: keepsType,
  outputShapes: (inputs) => [onlyInput(inputs, 'round')],
  forward([x], { decimals }) {
    const scale = 10 ** decimals;
    return { outputs: [rounded((y) => tensor.div(tensor.round(tensor.mul(y, scale)), scale))(x!)] };
  },
});

const nanToNum = defineLayer({
  kind: 'nan_to_num',
  role: 'arithmetic',
  module: false,
  attributes: { nan: optional(float()), posinf: optional(float()), neginf: optional(float()) },
  functions: [
    {
      names: ['torch.nan_to_num', 'Tensor.nan_to_num', 'torch.nan_to_num_', 'Tensor.nan_to_num_'],
      parameters: ['input', 'nan', 'posinf', 'neginf'],
    },
  ],
  outputShapes: (inputs) => [onlyInput(inputs, 'nan_to_num')],
  forward([input], { nan, posinf, neginf }) {
    const x = input!;
    const largest = 3.4028234663852886e38;
    const finite = tensor.where(
      isInfinite(x),
      tensor.where(tensor.greater(x, 0), tensor.constant(posinf ?? largest), neginf ?? -largest),
      x,
    );
    return { outputs: [tensor.where(tensor.isNotANumber(x), nan ?? 0, finite)] };
  },
});

const logit = defineLayer({
  kind: 'logit',
  role: 'arithmetic',
  module: false,
  attributes: { eps: optional(float()) },
  functions: [
    { names: ['torch.logit', 'Tensor.logit', 'torch.logit_', 'Tensor.logit_'], parameters: ['input', 'eps'] },
  ],
  outputShapes: (inputs) => [onlyInput(inputs, 'logit')],
  forward([x], { eps }) {
    const p = eps === null ? x! : tensor.clip(x!, eps, 1 - eps, true);
    return { outputs: [tensor.log(tensor.div(p, tensor.sub(1, p)))] };
  },
});

export const elementaryFunctions: readonly LayerRow[] = [
  elementary('exp', tensor.exp),
  elementary('exp2', (x) => tensor.exp(tensor.mul(x, Math.LN2))),
  elementary('expm1', tensor.expm1),
  elementary('log', tensor.log),
  elementary('log2', scaledLog(2)),
  elementary('log10', scaledLog(10)),
  elementary('log1p', tensor.log1p),
  elementary('sqrt', tensor.sqrt),
  elementary('rsqrt', (x) => tensor.reciprocal(tensor.sqrt(x))),
  elementary('reciprocal', tensor.reciprocal),
  elementary('square', tensor.square, { types: keepsType }),
  elementary('abs', tensor.abs, { types: keepsType, operator: 'abs' }),
  elementary('neg', tensor.neg, { also: ['negative'], types: keepsType, operator: 'neg' }),
  elementary('sign', tensor.sign, { also: ['sgn'], types: keepsType, inPlace: false }),
  elementary('sin', tensor.sin),
  elementary('cos', tensor.cos),
  elementary('tan', tensor.tan),
  elementary('asin', tensor.asin, { also: ['arcsin'] }),
  elementary('acos', tensor.acos, { also: ['arccos'] }),
  elementary('atan', tensor.atan, { also: ['arctan'] }),
  elementary('sinh', tensor.sinh),
  elementary('cosh', tensor.cosh),
  elementary('asinh', tensor.asinh, { also: ['arcsinh'], inPlace: false }),
  elementary('acosh', tensor.acosh, { also: ['arccosh'], inPlace: false }),
  elementary('atanh', tensor.atanh, { also: ['arctanh'], inPlace: false }),
  elementary('erf', tensor.erf),
  elementary('erfc', complementaryError),
  elementary('floor', rounded(tensor.floor), { types: keepsType }),
  elementary('ceil', rounded(tensor.ceil), { types: keepsType }),
  elementary('trunc', rounded(truncated), { also: ['fix'], types: keepsType }),
  // The step that is taken off has no gradient.
  elementary('frac', (x) => tensor.sub(x, truncated(x))),
  elementary('isnan', tensor.isNotANumber, { types: givesBool, inPlace: false }),
  elementary('isinf', isInfinite, { types: givesBool, inPlace: false }),
  elementary('isfinite', (x) => tensor.less(tensor.abs(x), Number.POSITIVE_INFINITY), {
    types: givesBool,
    inPlace: false,
  }),
  elementary('logical_not', (x) => tensor.not(asBool(x)), { types: givesBool, inPlace: false }),
  elementary('bitwise_not', (x) => (x.dtype === 'bool' ? tensor.not(x) : tensor.sub(-1, x)), {
    types: keepsType,
    inPlace: false,
    operator: 'invert',
  }),
  round,
  nanToNum,
  logit,
  elementary('sinc', sinc),
  elementary('lgamma', lgamma, { inPlace: false }),
  elementary('digamma', digamma, { inPlace: false }),
  elementary('erfinv', erfinv, { inPlace: false }),
  elementary('deg2rad', (x) => tensor.mul(x, Math.PI / 180)),
  elementary('rad2deg', (x) => tensor.mul(x, 180 / Math.PI)),
];
