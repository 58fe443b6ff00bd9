import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import {
  type Arguments,
  argument,
  bound,
  builtin,
  type ClassValue,
  dict,
  int,
  iterator,
  list,
  NONE,
  positional,
  string,
  tuple,
  type Value,
} from '../values';
import type { BuiltinRow, BuiltinTable } from './row';

/** Longer texts are matched by nobody while a model is made. */
const LONGEST_TEXT = 2_000;

/**
 * A pattern of Python's as a RegExp; undefined for one that is not the same in both, or that could take for ever: one with
 * a repeated group that holds a repetition or a choice.
 */
export function translated(pattern: string, flags = ''): RegExp | undefined {
  // A long choice of plain words is no danger.
  if (
    (pattern.length > 500 && /[*+{?]/.test(pattern)) ||
    pattern.length > 50_000 ||
    /\([^()]*[*+|{][^()]*\)[*+{]/.test(pattern) ||
    /\)\)[*+{]/.test(pattern)
  )
    return undefined;
  if (/\(\?[#(aiLmsux-]/.test(pattern)) return undefined;
  const own = pattern
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\Z/g, '$')
    .replace(/\\A/g, '^');
  try {
    return new RegExp(own, flags);
  } catch {
    return undefined;
  }
}

const PATTERN: ClassValue = {
  type: 'class',
  name: 'Pattern',
  path: 're.Pattern',
  resolution: [],
  attributes: new Map(),
};
const MATCH: ClassValue = { type: 'class', name: 'Match', path: 're.Match', resolution: [], attributes: new Map() };
for (const each of [PATTERN, MATCH]) (each.resolution as ClassValue[]).push(each);

const patternText = (value: Value | undefined): string | undefined => {
  if (value?.type === 'instance') return patternText(value.attributes.get('pattern'));
  return value?.type === 'string' ? value.value : undefined;
};

/** What `re.match` gives. */
function matchValue(found: RegExpExecArray | null): Value {
  if (!found) return NONE;
  const group = (key: Value | undefined): Value => {
    const index = key?.type === 'int' ? key.value : 0;
    const value = key?.type === 'string' ? found.groups?.[key.value] : found[index];
    return value === undefined ? NONE : string(value);
  };
  const methods: Readonly<Record<string, (args: Arguments) => Value>> = {
    group: ({ positional }) => (positional.length > 1 ? tuple(positional.map(group)) : group(positional[0])),
    groups: () => tuple(found.slice(1).map((value) => (value === undefined ? NONE : string(value)))),
    groupdict: () =>
      dict(
        Object.entries(found.groups ?? {}).map(([name, value]) => [
          string(name),
          value === undefined ? NONE : string(value),
        ]),
      ),
    start: () => int(found.index),
    end: () => int(found.index + found[0].length),
    span: () => tuple([int(found.index), int(found.index + found[0].length)]),
  };
  const attributes = new Map<string, Value>();
  for (const [name, method] of Object.entries(methods))
    attributes.set(
      name,
      builtin(name, (args) => method(args)),
    );
  attributes.set(
    '__getitem__',
    builtin('__getitem__', (args) => group(args.positional[0])),
  );
  return { type: 'instance', class: MATCH, attributes };
}

/** A function of a pattern and a text, both known. */
const matching =
  (wrap: (pattern: string) => string, flags: string, use: (expression: RegExp, text: string) => Value): BuiltinRow =>
  (args, site, run) => {
    const [pattern, text] = [patternText(args.positional[0]), args.positional[1]];
    if (text?.type === 'unknown') return text;
    const expression = pattern === undefined ? undefined : translated(wrap(pattern), flags);
    if (!expression || text?.type !== 'string' || text.value.length > LONGEST_TEXT) return refused(site, run);
    return use(expression, text.value);
  };

const refused = (site: Span, run: Evaluation): Value =>
  run.unmodelled('re', 'this regular expression is not modelled', site);

const search = (expression: RegExp, text: string): Value => matchValue(expression.exec(text));

/** Python's re module, for patterns that cannot take for ever. */
export const regularExpressions: BuiltinTable = {
  're.match': matching((pattern) => `^(?:${pattern})`, '', search),
  're.fullmatch': matching((pattern) => `^(?:${pattern})$`, '', search),
  're.search': matching((pattern) => pattern, '', search),
  're.findall': matching(
    (pattern) => pattern,
    'g',
    (expression, text) =>
      list(
        [...text.matchAll(expression)].map((found) =>
          found.length > 2 ? tuple(found.slice(1).map((each) => string(each ?? ''))) : string(found[1] ?? found[0]),
        ),
      ),
  ),
  're.finditer': matching(
    (pattern) => pattern,
    'g',
    (expression, text) => iterator([...text.matchAll(expression)].map(matchValue)),
  ),
  're.split': matching(
    (pattern) => pattern,
    '',
    (expression, text) => list(text.split(expression).map((part) => (part === undefined ? NONE : string(part)))),
  ),
  're.sub': (args, site, run) => {
    const { pattern, repl, string: text, count } = bound(args, 'pattern', 'repl', 'string', 'count');
    const source = patternText(pattern);
    const expression = source === undefined ? undefined : translated(source, count ? '' : 'g');
    if (expression && text?.type === 'string' && repl?.type === 'function' && text.value.length <= LONGEST_TEXT) {
      let at = 0;
      let made = '';
      for (const found of [...text.value.matchAll(expression.global ? expression : new RegExp(expression, 'g'))].slice(
        0,
        count ? 1 : undefined,
      )) {
        made += text.value.slice(at, found.index) + run.text(run.call(repl, positional(matchValue(found)), site), site);
        at = found.index + found[0].length;
      }
      return string(made + text.value.slice(at));
    }
    if (!expression || text?.type !== 'string' || repl?.type !== 'string' || text.value.length > LONGEST_TEXT)
      return text?.type === 'unknown' ? text : refused(site, run);
    const by = repl.value
      .replace(/\$/g, '$$$$')
      .replace(/\\g<(\w+)>|\\(\d)/g, (_, name, digit) => `$${digit ?? (/^\d/.test(name) ? name : `<${name}>`)}`);
    return string(text.value.replace(expression, by));
  },
  're.compile': (args, _, run) => {
    const attributes = new Map<string, Value>([['pattern', argument(args, 0)]]);
    const self: Value = { type: 'instance', class: PATTERN, attributes };
    for (const name of ['match', 'fullmatch', 'search', 'findall', 'finditer', 'split', 'sub']) {
      const row = regularExpressions[`re.${name}`]!;
      attributes.set(
        name,
        builtin(name, (more, at) => row({ ...more, positional: [self, ...more.positional] }, at, run)),
      );
    }
    return self;
  },
  're.escape': (args) => {
    const text = argument(args, 0);
    return text.type === 'string' ? string(text.value.replace(/[^\w]/g, '\\$&')) : text;
  },
};
