import { mathFunctions } from '../../python/builtins/math';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { type Arguments, asNumber, float, int, NONE, type Value } from '../../python/values';
import { layerFunction } from './layers';
import { torchFunctions } from './torch';

/** Torch's function of that name, on known tensors. */
const torch =
  (name: string, adapt: (args: Arguments) => Arguments = (args) => args): BuiltinRow =>
  (args, site, run) => {
    const row = torchFunctions[name] ?? layerFunction(`torch.${name}`);
    return row ? row(adapt(args), site, run) : run.unmodelled(`numpy.${name}`, 'it is not modelled', site);
  };

/** Arguments under torch's names for them. */
const renamed =
  (names: Readonly<Record<string, string>>) =>
  ({ keywords, ...rest }: Arguments): Arguments => ({
    ...rest,
    keywords: new Map([...keywords].map(([name, value]) => [names[name] ?? name, value])),
  });

const AXIS = renamed({ axis: 'dim', keepdims: 'keepdim' });

/** A function of numbers, or of arrays. */
const either =
  (name: string): BuiltinRow =>
  (args, site, run) => {
    const row = mathFunctions[name];
    return row && args.positional.every((value) => value.type !== 'tensor')
      ? row(args, site, run)
      : torch(name)(args, site, run);
  };

/** A reduction: of an array, or of Python's own numbers made one. */
const reduction =
  (name: string): BuiltinRow =>
  (args, site, run) => {
    const [first, ...rest] = args.positional;
    // One number is its own sum, product and mean.
    if (first && first.type !== 'tensor' && first.type !== 'bool' && asNumber(first) !== undefined)
      return /^arg|^diff$/.test(name) ? int(0) : first;
    const array =
      first && asArray(first, (list) => torch('tensor')({ positional: [list], keywords: new Map() }, site, run));
    // Numpy's mean of whole numbers and truths is a fraction.
    const summed =
      name === 'mean' && array?.type === 'tensor' && array.dtype !== 'float32'
        ? run.call(run.attribute(array, 'float', site), { positional: [], keywords: new Map() }, site)
        : array;
    return torch(name, AXIS)({ ...args, positional: summed ? [summed, ...rest] : args.positional }, site, run);
  };

/** A running sum along an axis; without one, of all numbers in their order. */
const cumsum: BuiltinRow = (args, site, run) => {
  const { positional, keywords } = args;
  if (positional.length > 1 || keywords.has('axis')) return reduction('cumsum')(args, site, run);
  const [of = NONE] = positional;
  const array = asArray(of, (list) => torch('tensor')({ positional: [list], keywords: new Map() }, site, run));
  const row = torch('ravel')({ positional: [array], keywords: new Map() }, site, run);
  return torch('cumsum', AXIS)({ positional: [row, int(0)], keywords }, site, run);
};

/** Numbers of a list as an array; those of tensors are read off. */
function asArray(value: Value, make: (list: Value) => Value): Value {
  if (value.type !== 'list' && value.type !== 'tuple') return value;
  const items = value.items.map((item) => {
    const number = item.type === 'tensor' ? asNumber(item) : undefined;
    return number === undefined ? item : float(number);
  });
  return make({ ...value, items });
}

const linspace: BuiltinRow = (args, site, run) => {
  const count = args.positional[2] ?? args.keywords.get('num') ?? int(50);
  const bounds = args.positional.slice(0, 2);
  const [start, stop] = bounds.map(asNumber);
  const steps = asNumber(count);
  const open = args.keywords.get('endpoint');
  if (open?.type === 'bool' && !open.value && start !== undefined && stop !== undefined && steps)
    bounds[1] = { type: 'float', value: stop - (stop - start) / steps };
  return torch('linspace')({ positional: [...bounds, count], keywords: new Map() }, site, run);
};

/** Numpy's axes in another order; without any, all reversed. */
const transpose: BuiltinRow = (args, site, run) => {
  const [x, axes = args.keywords.get('axes')] = args.positional;
  const rank = x?.type === 'tensor' ? x.shape?.length : undefined;
  if (rank === undefined) return x ?? run.unmodelled('numpy.transpose', 'its array is not known', site);
  const order = axes ?? { type: 'tuple' as const, items: Array.from({ length: rank }, (_, i) => int(rank - 1 - i)) };
  return torch('permute')({ positional: [x!, order], keywords: new Map() }, site, run);
};

/** Drawn numbers of given sizes: of a normal distribution, or uniform. */
const drawn =
  (name: 'randn' | 'rand', place: number | undefined): BuiltinRow =>
  (args, site, run) => {
    const size = place === undefined ? undefined : (args.keywords.get('size') ?? args.positional[place]);
    const positional = place === undefined ? args.positional : size ? [size] : [];
    return torch(name)({ positional, keywords: new Map() }, site, run);
  };

/** Numpy's functions that models make constants with; an array is a tensor of known values. */
export const numpyFunctions: BuiltinTable = {
  linspace,
  ...Object.fromEntries(['array', 'asarray', 'float32', 'int64', 'float64'].map((name) => [name, torch('tensor')])),
  ...Object.fromEntries(
    [
      'arange',
      'zeros',
      'ones',
      'full',
      'eye',
      'zeros_like',
      'ones_like',
      'tril',
      'triu',
      'outer',
      'maximum',
      'minimum',
    ].map((name) => [name, torch(name)]),
  ),
  ...Object.fromEntries(['stack', 'flip', 'roll'].map((name) => [name, torch(name, AXIS)])),
  expand_dims: torch('unsqueeze', AXIS),
  concatenate: torch('cat', AXIS),
  reshape: torch('reshape', renamed({ newshape: 'shape' })),
  squeeze: torch('squeeze', AXIS),
  transpose,
  where: torch('where'),
  'random.randn': drawn('randn', undefined),
  'random.rand': drawn('rand', undefined),
  'random.random': drawn('rand', 0),
  'random.random_sample': drawn('rand', 0),
  'random.normal': drawn('randn', 2),
  'random.standard_normal': drawn('randn', 0),
  'random.uniform': drawn('rand', 2),
  'random.randint': torch('randint'),
  repeat: torch('repeat_interleave', renamed({ axis: 'dim' })),
  cumsum,
  ...Object.fromEntries(
    ['sum', 'mean', 'prod', 'max', 'min', 'diff', 'argmax', 'argmin'].map((name) => [name, reduction(name)]),
  ),
  ...Object.fromEntries(
    ['sqrt', 'exp', 'log', 'log2', 'log10', 'sin', 'cos', 'tanh', 'floor', 'ceil', 'abs', 'round', 'power', 'pow'].map(
      (name) => [name, either(name === 'power' ? 'pow' : name)],
    ),
  ),
};
