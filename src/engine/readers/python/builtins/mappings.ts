import type { Span } from '../../../network';
import type { Evaluation } from '../evaluator';
import { argument, bool, list, NONE, positional, tuple, type Value } from '../values';
import type { BuiltinTable } from './row';

const keysOf = (self: Value, site: Span, run: Evaluation): readonly Value[] | undefined => run.iterate(self, site);

const itemOf = (self: Value, key: Value, site: Span, run: Evaluation): Value => run.subscript(self, key, site);

/** What `collections.abc.Mapping` gives a class that says how it is iterated and indexed. */
export const mappingMethods: BuiltinTable = {
  keys(args, site, run) {
    const keys = keysOf(argument(args, 0), site, run);
    return keys ? list([...keys]) : run.unmodelled('keys', 'what the mapping holds is not known', site);
  },
  values(args, site, run) {
    const self = argument(args, 0);
    const keys = keysOf(self, site, run);
    if (!keys) return run.unmodelled('values', 'what the mapping holds is not known', site);
    return list(keys.map((key) => itemOf(self, key, site, run)));
  },
  items(args, site, run) {
    const self = argument(args, 0);
    const keys = keysOf(self, site, run);
    if (!keys) return run.unmodelled('items', 'what the mapping holds is not known', site);
    return list(keys.map((key) => tuple([key, itemOf(self, key, site, run)])));
  },
  get(args, site, run) {
    const [self = NONE, key = NONE, otherwise = NONE] = args.positional;
    const there = run.contains(tuple(keysOf(self, site, run) ?? []), key, site);
    return there ? itemOf(self, key, site, run) : otherwise;
  },
  __contains__(args, site, run) {
    const [self = NONE, key = NONE] = args.positional;
    return bool(run.contains(tuple(keysOf(self, site, run) ?? []), key, site) === true);
  },
  update(args, site, run) {
    const [self = NONE, from] = args.positional;
    const setter = run.findAttribute(self, '__setitem__', site);
    if (from?.type === 'dict' && setter)
      for (const { key, value } of from.entries.values()) run.call(setter, positional(key, value), site);
    return NONE;
  },
};
