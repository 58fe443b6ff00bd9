import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { orMissing } from '../evaluator/attributes';
import { checkSize } from '../evaluator/budget';
import { classOf } from '../evaluator/classes';
import { isEnumeration } from '../evaluator/classKinds';
import { mappingOf } from '../evaluator/expressions';
import { formatValue } from '../evaluator/format';
import { byMeta } from '../evaluator/metaclasses';
import { special } from '../evaluator/ownOperators';
import { isModuleOf } from '../modules/moduleValue';
import {
  argument,
  asNumber,
  bool,
  bound,
  dict,
  every,
  FALSE,
  float,
  hashKey,
  int,
  iterator,
  type ListValue,
  list,
  NONE,
  positional,
  rangeLength,
  repr,
  string,
  TRUE,
  truth,
  tuple,
  typeName,
  unknown,
  type Value,
} from '../values';
import { isInstance, subclassOf } from './isInstance';
import { isItems, itemsOf, overItems } from './items';
import type { BuiltinRow, BuiltinTable } from './row';

const best =
  (wanted: (order: number) => boolean, name: string): BuiltinRow =>
  (args, site, run) => {
    const items = args.positional.length > 1 ? args.positional : itemsOf(argument(args, 0), site, run);
    if (!isItems(items)) return items;
    const key = args.keywords.get('key');
    const keyOf = (item: Value) => (key ? run.call(key, positional(item), site) : item);
    let found: Value | undefined;
    for (const item of items) {
      if (item.type === 'unknown') return item;
      if (found === undefined) found = item;
      else {
        const order = run.order(keyOf(item), keyOf(found), site);
        if (order === undefined) return run.unmodelled(name, 'the values cannot be compared before running', site);
        if (wanted(order)) found = item;
      }
    }
    return found ?? args.keywords.get('default') ?? run.raise('ValueError', `${name}() arg is an empty sequence`, site);
  };

/** `len(value)`; undefined where the reader does not know it. */
function length(value: Value): Value | undefined {
  switch (value.type) {
    case 'string':
      return int([...value.value].length);
    case 'list':
    case 'tuple':
      return int(value.items.length);
    case 'set':
    case 'dict':
      return int(value.entries.size);
    case 'range':
      return int(rangeLength(value));
    case 'tensor': {
      const first = value.shape?.[0];
      if (first === undefined) return undefined;
      return typeof first === 'number' ? int(first) : { type: 'dim', batch: first.batch };
    }
    case 'module':
      return isModuleOf(value, 'torch.nn.Sequential') ||
        isModuleOf(value, 'torch.nn.ModuleList') ||
        isModuleOf(value, 'torch.nn.ModuleDict')
        ? int(value.children.size)
        : undefined;
    case 'instance':
      return value.held && length(value.held);
    default:
      return undefined;
  }
}

/** Python's rounding: halves to the even neighbour, by the digits that the number really has. */
function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  const scaled = value * scale;
  const floor = Math.floor(scaled);
  const half = scaled - floor === 0.5 && (floor + 0.5) / scale === value;
  if (half && (digits <= 0 || Number.isInteger(value * 2 ** 20))) return (floor % 2 === 0 ? floor : floor + 1) / scale;
  return digits > 0 && digits < 100 ? Number(value.toFixed(digits)) : Math.round(scaled) / scale;
}

/** A special method of an object, called. */
const called = (value: Value, name: string, site: Span, run: Evaluation): Value | undefined => {
  const method = special(value, name);
  return method && run.call(method, positional(), site);
};

/** Values in the order of their keys, equal ones as they stood; undefined where two cannot be compared. */
export function inOrder(
  keyed: readonly { readonly item: Value; readonly key: Value }[],
  reverse: boolean,
  site: Span,
  run: Evaluation,
): ListValue | undefined {
  let known = true;
  const order = (a: Value, b: Value): number => {
    const found = run.order(a, b, site);
    if (found === undefined) known = false;
    return found ?? 0;
  };
  const sorted = [...keyed].sort((a, b) => (reverse ? order(b.key, a.key) : order(a.key, b.key)));
  return known ? list(sorted.map(({ item }) => item)) : undefined;
}

