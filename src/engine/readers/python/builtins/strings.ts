import { formatValue } from '../evaluator/format';
import { argument, asNumber, bool, int, list, repr, string, type Value } from '../values';
import type { BuiltinTable } from './row';

const text = (value: Value | undefined): string => (value?.type === 'string' ? value.value : '');

/** Methods of strings; the string itself is the first argument. */
export const stringMethods: BuiltinTable = {
  lower: (args) => string(text(args.positional[0]).toLowerCase()),
  upper: (args) => string(text(args.positional[0]).toUpperCase()),
  strip: (args) => string(text(args.positional[0]).trim()),
  capitalize: (args) => string(text(args.positional[0]).replace(/^./, (first) => first.toUpperCase())),
  startswith: (args) =>
    bool(alternatives(args.positional[1]).some((prefix) => text(args.positional[0]).startsWith(prefix))),
  endswith: (args) =>
    bool(alternatives(args.positional[1]).some((suffix) => text(args.positional[0]).endsWith(suffix))),
  replace: (args) => string(text(args.positional[0]).replaceAll(text(args.positional[1]), text(args.positional[2]))),
  split(args) {
    const separator = args.positional[1];
    const parts =
      separator?.type === 'string'
        ? text(args.positional[0]).split(separator.value)
        : text(args.positional[0]).trim().split(/\s+/);
    return list(parts.map(string));
  },
  join(args, site, run) {
    const of = argument(args, 1);
    const items = run.iterate(of, site);
    if (!items) return of.type === 'unknown' ? of : run.unmodelled('join', 'what it joins is not known', site);
    return string(items.map(text).join(text(args.positional[0])));
  },
  format(args, site, run) {
    let next = 1;
    let failed = false;
    const filled = text(args.positional[0]).replace(
      /\{\{|\}\}|\{(\w*)(?:!([rs]))?(?::([^{}]*))?\}/g,
      (whole, name, conversion, specifier) => {
        if (whole === '{{' || whole === '}}') return whole[0]!;
        const value =
          name === ''
            ? args.positional[next++]
            : /^\d+$/.test(name)
              ? args.positional[Number(name) + 1]
              : args.keywords.get(name);
        const shown =
          value && value.type !== 'unknown'
            ? formatValue(conversion === 'r' ? string(repr(value)) : value, specifier ?? '')
            : undefined;
        if (shown === undefined) failed = true;
        return shown ?? '';
      },
    );
    return failed ? run.unmodelled('format', 'a value in it is not known', site) : string(filled);
  },
  isdigit: (args) => bool(/^\d+$/.test(text(args.positional[0]))),
  count: (args) => int(text(args.positional[0]).split(text(args.positional[1])).length - 1),
  index: (args, site, run) => {
    const at = text(args.positional[0]).indexOf(text(args.positional[1]));
    return at < 0 ? run.raise('ValueError', 'substring not found', site) : int(at);
  },
  find: (args) => int(text(args.positional[0]).indexOf(text(args.positional[1]))),
  zfill: (args) => string(text(args.positional[0]).padStart(Math.min(1000, asNumber(argument(args, 1)) ?? 0), '0')),
};

const alternatives = (value: Value | undefined): string[] =>
  value?.type === 'tuple' ? value.items.map(text) : [text(value)];
