import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { sliceIndices } from '../../python/evaluator/indexing';
import { isModuleOf, newModule } from '../../python/modules/moduleValue';
import {
  argument,
  asNumber,
  list,
  type ModuleValue,
  NONE,
  positional,
  string,
  tuple,
  type Value,
} from '../../python/values';

type Args = Parameters<BuiltinRow>[0];

const self = (args: Args): ModuleValue => argument(args, 0) as ModuleValue;

/** Puts a child into a container; what is no module is said. */
function addChild(module: ModuleValue, name: string, child: Value, site: Span, run: Evaluation): void {
  if (child.type === 'module') module.children.set(name, child);
  else if (child.type === 'none') module.children.set(name, null);
  else if (child.type === 'unknown') {
    run.note(child, `${module.class.name}[${name}]`);
    module.opaque ??= child;
  } else run.raise('TypeError', `${child.type} is not a Module subclass`, site);
}

/** Numbers the children anew: `0`, `1`, … */
function renumber(module: ModuleValue, children: readonly (ModuleValue | null)[]): void {
  module.children.clear();
  children.forEach((child, i) => {
    module.children.set(String(i), child);
  });
}

function children(args: Args): Value[] {
  return [...self(args).children.values()].map((child) => child ?? NONE);
}

/** The place of a child by index, negative from the end. */
function place(args: Args, index: Value, site: Span, run: Evaluation): string | undefined {
  const names = [...self(args).children.keys()];
  const number = asNumber(index);
  if (number === undefined) return undefined;
  const at = number < 0 ? names.length + number : number;
  return names[at] ?? run.raise('IndexError', `index ${number} is out of range`, site);
}

const append: BuiltinRow = (args, site, run) => {
  addChild(self(args), String(self(args).children.size), argument(args, 1), site, run);
  return self(args);
};

const extend: BuiltinRow = (args, site, run) => {
  const more = run.iterate(argument(args, 1), site);
  if (!more) {
    const value = argument(args, 1);
    const reason =
      value.type === 'unknown'
        ? value
        : run.unmodelled(self(args).class.name, 'what it is filled with is not known', site);
    run.note(reason, self(args).class.name);
    self(args).opaque ??= reason;
  }
  for (const child of more ?? []) append(positional(self(args), child), site, run);
  return self(args);
};

/** What Sequential and ModuleList share. */
const sequence: BuiltinTable = {
  append,
  extend,
  insert(args, site, run) {
    const at = asNumber(argument(args, 1));
    const child = argument(args, 2);
    if (at === undefined || child.type !== 'module')
      return run.unmodelled('insert', 'what it inserts is not known', site);
    const all = [...self(args).children.values()];
    all.splice(at, 0, child);
    renumber(self(args), all);
    return self(args);
  },
  pop(args, site, run) {
    const name = place(args, args.positional[1] ?? { type: 'int', value: -1 }, site, run);
    if (name === undefined) return run.unmodelled('pop', 'its index is not known', site);
    const child = self(args).children.get(name) ?? NONE;
    self(args).children.delete(name);
    renumber(self(args), [...self(args).children.values()]);
    return child;
  },
  __iadd__: (args, site, run) => extend(args, site, run),
  __add__(args, site, run) {
    const made = newModule(self(args).class, site);
    made.ready = true;
    for (const child of children(args)) append(positional(made, child), site, run);
    return extend(positional(made, argument(args, 1)), site, run);
  },
  __iter__: (args) => list(children(args)),
  __getitem__(args, site, run) {
    const index = argument(args, 1);
    if (index.type === 'slice') {
      const indices = sliceIndices(index, self(args).children.size);
      if (!indices) return run.unmodelled('slice', 'its bounds are not known', site);
      const entries = [...self(args).children];
      const part = newModule(
        run.libraryClass(
          isModuleOf(self(args), 'torch.nn.Sequential') ? 'torch.nn.Sequential' : 'torch.nn.ModuleList',
        )!,
        site,
      );
      part.ready = true;
      indices.forEach((at, i) => {
        // A slice of a Sequential keeps its children's names, a slice of a ModuleList numbers them anew.
        const [name, child] = entries[at]!;
        part.children.set(isModuleOf(part, 'torch.nn.Sequential') ? name : String(i), child);
      });
      return part;
    }
    const name = place(args, index, site, run);
    if (name === undefined)
      return run.unmodelled(`${self(args).class.name}[…]`, 'the index is not known before running', site);
    return self(args).children.get(name) ?? NONE;
  },
  __setitem__(args, site, run) {
    const name = place(args, argument(args, 1), site, run);
    if (name === undefined)
      run.unmodelled(`${self(args).class.name}[…] =`, 'the index is not known before running', site);
    else addChild(self(args), name, argument(args, 2), site, run);
    return NONE;
  },
  __delitem__(args, site, run) {
    const name = place(args, argument(args, 1), site, run);
    if (name === undefined) return run.unmodelled('del', 'the index is not known before running', site);
    self(args).children.delete(name);
    if (isModuleOf(self(args), 'torch.nn.ModuleList')) renumber(self(args), [...self(args).children.values()]);
    return NONE;
  },
};

