import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import {
  type Arguments,
  argument,
  bool,
  type InstanceValue,
  list,
  NO_ARGUMENTS,
  NONE,
  positional,
  string,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import { saidArgument } from './context';
import { shown } from './files';

const parser = (args: Arguments): InstanceValue => argument(args, 0) as InstanceValue;

/** The value of an argument that nobody gives on the command line. */
const addArgument: BuiltinRow = (args, site, run) => {
  const flags = args.positional.slice(1).flatMap((flag) => (flag.type === 'string' ? [flag.value] : []));
  const destination = args.keywords.get('dest');
  const long = flags.find((flag) => flag.startsWith('--')) ?? flags[0];
  const name = destination?.type === 'string' ? destination.value : long?.replace(/^-+/, '').replaceAll('-', '_');
  if (!name) return NONE;
  const action = args.keywords.get('action');
  const flag =
    action?.type === 'string' && /^store_(true|false)$/.test(action.value)
      ? { type: 'bool' as const, value: action.value === 'store_false' }
      : undefined;
  const required = !long?.startsWith('-') || args.keywords.get('required');
  let value: Value =
    args.keywords.get('default') ??
    flag ??
    (required ? unknown(`'${shown(long ?? name)}' is given on the command line`, site) : NONE);
  const type = args.keywords.get('type');
  if (type && value.type === 'string') value = run.call(type, positional(value), site);
  // What the person gives stands for what the script would be given on its command line.
  value = saidArgument(name, value, run);
  declare(parser(args), { flags, name, ...(type && { type }), args });
  const namespace = parser(args).attributes.get('namespace');
  if (namespace?.type !== 'instance') return NONE;
  // Of the parsers of several commands the first says it.
  const before = namespace.attributes.get(name);
  if (!before || before.type === 'unknown' || value.type !== 'unknown') namespace.attributes.set(name, value);
  return NONE;
};

const namespaceOf: BuiltinRow = (args) => parser(args).attributes.get('namespace') ?? NONE;

/** What a parser was told of its arguments, for lists of words that a script parses itself. */
interface Declared {
  readonly flags: readonly string[];
  readonly name: string;
  readonly type?: Value;
  readonly args: Arguments;
}

const declared = new WeakMap<InstanceValue, Declared[]>();

function declare(of: InstanceValue, argument: Declared): void {
  declared.set(of, [...(declared.get(of) ?? []), argument]);
}

/** `parse_args(['--width', '8'])`: what the words say, laid over the defaults. Without words, the defaults. */
const parsed: BuiltinRow = (args, site, run) => {
  const namespace = namespaceOf(args, site, run);
  const given = args.positional[1] ?? args.keywords.get('args');
  const words = given && run.iterate(given, site)?.map((word) => (word.type === 'string' ? word.value : ''));
  if (namespace.type !== 'instance' || !words) return namespace;
  const result: InstanceValue = { ...namespace, attributes: new Map(namespace.attributes) };
  const known = declared.get(parser(args)) ?? [];
  const places = known.filter(({ flags }) => !flags[0]?.startsWith('-'));
  for (let i = 0; i < words.length; i++) {
    const [flag, inline] = words[i]!.split(/=(.*)/s);
    const of = words[i]!.startsWith('-') ? known.find(({ flags }) => flags.includes(flag!)) : places.shift();
    if (!of) continue;
    const action = of.args.keywords.get('action');
    if (action?.type === 'string' && /^store_(true|false)$/.test(action.value)) {
      result.attributes.set(of.name, bool(action.value === 'store_true'));
      continue;
    }
    const text = (word: string): Value => (of.type ? run.call(of.type, positional(string(word)), site) : string(word));
    if (of.args.keywords.has('nargs')) {
      const all: Value[] = [];
      while (i + 1 < words.length && !words[i + 1]!.startsWith('-')) all.push(text(words[++i]!));
      result.attributes.set(of.name, list(all));
    } else if (!of.flags[0]?.startsWith('-')) result.attributes.set(of.name, text(words[i]!));
    else result.attributes.set(of.name, text(inline ?? words[++i] ?? ''));
  }
  return result;
};

/** `argparse.ArgumentParser`: every argument has its default. */
export const argumentParser: BuiltinTable = {
  __init__(args, _, run) {
    const of = run.libraryClass('argparse.Namespace')!;
    parser(args).attributes.set('namespace', { type: 'instance', class: of, attributes: new Map() });
    return NONE;
  },
  add_argument: addArgument,
  add_argument_group: (args) => argument(args, 0),
  add_mutually_exclusive_group: (args) => argument(args, 0),
  /** Arguments of every command stand beside each other. */
  add_subparsers(args, site) {
    const { dest } = Object.fromEntries(args.keywords);
    const namespace = parser(args).attributes.get('namespace');
    if (dest?.type === 'string' && namespace?.type === 'instance')
      namespace.attributes.set(dest.value, unknown(`'${shown(dest.value)}' is given on the command line`, site));
    return argument(args, 0);
  },
  add_parser: (args) => argument(args, 0),
  set_defaults(args, site, run) {
    const namespace = namespaceOf(args, site, run);
    if (namespace.type === 'instance') for (const [name, value] of args.keywords) namespace.attributes.set(name, value);
    return NONE;
  },
  parse_args: parsed,
  parse_known_args: (args, site, run) => tuple([parsed(args, site, run), list([])]),
  parse_intermixed_args: parsed,
  /** simple_parsing: a dataclass's object under a name. */
  add_arguments(args, site, run) {
    const [, of] = args.positional;
    const name = args.positional[2] ?? args.keywords.get('dest');
    const namespace = namespaceOf(args, site, run);
    if (of?.type === 'class' && name?.type === 'string' && namespace.type === 'instance')
      namespace.attributes.set(name.value, run.call(of, NO_ARGUMENTS, site));
    return NONE;
  },
  print_help: () => NONE,
};
