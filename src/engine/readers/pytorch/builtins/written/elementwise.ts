import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { type Arguments, asNumber, float, int, NONE, type Value } from '../../../python/values';
import { isTensor, type Torch, written } from './at';

/** The smallest and the largest, named `min` and `max`. */
const aminmax = written('aminmax', ['input', 'dim', 'keepdim'], ({ input = NONE, dim, keepdim }, torch) => {
  const named = { ...(dim && { dim }), ...(keepdim && { keepdim }) };
  return {
    type: 'tuple',
    items: [torch.call('amin', [input], named), torch.call('amax', [input], named)],
    names: ['min', 'max'],
  };
});

/** Bounds that are tensors: the larger of the lower one, the smaller of the upper one. */
const clampTo = (by: string): BuiltinRow =>
  written(by, ['input', 'min', 'max'], ({ input = NONE, min = NONE, max = NONE }, torch) => {
    if (!isTensor(min) && !isTensor(max)) return torch.call(by, [input, min, max]);
    const asTensor = (bound: Value): Value => (isTensor(bound) ? bound : torch.call('full_like', [input, bound]));
    const low = min.type === 'none' ? input : torch.call('maximum', [input, asTensor(min)]);
    return max.type === 'none' ? low : torch.call('minimum', [low, asTensor(max)]);
  });

const hasTensorBound = ({ positional, keywords }: Arguments): boolean =>
  positional.slice(1).some(isTensor) || isTensor(keywords.get('min')) || isTensor(keywords.get('max'));

/** `clamp` as the table has it, but where a bound is a tensor. */
export const clamping = (by: string, plain: BuiltinRow): BuiltinRow => {
  const bounds = clampTo(by);
  return (args, site, run) => (hasTensorBound(args) ? bounds : plain)(args, site, run);
};

const ofOne = (by: string, compute: (x: Value, torch: Torch) => Value): BuiltinRow =>
  written(by, ['input'], ({ input = NONE }, torch) => compute(input, torch));

const ofTwo = (by: string, compute: (a: Value, b: Value, torch: Torch) => Value): BuiltinRow =>
  written(by, ['input', 'other'], ({ input = NONE, other = NONE }, torch) => compute(input, other, torch));

/** By a power of two, which whole numbers may be shifted by. */
const shifted = (by: string, operator: '*' | '//'): BuiltinRow =>
  ofTwo(by, (a, b, torch) => {
    const places = asNumber(b);
    return places === undefined || b.type === 'tensor'
      ? torch.unmodelled('by how many places is not known')
      : torch.binary(operator, a, int(2 ** places));
  });

export const shifts: Readonly<Record<'<<' | '>>', BuiltinRow>> = {
  '<<': shifted('bitwise_left_shift', '*'),
  '>>': shifted('bitwise_right_shift', '//'),
};

/** `a / b` to whole numbers, towards zero or down. */
export const dividing =
  (plain: BuiltinRow): BuiltinRow =>
  (args, site, run) => {
    const mode = args.keywords.get('rounding_mode') ?? args.positional[2];
    return (mode?.type === 'string' ? divided : plain)(args, site, run);
  };

const divided = written(
  'div',
  ['input', 'other', 'rounding_mode'],
  ({ input = NONE, other = NONE, rounding_mode }, torch) => {
    if (rounding_mode?.type === 'string' && rounding_mode.value === 'floor') return torch.binary('//', input, other);
    return torch.call('trunc', [torch.binary('/', input, other)]);
  },
);

/** Functions and methods alike. */
export const elementwiseFunctions: BuiltinTable = {
  aminmax,
  absolute: ofOne('abs', (x, torch) => torch.call('abs', [x])),
  bitwise_left_shift: shifts['<<'],
  bitwise_right_shift: shifts['>>'],
  hypot: ofTwo('hypot', (a, b, torch) =>
    torch.call('sqrt', [torch.binary('+', torch.call('square', [a]), torch.call('square', [b]))]),
  ),
  float_power: ofTwo('float_power', (a, b, torch) =>
    torch.call('pow', [isTensor(a) ? torch.method('float', a) : a, b]),
  ),
  heaviside: ofTwo('heaviside', (a, b, torch) =>
    torch.call('where', [
      torch.binary('==', a, int(0)),
      b,
      torch.method('to', torch.binary('>', a, int(0)), torch.run.attribute(a, 'dtype', torch.site)),
    ]),
  ),
};

export const elementwiseTorch: BuiltinTable = {
  rsub: written('rsub', ['input', 'other', 'alpha'], ({ input = NONE, other = NONE, alpha }, torch) =>
    torch.binary('-', other, alpha ? torch.binary('*', input, alpha) : input),
  ),
  xlog1py: ofTwo('xlog1py', (a, b, torch) => torch.call('xlogy', [a, torch.binary('+', b, int(1))])),
  entr: ofOne('entr', (x, torch) => torch.call('neg', [torch.call('xlogy', [x, x])])),
  gammaln: ofOne('lgamma', (x, torch) => torch.call('lgamma', [x])),
  psi: ofOne('digamma', (x, torch) => torch.call('digamma', [x])),
  ndtr: ofOne('ndtr', (x, torch) => {
    const scaled = torch.call('erf', [torch.binary('*', x, float(Math.SQRT1_2))]);
    return torch.binary('*', torch.binary('+', scaled, int(1)), float(0.5));
  }),
  scalar_tensor: written('scalar_tensor', ['s'], ({ s = NONE }, torch) => torch.call('tensor', [s])),
  clone: ofOne('clone', (x, torch) => torch.method('clone', x)),
  numel: ofOne('numel', (x, torch) => torch.method('numel', x)),
};

/** `F.layer_norm` as the table has it, but with a shift and no scale. */
export const normalizing =
  (plain: BuiltinRow): BuiltinRow =>
  (args, site, run) => {
    const given = (name: string, at: number) => args.keywords.get(name) ?? args.positional[at];
    const [weight, bias] = [given('weight', 2), given('bias', 3)];
    return (isTensor(bias) && !isTensor(weight) ? shiftedNorm : plain)(args, site, run);
  };

const shiftedNorm = written(
  'layer_norm',
  ['input', 'normalized_shape', 'weight', 'bias', 'eps'],
  ({ input = NONE, normalized_shape = NONE, bias = NONE, eps }, torch) =>
    torch.binary('+', torch.call('nn.functional.layer_norm', [input, normalized_shape], eps ? { eps } : {}), bias),
);
