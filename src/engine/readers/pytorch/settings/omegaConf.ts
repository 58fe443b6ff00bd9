import type { Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import { fieldsOf } from '../../python/evaluator/dataclasses';
import {
  type Arguments,
  argument,
  bool,
  type DictValue,
  dict,
  type InstanceValue,
  list,
  NO_ARGUMENTS,
  NONE,
  string,
  unknown,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { parsedText, scalar } from './files';
import { reached } from './interpolation';
import { isSettings, merged, plain, resolved, setAt, settingsObject } from './mapping';

/** What anything that OmegaConf takes holds: dictionaries, dataclasses and their objects, text of YAML, `a.b=1`. */
export function contentOf(value: Value, site: Span, context: SettingsContext): Value {
  const { run } = context;
  if (value.type === 'class' && value.resolution.some((base) => base.fields))
    return contentOf(run.call(value, NO_ARGUMENTS, site), site, context);
  const object = fieldsOf(value);
  if (object) return dict(object.fields.map(([name, each]) => [string(name), contentOf(each, site, context)] as const));
  if (value.type === 'string') return parsedText('text.yaml', value.value, site);
  const made = plain(value);
  if (made.type === 'dict')
    return dict(
      [...made.entries.values()].map(({ key, value: each }) => {
        const inner = each.type === 'class' || fieldsOf(each) ? contentOf(each, site, context) : each;
        return [key, inner] as const;
      }),
    );
  return made.type === 'none' ? dict([]) : made;
}

/** A configuration of what is known; lists stay lists. */
export function configurationOf(content: Value, context: SettingsContext): Value {
  return content.type === 'dict' ? settingsObject(context.run.libraryClass('omegaconf.DictConfig')!, content) : content;
}

/** `['a.b=1']`. */
function fromDotted(items: readonly Value[], context: SettingsContext): Value {
  const made = configurationOf(dict([]), context) as InstanceValue;
  for (const item of items) {
    const [, name, text] = (item.type === 'string' && /^\+*([\w.]+)=(.*)$/s.exec(item.value)) || [];
    if (name !== undefined) setAt(made, name, scalar(text!));
  }
  return made;
}

/** OmegaConf's functions, by their last names. */
export const omegaConf = (context: SettingsContext): BuiltinTable => {
  const { run } = context;
  const create = (args: Arguments, site: Span): Value =>
    args.open ?? configurationOf(contentOf(args.positional[0] ?? NONE, site, context), context);
  return {
    create,
    structured: create,
    load(args, site) {
      const loaded = run.call(
        run.library('yaml.safe_load'),
        { positional: [run.call(run.pythonName('open')!, args, site)], keywords: new Map() },
        site,
      );
      return configurationOf(loaded, context);
    },
    merge(args, site) {
      let all: DictValue = dict([]);
      for (const each of args.positional) {
        const content = contentOf(each, site, context);
        if (content.type !== 'dict')
          return content.type === 'unknown' ? content : unknown('what is merged is no configuration', site);
        all = merged(all, content);
      }
      return args.open ?? configurationOf(all, context);
    },
    unsafe_merge: (args, site) => omegaConf(context).merge!(args, site, run),
    /** Nothing is given on the command line. */
    from_cli: (args) => fromDotted(args.positional[0]?.type === 'list' ? args.positional[0].items : [], context),
    from_dotlist: (args) => fromDotted(args.positional[0]?.type === 'list' ? args.positional[0].items : [], context),
    to_container: (args, site) => resolved(argument(args, 0), site, context),
    to_object: (args, site) => resolved(argument(args, 0), site, context),
    to_yaml: () => string(''),
    select(args, site) {
      const [of, name] = args.positional;
      if (!of || !isSettings(of) || name?.type !== 'string') return unknown('which setting this is is not known', site);
      return reached(`.${name.value}`, of, site, context) ?? args.keywords.get('default') ?? NONE;
    },
    update(args) {
      const [of, name, value] = args.positional;
      if (of && isSettings(of) && name?.type === 'string')
        setAt(of, name.value, value ?? args.keywords.get('value') ?? NONE);
      return NONE;
    },
    is_config: (args) => bool(isSettings(argument(args, 0))),
    is_dict: (args) => bool(isSettings(argument(args, 0))),
    is_list: (args) => bool(argument(args, 0).type === 'list'),
    is_missing: () => bool(false),
    missing_keys: () => list([]),
    set_struct: () => NONE,
    set_readonly: () => NONE,
    resolve: () => NONE,
    save: () => NONE,
    register_new_resolver(args) {
      const [name, callee] = args.positional;
      if (name?.type === 'string' && callee) context.resolvers.set(name.value, callee);
      return NONE;
    },
    register_resolver: (args, site) => omegaConf(context).register_new_resolver!(args, site, run),
  };
};
