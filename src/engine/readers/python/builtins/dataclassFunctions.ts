import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { becomeDataclass, fieldsOf } from '../evaluator/dataclasses';
import {
  type Arguments,
  argument,
  bool,
  builtin,
  type DataclassField,
  dict,
  list,
  NONE,
  string,
  tuple,
  type Value,
} from '../values';
import type { BuiltinTable } from './row';
import { copyOf } from './standardLibrary';

/** Python's own containers with what is below them converted, as `asdict` does. */
function plain(value: Value): Value {
  const inner = fieldsOf(value);
  if (inner) return dict(inner.fields.map(([name, each]) => [string(name), plain(each)] as const));
  if (value.type === 'list') return list(value.items.map(plain));
  if (value.type === 'tuple') return { ...value, items: value.items.map(plain) };
  if (value.type === 'dict')
    return dict([...value.entries.values()].map(({ key, value: each }) => [key, plain(each)] as const));
  return copyOf(value, true);
}

/** `dataclasses.field` behind a validator's name; called with a value alone, it is the check of that value. */
function builtinField(args: Arguments, site: Span, run: Evaluation, check: Value): Value {
  if (args.positional.length > 0 && check.type !== 'none') return run.call(check, args, site);
  return dataclassFunctions['dataclasses.field']!(args, site, run);
}

function decorated(of: Value, run: Evaluation, keywordOnly = false): Value {
  if (of.type === 'class') becomeDataclass(of, run, keywordOnly);
  return of;
}

/** The dataclasses module, but for its decorator. */
export const dataclassFunctions: BuiltinTable = {
  'dataclasses.dataclass': (args, _, run) => {
    const of = argument(args, 0);
    if (of.type !== 'class') return builtin('dataclass', (more) => decorated(more.positional[0] ?? NONE, run));
    const keywordOnly = args.keywords.get('kw_only');
    return decorated(of, run, keywordOnly?.type === 'bool' && keywordOnly.value);
  },
  /** A field that is checked: what it checks is nothing to the reader. */
  'huggingface_hub.dataclasses.as_validated_field': (args, _, run) =>
    builtin('field', (more, at) => builtinField(more, at, run, argument(args, 0))),
  'huggingface_hub.dataclasses.validated_field': (args, site, run) => builtinField(args, site, run, NONE),
  'dataclasses.field': (args) => {
    const { keywords } = args;
    const [fallback, factory, init] = [keywords.get('default'), keywords.get('default_factory'), keywords.get('init')];
    return {
      type: 'field',
      init: !(init?.type === 'bool' && !init.value),
      ...(fallback && { fallback }),
      ...(factory && { factory }),
    };
  },
  'dataclasses.replace': (args, site, run) => {
    const found = fieldsOf(argument(args, 0));
    if (!found) return run.unmodelled('replace', 'it is given no object of a dataclass', site);
    const taken = new Set(initialized(found.of.class.resolution.find((base) => base.fields)?.fields));
    const keywords = new Map([...found.fields.filter(([name]) => taken.has(name)), ...args.keywords]);
    return run.call(found.of.class, { positional: [], keywords }, site);
  },
  'dataclasses.asdict': (args, site, run) =>
    fieldsOf(argument(args, 0))
      ? plain(argument(args, 0))
      : run.unmodelled('asdict', 'it is given no object of a dataclass', site),
  'dataclasses.astuple': (args) => tuple((fieldsOf(argument(args, 0))?.fields ?? []).map(([, value]) => value)),
  'dataclasses.is_dataclass': (args) => {
    const of = argument(args, 0);
    const found = of.type === 'class' ? of : of.type === 'instance' ? of.class : undefined;
    return bool(found?.resolution.some((base) => base.fields) ?? false);
  },
  'dataclasses.fields': (args, site, run) => {
    const of = argument(args, 0);
    const found = of.type === 'class' ? of : of.type === 'instance' ? of.class : undefined;
    const fields = found?.resolution.find((base) => base.fields)?.fields;
    if (!found || !fields) return run.unmodelled('fields', 'it is given no dataclass', site);
    return tuple(
      fields.map(({ name, fallback, factory, init }) => ({
        type: 'instance' as const,
        class: FIELD,
        attributes: new Map([
          ['name', string(name)],
          ['default', fallback ?? MISSING],
          ['default_factory', factory ?? MISSING],
          ['init', bool(init !== false)],
        ]),
      })),
    );
  },
};

const initialized = (fields: readonly DataclassField[] | undefined): string[] =>
  (fields ?? []).filter(({ init }) => init !== false).map(({ name }) => name);

/** What a field without a default has as one. */
const MISSING: Value = { type: 'library', path: 'dataclasses.MISSING' };

const FIELD = {
  type: 'class' as const,
  name: 'Field',
  path: 'dataclasses.Field',
  resolution: [],
  attributes: new Map(),
};
