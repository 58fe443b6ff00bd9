import {
  calculateGain,
  constant,
  dirac,
  eye,
  fans,
  formatShape,
  type Initialization,
  kaimingNormal,
  kaimingUniform,
  normal,
  orthogonal,
  type Span,
  sparse,
  truncatedNormal,
  unfitting,
  uniform,
  xavierNormal,
  xavierUniform,
} from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { knownTensor } from '../../python/modules/recipe';
import { initializationOf, initializePart } from '../../python/modules/storedPart';
import {
  type Arguments,
  argument,
  asNumber,
  bound,
  float,
  int,
  type StoredTensor,
  tuple,
  type Value,
} from '../../python/values';

type Bound = ReturnType<typeof bound>;

/** An initializer: what it draws for a tensor of this shape, from its arguments; undefined where they are not known. */
const initializer =
  (
    names: readonly string[],
    draw: (shape: readonly number[], given: Bound) => Initialization | undefined,
    /** What PyTorch asks of the tensor first, and misses in None: a layer's bias that is not there. */
    asks = 'fill_',
  ): BuiltinRow =>
  (args, site, run) => {
    const target = argument(args, 0);
    if (target.type === 'none')
      return run.raise('AttributeError', `'NoneType' object has no attribute '${asks}'`, site);
    if (target.type !== 'tensor') {
      if (target.type === 'unknown') run.note(target, 'an initialization');
      return target;
    }
    const given = bound({ ...args, positional: args.positional.slice(1) }, ...names);
    if (target.place.kind === 'fresh' && target.place.part) {
      const { part } = target.place;
      const size = part.to.map((end, axis) => end - part.from[axis]!);
      const initialization = draw(size, given);
      if (!initialization || unfitting(initialization, size) !== undefined)
        return run.unmodelled('an initialization', 'its arguments are not known, or it cannot fill this part', site);
      initializePart(part, initialization);
      return target;
    }
    if (target.place.kind === 'fresh') {
      const numbers = (target.shape ?? []).filter((dim): dim is number => typeof dim === 'number');
      const initialization = numbers.length === target.shape?.length ? draw(numbers, given) : undefined;
      const refusal = initialization && unfitting(initialization, numbers);
      if (refusal !== undefined) return run.raise('ValueError', refusal, site);
      if (initialization) target.place = { kind: 'fresh', source: target.place.source, initialization };
      return target;
    }
    if (target.place.kind === 'flow')
      return run.unmodelled('an initialization', 'it changes a tensor of the forward', site);
    apply(target.place.tensor, draw, given, site, run);
    return target;
  };

function apply(
  stored: StoredTensor,
  draw: (shape: readonly number[], given: Bound) => Initialization | undefined,
  given: Bound,
  site: Span,
  run: Evaluation,
): void {
  const initialization = draw(stored.shape, given);
  const refusal = initialization && unfitting(initialization, stored.shape);
  if (refusal !== undefined) run.raise('ValueError', refusal, site);
  if (initialization) stored.initialization = initialization;
  else
    run.unmodelled(
      'an initialization',
      `its arguments are not known, or it cannot fill ${formatShape(stored.shape)}`,
      site,
    );
}

const numberOr = (value: Value | undefined, fallback: number): number | undefined =>
  value ? asNumber(value) : fallback;

const both = (a: number | undefined, b: number | undefined, make: (a: number, b: number) => Initialization) =>
  a === undefined || b === undefined ? undefined : make(a, b);

const only = (a: number | undefined, make: (a: number) => Initialization) => (a === undefined ? undefined : make(a));

/** The fan and gain that the kaiming initializers take. */
function kaiming(make: (fan: number, gain: number) => Initialization) {
  return (shape: readonly number[], { a, mode, nonlinearity }: Bound): Initialization | undefined => {
    if (shape.length < 2) return undefined;
    const { fanIn, fanOut } = fans(shape);
    const kind = nonlinearity?.type === 'string' ? nonlinearity.value : 'leaky_relu';
    const gain = calculateGain(kind, numberOr(a, 0));
    const fan = mode?.type === 'string' && mode.value === 'fan_out' ? fanOut : fanIn;
    return gain === undefined || fan === 0 ? undefined : make(fan, gain);
  };
}

const xavier =
  (make: (shape: readonly number[], gain: number) => Initialization) =>
  (shape: readonly number[], { gain }: Bound) => {
    const factor = numberOr(gain, 1);
    return shape.length < 2 || factor === undefined ? undefined : make(shape, factor);
  };

const normalRow = initializer(
  ['mean', 'std'],
  (_, { mean, std }) => both(numberOr(mean, 0), numberOr(std, 1), normal),
  'normal_',
);

