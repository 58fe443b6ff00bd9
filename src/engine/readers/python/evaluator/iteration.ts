import type { Span } from '../../../network';
import { dimension, int, NO_ARGUMENTS, rangeLength, string, type Value } from '../values';
import { checkSize } from './budget';
import type { Evaluation } from './evaluation';

/** The elements that iterating a value gives; undefined where they are not known. */
export function iterate(value: Value, site: Span, run: Evaluation): readonly Value[] | undefined {
  switch (value.type) {
    case 'list':
    case 'tuple':
      return [...value.items];
    case 'iterator': {
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
      const members = [...value.attributes.values()].filter((each) => each.type === 'instance' && each.class === value);
      return members.length > 0 ? members : undefined;
    }
    case 'instance':
    case 'module': {
      const method = run.findAttribute(value, '__iter__', site);
      if (value.type === 'instance' && value.held && !method) return iterate(value.held, site, run);
      if (method && method.type !== 'unknown') {
        const given = run.call(method, NO_ARGUMENTS, site);
        return given === value ? undefined : iterate(given, site, run);
      }
      return undefined;
    }
    default:
      return undefined;
  }
}
