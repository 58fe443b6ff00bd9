import type { Attributes, Shape } from '../../../src/engine/network';
import type { Draw } from '../draw';
import type { FamilyCases, InputValues, KindCases, LayerCase } from '../layerCase';
import { B, batched, fn } from './forms';

/** torch's names of an elementwise function. */
const names = (name: string, inPlace: boolean): string[] => [
  `torch.${name}`,
  `Tensor.${name}`,
  ...(inPlace ? [`torch.${name}_`, `Tensor.${name}_`] : []),
];

interface Domain {
  /** Where the function is defined, if not everywhere. */
  readonly between?: readonly [number, number];
  /** Whole numbers as well as fractions. */
  readonly integers?: boolean;
  readonly inPlace?: boolean;
  readonly also?: readonly string[];
  readonly spread?: number;
}

/** A function of each element, under each of its names. */
function elementary(
  name: string,
  { between, integers, inPlace = true, also = [], spread = 1.5 }: Domain = {},
): KindCases {
  const all = [...[name, ...also].flatMap((each) => names(each, inPlace))];
  const values: InputValues | undefined = between && { between };
  const case_ = (form: string, inputs: readonly Shape[]): LayerCase => ({
    ...fn(form, inputs),
    spread,
    ...(values && { values: [values] }),
  });
  return {
    fixed: [
      case_(all[0]!, [[B, 7]]),
      ...(integers ? [{ ...fn(all[0]!, [[B, 5]]), values: [{ integers: [-3, 4] as const }] }] : []),
    ],
    random(draw) {
      const inputs = [batched(draw, draw.int(1, 4))];
      const batch = draw.int(1, 4);
      if (integers && draw.chance(0.2)) {
        const plain = all.filter((form) => !form.endsWith('_'));
        return { ...fn(draw.pick(plain), inputs), batch, values: [{ integers: [-4, 4] }] };
      }
      return { ...case_(draw.pick(all), inputs), batch };
    },
  };
}

const truths = (name: string, values: (draw: Draw) => InputValues | undefined): KindCases => ({
  fixed: [
    { ...fn(`torch.${name}`, [[B, 5]]), values: [{ numbers: [0, 1, -2, 0, 3, 0, 0, 5, 1, 2], dtype: 'float32' }] },
  ],
  random: (draw) => ({
    ...fn(draw.pick([`torch.${name}`, `Tensor.${name}`]), [batched(draw, draw.int(1, 4))]),
    batch: draw.int(1, 4),
    values: [values(draw)],
  }),
});

const special: InputValues = {
  numbers: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -1.5, 2],
  dtype: 'float32',
};

const withoutNumber: InputValues = { numbers: [Number.NaN, 1, 2, -3, 0, Number.NaN], dtype: 'float32' };

const finite = (name: string): KindCases => ({
  fixed: [{ ...fn(`torch.${name}`, [[6]]), values: [special] }],
  random: (draw) => {
    const inputs: readonly Shape[] = draw.chance(0.3) ? [[6]] : [batched(draw, draw.int(1, 3))];
    const found = inputs[0]!.length === 1 && inputs[0]![0] === 6;
    return {
      ...fn(draw.pick([`torch.${name}`, `Tensor.${name}`]), inputs),
      ...(found && { values: [special] }),
      batch: draw.int(1, 3),
    };
  },
});

/** With an attribute of its own. */
const attributed = (name: string, fixed: readonly LayerCase[], attributes: (draw: Draw) => Attributes): KindCases => ({
  fixed,
  random: (draw) => ({
    ...fn(draw.pick(names(name, true)), [batched(draw, draw.int(1, 4))], draw.some(attributes(draw))),
    batch: draw.int(1, 4),
    spread: 2,
  }),
});

const open = [-0.95, 0.95] as const;
const positive = [0.1, 4] as const;

const reflectedAtZero = (name: string): KindCases => {
  const cases = elementary(name, { between: [0.2, 6], inPlace: false });
  const left: InputValues = { numbers: [-0.5, -1.4, -2.3, 0.3, 1, 2.5], dtype: 'float32' };
  return { ...cases, fixed: [...cases.fixed, { ...fn(`torch.${name}`, [[6]]), values: [left] }] };
};

