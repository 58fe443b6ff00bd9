import { InputError, type Span } from '../../network';
import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import { assignedNames } from '../python/evaluator/expressions';
import { descendants, field } from '../python/syntax';
import {
  bool,
  type ClassValue,
  type FunctionParameter,
  type FunctionValue,
  float,
  globalScope,
  int,
  list,
  lookup,
  positional,
  tuple,
  type Value,
} from '../python/values';
import { assumedSettings, SETTINGS, usualValue } from './assumedArguments';

/** What is assumed where nobody says an argument. */
export type Assumption = 'whole' | 'block' | 'even';

/** A class or function whose arguments nobody says, its parameters without `self`, and the function that takes them. */
interface Taker {
  readonly callee: ClassValue | FunctionValue;
  readonly body: FunctionValue | undefined;
}

/** Models inside of models inside of models. */
const MOST_NESTED = 4;

/** The function that takes the arguments of a class or function. */
export function takerOf(callee: ClassValue | FunctionValue): Taker {
  if (callee.type === 'function') return { callee, body: callee };
  const init = callee.resolution.map((base) => base.attributes.get('__init__')).find(Boolean);
  const inner = init?.type === 'function' && init.wrapped?.type === 'function' ? init.wrapped : init;
  return { callee, body: inner?.type === 'function' ? inner : undefined };
}

/**
 * What a class's constructor takes, without `self`. Where it passes on what it does not name (`**kwargs`), what its bases'
 * constructors must be given too.
 */
