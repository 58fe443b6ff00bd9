import type { Span } from '../../../network';
import { BudgetExceeded, type Evaluation, LIMITS } from '../evaluator';
import { mappingOf } from '../evaluator/expressions';
import {
  argument,
  asNumber,
  bool,
  type DictValue,
  dict,
  equal,
  hashKey,
  int,
  iterator,
  type ListValue,
  list,
  NONE,
  positional,
  type SetValue,
  truth,
  tuple,
  unknown,
  type Value,
} from '../values';
import { inOrder } from './python';
import type { BuiltinRow, BuiltinTable } from './row';

type Args = Parameters<BuiltinRow>[0];

const listOf = (args: Args): ListValue => argument(args, 0) as ListValue;
const dictOf = (args: Args): DictValue => argument(args, 0) as DictValue;
const setOf = (args: Args): SetValue => argument(args, 0) as SetValue;

/** Methods of lists; the list itself is the first argument and is changed in place. */
export const listMethods: BuiltinTable = {
  append(args) {
    if (listOf(args).items.length >= LIMITS.size) throw new BudgetExceeded('a very long list');
    listOf(args).items.push(argument(args, 1));
    const { most } = listOf(args);
    if (most !== undefined && listOf(args).items.length > most) listOf(args).items.shift();
    return NONE;
  },
  extend(args, site, run) {
    const more = run.iterate(argument(args, 1), site);
    if (!more) run.unmodelled('extend', 'what it adds is not known', site);
    else if (listOf(args).items.length + more.length > LIMITS.size) throw new BudgetExceeded('a very long list');
    else listOf(args).items.push(...more);
    return NONE;
  },
  /** Of a deque. */
  appendleft(args) {
    listOf(args).items.unshift(argument(args, 1));
    const { most } = listOf(args);
    if (most !== undefined && listOf(args).items.length > most) listOf(args).items.pop();
    return NONE;
  },
  popleft: (args, site, run) => listOf(args).items.shift() ?? run.raise('IndexError', 'pop from an empty deque', site),
  insert(args) {
    listOf(args).items.splice(asNumber(argument(args, 1)) ?? 0, 0, argument(args, 2));
    return NONE;
  },
  pop(args, site, run) {
    const { items } = listOf(args);
    const at = args.positional[1] ? asNumber(args.positional[1]) : -1;
    if (at === undefined) return run.unmodelled('pop', 'its index is not known', site);
    const [removed] = items.splice(at < 0 ? items.length + at : at, 1);
    return removed ?? run.raise('IndexError', 'pop from empty list', site);
  },
  remove(args, site, run) {
    const { items } = listOf(args);
    const at = items.findIndex((item) => equal(item, argument(args, 1)));
    if (at < 0) return run.raise('ValueError', 'list.remove(x): x not in list', site);
    items.splice(at, 1);
    return NONE;
  },
  index(args, site, run) {
    const at = listOf(args).items.findIndex((item) => equal(item, argument(args, 1)));
    return at < 0 ? run.raise('ValueError', 'value is not in list', site) : int(at);
  },
  count: (args) => int(listOf(args).items.filter((item) => equal(item, argument(args, 1))).length),
  reverse(args) {
    listOf(args).items.reverse();
    return NONE;
  },
  clear(args) {
    listOf(args).items = [];
    return NONE;
  },
  copy: (args) => list([...listOf(args).items]),
  sort(args, site, run) {
    const key = args.keywords.get('key');
    const keyed = listOf(args).items.map((item) => ({ item, key: key ? run.call(key, positional(item), site) : item }));
    const sorted = inOrder(keyed, truth(args.keywords.get('reverse') ?? NONE) === true, site, run);
    if (sorted) listOf(args).items = sorted.items;
    else run.unmodelled('sort', 'the values cannot be compared', site);
    return NONE;
  },
  /** Of a deque. */
  rotate(args) {
    const { items } = listOf(args);
    const by = args.positional[1] ? (asNumber(args.positional[1]) ?? 0) : 1;
    const from = items.length > 0 ? ((-by % items.length) + items.length) % items.length : 0;
    listOf(args).items = [...items.slice(from), ...items.slice(0, from)];
    return NONE;
  },
  extendleft(args, site, run) {
    listOf(args).items.unshift(...[...(run.iterate(argument(args, 1), site) ?? [])].reverse());
    return NONE;
  },
};

/** Methods of tuples. */
export const tupleMethods: BuiltinTable = {
  index: listMethods.index!,
  count: listMethods.count!,
  /** `x.shape.numel()`. */
  numel: (args, site, run) =>
    listOf(args).items.reduce((total, item) => run.binary('*', total, item, site), int(1) as Value),
};

