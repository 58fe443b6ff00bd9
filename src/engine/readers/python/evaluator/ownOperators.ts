import type { Span } from '../../../network';
import { bool, compare, every, FALSE, positional, repr, str, truth, type Value } from '../values';
import { classAttribute } from './classes';
import type { Evaluation } from './evaluation';
import { OPERATOR_METHODS } from './operators';

/** A special method that an object's class defines, bound to it. */
export function special(value: Value, name: string): Value | undefined {
  if (value.type !== 'instance' && value.type !== 'module') return undefined;
  const callee = classAttribute(value.class, name);
  return callee?.type === 'function' || callee?.type === 'builtin'
    ? { type: 'method', receiver: value, callee }
    : undefined;
}

const isNotImplemented = (value: Value): boolean =>
  value.type === 'library' && value.path === 'builtins.NotImplemented';

/** `left operator right` by the special method of either; undefined where neither has one that takes it. */
export function ownBinary(operator: string, left: Value, right: Value, site: Span, run: Evaluation): Value | undefined {
  const name = OPERATOR_METHODS[operator];
  if (!name) return undefined;
  const method = special(left, name);
  const result = method && run.call(method, positional(right), site);
  if (result && !isNotImplemented(result)) return result;
  const reflected = special(right, `__r${name.slice(2)}`);
  const other = reflected && run.call(reflected, positional(left), site);
  return other && !isNotImplemented(other) ? other : undefined;
}

const UNARY: Readonly<Record<string, string>> = { '-': '__neg__', '+': '__pos__', '~': '__invert__' };

/** `operator value` by its special method. */
export function ownUnary(operator: string, value: Value, site: Span, run: Evaluation): Value | undefined {
  const name = UNARY[operator];
  const method = name === undefined ? undefined : special(value, name);
  return method && run.call(method, positional(), site);
}

const ORDERS: Readonly<Record<string, readonly [own: string, reflected: string]>> = {
  '==': ['__eq__', '__eq__'],
  '!=': ['__ne__', '__ne__'],
  '<': ['__lt__', '__gt__'],
  '>': ['__gt__', '__lt__'],
  '<=': ['__le__', '__ge__'],
  '>=': ['__ge__', '__le__'],
};

/** `left operator right` for a comparison, by the special methods of the file's own classes. */
export function ownComparison(
  operator: string,
  left: Value,
  right: Value,
  site: Span,
  run: Evaluation,
): Value | undefined {
  const names = ORDERS[operator];
  if (!names || (left.type !== 'instance' && right.type !== 'instance')) return undefined;
  const own = (value: Value, name: string, other: Value): Value | undefined => {
    const method = value.type === 'instance' && !value.member ? special(value, name) : undefined;
    const result =
      method?.type === 'method' && method.callee.type === 'function'
        ? run.call(method, positional(other), site)
        : undefined;
    return result && !isNotImplemented(result) ? result : undefined;
  };
  const found = own(left, names[0], right) ?? own(right, names[1], left);
  if (found) return found;
  if (operator === '!=') return negated(own(left, '__eq__', right) ?? own(right, '__eq__', left), site, run);
  if (operator === '==' || operator === '!=') return undefined;
  // What `functools.total_ordering` makes of `__lt__`.
  const below = own(left, '__lt__', right);
  if (!below) return undefined;
  if (operator === '>=') return negated(below, site, run);
  const same = run.truth(own(left, '__eq__', right) ?? FALSE, site);
  const less = run.truth(below, site);
  if (same === undefined || less === undefined) return undefined;
  return bool(operator === '<=' ? less || same : !less && !same);
}

function negated(value: Value | undefined, site: Span, run: Evaluation): Value | undefined {
  const known = value && run.truth(value, site);
  return known === undefined ? undefined : bool(!known);
}

/** Python's truth of a value, by `__bool__` or `__len__` where its class has one. */
export function truthOf(value: Value, site: Span, run: Evaluation): boolean | undefined {
  for (const name of ['__bool__', '__len__']) {
    const method = special(value, name);
    if (method?.type === 'method' && method.callee.type === 'function')
      return truth(run.call(method, positional(), site));
  }
  return truth(value);
}

/** Python's order of two values, by `__lt__` where their class has one. */
export function orderOf(a: Value, b: Value, site: Span, run: Evaluation): number | undefined {
  const known = compare(a, b);
  if (known !== undefined || (a.type !== 'instance' && b.type !== 'instance')) return known;
  const below = ownComparison('<', a, b, site, run);
  const above = below && ownComparison('<', b, a, site, run);
  const [less, more] = [below && run.truth(below, site), above && run.truth(above, site)];
  return every([less, more]) === undefined ? undefined : less ? -1 : more ? 1 : 0;
}

/** `repr(value)`, an object's own `__repr__` asked, and inside of lists, tuples and dictionaries too. */
export function reprOf(value: Value, site: Span, run: Evaluation, depth = 0): string {
  if (depth > 6) return '…';
  const inner = (each: Value) => reprOf(each, site, run, depth + 1);
  switch (value.type) {
    case 'list':
      return `[${value.items.map(inner).join(', ')}]`;
    case 'tuple':
      if (value.names && value.class)
        return `${value.class.name}(${value.items.map((each, i) => `${value.names![i]}=${inner(each)}`).join(', ')})`;
      return value.items.length === 1 ? `(${inner(value.items[0]!)},)` : `(${value.items.map(inner).join(', ')})`;
    case 'dict':
      return `{${[...value.entries.values()].map((each) => `${inner(each.key)}: ${inner(each.value)}`).join(', ')}}`;
    case 'set':
      return value.entries.size > 0 ? `{${[...value.entries.values()].map(inner).join(', ')}}` : 'set()';
    case 'instance': {
      const method = special(value, '__repr__');
      const shown = method && run.call(method, positional(), site);
      if (shown?.type === 'string') return shown.value;
      const fields = value.member ? undefined : value.class.resolution.find((base) => base.fields)?.fields;
      if (!fields) return value.held ? inner(value.held) : repr(value);
      const parts = fields.flatMap(({ name }) => {
        const each = value.attributes.get(name);
        return each ? [`${name}=${inner(each)}`] : [];
      });
      return `${value.class.name}(${parts.join(', ')})`;
    }
    default:
      return repr(value);
  }
}

/** `str(value)`, an object's own `__str__` asked. */
export function textOf(value: Value, site: Span, run: Evaluation): string {
  if (value.type === 'instance') {
    const method = special(value, '__str__');
    const shown = method && run.call(method, positional(), site);
    if (shown?.type === 'string') return shown.value;
    if (!value.member && value.held?.type === 'string') return value.held.value;
  }
  return value.type === 'string' ? str(value) : reprOf(value, site, run);
}
