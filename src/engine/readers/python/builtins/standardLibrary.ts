import { LIMITS } from '../evaluator';
import {
  argument,
  builtin,
  dict,
  list,
  type ModuleValue,
  NONE,
  positional,
  type StoredTensor,
  tuple,
  type Value,
} from '../values';
import { isItems, itemsOf } from './items';
import { pythonClasses } from './python';
import type { BuiltinTable } from './row';

/** `copy.deepcopy`, `functools.partial`, `collections.OrderedDict` and the like. */
export const standardLibrary: BuiltinTable = {
  'collections.OrderedDict': (args, site, run) => pythonClasses.dict!(args, site, run),
  'collections.defaultdict': (args, site, run) =>
    pythonClasses.dict!({ ...args, positional: args.positional.slice(1) }, site, run),
  'copy.deepcopy': (args) => copyOf(argument(args, 0), true),
  'copy.copy': (args) => copyOf(argument(args, 0), false),
  'functools.partial': (args, _, run) => {
    const [callee = NONE, ...first] = args.positional;
    const name = callee.type === 'class' || callee.type === 'function' ? callee.name : 'partial';
    return builtin(name, (more, site) =>
      run.call(
        callee,
        { positional: [...first, ...more.positional], keywords: new Map([...args.keywords, ...more.keywords]) },
        site,
      ),
    );
  },
  'functools.reduce': (args, site, run) => {
    const items = itemsOf(argument(args, 1), site, run);
    if (!isItems(items)) return items;
    const all = args.positional[2] ? [args.positional[2], ...items] : [...items];
    if (all.length === 0) return run.raise('TypeError', 'reduce() of empty iterable with no initial value', site);
    return all.slice(1).reduce((total, item) => run.call(argument(args, 0), positional(total, item), site), all[0]!);
  },
  'typing.cast': (args) => argument(args, 1),
  'operator.mul': (args, site, run) => run.binary('*', argument(args, 0), argument(args, 1), site),
  'operator.add': (args, site, run) => run.binary('+', argument(args, 0), argument(args, 1), site),
  'itertools.chain': (args, site, run) => {
    const all: Value[] = [];
    for (const value of args.positional) {
      const items = itemsOf(value, site, run);
      if (!isItems(items)) return items;
      all.push(...items);
    }
    return list(all);
  },
  'itertools.product': (args, site, run) => {
    let rows: Value[][] = [[]];
    for (const value of args.positional) {
      const items = itemsOf(value, site, run);
      if (!isItems(items)) return items;
      if (rows.length * items.length > LIMITS.size)
        return run.unmodelled('itertools.product', 'it has too many rows', site);
      rows = rows.flatMap((row) => items.map((item) => [...row, item]));
    }
    return list(rows.map(tuple));
  },
};

/** A copy as `copy` makes it: lists and dictionaries alone, or deeply, modules with parameters of their own. */
export function copyOf(value: Value, deep: boolean): Value {
  if (!deep) {
    if (value.type === 'list') return list([...value.items]);
    return value.type === 'dict'
      ? dict([...value.entries.values()].map(({ key, value: each }) => [key, each] as const))
      : value;
  }
  return deepCopy(value, new Map(), new Map());
}

function deepCopy(value: Value, done: Map<object, Value>, tensors: Map<StoredTensor, StoredTensor>): Value {
  const known = done.get(value);
  if (known) return known;
  switch (value.type) {
    case 'list': {
      const copy = list([]);
      done.set(value, copy);
      copy.items = value.items.map((item) => deepCopy(item, done, tensors));
      return copy;
    }
    case 'tuple':
      return tuple(value.items.map((item) => deepCopy(item, done, tensors)));
    case 'dict':
      return dict(
        [...value.entries.values()].map(({ key, value: each }) => [key, deepCopy(each, done, tensors)] as const),
      );
    case 'module': {
      const copy: ModuleValue = {
        ...value,
        attributes: new Map(),
        children: new Map(),
        parameters: new Map(),
        buffers: new Map(),
      };
      done.set(value, copy);
      const stored = (of: StoredTensor | null) => {
        if (!of) return null;
        const copied = tensors.get(of) ?? { ...of };
        tensors.set(of, copied);
        return copied;
      };
      for (const [name, each] of value.attributes) copy.attributes.set(name, deepCopy(each, done, tensors));
      for (const [name, child] of value.children)
        copy.children.set(name, child && (deepCopy(child, done, tensors) as ModuleValue));
      for (const [name, each] of value.parameters) copy.parameters.set(name, stored(each));
      for (const [name, each] of value.buffers) copy.buffers.set(name, stored(each));
      return copy;
    }
    default:
      return value;
  }
}
