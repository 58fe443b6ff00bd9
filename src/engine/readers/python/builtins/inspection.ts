import { annotatedClasses } from '../evaluator/dataclasses';
import {
  argument,
  builtin,
  dict,
  type FunctionParameter,
  globalScope,
  type InstanceValue,
  instanceOf,
  list,
  NONE,
  string,
  tuple,
  type Value,
} from '../values';
import type { BuiltinTable } from './row';

const KINDS: Readonly<Record<FunctionParameter['kind'], string>> = {
  positional: 'POSITIONAL_OR_KEYWORD',
  positionalOnly: 'POSITIONAL_ONLY',
  keywordOnly: 'KEYWORD_ONLY',
  list: 'VAR_POSITIONAL',
  dict: 'VAR_KEYWORD',
};

const named = (path: string): Value => ({ type: 'library', path: `inspect.${path}` });
const kind = (name: string): Value => named(`Parameter.${name}`);
const EMPTY = named('Parameter.empty');

const parameterOf = ({ name, kind: own, fallback }: FunctionParameter): InstanceValue =>
  instanceOf('Parameter', {
    name: string(name),
    kind: kind(KINDS[own]),
    default: fallback ?? EMPTY,
    annotation: EMPTY,
    empty: EMPTY,
    ...Object.fromEntries(Object.values(KINDS).map((each) => [each, kind(each)])),
  });

/** The parameters that `inspect.signature` tells of; undefined for what is not written in a file. */
function parametersOf(value: Value): readonly FunctionParameter[] | undefined {
  switch (value.type) {
    case 'function':
      return value.wrapped ? parametersOf(value.wrapped) : value.parameters;
    case 'method':
      return parametersOf(value.callee)?.slice(1);
    case 'class': {
      const init = value.resolution.map((base) => base.attributes.get('__init__')).find(Boolean);
      return init?.type === 'function' ? init.parameters.slice(1) : value.fields;
    }
    default:
      return undefined;
  }
}

/** The classes that a class's annotations name. */
const annotations = (of: Value, inherited: boolean): Value => {
  const classes = of.type !== 'class' ? [] : inherited ? [...of.resolution].reverse() : [of];
  return dict(
    classes.flatMap((each) => [...annotatedClasses(each)].map(([name, type]) => [string(name), type] as const)),
  );
};
/** What the forward of a library's layer takes, as far as its row says. */
function calledParameters(of: Value): readonly FunctionParameter[] | undefined {
  const named = (names: readonly string[]): FunctionParameter[] =>
    names.map((name) => ({ name: name.replace(/^\*/, ''), kind: 'positional' }));
  // Of a library's classes and functions no more is asked than whether they take something of the asker's own.
  if (of.type === 'class' || of.type === 'module') return named(['self']);
  if (of.type === 'builtin') return named(['input']);
  if (of.type !== 'method' || of.callee.type !== 'builtin' || of.receiver.type !== 'module') return undefined;
  const names = of.receiver.layer?.row.call?.parameters ?? ['input'];
  return named(['self', ...names]);
}

/** Python's inspect module, as decorators and builders ask it about functions of the file. */
export const inspection: BuiltinTable = {
  /** Annotations that name a class; others are left out. */
  'inspect.get_annotations': (args) => annotations(argument(args, 0), false),
  'typing.get_type_hints': (args) => annotations(argument(args, 0), true),
  'inspect.signature': (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'unknown') return of;
    const parameters = parametersOf(of);
    if (!parameters)
      return run.unmodelled('inspect.signature', 'what it is asked about is not written in a file', site);
    return instanceOf('Signature', {
      parameters: dict(parameters.map((parameter) => [string(parameter.name), parameterOf(parameter)] as const)),
      return_annotation: EMPTY,
      bind: builtin('bind', () => NONE),
      bind_partial: builtin('bind_partial', () => NONE),
    });
  },
  /** The text of a file; what is not read has none, which Python says by OSError. */
  'inspect.getsource': (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'unknown') return of;
    const text =
      of.type === 'file' ? of.scope.file?.text : of.type === 'function' ? globalScope(of.scope).file?.text : undefined;
    return text === undefined
      ? run.raise('OSError', 'could not get source code', site)
      : string(text.slice(0, 200_000));
  },
  'inspect.getfullargspec': (args, site, run) => {
    const of = argument(args, 0);
    if (of.type === 'unknown') return of;
    // Unlike a signature it names `self` of a method.
    const parameters = parametersOf(of.type === 'method' ? of.callee : of) ?? calledParameters(of);
    if (!parameters)
      return run.unmodelled('inspect.getfullargspec', 'what it is asked about is not written in a file', site);
    const names = (...kinds: readonly FunctionParameter['kind'][]) =>
      list(parameters.filter((each) => kinds.includes(each.kind)).map(({ name }) => string(name)));
    const defaults = parameters
      .filter((each) => /^positional/.test(each.kind))
      .flatMap(({ fallback }) => fallback ?? []);
    const only = (kind: FunctionParameter['kind']): Value => {
      const found = parameters.find((each) => each.kind === kind);
      return found ? string(found.name) : NONE;
    };
    return instanceOf('FullArgSpec', {
      args: names('positional', 'positionalOnly'),
      varargs: only('list'),
      varkw: only('dict'),
      defaults: defaults.length > 0 ? tuple(defaults) : NONE,
      kwonlyargs: names('keywordOnly'),
      annotations: dict([]),
    });
  },
  'inspect.isfunction': (args) => ({ type: 'bool', value: argument(args, 0).type === 'function' }),
  'inspect.isclass': (args) => ({ type: 'bool', value: argument(args, 0).type === 'class' }),
};
