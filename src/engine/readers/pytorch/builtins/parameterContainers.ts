import type { Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { sliceIndices } from '../../python/evaluator/indexing';
import { storedValue } from '../../python/modules/moduleValue';
import {
  argument,
  asNumber,
  int,
  list,
  type ModuleValue,
  NONE,
  positional,
  string,
  tuple,
  unknown,
  type Value,
} from '../../python/values';

type Args = Parameters<BuiltinRow>[0];

const self = (args: Args): ModuleValue => argument(args, 0) as ModuleValue;

/** Registers a parameter under a name; a plain tensor becomes one, as in PyTorch. */
function put(module: ModuleValue, name: string, given: Value, site: Span, run: Evaluation): void {
  const value =
    given.type === 'tensor' && !(given.place.kind === 'stored' && given.place.tensor.parameter)
      ? run.call(run.libraryClass('torch.nn.Parameter')!, positional(given), site)
      : given;
  if (value.type === 'unknown') {
    run.note(value, `${module.class.name}[${name}]`);
    module.opaque ??= value;
  } else run.setAttribute(module, name, value, site);
}

const values = (module: ModuleValue): Value[] =>
  [...module.parameters.values()].map((stored) => (stored ? storedValue(stored) : NONE));

/** How many a ParameterList holds: parameters, and modules or whatever else was put into it. */
const sizeOf = (module: ModuleValue): number => asNumber(module.attributes.get('_size') ?? NONE) ?? 0;

const itemsOf = (module: ModuleValue, site: Span, run: Evaluation): Value[] =>
  Array.from(
    { length: sizeOf(module) },
    (_, i) => run.findAttribute(module, String(i), site) ?? unknown('this was deleted', site),
  );

/** Puts one behind the others. */
function append(module: ModuleValue, given: Value, site: Span, run: Evaluation): void {
  const at = sizeOf(module);
  module.attributes.set('_size', int(at + 1));
  put(module, String(at), given, site, run);
}

const extend: BuiltinRow = (args, site, run) => {
  const given = argument(args, 1);
  const more = run.iterate(given, site);
  if (!more) {
    const reason =
      given.type === 'unknown' ? given : run.unmodelled('ParameterList', 'what it is filled with is not known', site);
    self(args).opaque ??= reason;
  }
  for (const each of more ?? []) append(self(args), each, site, run);
  return self(args);
};

const update: BuiltinRow = (args, site, run) => {
  const from = argument(args, 1);
  if (from.type === 'dict') {
    for (const { key, value } of from.entries.values())
      put(self(args), key.type === 'string' ? key.value : '?', value, site, run);
    return NONE;
  }
  for (const pair of run.iterate(from, site) ?? []) {
    const [key, value] = run.iterate(pair, site) ?? [];
    if (key?.type === 'string' && value) put(self(args), key.value, value, site, run);
  }
  return NONE;
};

/** PyTorch's containers of parameters by class: how each is filled and asked. */
export const parameterContainers: Readonly<Record<string, BuiltinTable>> = {
  ParameterList: {
    __init__(args, site, run) {
      self(args).ready = true;
      const given = args.positional[1] ?? args.keywords.get('values');
      if (given && given.type !== 'none') extend(positional(self(args), given), site, run);
      return NONE;
    },
    extend,
    append(args, site, run) {
      append(self(args), argument(args, 1), site, run);
      return self(args);
    },
    __len__: (args) => int(sizeOf(self(args))),
    __iter__: (args, site, run) => list(itemsOf(self(args), site, run)),
    __getitem__(args, site, run) {
      const all = itemsOf(self(args), site, run);
      const index = argument(args, 1);
      if (index.type === 'slice') {
        const indices = sliceIndices(index, all.length);
        return indices ? list(indices.map((i) => all[i]!)) : run.unmodelled('slice', 'its bounds are not known', site);
      }
      const at = asNumber(index);
      if (at === undefined) return run.unmodelled('ParameterList[…]', 'the index is not known before running', site);
      return all.at(at) ?? run.raise('IndexError', `index ${at} is out of range`, site);
    },
    __setitem__(args, site, run) {
      const at = asNumber(argument(args, 1));
      if (at === undefined) run.unmodelled('ParameterList[…] =', 'the index is not known before running', site);
      else put(self(args), String(at < 0 ? sizeOf(self(args)) + at : at), argument(args, 2), site, run);
      return NONE;
    },
  },
  ParameterDict: {
    __init__(args, site, run) {
      self(args).ready = true;
      const given = args.positional[1] ?? args.keywords.get('parameters');
      return given && given.type !== 'none' ? update(positional(self(args), given), site, run) : NONE;
    },
    update,
    keys: (args) => list([...self(args).parameters.keys()].map(string)),
    values: (args) => list(values(self(args))),
    items: (args) =>
      list(
        [...self(args).parameters].map(([name, stored]) => tuple([string(name), stored ? storedValue(stored) : NONE])),
      ),
    __len__: (args) => int(self(args).parameters.size),
    __iter__: (args) => list([...self(args).parameters.keys()].map(string)),
    __contains__: (args) => {
      const key = argument(args, 1);
      return { type: 'bool', value: key.type === 'string' && self(args).parameters.has(key.value) };
    },
    __getitem__(args, site, run) {
      const key = argument(args, 1);
      if (key.type !== 'string') return run.unmodelled('ParameterDict[…]', 'the key is not known before running', site);
      const stored = self(args).parameters.get(key.value);
      return stored ? storedValue(stored) : run.raise('KeyError', `'${key.value}'`, site);
    },
    __setitem__(args, site, run) {
      const key = argument(args, 1);
      if (key.type === 'string') put(self(args), key.value, argument(args, 2), site, run);
      else run.unmodelled('ParameterDict[…] =', 'the key is not known before running', site);
      return NONE;
    },
  },
};