/** Counts elements into a Counter, or adds another's counts. */
export function counted(counter: DictValue, from: Value, site: Span, run: Evaluation): Value {
  const pairs: (readonly [Value, number])[] =
    from.type === 'dict'
      ? [...from.entries.values()].map(({ key, value }) => [key, asNumber(value) ?? 0] as const)
      : (run.iterate(from, site) ?? []).map((item) => [item, 1] as const);
  for (const [item, by] of pairs) {
    const key = hashKey(item) ?? '';
    const before = counter.entries.get(key);
    counter.entries.set(key, { key: item, value: int((before ? (asNumber(before.value) ?? 0) : 0) + by) });
  }
  return NONE;
}

/** Methods of dictionaries, changed in place. */
export const dictMethods: BuiltinTable = {
  keys: (args) => list([...dictOf(args).entries.values()].map(({ key }) => key)),
  values: (args) => list([...dictOf(args).entries.values()].map(({ value }) => value)),
  items: (args) => list([...dictOf(args).entries.values()].map(({ key, value }) => tuple([key, value]))),
  get(args, _, run) {
    const key = hashKey(argument(args, 1)) ?? '';
    const otherwise = args.positional[2] ?? args.keywords.get('default') ?? NONE;
    const found = dictOf(args).entries.get(key)?.value;
    if (found || !run.registers(dictOf(args), argument(args, 1))) return found ?? otherwise;
    return dictOf(args).entries.get(key)?.value ?? otherwise;
  },
  pop(args, site, run) {
    const key = hashKey(argument(args, 1)) ?? '';
    const found = dictOf(args).entries.get(key);
    dictOf(args).entries.delete(key);
    return found?.value ?? args.positional[2] ?? run.raise('KeyError', str(argument(args, 1)), site);
  },
  setdefault(args) {
    const key = hashKey(argument(args, 1)) ?? '';
    const entries = dictOf(args).entries;
    if (!entries.has(key)) entries.set(key, { key: argument(args, 1), value: argument(args, 2) });
    return entries.get(key)!.value;
  },
  update(args, site, run) {
    const from = argument(args, 1);
    const given = mappingOf(from, site, run);
    if (dictOf(args).counts) return counted(dictOf(args), from, site, run);
    if (given.type === 'dict')
      for (const [key, { key: name, value }] of given.entries) dictOf(args).entries.set(key, { key: name, value });
    else if (given.type !== 'none') {
      const pairs = run.iterate(given, site);
      if (!pairs) run.unmodelled('update', 'what it adds is not known', site);
      for (const pair of pairs ?? []) {
        const [key = NONE, value = NONE] = run.iterate(pair, site) ?? [];
        dictOf(args).entries.set(hashKey(key) ?? '', { key, value });
      }
    }
    for (const [name, value] of args.keywords)
      dictOf(args).entries.set(`s${name}`, { key: { type: 'string', value: name }, value });
    return NONE;
  },
  copy: (args) => dict([...dictOf(args).entries.values()].map(({ key, value }) => [key, value] as const)),
  clear(args) {
    dictOf(args).entries.clear();
    return NONE;
  },
  popitem(args, site, run) {
    const front =
      truth(args.positional[1] ?? args.keywords.get('last') ?? NONE) === false &&
      args.positional.length + args.keywords.size > 1;
    const last = [...dictOf(args).entries].at(front ? 0 : -1);
    if (!last) return run.raise('KeyError', "'popitem(): dictionary is empty'", site);
    dictOf(args).entries.delete(last[0]);
    return tuple([last[1].key, last[1].value]);
  },
  move_to_end(args) {
    const { entries } = dictOf(args);
    const key = hashKey(argument(args, 1)) ?? '';
    const entry = entries.get(key);
    if (!entry) return NONE;
    entries.delete(key);
    const front = args.positional[2] ?? args.keywords.get('last');
    const others = front && truth(front) === false ? [...entries] : [];
    for (const [other] of others) entries.delete(other);
    entries.set(key, entry);
    for (const [other, each] of others) entries.set(other, each);
    return NONE;
  },
  /** Of a Counter. */
  most_common(args) {
    const rows = [...dictOf(args).entries.values()].map(({ key, value }) => ({ key, value }));
    rows.sort((a, b) => (asNumber(b.value) ?? 0) - (asNumber(a.value) ?? 0));
    const count = args.positional[1] && asNumber(args.positional[1]);
    return list(rows.slice(0, count ?? rows.length).map(({ key, value }) => tuple([key, value])));
  },
  total: (args) => int([...dictOf(args).entries.values()].reduce((sum, { value }) => sum + (asNumber(value) ?? 0), 0)),
  elements: (args) =>
    iterator(
      [...dictOf(args).entries.values()].flatMap(({ key, value }) =>
        Array.from({ length: asNumber(value) ?? 0 }, () => key),
      ),
    ),
  __contains__: (args) => bool(dictOf(args).entries.has(hashKey(argument(args, 1)) ?? '')),
  __getitem__: (args, site, run) => run.subscript(argument(args, 0), argument(args, 1), site),
  __setitem__(args) {
    dictOf(args).entries.set(hashKey(argument(args, 1)) ?? '', { key: argument(args, 1), value: argument(args, 2) });
    return NONE;
  },
  __delitem__(args) {
    dictOf(args).entries.delete(hashKey(argument(args, 1)) ?? '');
    return NONE;
  },
};

