import type { Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import { becomeDataclass, fieldsOf } from '../../python/evaluator/dataclasses';
import {
  type Arguments,
  argument,
  builtin,
  type ClassValue,
  dict,
  type FieldValue,
  type InstanceValue,
  NO_ARGUMENTS,
  NONE,
  string,
  tuple,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { configurationText, parsedText } from './files';
import { pathText } from './paths';

/** A field of attrs or pydantic. */
const field = (args: Arguments): FieldValue => {
  const [first] = args.positional;
  const given = args.keywords.get('default') ?? (first?.type === 'ellipsis' ? undefined : first);
  const factory = args.keywords.get('factory') ?? args.keywords.get('default_factory');
  // attr.Factory(list)
  const made = given?.type === 'builtin' && given.name === 'attr.Factory' ? given : undefined;
  const by = factory ?? made;
  return { type: 'field', init: true, ...(given && !made && { fallback: given }), ...(by && { factory: by }) };
};

/** A decorator that makes a class one of fields, with arguments of its own or without. */
const fields =
  ({ run }: SettingsContext) =>
  (args: Arguments): Value => {
    const complete = (of: Value): Value => {
      if (of.type === 'class') becomeDataclass(of, run);
      return of;
    };
    const [first] = args.positional;
    return first?.type === 'class' ? complete(first) : builtin('define', (more) => complete(argument(more, 0)));
  };

const asDict = (args: Arguments): Value =>
  dict((fieldsOf(argument(args, 0))?.fields ?? []).map(([name, value]) => [string(name), nested(value)] as const));

const nested = (value: Value): Value => {
  const inner = fieldsOf(value);
  return inner ? dict(inner.fields.map(([name, each]) => [string(name), nested(each)] as const)) : value;
};

/** Decorators and fields of attrs and pydantic, and parsers of a command line that make dataclasses. */
export const fieldClasses = (context: SettingsContext): BuiltinTable => {
  const { run } = context;
  const define = fields(context);
  const names = [
    'attr.s',
    'attr.attrs',
    'attr.define',
    'attr.frozen',
    'attr.mutable',
    'attr.dataclass',
    'attrs.define',
    'attrs.frozen',
    'attrs.mutable',
    'chz.chz',
  ];
  const rows = [
    'attr.ib',
    'attr.attrib',
    'attr.field',
    'attrs.field',
    'pydantic.Field',
    'chz.field',
    'simple_parsing.field',
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, define])),
    ...Object.fromEntries(rows.map((name) => [name, field])),
    'attr.Factory': (args, site) => builtin('attr.Factory', () => run.call(argument(args, 0), NO_ARGUMENTS, site)),
    'attrs.Factory': (args, site) => builtin('attr.Factory', () => run.call(argument(args, 0), NO_ARGUMENTS, site)),
    'attr.asdict': asDict,
    'attrs.asdict': asDict,
    'attr.evolve': (args, site) => run.call(run.library('dataclasses.replace'), args, site),
    'attrs.evolve': (args, site) => run.call(run.library('dataclasses.replace'), args, site),
    'pydantic.PrivateAttr': (args) => field(args),
    'pydantic.ConfigDict': () => dict([]),
  };
};

/** `pydantic.BaseModel`: its fields are made when a class below it is complete. */
export const pydanticModel = ({ makeClass, run }: SettingsContext): ClassValue => {
  const made = (args: Arguments, site: Span): Value => {
    const [of, values] = args.positional;
    const keywords = new Map(
      values?.type === 'dict'
        ? [...values.entries.values()].flatMap(({ key, value }) =>
            key.type === 'string' ? [[key.value, value] as const] : [],
          )
        : [],
    );
    return of?.type === 'class' ? run.call(of, { positional: [], keywords }, site) : NONE;
  };
  const of = makeClass('pydantic.BaseModel', [], {
    model_dump: asDict,
    dict: asDict,
    model_copy: (args) => argument(args, 0),
    copy: (args) => argument(args, 0),
  });
  for (const name of ['model_validate', 'parse_obj', 'construct', 'model_construct'])
    of.attributes.set(name, { type: 'classmethod', callee: builtin(name, made) });
  return of;
};

/** `HfArgumentParser((ModelArguments, TrainingArguments))`: an object of each, of its defaults or of a file. */
export const dataclassParser = (path: string, { makeClass, run }: SettingsContext): ClassValue => {
  const types = (args: Arguments): readonly Value[] => {
    const held = (argument(args, 0) as InstanceValue).attributes.get('dataclass_types');
    return held?.type === 'tuple' || held?.type === 'list' ? held.items : held ? [held] : [];
  };
  const objects = (args: Arguments, site: Span): Value =>
    tuple(types(args).map((each) => run.call(each, NO_ARGUMENTS, site)));
  const fromFile = (args: Arguments, site: Span): Value => {
    const text = configurationText(argument(args, 1), site, run);
    if (typeof text !== 'string') return text;
    const content = parsedText(pathText(argument(args, 1))!, text, site);
    return content.type === 'dict' ? fromDict({ ...args, positional: [argument(args, 0), content] }, site) : content;
  };
  const fromDict = (args: Arguments, site: Span): Value => {
    const content = argument(args, 1);
    if (content.type !== 'dict') return objects(args, site);
    return tuple(
      types(args).map((each) => {
        const taken = new Set(
          each.type === 'class' ? each.resolution.flatMap((base) => base.fields ?? []).map(({ name }) => name) : [],
        );
        const own = [...content.entries.values()].flatMap(({ key, value }) =>
          key.type === 'string' && (taken.has(key.value) || each.type !== 'class' || !each.source)
            ? [[key.value, value] as const]
            : [],
        );
        return run.call(each, { positional: [], keywords: new Map(own) }, site);
      }),
    );
  };
  return makeClass(path, [], {
    __init__(args) {
      const given = args.positional[1] ?? args.keywords.get('dataclass_types') ?? NONE;
      (argument(args, 0) as InstanceValue).attributes.set('dataclass_types', given);
      return NONE;
    },
    parse_args_into_dataclasses: objects,
    parse_args_and_config: objects,
    parse_json_file: fromFile,
    parse_yaml_file: fromFile,
    parse_dict: fromDict,
    add_argument: () => NONE,
    set_defaults: () => NONE,
  });
};
