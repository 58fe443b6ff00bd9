import { argument, asNumber, int, type RangeValue, type Value } from '../values';
import type { BuiltinTable } from './row';

/** Where a number stands in a range; undefined where it is none of its numbers. */
function placeIn({ start, stop, step }: RangeValue, value: Value): number | undefined {
  const number = asNumber(value);
  if (number === undefined) return undefined;
  const place = (number - start) / step;
  const inside = step > 0 ? number >= start && number < stop : number <= start && number > stop;
  return inside && Number.isInteger(place) ? place : undefined;
}

/** Methods of ranges. */
export const rangeMethods: BuiltinTable = {
  index(args, site, run) {
    const place = placeIn(argument(args, 0) as RangeValue, argument(args, 1));
    return place === undefined ? run.raise('ValueError', 'what is looked for is not in range', site) : int(place);
  },
  count: (args) => int(placeIn(argument(args, 0) as RangeValue, argument(args, 1)) === undefined ? 0 : 1),
};
