import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { namedTuple } from '../evaluator/classKinds';
import {
  argument,
  asNumber,
  builtin,
  type ClassValue,
  type DictValue,
  dict,
  type InstanceValue,
  int,
  list,
  type ModuleValue,
  NONE,
  positional,
  type StoredTensor,
  string,
  tuple,
  type Value,
} from '../values';
import { counted } from './collections';
import { isItems, itemsOf } from './items';
import { literalOf } from './literals';
import { pythonClasses } from './python';
import type { BuiltinTable } from './row';

/** `copy.deepcopy`, `functools.partial`, `collections.OrderedDict` and the like. */
export const standardLibrary: BuiltinTable = {
  'collections.OrderedDict': (args, site, run) => pythonClasses.dict!(args, site, run),
  'collections.defaultdict': (args, site, run) => {
    const [factory, ...rest] = args.positional;
    const made = pythonClasses.dict!({ ...args, positional: rest }, site, run);
    return made.type === 'dict' && factory && factory.type !== 'none' ? { ...made, factory } : made;
  },
  'collections.deque': (args, site, run) => {
    const made = pythonClasses.list!({ ...args, positional: args.positional.slice(0, 1) }, site, run);
    const most = asNumber(args.positional[1] ?? args.keywords.get('maxlen') ?? NONE);
    return made.type === 'list' && most !== undefined ? { ...made, items: made.items.slice(-most), most } : made;
  },
  'collections.Counter': (args, site, run) => {
    const counter: DictValue = { ...dict([]), counts: true };
    if (args.positional[0]) counted(counter, args.positional[0], site, run);
    for (const [name, value] of args.keywords) counter.entries.set(`s${name}`, { key: string(name), value });
    return counter;
  },
  'collections.ChainMap': (args) =>
    dict(
      [...args.positional]
        .reverse()
        .flatMap((each) =>
          each.type === 'dict' ? [...each.entries.values()].map(({ key, value }) => [key, value] as const) : [],
        ),
    ),
  'collections.namedtuple': (args, site, run) => {
    const [name, names] = args.positional;
    const given = names?.type === 'string' ? names.value.split(/[\s,]+/).filter(Boolean) : undefined;
    const items =
      given ?? (names && run.iterate(names, site))?.map((each) => (each.type === 'string' ? each.value : ''));
    if (name?.type !== 'string' || !items) return run.unmodelled('namedtuple', 'its fields are not known', site);
    const of: ClassValue = { type: 'class', name: name.value, resolution: [], attributes: new Map(), source: site };
    (of.resolution as ClassValue[]).push(of);
    const defaults = args.keywords.get('defaults');
    const last = (defaults && run.iterate(defaults, site)) ?? [];
    items.slice(items.length - last.length).forEach((field, i) => {
      of.attributes.set(field, last[i]!);
    });
    namedTuple(of, items, run);
    return of;
  },
  'sys.modules.get': (args, _, run) => {
    const name = argument(args, 0);
    return (name.type === 'string' ? run.imports.named(name.value) : undefined) ?? argument(args, 1);
  },
  /** A file that is read; never one that is run. */
  'importlib.import_module': (args, site, run) => {
    const [name, of] = [argument(args, 0), args.positional[1] ?? args.keywords.get('package')];
    if (name.type !== 'string') return run.unmodelled('import_module', 'which module it imports is not known', site);
    const full = name.value.startsWith('.') && of?.type === 'string' ? `${of.value}${name.value}` : name.value;
    const file = run.framework.modelled(full) ? undefined : run.imports.find(full, run.document);
    return file ?? run.library(full);
  },
  'packaging.version.parse': (args) => version(argument(args, 0)),
  'packaging.version.Version': (args) => version(argument(args, 0)),
  'pkg_resources.parse_version': (args) => version(argument(args, 0)),
  'distutils.version.LooseVersion': (args) => version(argument(args, 0)),
  'enum.auto': () => ({ type: 'library', path: 'enum.auto' }),
  'os.environ.get': (args) => args.positional[1] ?? args.keywords.get('default') ?? NONE,
  'os.getenv': (args) => args.positional[1] ?? args.keywords.get('default') ?? NONE,
  'typing.TypeVar': () => NONE,
  'typing.ParamSpec': () => NONE,
  'typing.NewType': (args) => argument(args, 1),
  /** A wrapper under the name of what it wraps: registries go by it. */
  'functools.wraps': (args) => builtin('wraps', (more) => wrapping(argument(more, 0), argument(args, 0))),
  'functools.update_wrapper': (args) => wrapping(argument(args, 0), argument(args, 1)),
  'functools.lru_cache': (args) =>
    args.positional[0]?.type === 'function' ? args.positional[0] : builtin('lru_cache', (more) => argument(more, 0)),
  'functools.cache': (args) => argument(args, 0),
  'copy.deepcopy': (args) => copyOf(argument(args, 0), true),
  'copy.copy': (args) => copyOf(argument(args, 0), false),
  'functools.partial': (args, _, run) => {
    const [callee = NONE, ...first] = args.positional;
    // A partial of a partial is one of the innermost.
    const before = callee.type === 'builtin' ? callee.partial : undefined;
    const inner = before?.callee ?? callee;
    const given = {
      positional: [...(before?.args.positional ?? []), ...first],
      keywords: new Map([...(before?.args.keywords ?? []), ...args.keywords]),
    };
    const name = inner.type === 'class' || inner.type === 'function' ? inner.name : 'partial';
    const made = builtin(name, (more, site) =>
      run.call(
        inner,
        {
          positional: [...given.positional, ...more.positional],
          keywords: new Map([...given.keywords, ...more.keywords]),
          ...(more.open && { open: more.open }),
        },
        site,
      ),
    );
    return { ...made, partial: { callee: inner, args: given } };
  },
  'functools.reduce': (args, site, run) => {
    const items = itemsOf(argument(args, 1), site, run);
    if (!isItems(items)) return items;
    const all = args.positional[2] ? [args.positional[2], ...items] : [...items];
    if (all.length === 0) return run.raise('TypeError', 'reduce() of empty iterable with no initial value', site);
    return all.slice(1).reduce((total, item) => run.call(argument(args, 0), positional(total, item), site), all[0]!);
  },
  /** Whether a package is there, and of which version: those that models need are, and are new. */
  'lightning_utilities.core.imports.module_available': (args) => isUsual(argument(args, 0)),
  'lightning_utilities.core.imports.package_available': (args) => isUsual(argument(args, 0)),
  'lightning_utilities.core.imports.compare_version': (args) => {
    const by = argument(args, 1);
    const name = by.type === 'library' ? by.path : by.type === 'builtin' ? by.name : '';
    return { type: 'bool', value: !/\bl[te]$/.test(name) };
  },
  'urllib.parse.urlsplit': (args, site, run) => splitUrl(argument(args, 0), site, run),
  'urllib.parse.urlparse': (args, site, run) => splitUrl(argument(args, 0), site, run),
  'urllib.parse.unquote': (args) => argument(args, 0),
  'urllib.parse.quote': (args) => argument(args, 0),
  /** The text of a value, which is read and not run. */
  'ast.literal_eval': (args, site, run) => {
    const text = argument(args, 0);
    if (text.type !== 'string') return text;
    return (
      literalOf(text.value) ?? run.raise('ValueError', `malformed node or string: ${text.value.slice(0, 60)}`, site)
    );
  },
  'typing.cast': (args) => argument(args, 1),
};

