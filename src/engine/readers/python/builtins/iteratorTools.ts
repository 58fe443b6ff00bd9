import type { Span } from '../../../network';
import { type Evaluation, LIMITS } from '../evaluator';
import { checkSize } from '../evaluator/budget';
import { argument, asNumber, type IteratorValue, int, iterator, NONE, positional, tuple, type Value } from '../values';
import { isItems, itemsOf, overItems } from './items';
import type { BuiltinRow, BuiltinTable } from './row';

/** So many elements are kept of what would go on for ever. */
const ENDLESS = 1_000;

const endless = (items: readonly Value[]): IteratorValue => ({ ...iterator(items), endless: true });

/** The elements of an argument that may go on for ever: those that are kept. */
function some(value: Value, site: Span, run: Evaluation): readonly Value[] | Value {
  if (value.type !== 'iterator' || !value.endless) return itemsOf(value, site, run);
  const rest = value.items.slice(value.at);
  value.at = value.items.length;
  return rest;
}

/** Rows of `size` elements of a list, chosen by the places that may come after those taken. */
function chosen(items: readonly Value[], size: number, next: (taken: readonly number[]) => readonly number[]): Value {
  const rows: Value[] = [];
  const extend = (taken: readonly number[]): void => {
    if (taken.length === size) {
      checkSize(rows.length + 1);
      rows.push(tuple(taken.map((i) => items[i]!)));
      return;
    }
    for (const i of next(taken)) extend([...taken, i]);
  };
  extend([]);
  return iterator(rows);
}

/** `permutations` and the like: of the elements, and how many are taken. */
const choosing =
  (next: (taken: readonly number[], all: number) => readonly number[]): BuiltinRow =>
  (args, site, run) =>
    overItems((items) => {
      const size = asNumber(args.positional[1] ?? args.keywords.get('r') ?? int(items.length)) ?? items.length;
      return chosen(items, size, (taken) => next(taken, items.length));
    })(args, site, run);

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** A function of a condition and the elements it is asked about. */
const byCondition =
  (keep: (items: readonly Value[], holds: readonly boolean[]) => readonly Value[]): BuiltinRow =>
  (args, site, run) => {
    const items = some(argument(args, 1), site, run);
    if (!isItems(items)) return items;
    const test = argument(args, 0);
    const known = items.map((item) =>
      run.truth(test.type === 'none' ? item : run.call(test, positional(item), site), site),
    );
    if (known.includes(undefined))
      return run.unmodelled('itertools', 'its condition is not known before running', site);
    return iterator(keep(items, known as boolean[]));
  };

const firstFalse = (holds: readonly boolean[]): number => {
  const at = holds.indexOf(false);
  return at < 0 ? holds.length : at;
};