export const elementaryFunctions: FamilyCases = {
  exp: elementary('exp', { integers: true }),
  exp2: elementary('exp2'),
  expm1: elementary('expm1', { spread: 0.3 }),
  log: elementary('log', { between: positive }),
  log2: elementary('log2', { between: positive }),
  log10: elementary('log10', { between: positive }),
  log1p: elementary('log1p', { between: [-0.9, 1.5] }),
  sqrt: elementary('sqrt', { between: positive }),
  rsqrt: elementary('rsqrt', { between: positive }),
  reciprocal: elementary('reciprocal', { between: positive }),
  square: elementary('square', { integers: true }),
  abs: elementary('abs', { integers: true }),
  neg: elementary('neg', { integers: true, also: ['negative'] }),
  sign: elementary('sign', { integers: true, inPlace: false, also: ['sgn'] }),
  sin: elementary('sin'),
  cos: elementary('cos'),
  tan: elementary('tan', { between: [-1.3, 1.3] }),
  asin: elementary('asin', { between: open, also: ['arcsin'] }),
  acos: elementary('acos', { between: open, also: ['arccos'] }),
  atan: elementary('atan', { also: ['arctan'] }),
  sinh: elementary('sinh'),
  cosh: elementary('cosh'),
  asinh: elementary('asinh', { also: ['arcsinh'], inPlace: false }),
  acosh: elementary('acosh', { between: [1.2, 4], also: ['arccosh'], inPlace: false }),
  atanh: elementary('atanh', { between: open, also: ['arctanh'], inPlace: false }),
  erf: elementary('erf'),
  erfc: elementary('erfc'),
  floor: elementary('floor', { integers: true }),
  ceil: elementary('ceil', { integers: true }),
  trunc: elementary('trunc', { integers: true, also: ['fix'] }),
  frac: elementary('frac'),
  isnan: finite('isnan'),
  isinf: finite('isinf'),
  isfinite: finite('isfinite'),
  logical_not: truths('logical_not', (draw) => draw.pick([{ booleans: 0.4 }, { integers: [-1, 1] }] as const)),
  bitwise_not: {
    fixed: [
      { ...fn('torch.bitwise_not', [[B, 5]]), values: [{ booleans: 0.5 }] },
      { ...fn('operator.invert', [[B, 5]]), values: [{ booleans: 0.5 }] },
    ],
    random: (draw) => ({
      ...fn(draw.pick(['torch.bitwise_not', 'Tensor.bitwise_not', 'operator.invert']), [batched(draw, draw.int(1, 4))]),
      batch: draw.int(1, 4),
      values: [draw.pick([{ booleans: 0.5 }, { integers: [-5, 5] }] as const)],
    }),
  },
  round: attributed('round', [fn('torch.round', [[B, 5]]), fn('Tensor.round', [[B, 5]], { decimals: 1 })], (draw) => ({
    decimals: draw.int(-1, 2),
  })),
  logit: {
    fixed: [
      { ...fn('torch.logit', [[B, 5]]), values: [{ between: [0.05, 0.95] }] },
      { ...fn('Tensor.logit', [[B, 5]], { eps: 0.2 }), values: [{ between: [0, 1] }] },
    ],
    random: (draw) => ({
      ...fn(
        draw.pick(names('logit', true)),
        [batched(draw, draw.int(1, 4))],
        draw.some({ eps: draw.decimal(0.02, 0.3) }),
      ),
      batch: draw.int(1, 4),
      values: [{ between: [0.02, 0.98] }],
    }),
  },
  sinc: elementary('sinc'),
  // On the left of 0 beside poles, where a float's own rounding is all there is: at fixed places alone.
  lgamma: reflectedAtZero('lgamma'),
  digamma: reflectedAtZero('digamma'),
  erfinv: elementary('erfinv', { between: [-0.97, 0.97], inPlace: false }),
  deg2rad: elementary('deg2rad', { spread: 90 }),
  rad2deg: elementary('rad2deg'),
  // Infinities only where a number stands for them: without one they become numbers that nothing else can be seen beside.
  nan_to_num: {
    fixed: [
      { ...fn('torch.nan_to_num', [[6]]), values: [withoutNumber] },
      { ...fn('Tensor.nan_to_num', [[6]], { nan: 1.5, posinf: 3, neginf: -2 }), values: [special] },
    ],
    random(draw) {
      const form = draw.pick(names('nan_to_num', true));
      const nan = draw.decimal(-2, 2);
      if (draw.chance()) return { ...fn(form, [[6]], draw.some({ nan })), values: [withoutNumber] };
      const bounds = { posinf: draw.decimal(0, 9), neginf: draw.decimal(-9, 0) };
      return { ...fn(form, [[6]], { nan, ...bounds }), values: [special] };
    },
  },
};
