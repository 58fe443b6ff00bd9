import type { Span } from '../../../network';
import { BudgetExceeded, type Evaluation, LIMITS } from '../evaluator';
import {
  argument,
  asNumber,
  bool,
  compare,
  type DictValue,
  dict,
  equal,
  hashKey,
  int,
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
    if (keyed.some(({ key: each }) => compare(each, keyed[0]!.key) === undefined))
      run.unmodelled('sort', 'the values cannot be compared', site);
    else {
      keyed.sort((a, b) => compare(a.key, b.key) ?? 0);
      if (truth(args.keywords.get('reverse') ?? NONE)) keyed.reverse();
      listOf(args).items = keyed.map(({ item }) => item);
    }
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
    const given = from.type === 'instance' && from.held ? from.held : from;
    if (given.type === 'dict') for (const [key, entry] of given.entries) dictOf(args).entries.set(key, { ...entry });
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
    const last = [...dictOf(args).entries].at(-1);
    if (!last) return run.raise('KeyError', "'popitem(): dictionary is empty'", site);
    dictOf(args).entries.delete(last[0]);
    return tuple([last[1].key, last[1].value]);
  },
  move_to_end: () => NONE,
  __delitem__(args) {
    dictOf(args).entries.delete(hashKey(argument(args, 1)) ?? '');
    return NONE;
  },
};

/** Methods of sets. */
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
};

const str = (value: Value): string => (value.type === 'string' ? `'${value.value}'` : 'key');