/** `torch.nn.init`, and the methods of tensors of the same meaning. */
export const initializers: BuiltinTable = {
  uniform_: initializer(['a', 'b'], (_, { a, b }) => both(numberOr(a, 0), numberOr(b, 1), uniform), 'uniform_'),
  normal_: normalRow,
  trunc_normal_: initializer(
    ['mean', 'std', 'a', 'b'],
    (_, { mean, std, a, b }) => {
      const numbers = [numberOr(mean, 0), numberOr(std, 1), numberOr(a, -2), numberOr(b, 2)];
      if (numbers.includes(undefined)) return undefined;
      return truncatedNormal(...(numbers as [number, number, number, number]));
    },
    'is_meta',
  ),
  constant_: initializer(['val'], (_, { val }) => {
    const value = numberOr(val, Number.NaN);
    return value === undefined || Number.isNaN(value) ? undefined : constant(value);
  }),
  zeros_: initializer([], () => constant(0), 'zero_'),
  ones_: initializer([], () => constant(1)),
  xavier_uniform_: initializer(['gain'], xavier(xavierUniform), 'dim'),
  xavier_normal_: initializer(['gain'], xavier(xavierNormal), 'dim'),
  kaiming_uniform_: initializer(['a', 'mode', 'nonlinearity'], kaiming(kaimingUniform), 'shape'),
  kaiming_normal_: initializer(['a', 'mode', 'nonlinearity'], kaiming(kaimingNormal), 'shape'),
  orthogonal_: initializer(['gain'], (_, { gain }) => only(numberOr(gain, 1), orthogonal), 'ndimension'),
  eye_: initializer([], () => eye(), 'ndimension'),
  dirac_: initializer(['groups'], (_, { groups }) => only(numberOr(groups, 1), dirac), 'ndimension'),
  sparse_: initializer(
    ['sparsity', 'std'],
    (_, { sparsity, std }) => both(numberOr(sparsity, Number.NaN), numberOr(std, 0.01), sparse),
    'ndimension',
  ),
  _calculate_fan_in_and_fan_out(args, site, run) {
    const of = argument(args, 0);
    const shape = of.type === 'tensor' ? of.shape : undefined;
    const sizes = shape?.filter((dim): dim is number => typeof dim === 'number');
    if (!sizes || sizes.length !== shape?.length) return run.unmodelled('fans', 'the shape is not known', site);
    if (sizes.length < 2)
      return run.raise(
        'ValueError',
        'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
        site,
      );
    const { fanIn, fanOut } = fans(sizes);
    return tuple([int(fanIn), int(fanOut)]);
  },
  calculate_gain(args, site, run) {
    const name = argument(args, 0);
    const parameter = args.positional[1] ?? args.keywords.get('param');
    const gain = name.type === 'string' ? calculateGain(name.value, parameter && asNumber(parameter)) : undefined;
    return gain === undefined ? run.unmodelled('calculate_gain', 'this nonlinearity is not known', site) : float(gain);
  },
};

/** Fills a stored tensor's first values, or a tensor of the forward, with a number. */
function filler(initialize: BuiltinRow, numberIn: (args: Arguments) => number | undefined): BuiltinRow {
  return (args, site, run) => {
    const target = argument(args, 0);
    const number = numberIn(args);
    if (target.type !== 'tensor' || target.place.kind !== 'flow' || !target.shape || number === undefined)
      return initialize(args, site, run);
    const attributes = { size: target.shape, fill_value: number, dtype: target.dtype };
    return run.writeTo(target, knownTensor('full', attributes, target.shape, target.dtype, 'fill_', site), site);
  };
}

/** A method that gives a tensor another's values: in a forward to what flows, elsewhere to what a parameter or buffer starts with. */
const copying =
  (by: string): BuiltinRow =>
  (args, site, run) => {
    const [target, from] = [argument(args, 0), argument(args, 1)];
    if (target.type !== 'tensor' || from.type !== 'tensor') return target.type === 'tensor' ? from : target;
    const same = JSON.stringify(target.shape) === JSON.stringify(from.shape);
    if (run.trace && same) return run.writeTo(target, from, site);
    const recipe = from.place.kind === 'fresh' ? from.place.recipe : undefined;
    if (same && !run.trace && recipe && target.place.kind === 'stored' && !target.place.tensor.parameter) {
      // A buffer of known values: positions, indices.
      if (from.place.kind === 'fresh') Object.assign(target.place.tensor, { known: from.place, dtype: from.dtype });
      return target;
    }
    const initialization = same && !run.trace ? initializationOf(from) : undefined;
    const part = target.place.kind === 'fresh' ? target.place.part : undefined;
    if (same && !part && target.place.kind === 'fresh') return run.writeTo(target, from, site);
    if (initialization && part) initializePart(part, initialization);
    else if (initialization && target.place.kind === 'stored') target.place.tensor.initialization = initialization;
    else return run.unmodelled(by, 'the values are computed; they are not modelled', site);
    return target;
  };

/** Tensor methods that fill a tensor in place. */
export const fillers: BuiltinTable = {
  zero_: filler(initializers.zeros_!, () => 0),
  fill_: filler(initializers.constant_!, (args) => asNumber(argument(args, 1))),
  normal_: normalRow,
  uniform_: initializers.uniform_!,
  copy_: copying('copy_'),
  set_: copying('data ='),
};
