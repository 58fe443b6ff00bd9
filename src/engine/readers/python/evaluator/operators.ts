import { divideDims, multiplyDims } from '../../../network';
import {
  asNumber,
  bool,
  compare,
  dict,
  dimension,
  equal,
  float,
  hashKey,
  int,
  list,
  type SetValue,
  sameObject,
  string,
  truth,
  tuple,
  type Value,
} from '../values';
import { checkSize, checkText } from './budget';
import { percentFormat } from './format';

/** The methods that classes define operators by. */
export const OPERATOR_METHODS: Readonly<Record<string, string>> = {
  '+': '__add__',
  '-': '__sub__',
  '*': '__mul__',
  '/': '__truediv__',
  '@': '__matmul__',
  '//': '__floordiv__',
  '%': '__mod__',
  '**': '__pow__',
  '&': '__and__',
  '|': '__or__',
  '^': '__xor__',
  '<<': '__lshift__',
  '>>': '__rshift__',
};

/** Python's arithmetic on two numbers; undefined where it raises or leaves what a number can hold. */
const NUMBERS: Readonly<Record<string, (a: number, b: number) => number | undefined>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
  '//': (a, b) => (b === 0 ? undefined : Math.floor(a / b)),
  '%': (a, b) => (b === 0 ? undefined : a - b * Math.floor(a / b)),
  '**': (a, b) => a ** b,
};

/** Whole numbers alone: 32 bits are enough for masks and flags. */
const BITS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
};

function repeat<T>(items: readonly T[], count: number): T[] {
  const times = Math.max(0, count);
  checkSize(items.length * times);
  return Array.from({ length: times }, () => items).flat();
}

/**
 * `left operator right` for Python's own values; undefined where they have no such operation that the reader knows,
 * and the text of a ZeroDivisionError as an error by whoever calls.
 */
export function arithmetic(operator: string, left: Value, right: Value): Value | undefined {
  const a = asNumber(left);
  const b = asNumber(right);
  if (a !== undefined && b !== undefined) {
    const whole = left.type !== 'float' && right.type !== 'float';
    if (whole && operator in BITS) return int(BITS[operator]!(a, b));
    const result = NUMBERS[operator]?.(a, b);
    if (result === undefined) return undefined;
    return whole && operator !== '/' && !(operator === '**' && b < 0) ? int(result) : float(result);
  }
  if (left.type === 'dim' || right.type === 'dim') return dimArithmetic(operator, left, right);
  if (operator === '+') return concatenate(left, right);
  if (operator === '*') {
    const [sequence, count] = a === undefined ? [left, b] : [right, a];
    if (count === undefined) return undefined;
    if (sequence.type === 'list') return list(repeat(sequence.items, count));
    if (sequence.type === 'tuple') return tuple(repeat(sequence.items, count));
    if (sequence.type === 'string') {
      checkSize(sequence.value.length * count);
      return string(sequence.value.repeat(Math.max(0, count)));
    }
  }
  if (operator === '%' && left.type === 'string') {
    const text = percentFormat(left.value, right.type === 'tuple' ? right.items : [right]);
    return text === undefined ? undefined : string(text);
  }
  if (operator === '|' && left.type === 'dict' && right.type === 'dict') {
    return dict([...left.entries.values(), ...right.entries.values()].map(({ key, value }) => [key, value] as const));
  }
  const members = [left, right].map(asSet);
  if ((left.type === 'list' || right.type === 'list') && members[0] && members[1] && /^[|&^-]$/.test(operator))
    return arithmetic(operator, members[0], members[1]);
  if (left.type === 'set' && right.type === 'set') {
    const entries = [...left.entries];
    if (operator === '|') return { type: 'set', entries: new Map([...entries, ...right.entries]) };
    if (operator === '&') return { type: 'set', entries: new Map(entries.filter(([key]) => right.entries.has(key))) };
    if (operator === '-') return { type: 'set', entries: new Map(entries.filter(([key]) => !right.entries.has(key))) };
    if (operator === '^') {
      const others = [...right.entries].filter(([key]) => !left.entries.has(key));
      return { type: 'set', entries: new Map([...entries.filter(([key]) => !right.entries.has(key)), ...others]) };
    }
  }
  // `int | None`: what `isinstance` takes.
  const kinds = [left, right].map(alternatives);
  if (operator === '|' && kinds[0] && kinds[1]) return tuple([...kinds[0], ...kinds[1]]);
  return undefined;
}

/** Keys of dictionaries are lists here: with another set or dictionary they are a set. */
function asSet(value: Value): Value | undefined {
  if (value.type === 'set') return value;
  const items =
    value.type === 'list'
      ? value.items
      : value.type === 'dict'
        ? [...value.entries.values()].map(({ key }) => key)
        : undefined;
  return items && { type: 'set', entries: new Map(items.map((item) => [hashKey(item) ?? '', item])) };
}

