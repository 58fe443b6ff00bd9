import type { Span } from '../../../network';
import {
  argument,
  builtin,
  type ClassValue,
  dict,
  equal,
  instanceOf,
  int,
  NONE,
  string,
  type TupleValue,
  tuple,
  type Value,
} from '../values';
import { annotatedNames, becomeModel } from './dataclasses';
import type { Evaluation } from './evaluation';
import { bindArguments } from './functions';

const below = (of: ClassValue, path: RegExp): boolean =>
  of.resolution.some((base) => base.path !== undefined && path.test(base.path));

/** What bases of the standard library make of a class once its body has run: members of an enumeration, named tuples. */
export function completeClass(of: ClassValue, run: Evaluation): void {
  if (below(of, /^enum\.(Enum|IntEnum|StrEnum|Flag|IntFlag)$/)) makeMembers(of);
  else if (below(of, /^typing\.NamedTuple$/)) makeNamedTuple(of, run);
  else if (below(of, /^pydantic\.BaseModel$/)) becomeModel(of, run);
}

/** Every plain name in the body of an enumeration is a member of it. */
function makeMembers(of: ClassValue): void {
  const plain = below(of, /^enum\.(IntEnum|StrEnum|IntFlag)$|^builtins\.(str|int|float)$/);
  let next = 1;
  for (const [name, given] of of.attributes) {
    if (name.startsWith('_') || /^(function|property|staticmethod|classmethod|class|builtin)$/.test(given.type))
      continue;
    const auto = given.type === 'library' && given.path === 'enum.auto';
    const value = auto ? (below(of, /^enum\.StrEnum$/) ? string(name.toLowerCase()) : int(next)) : given;
    next = (value.type === 'int' ? value.value : next) + 1;
    // A second name of a value is a second name of its member.
    const known = memberOf(of, value, equal);
    if (known) {
      of.attributes.set(name, known);
      continue;
    }
    const attributes = new Map([
      ['name', string(name)],
      ['value', value],
      ['_value_', value],
    ]);
    of.attributes.set(name, { type: 'instance', class: of, attributes, member: { name, value, plain } });
  }
}

/** `Enum('Color', ['RED', 'BLUE'])`: an enumeration of these names, or of the members of a dictionary. */
export function enumerationOf(base: ClassValue, name: string, members: Value, site: Span, run: Evaluation): ClassValue {
  const pairs =
    members.type === 'dict'
      ? [...members.entries.values()].map(({ key, value }) => [key, value] as const)
      : members.type === 'string'
        ? members.value.split(/[\s,]+/).map((each, i) => [string(each), int(i + 1)] as const)
        : (run.iterate(members, site) ?? []).map((each, i) =>
            each.type === 'tuple' ? ([each.items[0]!, each.items[1]!] as const) : ([each, int(i + 1)] as const),
          );
  const resolution: ClassValue[] = [];
  const attributes = new Map(pairs.flatMap(([key, value]) => (key.type === 'string' ? [[key.value, value]] : [])));
  const made: ClassValue = { type: 'class', name, resolution, attributes, source: site };
  resolution.push(made, ...base.resolution);
  makeMembers(made);
  return made;
}

/** The member of an enumeration that has a value; undefined where none has, or the class is no enumeration. */
export function memberOf(of: ClassValue, value: Value, equal: (a: Value, b: Value) => boolean | undefined) {
  for (const each of of.attributes.values())
    if (each.type === 'instance' && each.member && (each === value || equal(each.member.value, value))) return each;
  return undefined;
}

export const isEnumeration = (of: ClassValue): boolean => below(of, /^enum\.\w*(Enum|Flag)$/) && of.path === undefined;

function makeNamedTuple(of: ClassValue, run: Evaluation): void {
  if (of.path !== undefined) return;
  namedTuple(of, annotatedNames(of), run);
}

/** Gives a class the constructor and methods of a named tuple with these fields. */
export function namedTuple(of: ClassValue, names: readonly string[], run: Evaluation): void {
  const fields = names.map((name) => {
    const fallback = of.attributes.get(name);
    return { name, kind: 'positional' as const, ...(fallback && { fallback }) };
  });
  for (const name of names) of.attributes.delete(name);
  const maker = instanceOf('function', {});
  of.attributes.set('__new__', maker);
  const make = (values: readonly Value[]): TupleValue => ({ type: 'tuple', items: values, names, class: of });
  Object.assign(of, {
    construct: ((args, site) => {
      // `Point.__new__.__defaults__ = (None, None)`: of the last fields.
      const said = maker.attributes.get('__defaults__');
      const last = said?.type === 'tuple' ? said.items : [];
      const open = fields.map((field, i) => {
        const fallback = last[i - fields.length + last.length];
        return fallback ? { ...field, fallback } : field;
      });
      const values = bindArguments(of.name, open, args, (text) => run.raise('TypeError', text, site));
      return make(names.map((name) => values.get(name) ?? NONE));
    }) satisfies ClassValue['construct'],
  });
  of.attributes.set('_fields', tuple(names.map(string)));
  of.attributes.set(
    '_asdict',
    builtin('_asdict', (args) => {
      const self = argument(args, 0);
      return dict(self.type === 'tuple' ? names.map((name, i) => [string(name), self.items[i]!] as const) : []);
    }),
  );
  of.attributes.set('_make', {
    type: 'classmethod',
    callee: builtin('_make', (args, site) => make(run.iterate(argument(args, 1), site) ?? [])),
  });
  of.attributes.set(
    '_replace',
    builtin('_replace', (args) => {
      const self = argument(args, 0);
      if (self.type !== 'tuple') return self;
      return make(names.map((name, i) => args.keywords.get(name) ?? self.items[i]!));
    }),
  );
}