/** Functions that Python has without an import. */
export const pythonFunctions: BuiltinTable = {
  range(args, site, run) {
    const numbers = args.positional.map(asNumber);
    const stopped = args.positional.find(({ type }) => type === 'unknown');
    if (stopped) return stopped;
    if (numbers.includes(undefined)) return run.unmodelled('range', 'its bounds are not known before running', site);
    const [a = 0, b, step = 1] = numbers as number[];
    if (step === 0) return run.raise('ValueError', 'range() arg 3 must not be zero', site);
    return { type: 'range', start: b === undefined ? 0 : a, stop: b ?? a, step };
  },
  len(args, site, run) {
    const value = argument(args, 0);
    if (value.type === 'unknown') return value;
    const own =
      value.type === 'instance' || value.type === 'module' ? run.findAttribute(value, '__len__', site) : undefined;
    if (own) return run.call(own, positional(), site);
    const byClass = byMeta(value, '__len__', [], site, run);
    if (byClass) return byClass;
    if (value.type === 'class' && isEnumeration(value)) return int(run.iterate(value, site)?.length ?? 0);
    const known = length(value);
    if (known) return known;
    if (value.type === 'record' || value.type === 'library')
      return unknown(`the length of ${value.path} is not known`, site);
    if (value.type === 'tensor') return run.unmodelled('len', 'the length is not known before running', site);
    return run.raise('TypeError', `object of type '${typeName(value)}' has no len()`, site);
  },
  enumerate: (args, site, run) => {
    const start = asNumber(args.positional[1] ?? args.keywords.get('start') ?? NONE) ?? 0;
    return overItems((items) => iterator(items.map((item, i) => tuple([int(start + i), item]))))(args, site, run);
  },
  zip(args, site, run) {
    const columns: (() => Value | undefined)[] = [];
    for (const value of args.positional) {
      if (value.type === 'iterator') {
        columns.push(() => value.items[value.at++]);
        continue;
      }
      const items = itemsOf(value, site, run);
      if (!isItems(items)) return items;
      let at = 0;
      columns.push(() => items[at++]);
    }
    const rows: Value[] = [];
    for (;;) {
      const row: Value[] = [];
      for (const next of columns) {
        const item = next();
        if (!item) break;
        row.push(item);
      }
      const whole = row.length === columns.length && columns.length > 0;
      if (!whole) {
        const strict = truth(args.keywords.get('strict') ?? FALSE);
        const uneven = row.length > 0 || columns.slice(1).some((next) => next() !== undefined);
        if (strict && uneven) return run.raise('ValueError', 'zip() arguments have different lengths', site);
        return iterator(rows);
      }
      checkSize(rows.length + 1);
      rows.push(tuple(row));
    }
  },
  map(args, site, run) {
    const [callee, ...rest] = args.positional;
    const rows = pythonFunctions.zip!({ positional: rest, keywords: new Map() }, site, run);
    if (rows.type !== 'iterator' || !callee) return rows;
    return iterator(
      rows.items.map((row) => run.call(callee, positional(...(row.type === 'tuple' ? row.items : [])), site)),
    );
  },
  filter(args, site, run) {
    const items = itemsOf(argument(args, 1), site, run);
    if (!isItems(items)) return items;
    const kept: Value[] = [];
    for (const item of items) {
      const test = argument(args, 0);
      const known = run.truth(test.type === 'none' ? item : run.call(test, positional(item), site), site);
      if (known === undefined) return run.unmodelled('filter', 'its condition is not known before running', site);
      if (known) kept.push(item);
    }
    return iterator(kept);
  },
  reversed: (args, site, run) =>
    called(argument(args, 0), '__reversed__', site, run) ??
    overItems((items) => iterator([...items].reverse()))(args, site, run),
  iter: (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'iterator' || of.type === 'unknown') return of;
    const own = called(of, '__iter__', site, run);
    if (own?.type === 'instance') return own;
    const items = run.iterate(own ?? of, site);
    return items ? iterator(items) : of;
  },
  next: (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'unknown') return of;
    const own = called(of, '__next__', site, run);
    if (own) return own;
    if (of.type === 'iterator') {
      const next = of.items[of.at];
      if (next) of.at++;
      return next ?? args.positional[1] ?? run.raise('StopIteration', '', site);
    }
    const items = run.iterate(of, site);
    return items?.[0] ?? args.positional[1] ?? run.unmodelled('next', 'what comes next is not known', site);
  },
  sorted(args, site, run) {
    const items = itemsOf(argument(args, 0), site, run);
    if (!isItems(items)) return items;
    const key = args.keywords.get('key');
    const keyed = items.map((item) => ({ item, key: key ? run.call(key, positional(item), site) : item }));
    const sorted = inOrder(keyed, truth(args.keywords.get('reverse') ?? FALSE) === true, site, run);
    return sorted ?? run.unmodelled('sorted', 'the values cannot be compared before running', site);
  },
  max: best((order) => order > 0, 'max'),
  min: best((order) => order < 0, 'min'),
  sum: (args, site, run) => {
    const start = args.positional[1] ?? args.keywords.get('start') ?? int(0);
    return overItems((items) => {
      let total = start;
      for (const [i, item] of items.entries()) {
        // 0 + tensor is the tensor itself.
        total =
          i === 0 && total === start && start.type === 'int' && start.value === 0 && item.type === 'tensor'
            ? item
            : run.binary('+', total, item, site);
      }
      return total;
    })(args, site, run);
  },
  any: overItems((items, site, run) => {
    const truths = items.map((item) => run.truth(item, site));
    if (truths.includes(true)) return TRUE;
    return truths.includes(undefined) ? unknown('any() is not known before running', site) : FALSE;
  }),
  all: overItems((items, site, run) => {
    const known = every(items.map((item) => run.truth(item, site)));
    return known === undefined ? unknown('all() is not known before running', site) : bool(known);
  }),
  abs(args, site, run) {
    const value = argument(args, 0);
    const number = asNumber(value);
    if (number !== undefined) return value.type === 'float' ? float(Math.abs(number)) : int(Math.abs(number));
    const own = called(value, '__abs__', site, run);
    if (own) return own;
    const method = value.type === 'tensor' ? run.method(value, 'abs') : undefined;
    if (method) return run.call(method, { positional: [], keywords: new Map() }, site);
    return value.type === 'unknown' ? value : run.unmodelled('abs', 'it is modelled for numbers alone', site);
  },
  round(args, site, run) {
    const number = asNumber(argument(args, 0));
    const digits = args.positional[1] ? asNumber(args.positional[1]) : undefined;
    if (number === undefined)
      return argument(args, 0).type === 'unknown'
        ? argument(args, 0)
        : run.unmodelled('round', 'it is modelled for numbers alone', site);
    const rounded = round(number, digits ?? 0);
    return digits === undefined || argument(args, 0).type === 'int' ? int(rounded) : float(rounded);
  },
  pow: (args, site, run) => {
    const power = run.binary('**', argument(args, 0), argument(args, 1), site);
    return args.positional[2] ? run.binary('%', power, args.positional[2], site) : power;
  },
  divmod(args, site, run) {
    const [a, b] = [argument(args, 0), argument(args, 1)];
    return tuple([run.binary('//', a, b, site), run.binary('%', a, b, site)]);
  },
  isinstance(args, site) {
    const known = isInstance(argument(args, 0), argument(args, 1));
    return known === undefined ? unknown('isinstance() is not known before running', site) : bool(known);
  },
  issubclass(args, site) {
    const known = subclassOf(argument(args, 0), argument(args, 1));
    return known === undefined ? unknown('issubclass() is not known before running', site) : bool(known);
  },
  hasattr(args, site, run) {
    const [value, name] = args.positional;
    if (!value || name?.type !== 'string') return unknown('hasattr() is not known before running', site);
    if (value.type === 'unknown') return value;
    return bool(orMissing(() => run.findAttribute(value, name.value, site), run) !== undefined);
  },
  getattr(args, site, run) {
    const [value, name, otherwise] = args.positional;
    if (!value || name?.type !== 'string') return unknown('the name that getattr() asks for is not known', site);
    if (!otherwise) return run.attribute(value, name.value, site);
    return orMissing(() => run.findAttribute(value, name.value, site), run) ?? otherwise;
  },
  setattr(args, site, run) {
    const [value, name, given] = args.positional;
    if (value && name?.type === 'string' && given) run.setAttribute(value, name.value, given, site);
    else run.unmodelled('setattr', 'the name that it sets is not known', site);
    return NONE;
  },
  delattr(args, site, run) {
    const [value, name] = args.positional;
    if ((value?.type === 'instance' || value?.type === 'module') && name?.type === 'string') {
      value.attributes.delete(name.value);
      if (value.type === 'module')
        for (const table of [value.children, value.parameters, value.buffers]) table.delete(name.value);
    } else run.unmodelled('delattr', 'the name that it deletes is not known', site);
    return NONE;
  },
  bin: (args) => string(based(argument(args, 0), 2, '0b')),
  oct: (args) => string(based(argument(args, 0), 8, '0o')),
  hex: (args) => string(based(argument(args, 0), 16, '0x')),
  format(args, site, run) {
    const [value = NONE, specifier] = args.positional;
    const shown = formatValue(value, specifier?.type === 'string' ? specifier.value : '');
    return shown === undefined ? run.unmodelled('format', 'this format is not known', site) : string(shown);
  },
  callable: (args) => {
    const value = argument(args, 0);
    if (value.type === 'instance') return bool(value.class.resolution.some((base) => base.attributes.has('__call__')));
    return bool(/^(function|builtin|method|class|module|library)$/.test(value.type));
  },
  dir: (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'library') return { type: 'library', path: `${of.path}.__dir__` };
    const members = of.type === 'unknown' ? undefined : run.findAttribute(of, '__dict__', site);
    return members?.type === 'dict'
      ? list([...members.entries.values()].map(({ key }) => key))
      : unknown('dir() is not known', site);
  },
  id: (_, site) => unknown('id() is not known before running', site),
  hash: (_, site) => unknown('hash() is not known before running', site),
  print: () => NONE,
  input: (_, site) => unknown('what a person types is not known', site),
  /** Nothing is opened: what reads settings of it may read them inside the workspace. */
  open: (args, site) => ({ type: 'record', path: 'builtins.open', args, source: site, names: [] }),
  repr: (args, site, run) =>
    argument(args, 0).type === 'unknown' ? argument(args, 0) : string(run.repr(argument(args, 0), site)),
  vars: (args, site, run) => run.attribute(argument(args, 0), '__dict__', site),
  chr: (args) => string(String.fromCodePoint(Math.min(0x10ffff, Math.max(0, asNumber(argument(args, 0)) ?? 63)))),
  ord: (args, site) => {
    const value = argument(args, 0);
    return value.type === 'string' ? int(value.value.codePointAt(0) ?? 0) : unknown('ord() is not known', site);
  },
  slice(args) {
    const [a = NONE, b, c = NONE] = args.positional;
    return b ? { type: 'slice', start: a, stop: b, step: c } : { type: 'slice', start: NONE, stop: a, step: NONE };
  },
  eval: (_, site, run) => run.unmodelled('eval', 'text is never run as code', site),
  exec: (_, site, run) => run.unmodelled('exec', 'text is never run as code', site),
  compile: (_, site, run) => run.unmodelled('compile', 'text is never run as code', site),
  __import__: (_, site, run) => run.unmodelled('__import__', 'imports by a computed name are not followed', site),
};

