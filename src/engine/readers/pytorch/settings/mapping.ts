import type { Span } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import {
  argument,
  builtin,
  type ClassValue,
  type DictValue,
  dict,
  hashKey,
  type InstanceValue,
  list,
  NONE,
  positional,
  string,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { shown } from './files';
import { interpolated } from './interpolation';

/** Libraries' dictionaries whose entries are attributes too, by full name. */
const MAPPINGS =
  /^(omegaconf\.DictConfig|easydict\.EasyDict|ml_collections\.(config_dict\.)?(Frozen)?ConfigDict|yacs\.config\.CfgNode|(munch\.)(Munch|DefaultMunch)|box\.Box|attrdict\.AttrDict|dotmap\.DotMap|addict\.Dict|mmengine\.ConfigDict|fvcore\.common\.config\.CfgNode|wandb\.Config|prodict\.Prodict)$/;

export const isMappingClass = (path: string): boolean => MAPPINGS.test(path);

/** Whether a value is an object of such a class. */
export const isSettings = (value: Value): value is InstanceValue & { held: DictValue } =>
  value.type === 'instance' && value.held?.type === 'dict' && value.class.attributes.has('__getattr__');

/** Settings and what is below them as Python's own dictionaries and lists, their text as it is written. */
export function plain(value: Value): Value {
  if (isSettings(value)) return plain(value.held);
  if (value.type === 'dict')
    return dict([...value.entries.values()].map(({ key, value: each }) => [key, plain(each)] as const));
  return value.type === 'list' ? list(value.items.map(plain)) : value;
}

/** What settings or a dictionary hold; nothing of anything else. */
export function entriesOf(value: Value): DictValue {
  const held = plain(value);
  return held.type === 'dict' ? held : dict([]);
}

/** A dictionary that is reached by attributes; dictionaries below it are such too, and know what they stand in. */
export function settingsObject(of: ClassValue, values: DictValue, parent?: InstanceValue): InstanceValue {
  const held = dict([]);
  const made: InstanceValue = { type: 'instance', class: of, attributes: new Map(), held };
  if (parent) made.attributes.set('_parent', parent);
  for (const [key, entry] of values.entries) held.entries.set(key, { key: entry.key, value: below(entry.value, made) });
  return made;
}

/** What a settings object holds of a value. */
export function below(value: Value, parent: InstanceValue): Value {
  if (isSettings(value)) return settingsObject(parent.class, value.held, parent);
  if (value.type === 'dict') return settingsObject(parent.class, value, parent);
  return value.type === 'list' ? list(value.items.map((item) => below(item, parent))) : value;
}

/** An entry, its text filled in; undefined where there is none. */
export function entryOf(
  settings: InstanceValue,
  key: Value,
  site: Span,
  context: SettingsContext,
  depth = 0,
): Value | undefined {
  if (settings.held?.type !== 'dict') return undefined;
  const found = settings.held.entries.get(hashKey(key) ?? '')?.value;
  return found && filledIn(found, settings, site, context, depth);
}

function filledIn(value: Value, owner: InstanceValue, site: Span, context: SettingsContext, depth: number): Value {
  if (value.type === 'list')
    return value.items.some(({ type }) => type === 'string')
      ? list(value.items.map((item) => filledIn(item, owner, site, context, depth)))
      : value;
  if (value.type !== 'string' || !owner.class.path?.startsWith('omegaconf.')) return value;
  if (value.value === '???') return unknown('a setting that is given when the script runs', site);
  return value.value.includes('${') ? interpolated(value.value, owner, site, context, depth) : value;
}

/** Settings with every text filled in, as Python's own dictionaries. */
export function resolved(value: Value, site: Span, context: SettingsContext): Value {
  if (!isSettings(value))
    return value.type === 'list' ? list(value.items.map((each) => resolved(each, site, context))) : value;
  return dict(
    [...value.held.entries.values()].map(
      ({ key }) => [key, resolved(entryOf(value, key, site, context) ?? NONE, site, context)] as const,
    ),
  );
}

/** The second laid over the first: dictionaries entry by entry, all else as a whole. */
export function merged(first: DictValue, second: DictValue): DictValue {
  const result = dict([...first.entries.values()].map(({ key, value }) => [key, value] as const));
  for (const [key, entry] of second.entries) {
    const before = result.entries.get(key)?.value;
    const both = before?.type === 'dict' && entry.value.type === 'dict';
    result.entries.set(key, { key: entry.key, value: both ? merged(before, entry.value as DictValue) : entry.value });
  }
  return result;
}

/** The class of a library's settings. */
export function mappingClass(path: string, context: SettingsContext): ClassValue {
  const { run, makeClass } = context;
  const self = (args: Parameters<Evaluation['call']>[1]) => argument(args, 0) as InstanceValue;
  const write = (settings: InstanceValue, key: Value, value: Value): void => {
    if (settings.held?.type === 'dict')
      settings.held.entries.set(hashKey(key) ?? '', { key, value: below(value, settings) });
  };
  const lay = (settings: InstanceValue, over: Value): void => {
    const [base, given] = [plain(settings), plain(over)];
    if (base.type !== 'dict' || given.type !== 'dict') return;
    for (const { key, value } of merged(base, given).entries.values()) write(settings, key, value);
  };
  const entries = (settings: InstanceValue, site: Span) =>
    settings.held?.type === 'dict'
      ? [...settings.held.entries.values()].map(
          ({ key }) => [key, entryOf(settings, key, site, context) ?? NONE] as const,
        )
      : [];
  const of: ClassValue = makeClass(
    path,
    [],
    {
      __getattr__(args, site) {
        const [settings, key] = [self(args), argument(args, 1)];
        const found = entryOf(settings, key, site, context);
        if (found) return found;
        const name = key.type === 'string' ? key.value : '';
        if (path === 'addict.Dict' && !name.startsWith('__')) {
          write(settings, key, dict([]));
          return entryOf(settings, key, site, context)!;
        }
        return run.raise('AttributeError', `there is no setting '${shown(name)}'`, site);
      },
      __getitem__: (args, site) =>
        entryOf(self(args), argument(args, 1), site, context) ??
        run.raise(
          'KeyError',
          argument(args, 1).type === 'string' ? `'${(argument(args, 1) as { value: string }).value}'` : 'key',
          site,
        ),
      __setattr__(args) {
        write(self(args), argument(args, 1), argument(args, 2));
        return NONE;
      },
      __setitem__(args) {
        write(self(args), argument(args, 1), argument(args, 2));
        return NONE;
      },
      get: (args, site) =>
        entryOf(self(args), argument(args, 1), site, context) ??
        args.positional[2] ??
        args.keywords.get('default_value') ??
        args.keywords.get('default') ??
        NONE,
      values: (args, site) => list(entries(self(args), site).map(([, value]) => value)),
      items: (args, site) => list(entries(self(args), site).map(tuple)),
      update(args) {
        lay(self(args), argument(args, 1));
        for (const [name, value] of args.keywords) write(self(args), string(name), value);
        return NONE;
      },
      copy: (args) => settingsObject(of, entriesOf(self(args))),
      clone: (args) => settingsObject(of, entriesOf(self(args))),
      copy_and_resolve_references: (args) => settingsObject(of, entriesOf(self(args))),
      to_dict: (args, site) => resolved(self(args), site, context),
      toDict: (args, site) => resolved(self(args), site, context),
      as_dict: (args, site) => resolved(self(args), site, context),
      freeze: () => NONE,
      defrost: () => NONE,
      lock: () => NONE,
      unlocked: (args) => argument(args, 0),
      /** yacs: a file laid over these. */
      merge_from_file(args, site) {
        const given = run.call(
          run.library('yaml.safe_load'),
          positional(run.call(run.pythonName('open')!, positional(argument(args, 1)), site)),
          site,
        );
        if (given.type !== 'dict') return given;
        lay(self(args), given);
        return NONE;
      },
      merge_from_other_cfg(args) {
        lay(self(args), argument(args, 1));
        return NONE;
      },
      /** yacs: `['A.B', 3]`. */
      merge_from_list(args) {
        const pairs = argument(args, 1);
        if (pairs.type !== 'list') return NONE;
        for (let i = 0; i + 1 < pairs.items.length; i += 2) {
          const name = pairs.items[i]!;
          if (name.type === 'string') setAt(self(args), name.value, pairs.items[i + 1]!);
        }
        return NONE;
      },
    },
    (args, site) => {
      const [from] = args.positional;
      const given = from === undefined ? dict([]) : plain(from);
      if (given.type === 'unknown') return given;
      const made = given.type === 'dict' ? given : dict([]);
      const named = dict([...args.keywords].map(([name, value]) => [string(name), value] as const));
      return args.open ?? settingsObject(of, merged(made, entriesOf(named)), undefined) ?? unknown(path, site);
    },
  );
  of.attributes.set(
    'load_cfg',
    builtin('load_cfg', (args) => settingsObject(of, entriesOf(argument(args, 0)))),
  );
  return of;
}

/** Sets what a dotted name names; what lies between is made. */
export function setAt(settings: InstanceValue, name: string, value: Value): void {
  const parts = name.split('.');
  let at: InstanceValue = settings;
  for (const part of parts.slice(0, -1)) {
    if (at.held?.type !== 'dict') return;
    const key = hashKey(string(part))!;
    const known = at.held.entries.get(key)?.value;
    const next: InstanceValue = known && isSettings(known) ? known : settingsObject(at.class, dict([]), at);
    at.held.entries.set(key, { key: string(part), value: next });
    at = next;
  }
  const last = string(parts.at(-1)!);
  if (at.held?.type === 'dict') at.held.entries.set(hashKey(last)!, { key: last, value: below(value, at) });
}
