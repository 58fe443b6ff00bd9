import type { Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import {
  type Arguments,
  argument,
  builtin,
  type ClassValue,
  FALSE,
  type FunctionValue,
  type InstanceValue,
  list,
  NO_ARGUMENTS,
  NONE,
  positional,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import { type SettingsContext, saidArgument } from './context';
import { shown } from './files';

/** A function whose parameter has this default: what a command line gives where nothing stands on it. */
function withDefault(of: FunctionValue, name: string, fallback: Value): FunctionValue {
  const takes = of.parameters.some((parameter) => parameter.name === name);
  const parameters = of.parameters.map((parameter) =>
    parameter.name === name ? { ...parameter, fallback } : parameter,
  );
  return takes ? { ...of, parameters } : of;
}

const keyword = (args: Arguments, name: string): Value | undefined => args.keywords.get(name);

const isTrue = (value: Value | undefined): boolean => value?.type === 'bool' && value.value;

/** The parameter that a click option fills: the name without dashes, else the longest with two. */
function parameterOf(args: Arguments): string | undefined {
  const names = args.positional.flatMap((each) => (each.type === 'string' ? [each.value.split('/')[0]!] : []));
  const plain = names.find((name) => !name.startsWith('-'));
  const long = names.filter((name) => name.startsWith('--')).sort((a, b) => b.length - a.length)[0];
  return (plain ?? long ?? names[0])?.replace(/^-+/, '').replaceAll('-', '_').toLowerCase();
}

/** The commands of libraries, one in the other: each gives the function back with its defaults filled in. */
export const commandLines = (context: SettingsContext): BuiltinTable => {
  const { run } = context;
  const onLine = (name: string, site: Span): Value => unknown(`'${shown(name)}' is given on the command line`, site);
  const option = (args: Arguments, site: Span, required: boolean): Value =>
    builtin('option', (more) => {
      const of = argument(more, 0);
      const name = parameterOf(args);
      if (of.type !== 'function' || name === undefined) return of;
      const [given, type] = [keyword(args, 'default'), keyword(args, 'type')];
      let value: Value =
        given ??
        (isTrue(keyword(args, 'is_flag'))
          ? FALSE
          : isTrue(keyword(args, 'multiple'))
            ? tuple([])
            : required || isTrue(keyword(args, 'required'))
              ? onLine(name, site)
              : NONE);
      if (value.type === 'string' && type?.type === 'class') value = run.call(type, positional(value), site);
      return withDefault(of, name, saidArgument(name, value, run));
    });
  /** `@click.group()`: the function, which makes commands. */
  const command = (args: Arguments): Value => {
    const [first] = args.positional;
    return first?.type === 'function' ? asGroup(first) : builtin('command', (more) => asGroup(argument(more, 0)));
  };
  const asGroup = (of: Value): Value => {
    if (of.type === 'function')
      of.attributes = new Map<string, Value>([
        ['command', builtin('command', command)],
        ['group', builtin('group', command)],
        ['add_command', builtin('add_command', () => NONE)],
        ['main', of],
      ]);
    return of;
  };
  const passing = (args: Arguments): Value => {
    const of = argument(args, 0);
    const [first] = of.type === 'function' ? of.parameters : [];
    return of.type === 'function' && first && !first.fallback
      ? withDefault(of, first.name, unknown('a context of the command line', of.source))
      : of;
  };
  const called = (args: Arguments, site: Span): Value => {
    const of = argument(args, 0);
    return of.type === 'function' ? run.call(of, NO_ARGUMENTS, site) : NONE;
  };
  const fallbackOf = (args: Arguments, site: Span): Value => {
    const given = args.positional[0] ?? keyword(args, 'default') ?? NONE;
    return given.type === 'ellipsis' ? onLine('an argument', site) : given;
  };
  const define = (args: Arguments): Value => {
    const [name, fallback = keyword(args, 'default') ?? NONE] = args.positional;
    if (name?.type !== 'string') return NONE;
    const value = saidArgument(name.value, fallback, run);
    flags(context).attributes.set(name.value, value);
    const of: ClassValue = { type: 'class', name: 'FlagHolder', resolution: [], attributes: new Map() };
    return {
      type: 'instance',
      class: of,
      attributes: new Map<string, Value>([
        ['value', value],
        ['default', value],
        ['name', name],
      ]),
    };
  };
  const kinds = [
    'integer',
    'float',
    'string',
    'boolean',
    'bool',
    'enum',
    'list',
    'multi_integer',
    'multi_float',
    'multi_string',
    'multi_enum',
    'enum_class',
    'spaceseplist',
  ];
  return {
    'click.command': command,
    'click.group': command,
    'click.option': (args, site) => option(args, site, false),
    'click.argument': (args, site) => option(args, site, keyword(args, 'default') === undefined),
    'click.pass_context': passing,
    'click.pass_obj': passing,
    'typer.Option': fallbackOf,
    'typer.Argument': fallbackOf,
    'typer.run': called,
    'fire.Fire': called,
    'absl.app.run': (args, site) => {
      const of = argument(args, 0);
      return of.type === 'function'
        ? run.call(of, of.parameters.length > 0 ? positional(list([])) : NO_ARGUMENTS, site)
        : NONE;
    },
    ...Object.fromEntries(kinds.map((kind) => [`absl.flags.DEFINE_${kind}`, define])),
    'absl.flags.mark_flag_as_required': () => NONE,
    'absl.flags.mark_flags_as_required': () => NONE,
    /** Settings of a command line: their class or function with its defaults. */
    'tyro.cli': (args, site) => run.call(argument(args, 0), NO_ARGUMENTS, site),
    'jsonargparse.CLI': called,
    'jsonargparse.auto_cli': called,
    'simple_parsing.parse': (args, site) => run.call(argument(args, 0), NO_ARGUMENTS, site),
  };
};

/** absl's `FLAGS`. */
export function flags(context: SettingsContext): InstanceValue {
  let made = context.single.get('flags');
  if (!made) {
    const of = context.makeClass('absl.flags.FlagValues', [], {
      __call__: () => list([]),
      __getitem__: (args, site) =>
        context.run.attribute(argument(args, 0), (argument(args, 1) as { value?: string }).value ?? '', site),
      flag_values_dict: (args, site) =>
        context.run.call(context.run.pythonName('vars')!, positional(argument(args, 0)), site),
      mark_as_parsed: () => NONE,
    });
    made = { type: 'instance', class: of, attributes: new Map() };
    context.single.set('flags', made);
  }
  return made;
}

/** `typer.Typer()`: calling it runs its command, the one that trains where it has several. */
export const typerClass = ({ makeClass, run }: SettingsContext): ClassValue => {
  const commands = (app: InstanceValue): Value[] => {
    const known = app.attributes.get('registered_commands');
    if (known?.type === 'list') return known.items;
    const made = list([]);
    app.attributes.set('registered_commands', made);
    return made.items;
  };
  const command = (args: Arguments): Value => {
    const app = argument(args, 0) as InstanceValue;
    return builtin('command', (more) => {
      commands(app).push(argument(more, 0));
      return argument(more, 0);
    });
  };
  return makeClass('typer.Typer', [], {
    __init__: () => NONE,
    command,
    callback: () => builtin('callback', (more) => argument(more, 0)),
    add_typer: () => NONE,
    __call__(args, site) {
      const all = commands(argument(args, 0) as InstanceValue);
      const chosen = all.find((each) => each.type === 'function' && /train|fit|main|run/.test(each.name)) ?? all[0];
      return chosen ? run.call(chosen, NO_ARGUMENTS, site) : NONE;
    },
  });
};
