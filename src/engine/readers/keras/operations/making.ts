import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { LIMITS } from '../../python/evaluator';
import { attributeValue, elementType } from '../../python/modules/layer';
import { asNumber, float, int, type LibraryValue, list, NONE, tuple, type Value } from '../../python/values';
import { type Calls, converted, isTensor, matrix, operand, row } from './calls';

const dtypeNamed = (value: Value | undefined): LibraryValue | undefined => {
  const name =
    value?.type === 'string' ? value.value : value?.type === 'library' ? value.path.split('.').at(-1)! : undefined;
  if (name === undefined) return undefined;
  const path = /^u?int/.test(name) ? 'torch.int64' : name === 'bool' ? 'torch.bool' : 'torch.float32';
  return { type: 'library', path };
};

const sizesOf = (value: Value | undefined): Value =>
  value?.type === 'list' ? tuple(value.items) : value?.type === 'int' ? tuple([value]) : (value ?? NONE);

const filled = (name: 'zeros' | 'ones'): BuiltinRow =>
  row((calls) => calls.torch(name, [sizesOf(calls.take(0, 'shape'))], { dtype: dtypeNamed(calls.take(1, 'dtype')) }));

const like = (name: string): BuiltinRow =>
  row((calls) => calls.torch(name, [operand(calls)], { dtype: dtypeNamed(calls.take(1, 'dtype')) }));

const full = row((calls) =>
  calls.torch('full', [sizesOf(calls.take(0, 'shape|dims')), calls.take(1, 'fill_value|value') ?? float(0)], {
    dtype: dtypeNamed(calls.take(2, 'dtype')),
  }),
);

const arange = row((calls) => {
  const [start, stop, step] = [calls.take(0, 'start'), calls.take(1, 'stop|limit'), calls.take(2, 'step|delta')];
  const dtype = dtypeNamed(calls.take(3, 'dtype') ?? calls.args.keywords.get('dtype'));
  const bounds = stop ? [start ?? int(0), stop] : [int(0), start ?? NONE];
  return calls.torch('arange', [...bounds, step ?? int(1)], { dtype });
});

const linspace = row((calls) => {
  const [start, stop, count] = [calls.take(0, 'start'), calls.take(1, 'stop'), calls.take(2, 'num')];
  return calls.torch('linspace', [start ?? float(0), stop ?? float(1), count ?? int(50)]);
});

/** What becomes a tensor: it already is, or lists of numbers, or of tensors. */
const tensorOf = row((calls) => {
  const value = operand(calls, 0, 'x|object|value|a');
  const dtype = dtypeNamed(calls.take(1, 'dtype'));
  if (isTensor(value)) return dtype ? converted(calls, value, elementType(dtype.path) ?? 'float32') : value;
  if (value.type === 'list' || value.type === 'tuple') {
    // A list of sizes stays one: it will be a shape.
    if (value.items.some(({ type }) => type === 'dim')) return value;
    return calls.torch('stack', [value]);
  }
  return asNumber(value) === undefined ? value : calls.torch('tensor', [value], { dtype });
});

/** The element type of another kind. */
const cast = row((calls) => {
  const x = operand(calls, 0, 'x|tensor');
  const asked = attributeValue(calls.take(1, 'dtype') ?? NONE);
  const named = calls.take(1, 'dtype');
  const text = typeof asked === 'string' ? asked : named?.type === 'library' ? named.path.split('.').at(-1)! : '';
  if (!isTensor(x))
    return asNumber(x) === undefined ? x : /int/.test(text) ? int(Math.trunc(asNumber(x)!)) : float(asNumber(x)!);
  const dtype = /int/.test(text) ? 'int64' : text === 'bool' ? 'bool' : (elementType(`torch.${text}`) ?? 'float32');
  return converted(calls, x, dtype);
});

const numbersOf = (calls: Calls, count: number, at: (i: number) => number): Value =>
  calls.torch('tensor', [list(Array.from({ length: count }, (_, i) => float(at(i))))]);

