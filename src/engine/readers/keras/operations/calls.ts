import type { Span } from '../../../network';
import type { BuiltinRow } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import {
  type Arguments,
  float,
  int,
  knownNumbers,
  list,
  NONE,
  type TensorValue,
  tuple,
  type Value,
} from '../../python/values';

/** What a function's row works with: its arguments by name, PyTorch's functions, and operators. */
export interface Calls {
  readonly args: Arguments;
  readonly site: Span;
  readonly run: Evaluation;
  /** The argument of that place, or of one of the names (`x|input`); undefined where it is None or not given. */
  take(place: number, names: string): Value | undefined;
  /** A function of torch, by what follows `torch.`; keywords that are undefined are left out. */
  torch(name: string, positional: readonly Value[], keywords?: Readonly<Record<string, Value | undefined>>): Value;
  /** `left operator right`; numbers may be JavaScript's. */
  on(operator: string, left: Value | number, right: Value | number): Value;
}

const pythonNumber = (value: Value | number): Value =>
  typeof value === 'number' ? (Number.isInteger(value) ? int(value) : float(value)) : value;

/** Them for a call's arguments. */
export const callsOf = (args: Arguments, site: Span, run: Evaluation): Calls => ({
  args,
  site,
  run,
  take(place, names) {
    const value =
      args.positional[place] ??
      names
        .split('|')
        .map((name) => args.keywords.get(name))
        .find(Boolean);
    return value?.type === 'none' ? undefined : value;
  },
  torch(name, positional, keywords = {}) {
    const given = Object.entries(keywords).flatMap(([key, value]) => (value ? [[key, value] as const] : []));
    return run.call(run.library(`torch.${name}`), { positional, keywords: new Map(given) }, site);
  },
  on: (operator, left, right) => run.binary(operator, pythonNumber(left), pythonNumber(right), site),
});

/** A row that is written with `Calls`. */
export const row =
  (compute: (calls: Calls) => Value): BuiltinRow =>
  (args, site, run) =>
    compute(callsOf(args, site, run));

/** What a function is given first: a tensor, or numbers in lists as one. */
export function operand(
  calls: Calls,
  place = 0,
  names = 'x|x1|input|inputs|input_tensor|tensor|a|value|values',
): Value {
  const value = calls.take(place, names) ?? NONE;
  if (value.type !== 'list' && value.type !== 'tuple') return value;
  const tensors = value.items.some(({ type }) => type === 'tensor' || type === 'dim');
  if (value.items.some(({ type }) => type === 'unknown')) return value.items.find(({ type }) => type === 'unknown')!;
  return tensors ? value : calls.torch('tensor', [list([...value.items])]);
}

export const isTensor = (value: Value | undefined): value is TensorValue => value?.type === 'tensor';

/** A tensor in another element type; itself where it has that already. */
export function converted(calls: Calls, value: Value, dtype: 'float32' | 'int64' | 'bool'): Value {
  if (!isTensor(value) || value.dtype === dtype) return value;
  const method = calls.run.method(value, 'to')!;
  const given = { positional: [{ type: 'library' as const, path: `torch.${dtype}` }], keywords: new Map() };
  return calls.run.call(method, given, calls.site);
}

/** The elements of a list, or of a vector of known numbers. */
export function itemsOf(value: Value | undefined): readonly Value[] {
  if (value?.type === 'list' || value?.type === 'tuple') return value.items;
  const numbers = isTensor(value) && value.shape?.length === 1 ? knownNumbers(value) : undefined;
  if (numbers) return numbers.values.map((each) => pythonNumber(each));
  return value ? [value] : [];
}

/** The rank of a tensor whose shape is known. */
export const rankOf = (value: Value): number | undefined => (isTensor(value) ? value.shape?.length : undefined);

export const ints = (values: readonly number[]): Value => tuple(values.map(int));

/** A known matrix as a tensor. */
export const matrix = (calls: Calls, rows: readonly (readonly number[])[]): Value =>
  calls.torch('tensor', [list(rows.map((each) => list(each.map(float))))]);

/** An axis of a value, counted from the front. */
export const axisAt = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
