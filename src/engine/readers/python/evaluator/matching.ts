import { field, type SyntaxNode } from '../syntax';
import { asNumber, bind, dict, equal, every, positional, type Scope, truth, type Value } from '../values';
import { classAttribute } from './classes';
import type { Evaluation } from './evaluation';

/** Whether a pattern fits; undefined where that is not known before running. Names that it captures go to `captured`. */
type Fits = boolean | undefined;

type Captured = Map<string, Value>;

/** What of a pattern's node says the pattern: `case_pattern` wraps one. */
const inner = (node: SyntaxNode): SyntaxNode =>
  node.type === 'case_pattern' && node.children[0] ? node.children[0] : node;

/** A number's sign is a token before it, in the case or among alternatives. */
const isNegative = (parent: SyntaxNode, node: SyntaxNode): boolean =>
  parent.tokens[parent.tokens.indexOf(node) - 1]?.type === '-';

/** Whether a case takes whatever comes: `case _:` or `case name:`, without a guard. */
export function isCatchAll(clause: SyntaxNode): boolean {
  if (field(clause, 'guard')) return false;
  const [pattern, ...more] = clause.children.filter(({ type }) => type === 'case_pattern');
  if (!pattern || more.length > 0) return false;
  return pattern.text === '_' || (inner(pattern).type === 'dotted_name' && inner(pattern).children.length === 1);
}

/** Whether a case of a `match` statement fits the subject. Its names are bound where it does. */
export function caseFits(clause: SyntaxNode, subject: Value, scope: Scope, run: Evaluation): Fits {
  const patterns = clause.children.filter(({ type }) => type === 'case_pattern');
  const captured: Captured = new Map();
  const fits =
    patterns.length === 1
      ? patternFits(patterns[0]!, subject, captured, scope, run)
      : sequenceFits(patterns, subject, captured, scope, run);
  if (fits !== true) return fits;
  for (const [name, value] of captured) bind(scope, name, value);
  const guard = field(clause, 'guard')?.children[0];
  return guard ? truth(run.evaluate(guard, scope)) : true;
}

function patternFits(
  given: SyntaxNode,
  subject: Value,
  captured: Captured,
  scope: Scope,
  run: Evaluation,
  parent = given,
): Fits {
  const node = inner(given);
  if (node.text === '_') return true;
  switch (node.type) {
    case 'dotted_name': {
      const [name, ...rest] = node.children;
      if (rest.length === 0) {
        captured.set(name!.text, subject);
        return true;
      }
      const value = rest.reduce((at, { text }) => run.attribute(at, text, run.span(node)), run.evaluate(name!, scope));
      return same(subject, value);
    }
    case 'as_pattern': {
      const fits = patternFits(node.children[0]!, subject, captured, scope, run);
      const name = node.children.at(-1)!;
      if (fits) captured.set(name.text, subject);
      return fits;
    }
    case 'union_pattern': {
      const all = node.children.map((each) => patternFits(each, subject, captured, scope, run, node));
      return all.includes(true) ? true : all.includes(undefined) ? undefined : false;
    }
    case 'list_pattern':
    case 'tuple_pattern':
      return sequenceFits(node.children, subject, captured, scope, run);
    case 'dict_pattern':
      return mappingFits(node, subject, captured, scope, run);
    case 'class_pattern':
      return classFits(node, subject, captured, scope, run);
    default: {
      const value = run.evaluate(node, scope);
      const negative = isNegative(parent, node) && asNumber(value) !== undefined;
      return same(subject, negative ? run.binary('*', value, { type: 'int', value: -1 }, run.span(node)) : value);
    }
  }
}

const same = (subject: Value, value: Value): Fits =>
  subject.type === 'unknown' || value.type === 'unknown' || subject.type === 'tensor'
    ? undefined
    : equal(subject, value);

function sequenceFits(
  patterns: readonly SyntaxNode[],
  subject: Value,
  captured: Captured,
  scope: Scope,
  run: Evaluation,
): Fits {
  if (subject.type === 'unknown') return undefined;
  if (subject.type !== 'list' && subject.type !== 'tuple') return false;
  const { items } = subject;
  const star = patterns.findIndex((each) => inner(each).type === 'splat_pattern');
  if (star < 0 ? items.length !== patterns.length : items.length < patterns.length - 1) return false;
  const after = star < 0 ? 0 : patterns.length - star - 1;
  const fits = patterns.map((pattern, i): Fits => {
    if (i !== star) {
      const at = star >= 0 && i > star ? items.length - (patterns.length - i) : i;
      return patternFits(pattern, items[at]!, captured, scope, run);
    }
    const name = inner(pattern).children[0]?.text;
    if (name) captured.set(name, { type: 'list', items: items.slice(star, items.length - after) });
    return true;
  });
  return every(fits);
}

function mappingFits(node: SyntaxNode, subject: Value, captured: Captured, scope: Scope, run: Evaluation): Fits {
  if (subject.type === 'unknown') return undefined;
  if (subject.type !== 'dict') return false;
  const keys = node.fields.key ?? [];
  const fits = keys.map((key, i): Fits => {
    const wanted = run.evaluate(inner(key), scope);
    const entry = [...subject.entries.values()].find((each) => equal(each.key, wanted));
    return entry ? patternFits(node.fields.value![i]!, entry.value, captured, scope, run) : false;
  });
  const rest = node.children.map(inner).find(({ type }) => type === 'splat_pattern')?.children[0]?.text;
  if (rest) {
    const wanted = keys.map((key) => run.evaluate(inner(key), scope));
    const others = [...subject.entries.values()].filter(({ key }) => !wanted.some((each) => equal(each, key)));
    captured.set(rest, dict(others.map(({ key, value }) => [key, value] as const)));
  }
  return every(fits);
}

function classFits(node: SyntaxNode, subject: Value, captured: Captured, scope: Scope, run: Evaluation): Fits {
  const [name, ...patterns] = node.children;
  const [first, ...rest] = name!.children;
  const site = run.span(node);
  const of = rest.reduce((at, { text }) => run.attribute(at, text, site), run.evaluate(first!, scope));
  const isInstance = run.pythonName('isinstance');
  const is = isInstance && truth(run.call(isInstance, positional(subject, of), site));
  if (!is) return is;
  const named = subject.type === 'instance' ? classAttribute(subject.class, '__match_args__') : undefined;
  const fields =
    named?.type === 'tuple'
      ? named.items.map((each) => (each.type === 'string' ? each.value : ''))
      : subject.type === 'instance'
        ? (subject.class.fields ?? []).map((each) => each.name)
        : [];
  const fits = patterns.map((pattern, i): Fits => {
    const node = inner(pattern);
    const [key, value] = node.type === 'keyword_pattern' ? node.children : [];
    const attribute = key?.text ?? fields[i];
    // `int(n)`: the value itself.
    if (attribute === undefined) return patternFits(pattern, subject, captured, scope, run);
    const found = run.findAttribute(subject, attribute, site);
    return found ? patternFits(value ?? pattern, found, captured, scope, run) : false;
  });
  return every(fits);
}
