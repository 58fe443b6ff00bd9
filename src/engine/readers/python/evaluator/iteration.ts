import type { Span } from '../../../network';
import { dimension, int, NO_ARGUMENTS, positional, rangeLength, string, type Value } from '../values';
import { BudgetExceeded, checkSize } from './budget';
import type { Evaluation } from './evaluation';
import { byMeta } from './metaclasses';
import { special } from './ownOperators';
import { PythonError } from './pythonError';

/** The elements that iterating a value gives; undefined where they are not known. */
export function iterate(value: Value, site: Span, run: Evaluation): readonly Value[] | undefined {
  switch (value.type) {
    case 'list':
    case 'tuple':
      return [...value.items];
    case 'iterator': {
      if (value.endless) throw new BudgetExceeded('a generator without an end');
      const rest = value.items.slice(value.at);
      value.at = value.items.length;
      return rest;
    }
    case 'set':
      return [...value.entries.values()];
    case 'dict':
      return [...value.entries.values()].map(({ key }) => key);
    case 'string':
      return [...value.value].map(string);
    case 'range': {
      const length = rangeLength(value);
      checkSize(length);
      return Array.from({ length }, (_, i) => int(value.start + i * value.step));
    }
    case 'tensor': {
      const first = value.shape?.[0];
      if (typeof first !== 'number' || first > 1024) return undefined;
      return Array.from({ length: first }, (_, i) => run.tensorItem(value, dimension(i), site));
    }
    case 'class': {
      // An enumeration's members, in order.
      const own = byMeta(value, '__iter__', [], site, run);
      if (own) return iterate(own, site, run);
      const members = new Set(
        [...value.attributes.values()].filter((each) => each.type === 'instance' && each.class === value),
      );
      return members.size > 0 ? [...members] : undefined;
    }
    case 'instance':
    case 'module': {
      const method = run.findAttribute(value, '__iter__', site);
      if (value.type === 'instance' && value.held && !method) return iterate(value.held, site, run);
      if (method && method.type !== 'unknown') {
        const given = run.call(method, NO_ARGUMENTS, site);
        const next = given.type === 'instance' ? special(given, '__next__') : undefined;
        if (next) return until('StopIteration', () => run.call(next, NO_ARGUMENTS, site), run);
        return given === value ? undefined : iterate(given, site, run);
      }
      const getter = special(value, '__getitem__');
      if (getter?.type === 'method' && getter.callee.type === 'function')
        return until('IndexError', (i) => run.call(getter, positional(int(i)), site), run);
      return undefined;
    }
    default:
      return undefined;
  }
}

/** What a call gives again and again until it raises the exception that ends it; undefined where it soon does not. */
function until(kind: string, call: (round: number) => Value, run: Evaluation): readonly Value[] | undefined {
  const items: Value[] = [];
  run.tryDepth++;
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) items.push(call(round));
    return undefined;
  } catch (error) {
    if (error instanceof PythonError && error.kind === kind) return items;
    throw error;
  } finally {
    run.tryDepth--;
  }
}

/** More than this no object of a model's holds. */
const MOST_ROUNDS = 4000;