/** Python's itertools, over elements that are known. */
export const iteratorTools: BuiltinTable = {
  'itertools.chain': (args, site, run) => {
    const all: Value[] = [];
    for (const value of args.positional) {
      const items = some(value, site, run);
      if (!isItems(items)) return items;
      all.push(...items);
    }
    return iterator(all);
  },
  'itertools.chain.from_iterable': (args, site, run) => {
    const lists = itemsOf(argument(args, 0), site, run);
    return isItems(lists) ? iteratorTools['itertools.chain']!(positional(...lists), site, run) : lists;
  },
  'itertools.repeat': (args) => {
    const times = asNumber(args.positional[1] ?? args.keywords.get('times') ?? NONE);
    checkSize(times ?? 0);
    const items = Array.from({ length: times ?? ENDLESS }, () => argument(args, 0));
    return times === undefined ? endless(items) : iterator(items);
  },
  'itertools.count': (args, site, run) => {
    const start = args.positional[0] ?? args.keywords.get('start') ?? int(0);
    const step = args.positional[1] ?? args.keywords.get('step') ?? int(1);
    const at = (i: number) => run.binary('+', start, run.binary('*', step, int(i), site), site);
    return endless(range(0, ENDLESS).map(at));
  },
  'itertools.cycle': overItems((items) =>
    items.length === 0 ? iterator([]) : endless(range(0, ENDLESS).map((i) => items[i % items.length]!)),
  ),
  'itertools.accumulate': (args, site, run) => {
    const items = itemsOf(argument(args, 0), site, run);
    if (!isItems(items)) return items;
    const by = args.positional[1] ?? args.keywords.get('func');
    const initial = args.keywords.get('initial');
    const totals: Value[] = initial && initial.type !== 'none' ? [initial] : [];
    for (const item of items) {
      const before = totals.at(-1);
      if (!before) totals.push(item);
      else
        totals.push(
          by && by.type !== 'none' ? run.call(by, positional(before, item), site) : run.binary('+', before, item, site),
        );
    }
    return iterator(totals);
  },
  'itertools.islice': (args, site, run) => {
    const of = argument(args, 0);
    const [first, second, third] = args.positional.slice(1).map((each) => asNumber(each));
    const single = args.positional.length === 2;
    const [from, to, step] = [single ? 0 : (first ?? 0), single ? first : second, third ?? 1];
    if (of.type === 'iterator') {
      const end = to === undefined ? of.items.length : Math.min(of.items.length, of.at + to);
      const taken = of.items.slice(of.at, end).filter((_, i) => i >= from && (i - from) % step === 0);
      of.at = end;
      return iterator(taken);
    }
    const items = itemsOf(of, site, run);
    return isItems(items) ? iterator(items.slice(from, to).filter((_, i) => i % step === 0)) : items;
  },
  'itertools.product': (args, site, run) => {
    const times = asNumber(args.keywords.get('repeat') ?? int(1)) ?? 1;
    const columns: (readonly Value[])[] = [];
    for (const value of args.positional) {
      const items = itemsOf(value, site, run);
      if (!isItems(items)) return items;
      columns.push(items);
    }
    let rows: Value[][] = [[]];
    for (const items of range(0, times).flatMap(() => columns)) {
      if (rows.length * items.length > LIMITS.size)
        return run.unmodelled('itertools.product', 'it has too many rows', site);
      rows = rows.flatMap((row) => items.map((item) => [...row, item]));
    }
    return iterator(rows.map(tuple));
  },
  'itertools.permutations': choosing((taken, all) => range(0, all).filter((i) => !taken.includes(i))),
  'itertools.combinations': choosing((taken, all) => range((taken.at(-1) ?? -1) + 1, all)),
  'itertools.combinations_with_replacement': choosing((taken, all) => range(taken.at(-1) ?? 0, all)),
  'itertools.zip_longest': (args, site, run) => {
    const fill = args.keywords.get('fillvalue') ?? NONE;
    const columns: (readonly Value[])[] = [];
    for (const value of args.positional) {
      const items = itemsOf(value, site, run);
      if (!isItems(items)) return items;
      columns.push(items);
    }
    const rows = Math.max(0, ...columns.map(({ length }) => length));
    return iterator(range(0, rows).map((i) => tuple(columns.map((column) => column[i] ?? fill))));
  },
  'itertools.starmap': (args, site, run) => {
    const rows = itemsOf(argument(args, 1), site, run);
    if (!isItems(rows)) return rows;
    const call = (row: Value) => run.call(argument(args, 0), positional(...(run.iterate(row, site) ?? [])), site);
    return iterator(rows.map(call));
  },
  'itertools.takewhile': byCondition((items, holds) => items.slice(0, firstFalse(holds))),
  'itertools.dropwhile': byCondition((items, holds) => items.slice(firstFalse(holds))),
  'itertools.filterfalse': byCondition((items, holds) => items.filter((_, i) => !holds[i])),
  'itertools.compress': (args, site, run) => {
    const [items, wanted] = [itemsOf(argument(args, 0), site, run), itemsOf(argument(args, 1), site, run)];
    if (!isItems(items)) return items;
    if (!isItems(wanted)) return wanted;
    return iterator(items.filter((_, i) => wanted[i] && run.truth(wanted[i], site) === true));
  },
  'itertools.pairwise': overItems((items) => iterator(items.slice(1).map((item, i) => tuple([items[i]!, item])))),
  'itertools.groupby': (args, site, run) => {
    const items = itemsOf(argument(args, 0), site, run);
    if (!isItems(items)) return items;
    const key = args.positional[1] ?? args.keywords.get('key');
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of items) {
      const own = key && key.type !== 'none' ? run.call(key, positional(item), site) : item;
      const last = groups.at(-1);
      if (last && run.order(last.key, own, site) === 0) last.items.push(item);
      else groups.push({ key: own, items: [item] });
    }
    return iterator(groups.map((group) => tuple([group.key, iterator(group.items)])));
  },
  'itertools.tee': (args, site, run) => {
    const items = itemsOf(argument(args, 0), site, run);
    if (!isItems(items)) return items;
    return tuple(range(0, asNumber(args.positional[1] ?? int(2)) ?? 2).map(() => iterator(items)));
  },
  'itertools.batched': (args, site, run) => {
    const items = itemsOf(argument(args, 0), site, run);
    const size = asNumber(argument(args, 1)) ?? 1;
    if (!isItems(items)) return items;
    return iterator(range(0, Math.ceil(items.length / size)).map((i) => tuple(items.slice(i * size, (i + 1) * size))));
  },
};