/** A whole number as `bin`, `oct` and `hex` show it. */
function based(value: Value, base: number, prefix: string): string {
  const number = asNumber(value) ?? 0;
  return `${number < 0 ? '-' : ''}${prefix}${Math.abs(number).toString(base)}`;
}

/** What a text with a base says: `int('ff', 16)`. */
function inBase(text: string, base: number): number {
  const [, sign, prefix, digits] = /^\s*([+-]?)(0[xob])?(\w+)\s*$/i.exec(text.replaceAll('_', '')) ?? [];
  const said = prefix && { x: 16, o: 8, b: 2 }[prefix[1]!.toLowerCase()];
  const number = Number.parseInt(digits ?? '', base === 0 ? said || 10 : base);
  return sign === '-' ? -number : number;
}

const conversion =
  (convert: (value: number, text: string | undefined) => Value | undefined, name: string): BuiltinRow =>
  (args, site, run) => {
    const value = args.positional[0];
    if (!value) return convert(0, undefined)!;
    if (value.type === 'unknown' || (value.type === 'dim' && name === 'int')) return value;
    const own = called(value, `__${name}__`, site, run) ?? (value.type === 'instance' ? value.held : undefined);
    if (own && own.type !== 'string') return own;
    const base = name === 'int' ? (args.positional[1] ?? args.keywords.get('base')) : undefined;
    const number =
      (base && value.type === 'string' ? inBase(value.value, asNumber(base) ?? 10) : undefined) ??
      asNumber(value) ??
      (value.type === 'string' && value.value.trim() !== '' ? Number(value.value.replaceAll('_', '')) : undefined);
    const made =
      number === undefined || Number.isNaN(number)
        ? undefined
        : convert(number, value.type === 'string' ? value.value : undefined);
    if (made) return made;
    if (value.type === 'string') return run.raise('ValueError', `invalid literal for ${name}(): ${repr(value)}`, site);
    return run.unmodelled(name, `converting a ${typeName(value)} is not modelled`, site);
  };