const update: BuiltinRow = (args, site, run) => {
  const from = argument(args, 1);
  if (from.type === 'dict')
    for (const { key, value } of from.entries.values())
      addChild(self(args), key.type === 'string' ? key.value : '?', value, site, run);
  else if (from.type === 'module') for (const [name, child] of from.children) self(args).children.set(name, child);
  else {
    const pairs = run.iterate(from, site);
    if (!pairs) run.unmodelled('ModuleDict', 'what it is filled with is not known', site);
    for (const pair of pairs ?? []) {
      const [name, child] = run.iterate(pair, site) ?? [];
      if (name?.type === 'string' && child) addChild(self(args), name.value, child, site, run);
    }
  }
  return NONE;
};

/** PyTorch's containers by class: how each is filled, indexed and run. */
export const containers: Readonly<Record<string, BuiltinTable>> = {
  Sequential: {
    ...sequence,
    __init__(args, site, run) {
      const module = self(args);
      module.ready = true;
      if (args.open) module.opaque ??= args.open;
      const [first] = args.positional.slice(1);
      if (args.positional.length === 2 && first?.type === 'dict') {
        for (const { key, value } of first.entries.values())
          addChild(module, key.type === 'string' ? key.value : String(module.children.size), value, site, run);
      } else for (const child of args.positional.slice(1)) append(positional(module, child), site, run);
      return NONE;
    },
    forward(args, site, run) {
      let value = argument(args, 1);
      for (const child of self(args).children.values()) if (child) value = run.call(child, positional(value), site);
      return value;
    },
  },
  ModuleList: {
    ...sequence,
    __init__(args, site, run) {
      self(args).ready = true;
      if (args.open) self(args).opaque ??= args.open;
      const given = args.positional[1] ?? args.keywords.get('modules');
      if (given && given.type !== 'none') extend(positional(self(args), given), site, run);
      return NONE;
    },
  },
  ModuleDict: {
    __init__(args, site, run) {
      self(args).ready = true;
      const given = args.positional[1] ?? args.keywords.get('modules');
      return given && given.type !== 'none' ? update(positional(self(args), given), site, run) : NONE;
    },
    update,
    keys: (args) => list([...self(args).children.keys()].map(string)),
    values: (args) => list(children(args)),
    items: (args) => list([...self(args).children].map(([name, child]) => tuple([string(name), child ?? NONE]))),
    __iter__: (args) => list([...self(args).children.keys()].map(string)),
    __getitem__(args, site, run) {
      const key = argument(args, 1);
      if (key.type !== 'string') return run.unmodelled('ModuleDict[…]', 'the key is not known before running', site);
      return self(args).children.get(key.value) ?? run.raise('KeyError', `'${key.value}'`, site);
    },
    __setitem__(args, site, run) {
      const key = argument(args, 1);
      if (key.type === 'string') addChild(self(args), key.value, argument(args, 2), site, run);
      else run.unmodelled('ModuleDict[…] =', 'the key is not known before running', site);
      return NONE;
    },
  },
};