/** The classes of a union of them. */
function alternatives(value: Value): readonly Value[] | undefined {
  if (value.type === 'class' || value.type === 'none') return [value];
  return value.type === 'tuple' && value.items.every(({ type }) => type === 'class' || type === 'none')
    ? value.items
    : undefined;
}

function concatenate(left: Value, right: Value): Value | undefined {
  if (left.type === 'string' && right.type === 'string') {
    checkText(left.value.length + right.value.length);
    return string(left.value + right.value);
  }
  if (left.type === 'list' && right.type === 'list') {
    checkSize(left.items.length + right.items.length);
    return list([...left.items, ...right.items]);
  }
  if (left.type === 'tuple' && right.type === 'tuple') {
    checkSize(left.items.length + right.items.length);
    return tuple([...left.items, ...right.items]);
  }
  return undefined;
}

/** Multiples of the batch stay exact; what is no multiple is not known. */
function dimArithmetic(operator: string, left: Value, right: Value): Value | undefined {
  const size = (value: Value) => {
    if (value.type === 'dim') return { batch: value.batch };
    // `H * W / size / size` is a whole number, too.
    return value.type === 'int' || (value.type === 'float' && Number.isInteger(value.value)) ? value.value : undefined;
  };
  const [a, b] = [size(left), size(right)];
  if (a === undefined || b === undefined) return undefined;
  if (operator === '*') {
    const product = multiplyDims([a, b]);
    return product === undefined ? undefined : dimension(product);
  }
  if (operator === '//' || operator === '/') {
    const quotient = divideDims(a, b);
    if (quotient === undefined) return undefined;
    return typeof quotient === 'number' && operator === '/' ? float(quotient) : dimension(quotient);
  }
  if ((operator === '+' || operator === '-') && typeof a !== 'number' && typeof b !== 'number') {
    const batch = operator === '+' ? a.batch + b.batch : a.batch - b.batch;
    return batch === 0 ? int(0) : { type: 'dim', batch };
  }
  if ((operator === '+' || operator === '-') && b === 0) return left;
  return undefined;
}

/** `left operator right` for comparisons; undefined where the reader cannot tell. */
export function comparison(operator: string, left: Value, right: Value): boolean | undefined {
  const not = (truth: boolean | undefined) => (truth === undefined ? undefined : !truth);
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
    case '<>':
      return not(equal(left, right));
    case 'is':
      return sameObject(left, right);
    case 'is not':
      return not(sameObject(left, right));
    case 'in':
      return contains(right, left);
    case 'not in':
      return not(contains(right, left));
    default: {
      if (left.type === 'set' && right.type === 'set') return subset(operator, left, right);
      const order = compare(left, right);
      if (order === undefined) return undefined;
      return operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
    }
  }
}

/** `<=` and the like of two sets: whether one holds the other. */
function subset(operator: string, left: SetValue, right: SetValue): boolean {
  if (operator.startsWith('>')) return subset(operator.replace('>', '<'), right, left);
  const inside = [...left.entries.keys()].every((key) => right.entries.has(key));
  return inside && (operator === '<=' || left.entries.size < right.entries.size);
}

/** `item in container`, for Python's own containers. */
export function contains(container: Value, item: Value): boolean | undefined {
  switch (container.type) {
    case 'string':
      return item.type === 'string' ? container.value.includes(item.value) : undefined;
    case 'list':
    case 'tuple': {
      const found = container.items.map((candidate) => equal(candidate, item));
      if (found.includes(true)) return true;
      return found.includes(undefined) ? undefined : false;
    }
    case 'set':
    case 'dict': {
      const key = hashKey(item);
      return key === undefined ? undefined : container.entries.has(key);
    }
    case 'range': {
      const number = asNumber(item);
      if (number === undefined) return undefined;
      const steps = (number - container.start) / container.step;
      const inside = container.step > 0 ? number < container.stop : number > container.stop;
      return Number.isInteger(steps) && steps >= 0 && inside;
    }
    case 'module':
      return item.type === 'string' ? container.children.has(item.value) : undefined;
    default:
      return undefined;
  }
}

/** `operator value` for Python's own values. */
export function unary(operator: string, value: Value): Value | undefined {
  if (operator === 'not') {
    const known = truth(value);
    return known === undefined ? undefined : bool(!known);
  }
  const number = asNumber(value);
  if (number === undefined) return undefined;
  const make = value.type === 'float' ? float : int;
  if (operator === '-') return make(-number);
  if (operator === '+') return make(number);
  return operator === '~' && value.type !== 'float' ? int(~number) : undefined;
}