export function constructorParameters(of: ClassValue): readonly FunctionParameter[] | undefined {
  const { body } = takerOf(of);
  if (!body) return undefined;
  const parameters = body.parameters.slice(1);
  if (!parameters.some(({ kind }) => kind === 'dict') || !body.owner) return parameters;
  const after = of.resolution.slice(of.resolution.indexOf(body.owner) + 1).filter(({ source }) => source);
  const [next] = after;
  if (!next || !/super\(.*\)\.__init__\(.*\*\*/s.test(body.body.text)) return parameters;
  const named = new Set(parameters.map(({ name }) => name));
  // What the constructor says itself is given already.
  const said = new Set([...body.body.text.matchAll(/(\w+)\s*=[^=]/g)].map(([, name]) => name));
  const passed = /super\(.*?\)\.__init__\(\s*(\w+)\s*,/s.exec(body.body.text)?.[1];
  const more = (constructorParameters(next) ?? []).filter(
    ({ name, kind, fallback }, i) =>
      (kind === 'positional' || kind === 'keywordOnly') &&
      !fallback &&
      !named.has(name) &&
      !said.has(name) &&
      !(i === 0 && passed),
  );
  return [...parameters, ...more.map((each): FunctionParameter => ({ ...each, kind: 'keywordOnly' }))];
}

/** How many elements a list is of, as the code that takes it apart says; undefined for what is no list. */
function listLength(
  name: string,
  annotation: string,
  body: string,
  assigned: ReadonlySet<string>,
): number | 'any' | undefined {
  const has = (pattern: string): RegExpExecArray | null => new RegExp(pattern.replaceAll('NAME', name)).exec(body);
  const counted = has('len\\(NAME\\)\\s*==\\s*(\\d+)');
  if (counted) return Number(counted[1]);
  // `dim = cast_tuple(dim, 3)`: one number stands for all.
  if (assigned.has(name) || /\bint\s*\||\|\s*int\b|Union\[int/.test(annotation)) return undefined;
  const unpacked = has('\\n\\s*(\\w+(?:\\s*,\\s*\\w+)+)\\s*=\\s*NAME\\s*\\n');
  if (unpacked) return unpacked[1]!.split(',').length;
  const items = /^(?:typing\.)?[Tt]uple\[([^\][]+)\]$/.exec(annotation)?.[1]?.split(',');
  if (items && !items.some((each) => each.includes('...'))) return items.length;
  // One for each layer: as many as there usually are.
  if (/_per_(depth|layer|block|stage|level)s?$/.test(name)) return 2;
  const uses = [
    'assert isinstance\\(NAME,\\s*\\(?(tuple|list)\\b',
    '\\blen\\(NAME\\)',
    '\\bin (enumerate\\(|zip\\(.*)?NAME\\b(?!\\()',
    '[*]NAME\\b(?!\\s*[*+/-])(?<![*][*]NAME)(?<!\\w\\s?[*]NAME)(?<!\\)\\s?[*]NAME)',
    '\\bNAME\\[[-:\\w]',
  ];
  return /\b([Ll]ist|[Tt]uple|Sequence|Iterable)\b/.test(annotation) || uses.some(has) ? 'any' : undefined;
}

/** One element of a list by the list's name: `depths` are many of what `depth` is one of. */
const elementOf = (name: string, plain: boolean): Value | undefined =>
  usualValue(name.replace(/_per_\w+$/, '').replace(/(?<=[^s])s$/, ''), plain) ?? usualValue(name, plain);

/** Lists that are known by their names: shapes of what a network sees, and hidden sizes. */
function listByName(name: string, plain: boolean): Value | undefined {
  const key = name.toLowerCase().replaceAll('_', '');
  if (/^(observation|obs|input|state|img|image)shape$/.test(key))
    return tuple(plain ? [int(8)] : [int(3), int(32), int(32)]);
  if (/^(hidden|layer|mlp|fc)(dims|sizes|layers|units|layersizes)$|^(dims|channelslist|hiddens)$/.test(key))
    return list([int(64), int(64)]);
  return /^(depths|numblocks)$/.test(key) ? list([int(2), int(2), int(2), int(2)]) : undefined;
}

/** Numbers that divide each other, for what asks that of its arguments: images of 256, outputs as wide as all else. */
function evened(name: string, value: Value): Value {
  if (value.type !== 'int') return value;
  if (/(image|img|input)_?(size|res)/i.test(name)) return int(value.value >= 128 ? 256 : value.value);
  return value.value === 10 || value.value === 32 ? int(64) : value;
}

/** The class that an annotation names, or that the code asks for by isinstance; undefined where it is no model's. */
function classOf(parameter: FunctionParameter, taker: Taker, run: Evaluation): ClassValue | undefined {
  const { body } = taker;
  if (!body) return undefined;
  const names: string[] = [];
  for (const node of parameter.annotation ? [parameter.annotation, ...descendants(parameter.annotation)] : [])
    if (node.type === 'identifier') names.push(node.text);
  const quoted = /^['"](\w+)['"]$/.exec(parameter.annotation?.text ?? '')?.[1];
  if (quoted) names.push(quoted);
  for (const node of descendants(body.body)) {
    if (node.type !== 'call' || field(node, 'function')?.text !== 'isinstance') continue;
    const [value, of] = field(node, 'arguments')?.children ?? [];
    if (value?.text === parameter.name && of?.type === 'identifier') names.push(of.text);
  }
  for (const name of names) {
    const value = lookup(body.scope, name);
    if (value?.type === 'class' && value.source && isModule(value)) return value;
  }
  // What is said to be a number or a text is no model.
  if (/^(int|float|bool|str)\b/.test(parameter.annotation?.text ?? '')) return undefined;
  // A class of the file that has the argument's name: `unet` is a Unet.
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '');
  const same = [...run.globals.names.values()].find(
    (value) => value.type === 'class' && value.source && isModule(value) && plain(value.name) === plain(parameter.name),
  );
  return same?.type === 'class' ? same : classByAttributes(parameter.name, taker, run);
}

/** So many imports of a file are looked into. */
const MOST_IMPORTS = 40;

/** What every module has: asking for it tells nothing of the class. */
const OF_EVERY_MODULE =
  /^(parameters|named_parameters|modules|named_modules|children|named_children|buffers|train|eval|training|to|cuda|cpu|float|half|device|dtype|state_dict|load_state_dict|register_forward_hook|register_forward_pre_hook|requires_grad_|zero_grad|apply|forward|weight|bias|shape|type)$/;

/** What code asks of an argument: of itself in the constructor, and of `self.NAME` wherever the class keeps it. */
function attributesAsked(name: string, { callee, body }: Taker): Set<string> {
  const text = body?.body.text ?? '';
  const asked = new Set<string>();
  const collect = (code: string, of: string): void => {
    for (const [, attribute] of code.matchAll(new RegExp(`(?<![\\w.])${of}\\.(\\w+)`, 'g')))
      if (!OF_EVERY_MODULE.test(attribute!)) asked.add(attribute!);
  };
  collect(text, name);
  const kept = new RegExp(`self\\.(\\w+)\\s*=\\s*${name}\\s*(\\n|$)`).exec(text)?.[1];
  if (!kept || callee.type !== 'class') return asked;
  for (const method of callee.attributes.values())
    if (method.type === 'function') collect(method.body.text, `self\\.${kept}`);
  return asked;
}

/** Whether objects of a class have an attribute, by what its own and its bases' code sets. */
const hasAttribute = (of: ClassValue, name: string): boolean =>
  of.resolution.some(
    (base) =>
      base.attributes.has(name) ||
      [...base.attributes.values()].some(
        (method) =>
          method.type === 'function' &&
          new RegExp(`self\\.${name}\\s*(,[^=\\n]*)?=[^=]|register_buffer\\(\\s*['"]${name}['"]`).test(
            method.body.text,
          ),
      ),
  );

/**
 * The model that has everything that is asked of an argument: among the classes of the file, then of the files that it
 * imports. Of several the one with the most code, as models are longer than their parts.
 */
function classByAttributes(name: string, taker: Taker, run: Evaluation): ClassValue | undefined {
  const asked = [...attributesAsked(name, taker)];
  if (asked.length === 0) return undefined;
  const scopes = new Set([run.globals]);
  if (taker.body) scopes.add(globalScope(taker.body.scope));
  for (const scope of [...scopes]) {
    // What a file imports is read when somebody asks for it.
    for (const name of [...scope.deferred.keys()].slice(0, MOST_IMPORTS)) lookup(scope, name);
    for (const value of scope.names.values()) {
      const init = value.type === 'class' ? takerOf(value).body : value.type === 'function' ? value : undefined;
      if (init) scopes.add(globalScope(init.scope));
    }
  }
  let best: { of: ClassValue; length: number } | undefined;
  for (const scope of scopes) {
    for (const value of scope.names.values()) {
      if (value.type !== 'class' || !value.source || !isModule(value) || value === taker.callee) continue;
      if (value.resolution.includes(taker.callee as ClassValue) || !asked.every((each) => hasAttribute(value, each)))
        continue;
      const length = takerOf(value).body?.body.text.length ?? 0;
      if (!best || length > best.length) best = { of: value, length };
    }
    if (best && scope === run.globals) break;
  }
  return best?.of;
}

const isModule = (of: ClassValue): boolean => of.resolution.some(({ path }) => path === 'torch.nn.Module');

/** What stands for arguments that nobody says, and how each reads. */
export interface Assumed {
  readonly values: Map<string, Value>;
  readonly words: Map<string, string>;
}

/** Usual values for parameters without a default, as far as their names, annotations and uses say one. */
export function assumedArguments(
  parameters: readonly FunctionParameter[],
  callee: ClassValue | FunctionValue,
  how: Assumption,
  source: Span,
  run: Evaluation,
  depth = 0,
): Assumed {
  const taker = takerOf(callee);
  const text = taker.body?.body.text ?? '';
  const plain = how === 'block';
  const assigned = new Set(taker.body ? assignedNames(taker.body.body) : []);
  const found: Assumed = { values: new Map(), words: new Map() };
  const lengths = new Map(
    parameters.map(({ name, annotation }) => [name, listLength(name, annotation?.text ?? '', text, assigned)] as const),
  );
  const said = [...lengths.values()].filter((length): length is number => typeof length === 'number' && length > 2);
  const several = said[0] ?? ([...lengths].some(([name, of]) => of === 'any' && /depth|blocks/i.test(name)) ? 4 : 2);
  for (const parameter of parameters) {
    const { name, annotation } = parameter;
    if (SETTINGS.test(name)) {
      found.values.set(name, assumedSettings(callee.name, plain, source, run));
      continue;
    }
    const length = lengths.get(name);
    const byName = length === undefined || said.length === 0 ? listByName(name, plain) : undefined;
    const element = length !== undefined ? elementOf(name, plain) : undefined;
    const many = element && tuple(Array.from({ length: length === 'any' ? several : (length ?? 0) }, () => element));
    const module = madeModule(parameter, taker, how, run, depth);
    // A model that cannot be made is no number either.
    if (module === 'unmade') continue;
    const value = module ?? byName ?? many ?? usualValue(name, plain) ?? byAnnotation(annotation?.text ?? '');
    if (value) found.values.set(name, how === 'even' ? evened(name, value) : value);
    if (value?.type === 'module')
      found.words.set(
        name,
        `${/^[AEIOU]/.test(value.class.name) ? 'an' : 'a'} ${value.class.name} of usual values is assumed; make the model in a script to say another`,
      );
  }
  return found;
}

/** What an annotation alone says. */
function byAnnotation(annotation: string): Value | undefined {
  if (annotation === 'int') return int(4);
  if (annotation === 'float') return float(0.5);
  return annotation === 'bool' ? bool(false) : undefined;
}

/** A model that is another's argument, of usual values itself; an activation is a ReLU. */
function madeModule(
  parameter: FunctionParameter,
  taker: Taker,
  how: Assumption,
  run: Evaluation,
  depth: number,
): Value | 'unmade' | undefined {
  if (depth >= MOST_NESTED) return undefined;
  const site = taker.callee.source ?? taker.body?.source;
  if (!site) return undefined;
  if (/^(act|activation|nonlinearity)/.test(parameter.name) && /Module|Callable/.test(parameter.annotation?.text ?? ''))
    return run.call(run.library('torch.nn.ReLU'), positional(), site);
  const of = classOf(parameter, taker, run);
  if (!of || of === taker.callee) return undefined;
  const open = (constructorParameters(of) ?? []).filter(
    ({ kind, fallback }) => kind !== 'list' && kind !== 'dict' && !fallback,
  );
  const inner = assumedArguments(open, of, how, site, run, depth + 1);
  if (open.some(({ name }) => !inner.values.has(name))) return 'unmade';
  try {
    const made = run.call(of, { positional: [], keywords: inner.values }, site);
    return made.type === 'module' ? made : 'unmade';
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded || error instanceof InputError) return 'unmade';
    throw error;
  }
}