const plainFloat = conversion((value) => float(value), 'float');

/** `property(f)` and the like, called as functions. */
const descriptors: BuiltinTable = {
  classmethod: (args) => ({ type: 'classmethod', callee: argument(args, 0) }),
  staticmethod: (args) => ({ type: 'staticmethod', callee: argument(args, 0) }),
  property: (args) => {
    const { fget = NONE, fset } = bound(args, 'fget', 'fset');
    return { type: 'property', getter: fget, ...(fset && { setter: fset }) };
  },
};

/** Python's own classes: how a value of each is made. */
export const pythonClasses: BuiltinTable = {
  ...descriptors,
  int: conversion(
    (value, text) => (text?.includes('.') || !Number.isFinite(value) ? undefined : int(Math.trunc(value))),
    'int',
  ),
  float(args, site, run) {
    const [text] = args.positional;
    const [, sign, word] = (text?.type === 'string' && /^\s*([+-]?)(inf(?:inity)?|nan)\s*$/i.exec(text.value)) || [];
    if (word) return float((sign === '-' ? -1 : 1) * (/^i/i.test(word) ? Number.POSITIVE_INFINITY : Number.NaN));
    return plainFloat(args, site, run);
  },
  bool(args, site, run) {
    const known = run.truth(args.positional[0] ?? FALSE, site);
    return known === undefined ? unknown('its truth is not known before running', site) : bool(known);
  },
  str: (args, site, run) => {
    const value = argument(args, 0);
    return value.type === 'unknown' ? value : string(args.positional[0] ? run.text(value, site) : '');
  },
  list: (args, site, run) => (args.positional[0] ? overItems((items) => list([...items]))(args, site, run) : list([])),
  tuple: (args, site, run) => (args.positional[0] ? overItems((items) => tuple(items))(args, site, run) : tuple([])),
  frozenset: (args, site, run) => pythonClasses.set!(args, site, run),
  set: (args, site, run) =>
    args.positional[0]
      ? overItems((items) => ({ type: 'set', entries: new Map(items.map((item) => [hashKey(item) ?? '', item])) }))(
          args,
          site,
          run,
        )
      : { type: 'set', entries: new Map() },
  dict(args, site, run) {
    const from = args.positional[0];
    const pairs: [Value, Value][] = [];
    if (from?.type === 'unknown') return from;
    const mapping = from && mappingOf(from, site, run);
    if (mapping?.type === 'dict') for (const { key, value } of mapping.entries.values()) pairs.push([key, value]);
    else if (from) {
      for (const item of run.iterate(from, site) ?? []) {
        const two = run.iterate(item, site);
        if (two?.length !== 2) return run.unmodelled('dict', 'its pairs are not known', site);
        pairs.push([two[0]!, two[1]!]);
      }
    }
    for (const [name, value] of args.keywords) pairs.push([string(name), value]);
    return args.open ?? dict(pairs);
  },
  type(args, site, run) {
    const value = argument(args, 0);
    if (args.positional.length === 3) return classOf(value, argument(args, 1), argument(args, 2), site, run);
    if (value.type === 'class' && value.meta) return value.meta;
    if (value.type === 'tuple' && value.class) return value.class;
    if (value.type === 'module' || value.type === 'instance') return value.class;
    if (value.type === 'unknown' || value.type === 'record')
      return value.type === 'unknown' ? value : { type: 'library', path: value.path };
    if (value.type === 'none') return run.library('builtins.NoneType');
    if (value.type === 'tensor') return run.library('torch.Tensor');
    if (value.type === 'function') return run.library('types.FunctionType');
    if (value.type === 'builtin' && value.partial) return run.library('functools.partial');
    return (
      run.pythonName(typeName(value)) ??
      run.unmodelled('type', `the type of a ${typeName(value)} is not modelled`, site)
    );
  },
};