/** A window of that many known values. */
const window = (at: (share: number) => number): BuiltinRow =>
  row((calls) => {
    const count = asNumber(calls.take(0, 'x|M|window_length') ?? NONE) ?? 1;
    if (count > LIMITS.size) return calls.run.unmodelled('a window', 'it holds too many values', calls.site);
    return numbersOf(calls, count, (i) => at(count === 1 ? 0 : i / (count - 1)));
  });

const eye = row((calls) => {
  const [rows, columns] = [
    asNumber(calls.take(0, 'N|num_rows|n') ?? NONE),
    asNumber(calls.take(1, 'M|num_columns') ?? NONE),
  ];
  const offset = asNumber(calls.args.keywords.get('k') ?? NONE) ?? 0;
  if (rows === undefined) return calls.run.unmodelled('eye', 'its size is not known', calls.site);
  const width = columns ?? rows;
  if (offset !== 0 && rows * width > LIMITS.size)
    return calls.run.unmodelled('eye', 'it holds too many values', calls.site);
  if (offset === 0) return calls.torch('eye', [int(rows), int(width)]);
  return matrix(
    calls,
    Array.from({ length: rows }, (_, i) => Array.from({ length: width }, (_, j) => (j - i === offset ? 1 : 0))),
  );
});

/** Functions that make tensors of known values. */
export const making: BuiltinTable = {
  zeros: filled('zeros'),
  ones: filled('ones'),
  empty: filled('zeros'),
  full,
  fill: full,
  zeros_like: like('zeros_like'),
  ones_like: like('ones_like'),
  empty_like: like('zeros_like'),
  full_like: row((calls) => calls.torch('full_like', [operand(calls), calls.take(1, 'fill_value') ?? NONE])),
  eye,
  tri: row((calls) => {
    const [rows, columns] = [calls.take(0, 'N') ?? NONE, calls.take(1, 'M')];
    return calls.torch('tril', [calls.torch('ones', [tuple([rows, columns ?? rows])])], {
      diagonal: calls.take(2, 'k'),
    });
  }),
  arange,
  range: arange,
  linspace,
  logspace: row((calls) => {
    const powers = calls.torch('linspace', [
      calls.take(0, 'start') ?? NONE,
      calls.take(1, 'stop') ?? NONE,
      calls.take(2, 'num') ?? int(50),
    ]);
    const base = asNumber(calls.args.keywords.get('base') ?? NONE) ?? 10;
    return calls.torch('exp', [calls.on('*', powers, Math.log(base))]);
  }),
  array: tensorOf,
  constant: tensorOf,
  variable: tensorOf,
  convert_to_tensor: tensorOf,
  convert_to_numpy: tensorOf,
  cast,
  saturate_cast: cast,
  to_float: row((calls) => operand(calls)),
  meshgrid: row((calls) => {
    const indexing = calls.args.keywords.get('indexing');
    const given = calls.args.positional.flatMap((each) =>
      each.type === 'list' || each.type === 'tuple' ? [...each.items] : [each],
    );
    const made = calls.torch('meshgrid', given, { indexing: indexing ?? { type: 'string', value: 'xy' } });
    return made.type === 'tuple' ? list([...made.items]) : made;
  }),
  diag: row((calls) => {
    const x = operand(calls);
    const size = isTensor(x) && x.shape?.length === 1 ? x.shape[0] : undefined;
    if (typeof size !== 'number') return calls.run.unmodelled('diag', 'it is modelled for a vector alone', calls.site);
    return calls.on('*', calls.torch('eye', [int(size)]), x);
  }),
  hanning: window((share) => 0.5 - 0.5 * Math.cos(2 * Math.PI * share)),
  hamming: window((share) => 0.54 - 0.46 * Math.cos(2 * Math.PI * share)),
  stop_gradient: row((calls) => calls.torch('detach', [operand(calls, 0, 'variable|input|x')])),
};
