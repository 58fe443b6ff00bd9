import { knownNumbers } from './numbers';
import type { InstanceValue, ListValue, Value } from './value';

/** The number that Python takes it for: True is 1, and a tensor of one known element is that. */
export const asNumber = (value: Value): number | undefined => {
  if (value.type === 'int' || value.type === 'float') return value.value;
  if (value.type === 'tensor')
    return value.shape?.every((dim) => dim === 1) ? knownNumbers(value)?.values[0] : undefined;
  return value.type === 'bool' ? Number(value.value) : undefined;
};

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

/** A number for an object, as Python's id(): another for each. */
function identity(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  identities.set(value, nextIdentity);
  return nextIdentity++;
}

/** A text that is equal for equal dictionary keys: 1, 1.0 and True are one key. Undefined for what Python cannot hash or we cannot compare. */
export function hashKey(value: Value): string | undefined {
  if (value.type === 'tensor') return undefined;
  const number = asNumber(value);
  if (number !== undefined) return `n${number}`;
  switch (value.type) {
    case 'none':
    case 'ellipsis':
      return value.type;
    case 'string':
      return `s${value.value}`;
    case 'library':
      return `l${value.path}`;
    case 'file':
      return `m${value.folder}`;
    case 'class':
      return value.path ? `c${value.path}` : `o${identity(value)}`;
    case 'function':
    case 'module':
    case 'builtin':
      return `o${identity(value)}`;
    case 'dim':
      return `d${value.batch}`;
    case 'instance':
      if (!value.member) return value.held ? hashKey(value.held) : `o${identity(value)}`;
      return value.member.plain ? hashKey(value.member.value) : `e${hashKey(value.class)}.${value.member.name}`;
    case 'tuple': {
      const keys = value.items.map(hashKey);
      return keys.includes(undefined) ? undefined : `t(${keys.map((key) => `${key!.length}:${key}`).join(',')})`;
    }
    default:
      return undefined;
  }
}

/** Whether two values are one object; undefined where that is not known. */
export function sameObject(a: Value, b: Value): boolean | undefined {
  if (a.type === 'unknown' || b.type === 'unknown') return undefined;
  if (a === b) return true;
  if (a.type !== b.type) return false;
  if (a.type === 'tensor' && b.type === 'tensor' && a.place.kind === 'stored' && b.place.kind === 'stored') {
    return a.place.tensor === b.place.tensor;
  }
  const key = hashKey(a);
  return key !== undefined && key === hashKey(b);
}

/** Python's ==; undefined where that is not known. */
export function equal(a: Value, b: Value): boolean | undefined {
  if (a.type === 'unknown' || b.type === 'unknown') return undefined;
  if (a === b) return true;
  const x = asNumber(a);
  const y = asNumber(b);
  if (x !== undefined && y !== undefined) return x === y;
  if (a.type === 'dim' || b.type === 'dim') {
    return a.type === 'dim' && b.type === 'dim' && a.batch === b.batch ? true : undefined;
  }
  if (a.type === 'tensor' || b.type === 'tensor') return undefined;
  if (a.type === 'instance' || b.type === 'instance') {
    const [x, y] = [plainOf(a), plainOf(b)];
    if (x !== a || y !== b) return equal(x, y);
    const same = a.type === 'instance' && b.type === 'instance' && a.class === b.class && !a.member;
    const [left, right] = same ? [fieldValues(a), fieldValues(b)] : [];
    return left && right ? equal(left, right) : a === b;
  }
  if ((a.type === 'list' && b.type === 'list') || (a.type === 'tuple' && b.type === 'tuple')) {
    if (a.items.length !== b.items.length) return false;
    return every(a.items.map((item, i) => equal(item, b.items[i]!)));
  }
  if (a.type === 'dict' && b.type === 'dict') {
    if (a.entries.size !== b.entries.size) return false;
    return every(
      [...a.entries].map(([key, { value }]) => {
        const other = b.entries.get(key);
        return other ? equal(value, other.value) : false;
      }),
    );
  }
  if (a.type === 'set' && b.type === 'set') {
    return a.entries.size === b.entries.size && [...a.entries.keys()].every((key) => b.entries.has(key));
  }
  return sameObject(a, b);
}

/** What stands for an object in comparisons: what it holds, or its value as a member of an enumeration of texts or numbers. */
const plainOf = (value: Value): Value =>
  value.type !== 'instance' ? value : value.member?.plain ? value.member.value : (value.held ?? value);

/** True when all are, false when one is false, undefined when it hangs on one that is not known. */
export function every(truths: readonly (boolean | undefined)[]): boolean | undefined {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

/** Python's order of two values, as a number below, at or above 0; undefined where they have none that is known. */
export function compare(first: Value, second: Value): number | undefined {
  const [a, b] = [plainOf(first), plainOf(second)];
  const x = asNumber(a);
  const y = asNumber(b);
  if (x !== undefined && y !== undefined) return x - y;
  if (a.type === 'string' && b.type === 'string') return a.value < b.value ? -1 : Number(a.value > b.value);
  if (a.type === 'dim' && b.type === 'dim') return a.batch - b.batch;
  if ((a.type === 'list' && b.type === 'list') || (a.type === 'tuple' && b.type === 'tuple')) {
    for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
      const same = equal(a.items[i]!, b.items[i]!);
      if (same === undefined) return undefined;
      if (!same) return compare(a.items[i]!, b.items[i]!);
    }
    return a.items.length - b.items.length;
  }
  if (a.type === 'instance' && b.type === 'instance' && a.class === b.class) {
    const [x, y] = [fieldValues(a), fieldValues(b)];
    return x && y && compare(x, y);
  }
  return undefined;
}

/** The values of a dataclass's object, which it is compared by. */
function fieldValues(value: InstanceValue): ListValue | undefined {
  const fields = value.class.resolution.find((base) => base.fields)?.fields;
  return fields && { type: 'list', items: fields.flatMap(({ name }) => value.attributes.get(name) ?? []) };
}

/** Python's truth of a value; undefined where that is not known. */
export function truth(value: Value): boolean | undefined {
  switch (value.type) {
    case 'none':
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'float':
      return value.value !== 0;
    case 'string':
      return value.value.length > 0;
    case 'list':
    case 'tuple':
      return value.items.length > 0;
    case 'set':
    case 'dict':
      return value.entries.size > 0;
    case 'range':
      return rangeLength(value) > 0;
    case 'tensor': {
      const number = asNumber(value);
      return number === undefined ? undefined : number !== 0;
    }
    case 'instance':
      if (value.member?.plain) return truth(value.member.value);
      return value.held ? truth(value.held) : true;
    case 'library':
    case 'record':
    case 'unknown':
      return undefined;
    case 'module':
      // Sequential and ModuleList have __len__; an empty one is false, all other modules are true.
      return value.class.resolution.some(
        (base) => base.path && /^torch\.nn\.(Sequential|Module(List|Dict))$/.test(base.path),
      )
        ? value.children.size > 0
        : true;
    default:
      return true;
  }
}

export const rangeLength = ({ start, stop, step }: { start: number; stop: number; step: number }): number =>
  Math.max(0, Math.ceil((stop - start) / step));
