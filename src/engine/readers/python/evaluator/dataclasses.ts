import type { Span } from '../../../network';
import {
  type Arguments,
  builtin,
  type ClassValue,
  type DataclassField,
  type DictValue,
  type InstanceValue,
  NONE,
  positional,
  type Value,
} from '../values';
import type { Evaluation } from './evaluation';
import { bindArguments } from './functions';

/** The names that a class body annotates, in order. */
export function annotatedNames(of: ClassValue): string[] {
  const names = of.attributes.get('__annotations__');
  if (names?.type === 'list')
    return names.items.flatMap((item) =>
      item.type === 'tuple' && item.items[0]?.type === 'string' ? [item.items[0].value] : [],
    );
  if (names?.type !== 'dict') return [];
  return [...names.entries.values()].flatMap(({ key }) => (key.type === 'string' ? [key.value] : []));
}

/** The names that a class body annotates with `InitVar`. */
function passedNames(of: ClassValue): string[] {
  const names = of.attributes.get(PASSED);
  return names?.type === 'list' ? names.items.flatMap((each) => (each.type === 'string' ? [each.value] : [])) : [];
}

/** Where a class body's scope keeps the names that it annotates with `InitVar`. */
export const PASSED = '__init_variables__';
/** The classes that a class body's annotations name, by their fields. */
export function annotatedClasses(of: ClassValue): Map<string, ClassValue> {
  const names = of.attributes.get('__annotations__');
  const items = names?.type === 'list' ? names.items : [];
  return new Map(
    items.flatMap((item) => {
      const [name, type] = item.type === 'tuple' ? item.items : [];
      return name?.type === 'string' && type?.type === 'class' ? [[name.value, type] as const] : [];
    }),
  );
}

/** Makes a class one of pydantic's: a dictionary given for a field of another such class becomes an object of it. */
export function becomeModel(of: ClassValue, run: Evaluation): void {
  becomeDataclass(of, run, true);
  const classes = annotatedClasses(of);
  of.fields = (of.fields ?? []).map((field) => {
    const made = classes.get(field.name);
    return made?.fields ? { ...field, of: made } : field;
  });
  of.attributes.set('__init__', initializer(of, of.fields, run));
}

/** Makes a class a dataclass: annotated names in order, its bases' first, defaults from the class body. */
export function becomeDataclass(of: ClassValue, run: Evaluation, allByKeyword = false): void {
  const fields = new Map<string, DataclassField>();
  for (const base of of.resolution.slice(1).reverse())
    for (const each of base.fields ?? []) fields.set(each.name, each);
  let keywordOnly = allByKeyword;
  const passed = new Set(passedNames(of));
  // attrs takes fields without an annotation too.
  const plain = [...of.attributes].flatMap(([name, value]) => (value.type === 'field' ? [name] : []));
  for (const name of new Set([...annotatedNames(of), ...plain])) {
    const given = of.attributes.get(name);
    if (name === '_') {
      keywordOnly = true;
      continue;
    }
    const kind = keywordOnly ? 'keywordOnly' : 'positional';
    if (given?.type === 'field') {
      const { fallback, factory, init } = given;
      fields.set(name, { name, kind, init, ...(fallback && { fallback }), ...(factory && { factory }) });
      if (fallback) of.attributes.set(name, fallback);
      else of.attributes.delete(name);
    } else
      fields.set(name, {
        name,
        kind,
        ...(given && { fallback: given }),
        ...(passed.has(name) && { passed: true as const }),
      });
  }
  const all = [...fields.values()];
  of.fields = all;
  // The one that a dataclass gets where it writes none: a class below it may call it by super().
  if (of.attributes.get('__init__')?.type !== 'function') of.attributes.set('__init__', initializer(of, all, run));
}

/** A dataclass's own `__init__`: sets its fields, then calls `__post_init__`. */
function initializer(of: ClassValue, fields: readonly DataclassField[], run: Evaluation): Value {
  return builtin(`${of.name}.__init__`, (args, site) => {
    const [self, ...rest] = args.positional;
    if (self?.type === 'instance' || self?.type === 'module')
      setFields(self, fields, { ...args, positional: rest }, site, run);
    return NONE;
  });
}

function setFields(self: Value, fields: readonly DataclassField[], args: Arguments, site: Span, run: Evaluation): void {
  const taken = fields
    .filter(({ init }) => init !== false)
    // A factory's value is made below, for each object; here it only says that the argument may be left out.
    .map(({ factory, ...each }): DataclassField => (factory ? { ...each, fallback: LEFT_OUT } : each));
  const values = bindArguments('__init__', taken, args, (text) => run.raise('TypeError', text, site));
  const extra: Value[] = [];
  for (const { name, fallback, factory, passed, of } of fields) {
    const said = values.get(name);
    const given = of && said?.type === 'dict' ? run.call(of, { positional: [], keywords: named(said) }, site) : said;
    const value = given && given !== LEFT_OUT ? given : factory ? run.call(factory, NO_ARGUMENTS, site) : fallback;
    if (value && passed) extra.push(value);
    else if (value && self.type === 'instance' && self.class.frozen) self.attributes.set(name, value);
    else if (value) run.setAttribute(self, name, value, site);
  }
  for (const name of ['__post_init__', '__attrs_post_init__', 'model_post_init']) {
    const after = run.findAttribute(self, name, site);
    if (after) run.call(after, name === 'model_post_init' ? positional(NONE) : positional(...extra), site);
  }
}

const named = (values: DictValue): Map<string, Value> =>
  new Map(
    [...values.entries.values()].flatMap(({ key, value }) => (key.type === 'string' ? [[key.value, value]] : [])),
  );

const LEFT_OUT: Value = { type: 'none' };
const NO_ARGUMENTS: Arguments = { positional: [], keywords: new Map() };

/** The fields of a dataclass's object with their values; undefined for what is none. */
export function fieldsOf(
  value: Value,
): { of: InstanceValue; fields: readonly (readonly [string, Value])[] } | undefined {
  if (value.type !== 'instance') return undefined;
  const fields = value.class.resolution.find((base) => base.fields)?.fields;
  return (
    fields && {
      of: value,
      fields: fields
        .filter(({ passed }) => !passed)
        .map(({ name }) => [name, value.attributes.get(name) ?? NONE] as const),
    }
  );
}