const isUsual = (name: Value): Value => ({
  type: 'bool',
  value: name.type === 'string' && /^(torch|torchvision|torchmetrics|numpy|gym|sklearn|PIL|cv2)\b/.test(name.value),
});

/** The parts of an address; a file's name is all path. */
function splitUrl(text: Value, site: Span, run: Evaluation): Value {
  if (text.type !== 'string')
    return text.type === 'unknown' ? text : run.unmodelled('urlsplit', 'its text is not known', site);
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] =
    /^(?:([a-zA-Z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text.value) ?? [];
  return {
    type: 'tuple',
    items: [scheme, netloc, path, query, fragment].map(string),
    names: ['scheme', 'netloc', 'path', 'query', 'fragment'],
  };
}

/** A version's numbers, by which versions are compared. */
function version(text: Value): Value {
  const [said] = /^\d+(\.\d+)*/.exec(text.type === 'string' ? text.value : '') ?? [];
  return said === undefined ? text : tuple(said.split('.').map((part) => int(Number(part))));
}

/** A function that says it is another: it has that one's name, and says which one it stands before. */
const wrapping = (by: Value, of: Value): Value =>
  by.type === 'function' && (of.type === 'function' || of.type === 'builtin')
    ? { ...by, name: of.name, wrapped: of }
    : by;

/** A copy as `copy` makes it: lists and dictionaries alone, or deeply, modules with parameters of their own. */
export function copyOf(value: Value, deep: boolean): Value {
  if (!deep) {
    if (value.type === 'list') return list([...value.items]);
    if (value.type === 'instance' && !value.member) return { ...value, attributes: new Map(value.attributes) };
    if (value.type === 'set') return { type: 'set', entries: new Map(value.entries) };
    return value.type === 'dict'
      ? dict([...value.entries.values()].map(({ key, value: each }) => [key, each] as const))
      : value;
  }
  return deepCopy(value, new Map(), new Map());
}

function deepCopy(value: Value, done: Map<object, Value>, tensors: Map<StoredTensor, StoredTensor>): Value {
  const known = done.get(value);
  if (known) return known;
  switch (value.type) {
    case 'list': {
      const copy = list([]);
      done.set(value, copy);
      copy.items = value.items.map((item) => deepCopy(item, done, tensors));
      return copy;
    }
    case 'tuple':
      return tuple(value.items.map((item) => deepCopy(item, done, tensors)));
    case 'dict':
      return dict(
        [...value.entries.values()].map(({ key, value: each }) => [key, deepCopy(each, done, tensors)] as const),
      );
    case 'module': {
      const copy: ModuleValue = {
        ...value,
        attributes: new Map(),
        children: new Map(),
        parameters: new Map(),
        buffers: new Map(),
        copyOf: value.copyOf ?? value,
        ...(value.lazy && { lazy: { ...value.lazy } }),
        ...(value.hooks && { hooks: [...value.hooks] }),
      };
      done.set(value, copy);
      const stored = (of: StoredTensor | null) => {
        if (!of) return null;
        const copied = tensors.get(of) ?? { ...of };
        tensors.set(of, copied);
        return copied;
      };
      for (const [name, each] of value.attributes) copy.attributes.set(name, deepCopy(each, done, tensors));
      for (const [name, child] of value.children)
        copy.children.set(name, child && (deepCopy(child, done, tensors) as ModuleValue));
      for (const [name, each] of value.parameters) copy.parameters.set(name, stored(each));
      for (const [name, each] of value.buffers) copy.buffers.set(name, stored(each));
      return copy;
    }
    case 'set':
      return { type: 'set', entries: new Map(value.entries) };
    case 'instance': {
      if (value.member) return value;
      const copy: InstanceValue = { ...value, attributes: new Map() };
      done.set(value, copy);
      if (value.held) copy.held = deepCopy(value.held, done, tensors);
      for (const [name, each] of value.attributes) copy.attributes.set(name, deepCopy(each, done, tensors));
      return copy;
    }
    default:
      return value;
  }
}
