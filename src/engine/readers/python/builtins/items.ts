import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { argument, typeName, type Value } from '../values';
import type { BuiltinRow } from './row';

/** The items of an argument, or an unknown value that says why not. */
export function itemsOf(value: Value, site: Span, run: Evaluation): readonly Value[] | Value {
  if (value.type === 'unknown') return value;
  const items = run.iterate(value, site);
  if (items) return items;
  if (/^(none|int|float|bool)$/.test(value.type))
    return run.raise('TypeError', `'${typeName(value)}' object is not iterable`, site);
  return run.unmodelled(typeName(value), `what iterating over a ${typeName(value)} gives is not known`, site);
}

export const isItems = (value: readonly Value[] | Value): value is readonly Value[] => Array.isArray(value);

/** A function of all the items of its first argument. */
export const overItems =
  (compute: (items: readonly Value[], site: Span, run: Evaluation) => Value): BuiltinRow =>
  (args, site, run) => {
    const items = itemsOf(argument(args, 0), site, run);
    return isItems(items) ? compute(items, site, run) : items;
  };
