import type { Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import {
  type Arguments,
  argument,
  builtin,
  type DictValue,
  dict,
  type FunctionValue,
  hashKey,
  type InstanceValue,
  list,
  NONE,
  string,
  unknown,
  type Value,
} from '../../python/values';
import type { SettingsContext } from './context';
import { parsedText, shown } from './files';
import { reached } from './interpolation';
import { entriesOf, isSettings, merged, plain, resolved, setAt } from './mapping';
import { configurationOf, contentOf } from './omegaConf';
import { pathText } from './paths';

/** Files that one configuration is composed of at most. */
const MOST_FILES = 200;

const at = (settings: DictValue, name: string): Value | undefined =>
  settings.entries.get(hashKey(string(name))!)?.value;

const withoutEntry = (settings: DictValue, name: string): DictValue =>
  dict(
    [...settings.entries.values()].flatMap(({ key, value }) =>
      key.type === 'string' && key.value === name ? [] : [[key, value] as const],
    ),
  );

/** The settings put below a package: `a.b` makes `{a: {b: …}}`. */
const placed = (content: DictValue, at: string): DictValue =>
  at
    .split('.')
    .filter(Boolean)
    .reduceRight((inner, name) => dict([[string(name), inner]]), content);

/** One entry of a defaults list. */
interface Default {
  readonly group: string;
  readonly option: string;
  readonly at?: string;
  readonly optional: boolean;
}

/** The entries of a defaults list but those that override; `_self_` has no group. */
function defaultsOf(list: Value | undefined): Default[] {
  if (list?.type !== 'list') return [];
  return list.items.flatMap((item): Default[] => {
    if (item.type === 'string') {
      const [name, at] = item.value.split('@');
      return [{ group: '', option: name!, optional: false, ...(at !== undefined && { at }) }];
    }
    const content = plain(item);
    const [entry] = content.type === 'dict' ? [...content.entries.values()] : [];
    if (entry?.key.type !== 'string' || /^override\b/.test(entry.key.value)) return [];
    const optional = /^optional\s/.test(entry.key.value);
    const [group, at] = entry.key.value.replace(/^optional\s+/, '').split('@');
    const options = entry.value.type === 'list' ? entry.value.items : [entry.value];
    return options.flatMap((option) =>
      option.type === 'string'
        ? [{ group: group!, option: option.value, optional, ...(at !== undefined && { at }) }]
        : [],
    );
  });
}

/** `override model: small`, by group. */
const overridesOf = (list: Value | undefined): Map<string, string> =>
  new Map(
    (list?.type === 'list' ? list.items : []).flatMap((item) => {
      const content = plain(item);
      const [entry] = content.type === 'dict' ? [...content.entries.values()] : [];
      const group = entry?.key.type === 'string' ? /^override\s+(\S+)$/.exec(entry.key.value)?.[1] : undefined;
      return group !== undefined && entry!.value.type === 'string'
        ? [[group.replace(/^\//, ''), entry!.value.value] as const]
        : [];
    }),
  );

/** Composes configurations as Hydra does, out of files of the workspace and its ConfigStore. */
class Composer {
  #files = 0;
  readonly #overrides = new Map<string, string>();

  constructor(
    private readonly folder: string,
    private readonly site: Span,
    private readonly context: SettingsContext,
  ) {}

  /** A configuration with all that its defaults list names; an unknown value where it is not found or does not parse. */
  compose(group: string, name: string, into: string): DictValue | Value {
    const found = this.#read(group, name);
    if (found?.content.type !== 'dict')
      return (
        found?.content ??
        unknown(`${shown(this.#file(group, name))} is not read: it is no configuration of the workspace`, this.site)
      );
    const defaults = at(found.content, 'defaults');
    for (const [of, option] of overridesOf(defaults)) if (!this.#overrides.has(of)) this.#overrides.set(of, option);
    const place = found.global ? '' : into;
    const own = placed(withoutEntry(found.content, 'defaults'), place);
    const entries = defaultsOf(defaults);
    // Without `_self_` a configuration's own settings win.
    if (!entries.some(({ option }) => option === '_self_'))
      entries.push({ group: '', option: '_self_', optional: false });
    // The last first: what a later entry overrides is an earlier one's choice.
    const parts: DictValue[] = [];
    for (const entry of [...entries].reverse()) {
      const part = entry.option === '_self_' ? own : this.#part(entry, group, place);
      if (part.type === 'dict') parts.unshift(part);
      else if (!entry.optional) return part;
    }
    return parts.reduce(merged, dict([]));
  }

  #part({ group, option, at: elsewhere }: Default, around: string, place: string): Value {
    if (/^\/?hydra(\/|$)/.test(group)) return dict([]);
    const absolute = group.startsWith('/') || (group === '' && option.startsWith('/'));
    const name = group.replace(/^\//, '');
    const folder = [absolute ? '' : around, name].filter(Boolean).join('/');
    const inner = name.replaceAll('/', '.');
    const here =
      elsewhere === undefined ? inner : elsewhere === '_global_' ? undefined : elsewhere.replace(/^_here_\.?/, '');
    const into = here === undefined ? '' : [absolute ? '' : place, here].filter(Boolean).join('.');
    // A configuration of the same group that is named alone is no choice.
    const chosen = (group === '' ? undefined : this.#overrides.get(folder)) ?? option;
    return this.compose(folder, chosen.replace(/^\//, ''), into);
  }

  #file(group: string, name: string): string {
    const file = /\.ya?ml$/.test(name) ? name : `${name}.yaml`;
    return [this.folder, group, file].filter(Boolean).join('/');
  }

  #read(group: string, name: string): { content: Value; global: boolean } | undefined {
    if (++this.#files > MOST_FILES)
      return { content: unknown('the configuration has too many files', this.site), global: false };
    const { run, store } = this.context;
    const stored = store.get([group, name.replace(/\.ya?ml$/, '')].filter(Boolean).join('/'));
    if (stored) return { content: contentOf(stored, this.site, this.context), global: false };
    const file = this.#file(group, name);
    const text = run.imports.configuration(file, run.document);
    if (text === undefined) return undefined;
    const content = parsedText(file, text, this.site);
    return { content: content.type === 'none' ? dict([]) : content, global: /^#\s*@package\s+_global_/m.test(text) };
  }
}

/** Tells what the script's settings are worth by their last names, where only one has that name. */
function tell(config: InstanceValue, site: Span, context: SettingsContext): void {
  const { run } = context;
  for (const [name, value] of run.given) {
    if (reached(`.${name}`, config, site, context) === undefined) continue;
    setAt(config, name, value);
    run.used.add(name);
  }
  const named = new Map<string, Value | undefined>();
  const walk = (value: Value): void => {
    if (value.type !== 'dict') return;
    for (const { key, value: each } of value.entries.values()) {
      if (key.type !== 'string') continue;
      if (each.type === 'dict') walk(each);
      else named.set(key.value, named.has(key.value) ? undefined : each);
    }
  };
  walk(resolved(config, site, context));
  for (const [name, value] of named)
    if (value && value.type !== 'unknown' && !run.findings.arguments.has(name)) run.findings.arguments.set(name, value);
}

/** What Hydra composes, by its folder and name, with `a.b=1` laid over. */
function composed(
  folder: string,
  name: Value | undefined,
  overrides: Value | undefined,
  site: Span,
  context: SettingsContext,
): Value {
  let content: Value = dict([]);
  if (name?.type === 'string') content = new Composer(folder, site, context).compose('', name.value, '');
  if (content.type === 'unknown') return content;
  const config = configurationOf(content, context);
  if (!isSettings(config)) return config;
  const over = context.run.libraryClass('omegaconf.DictConfig');
  if (overrides?.type === 'list' && over) {
    const laid = context.run.call(
      context.run.library('omegaconf.OmegaConf.from_dotlist'),
      { positional: [overrides], keywords: new Map() },
      site,
    );
    const both = configurationOf(merged(entriesOf(config), entriesOf(laid)), context);
    if (isSettings(both)) {
      tell(both, site, context);
      return both;
    }
  }
  tell(config, site, context);
  return config;
}

const folderOf = (value: Value | undefined): string => (value && pathText(value)) ?? '';

/** `_target_` by its dotted name: a library's, a file's of the workspace, or of this file. */
function target(name: string, site: Span, { run }: SettingsContext): Value {
  const parts = name.split('.');
  if (parts[0] === '__main__') return reachedIn(run.globals.names.get(parts[1] ?? ''), parts.slice(2), name, site, run);
  if (!run.framework.modelled(name))
    for (let length = parts.length - 1; length > 0; length--) {
      const file = run.imports.find(parts.slice(0, length).join('.'), run.document);
      if (!file) continue;
      // The script itself: what it has made so far.
      const own = file.scope.file?.uri === run.document.uri ? run.globals.names.get(parts[length]!) : undefined;
      return reachedIn(own ?? run.imports.member(file, parts[length]!), parts.slice(length + 1), name, site, run);
    }
  return run.library(name);
}

function reachedIn(
  value: Value | undefined,
  rest: readonly string[],
  name: string,
  site: Span,
  run: SettingsContext['run'],
): Value {
  if (!value) return unknown(`there is no '${shown(name)}'`, site);
  return rest.reduce((at, part) => run.attribute(at, part, site), value);
}

/** `hydra.utils.instantiate`: what `_target_` names, called with the settings beside it; those below are made first. */
function instantiated(node: Value, args: Arguments, site: Span, context: SettingsContext, recursive: boolean): Value {
  const { run } = context;
  if (node.type === 'list')
    return list(
      node.items.map((each) => instantiated(each, { positional: [], keywords: new Map() }, site, context, recursive)),
    );
  if (node.type !== 'dict') return node;
  const of = at(node, '_target_');
  const deep = recursive && (at(node, '_recursive_') as { value?: unknown } | undefined)?.value !== false;
  const below = (value: Value): Value =>
    deep
      ? instantiated(value, { positional: [], keywords: new Map() }, site, context, true)
      : configurationOf(value, context);
  if (!of) {
    const made = dict([...node.entries.values()].map(({ key, value }) => [key, below(value)] as const));
    return configurationOf(made, context);
  }
  const callee = of.type === 'string' ? target(of.value, site, context) : of;
  const keywords = new Map<string, Value>();
  for (const { key, value } of node.entries.values())
    if (key.type === 'string' && !/^_\w+_$/.test(key.value)) keywords.set(key.value, below(value));
  const places = at(node, '_args_');
  for (const [name, value] of args.keywords) if (!/^_\w+_$/.test(name)) keywords.set(name, value);
  const positional = [...(places?.type === 'list' ? places.items.map(below) : []), ...args.positional];
  const given: Arguments = { positional, keywords };
  const partial = args.keywords.get('_partial_') ?? at(node, '_partial_');
  if (partial?.type === 'bool' && partial.value)
    return run.call(run.library('functools.partial'), { positional: [callee, ...positional], keywords }, site);
  return run.call(callee, given, site);
}

/** Hydra's functions by their full names. */
export const hydra = (context: SettingsContext): BuiltinTable => {
  const { run } = context;
  let folder = '';
  const instantiate = (args: Arguments, site: Span): Value => {
    const [node = args.keywords.get('config') ?? NONE, ...rest] = args.positional;
    if (node.type === 'unknown') return node;
    const keywords = new Map([...args.keywords].filter(([name]) => name !== 'config'));
    const recursive = (keywords.get('_recursive_') as { value?: unknown } | undefined)?.value !== false;
    return instantiated(
      resolved(plainTop(node), site, context),
      { positional: rest, keywords },
      site,
      context,
      recursive,
    );
  };
  /** A plain dictionary is a configuration here, so that its references are filled in. */
  const plainTop = (node: Value): Value => (node.type === 'dict' ? configurationOf(node, context) : node);
  /** `@hydra.main(…)`: the function, its configuration as the default of its first parameter. */
  const main = (args: Arguments, site: Span): Value => {
    const [path, name] = [
      args.keywords.get('config_path') ?? args.positional[0],
      args.keywords.get('config_name') ?? args.positional[1],
    ];
    return builtin('hydra.main', (more) => {
      const of = argument(more, 0);
      if (of.type !== 'function') return of;
      const [first, ...others] = of.parameters;
      if (!first) return of;
      const config = composed(folderOf(path), name, undefined, site, context);
      return { ...of, parameters: [{ ...first, fallback: config }, ...others] } satisfies FunctionValue;
    });
  };
  const initialize = (args: Arguments): Value => {
    folder = folderOf(args.keywords.get('config_path') ?? args.keywords.get('config_dir') ?? args.positional[0]);
    return NONE;
  };
  const compose = (args: Arguments, site: Span): Value =>
    composed(
      folder,
      args.keywords.get('config_name') ?? args.positional[0],
      args.keywords.get('overrides') ?? args.positional[1],
      site,
      context,
    );
  const named = (args: Arguments, site: Span): Value => {
    const [name] = args.positional;
    return name?.type === 'string'
      ? target(name.value, site, context)
      : unknown('which name this is is not known', site);
  };
  const rows: Record<string, BuiltinTable[string]> = {
    'hydra.main': main,
    'hydra.compose': compose,
    'hydra.initialize': initialize,
    'hydra.initialize_config_dir': initialize,
    'hydra.initialize_config_module': initialize,
    'hydra.utils.instantiate': instantiate,
    'hydra.utils.call': instantiate,
    'hydra.utils.get_class': named,
    'hydra.utils.get_method': named,
    'hydra.utils.get_object': named,
    'hydra.utils.to_absolute_path': (args) => argument(args, 0),
    'hydra.utils.get_original_cwd': () => string(''),
    'hydra.core.config_store.ConfigStore.instance': () => run.library('hydra.core.config_store.ConfigStore'),
    'hydra.core.config_store.ConfigStore.store'(args) {
      const [name, group, node] = ['name', 'group', 'node'].map((key) => args.keywords.get(key));
      const key = [group, name]
        .flatMap((each) => (each?.type === 'string' ? [each.value.replace(/\.ya?ml$/, '')] : []))
        .join('/');
      if (node ?? args.positional[1]) context.store.set(key, (node ?? args.positional[1])!);
      return NONE;
    },
  };
  return rows;
};