/** `dict.get` and the like by their class: of a dictionary, or of an object below dict. */
export const dictFunction = (name: string): BuiltinRow | undefined => {
  const row: BuiltinRow | undefined =
    name === '__getitem__'
      ? (args, site, run) => run.subscript(argument(args, 0), argument(args, 1), site)
      : name === '__setitem__'
        ? (args) => {
            dictOf(args).entries.set(hashKey(argument(args, 1)) ?? '', {
              key: argument(args, 1),
              value: argument(args, 2),
            });
            return NONE;
          }
        : Object.hasOwn(dictMethods, name)
          ? dictMethods[name]
          : undefined;
  return (
    row &&
    ((args, site, run) => {
      const [self, ...rest] = args.positional;
      const of = self?.type === 'instance' && self.held ? self.held : self;
      return of?.type === 'dict'
        ? row({ ...args, positional: [of, ...rest] }, site, run)
        : unknown('of which dictionary', site);
    })
  );
};

/** Whether the first collection holds every element of the second. */
function contains(all: Value, some: Value, site: Span, run: Evaluation): Value {
  const [outer, inner] = [run.iterate(all, site), run.iterate(some, site)];
  if (!outer || !inner) return unknown('the elements of a set are not known', site);
  const keys = new Set(outer.map(hashKey));
  return bool(inner.every((each) => keys.has(hashKey(each))));
}

/** `set.intersection(others)` and the like. */
function combined(operator: string, args: Args, site: Span, run: Evaluation): Value {
  let total: Value = setOf(args);
  for (const each of args.positional.slice(1)) {
    const items = run.iterate(each, site);
    if (!items) return unknown('the elements of a set are not known', site);
    const other: SetValue = { type: 'set', entries: new Map(items.map((item) => [hashKey(item) ?? '', item])) };
    total = run.binary(operator, total, other, site);
  }
  return total;
}

export const setMethods: BuiltinTable = {
  add(args) {
    setOf(args).entries.set(hashKey(argument(args, 1)) ?? '', argument(args, 1));
    return NONE;
  },
  issubset: (args, site, run) => contains(argument(args, 1), argument(args, 0), site, run),
  issuperset: (args, site, run) => contains(argument(args, 0), argument(args, 1), site, run),
  discard(args) {
    setOf(args).entries.delete(hashKey(argument(args, 1)) ?? '');
    return NONE;
  },
  remove(args) {
    setOf(args).entries.delete(hashKey(argument(args, 1)) ?? '');
    return NONE;
  },
  update(args, site, run) {
    for (const more of args.positional.slice(1)) {
      const items = run.iterate(more, site);
      if (!items) run.unmodelled('update', 'what it adds is not known', site);
      for (const item of items ?? []) setOf(args).entries.set(hashKey(item) ?? '', item);
    }
    return NONE;
  },
  copy: (args) => ({ type: 'set', entries: new Map(setOf(args).entries) }),
  intersection: (args, site, run) => combined('&', args, site, run),
  difference: (args, site, run) => combined('-', args, site, run),
  union: (args, site, run) => combined('|', args, site, run),
  symmetric_difference: (args, site, run) => combined('^', args, site, run),
  isdisjoint: (args, site, run) => {
    const items = run.iterate(argument(args, 1), site);
    if (!items) return unknown('the elements of a set are not known', site);
    return bool(!items.some((item) => setOf(args).entries.has(hashKey(item) ?? '')));
  },
  clear(args) {
    setOf(args).entries.clear();
    return NONE;
  },
  pop(args, site, run) {
    const [first] = setOf(args).entries;
    if (!first) return run.raise('KeyError', 'pop from an empty set', site);
    setOf(args).entries.delete(first[0]);
    return first[1];
  },
};

const str = (value: Value): string => (value.type === 'string' ? `'${value.value}'` : 'key');
