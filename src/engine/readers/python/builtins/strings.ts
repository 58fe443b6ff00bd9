import { checkText } from '../evaluator/budget';
import { formatValue } from '../evaluator/format';
import {
  type Arguments,
  argument,
  asNumber,
  bool,
  bound,
  dict,
  int,
  list,
  repr,
  string,
  tuple,
  type Value,
} from '../values';
import type { BuiltinTable } from './row';

const text = (value: Value | undefined): string => (value?.type === 'string' ? value.value : '');

/** Methods of strings; the string itself is the first argument. */
export const stringMethods: BuiltinTable = {
  lower: (args) => string(text(args.positional[0]).toLowerCase()),
  upper: (args) => string(text(args.positional[0]).toUpperCase()),
  title: (args) => string(text(args.positional[0]).replace(/[a-zA-Z]+/g, capitalized)),
  casefold: (args) => string(text(args.positional[0]).toLowerCase()),
  swapcase: (args) =>
    string(
      text(args.positional[0]).replace(/[a-zA-Z]/g, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())),
    ),
  strip: (args) => string(stripped(args, true, true)),
  lstrip: (args) => string(stripped(args, true, false)),
  rstrip: (args) => string(stripped(args, false, true)),
  removeprefix(args) {
    const [whole, prefix] = args.positional.map(text);
    return string(prefix && whole!.startsWith(prefix) ? whole!.slice(prefix.length) : whole!);
  },
  removesuffix(args) {
    const [whole, suffix] = args.positional.map(text);
    return string(suffix && whole!.endsWith(suffix) ? whole!.slice(0, -suffix.length) : whole!);
  },
  partition(args) {
    const [whole, separator] = args.positional.map(text);
    const at = whole!.indexOf(separator!);
    if (at < 0) return tuple([whole!, '', ''].map(string));
    return tuple([whole!.slice(0, at), separator!, whole!.slice(at + separator!.length)].map(string));
  },
  rpartition(args) {
    const [whole, separator] = args.positional.map(text);
    const at = whole!.lastIndexOf(separator!);
    if (at < 0) return tuple(['', '', whole!].map(string));
    return tuple([whole!.slice(0, at), separator!, whole!.slice(at + separator!.length)].map(string));
  },
  capitalize: (args) =>
    string(
      text(args.positional[0])
        .toLowerCase()
        .replace(/^./, (first) => first.toUpperCase()),
    ),
  startswith: (args) =>
    bool(alternatives(args.positional[1]).some((prefix) => text(args.positional[0]).startsWith(prefix))),
  endswith: (args) =>
    bool(alternatives(args.positional[1]).some((suffix) => text(args.positional[0]).endsWith(suffix))),
  replace(args) {
    const [whole, from, to] = args.positional.map(text);
    const most = args.positional[3] && asNumber(args.positional[3]);
    const parts = whole!.split(from!);
    checkText(whole!.length + parts.length * to!.length);
    // A function, because `$&` in a text would mean what was found.
    if (most === undefined || most < 0) return string(whole!.replaceAll(from!, () => to!));
    return string(
      parts.slice(0, most + 1).join(to) +
        parts
          .slice(most + 1)
          .map((part) => from + part)
          .join(''),
    );
  },
  expandtabs(args) {
    const size = (args.positional[1] && asNumber(args.positional[1])) ?? 8;
    let shown = '';
    for (const c of text(args.positional[0])) {
      const missing = size > 0 ? size - (shown.length % size) : 0;
      checkText(shown.length + missing);
      shown += c === '\t' ? ' '.repeat(missing) : c;
    }
    return string(shown);
  },
  center(args) {
    const whole = text(args.positional[0]);
    const missing = Math.max(0, Math.min(1000, asNumber(argument(args, 1)) ?? 0) - whole.length);
    const left = Math.floor(missing / 2) + (missing % 2 && whole.length % 2 === 0 ? 0 : missing % 2);
    const fill = args.positional[2] ? text(args.positional[2]) : ' ';
    return string(fill.repeat(left) + whole + fill.repeat(missing - left));
  },
  /** A table is a dictionary of texts here. */
  maketrans(args) {
    const [from, to = ''] = args.positional.map(text);
    const first = args.positional[0];
    if (first?.type === 'dict') return first;
    return dict([...from!].map((c, i) => [string(c), string(to[i] ?? '')] as const));
  },
  translate(args) {
    const table = argument(args, 1);
    const shown = (c: string) => (table.type === 'dict' ? (table.entries.get(`s${c}`)?.value ?? string(c)) : string(c));
    const parts = [...text(args.positional[0])].map((c) => text(shown(c)));
    checkText(parts.reduce((sum, { length }) => sum + length, 0));
    return string(parts.join(''));
  },
  split(args) {
    const { separator, most } = splitting(args);
    const parts = separated(text(args.positional[0]), separator);
    if (most === undefined || parts.length <= most + 1) return list(parts.map(string));
    const joined = parts.slice(most).join(separator ?? ' ');
    return list([...parts.slice(0, most), joined].map(string));
  },
  rsplit(args) {
    const { separator, most } = splitting(args);
    const parts = separated(text(args.positional[0]), separator);
    if (most === undefined || parts.length <= most + 1) return list(parts.map(string));
    const joined = parts.slice(0, parts.length - most).join(separator ?? ' ');
    return list([joined, ...parts.slice(parts.length - most)].map(string));
  },
  splitlines: (args) =>
    list(
      text(args.positional[0])
        .replace(/\r?\n$/, '')
        .split(/\r?\n/)
        .map(string),
    ),
  join(args, site, run) {
    const of = argument(args, 1);
    const items = run.iterate(of, site);
    if (!items) return of.type === 'unknown' ? of : run.unmodelled('join', 'what it joins is not known', site);
    const [parts, separator] = [items.map(text), text(args.positional[0])];
    checkText(parts.reduce((sum, { length }) => sum + length + separator.length, 0));
    return string(parts.join(separator));
  },
  format(args, site, run) {
    let next = 1;
    let failed = false;
    let length = 0;
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
        length += shown?.length ?? 0;
        checkText(length);
        return shown ?? '';
      },
    );
    return failed ? run.unmodelled('format', 'a value in it is not known', site) : string(filled);
  },
  isnumeric: (args) => bool(/^\d+$/.test(text(args.positional[0]))),
  isdecimal: (args) => bool(/^\d+$/.test(text(args.positional[0]))),
  isalpha: (args) => bool(/^\p{L}+$/u.test(text(args.positional[0]))),
  isalnum: (args) => bool(/^[\p{L}\p{N}]+$/u.test(text(args.positional[0]))),
  isidentifier: (args) => bool(/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text(args.positional[0]))),
  isupper: (args) => bool(/[A-Z]/.test(text(args.positional[0])) && !/[a-z]/.test(text(args.positional[0]))),
  islower: (args) => bool(/[a-z]/.test(text(args.positional[0])) && !/[A-Z]/.test(text(args.positional[0]))),
  isspace: (args) => bool(/^\s+$/.test(text(args.positional[0]))),
  rfind: (args) => int(text(args.positional[0]).lastIndexOf(text(args.positional[1]))),
  ljust: (args) =>
    string(text(args.positional[0]).padEnd(Math.min(1000, asNumber(argument(args, 1)) ?? 0), filling(args))),
  rjust: (args) =>
    string(text(args.positional[0]).padStart(Math.min(1000, asNumber(argument(args, 1)) ?? 0), filling(args))),
  encode: (args) => argument(args, 0),
  isdigit: (args) => bool(/^\d+$/.test(text(args.positional[0]))),
  count: (args) => int(text(args.positional[0]).split(text(args.positional[1])).length - 1),
  index: (args, site, run) => {
    const at = text(args.positional[0]).indexOf(text(args.positional[1]));
    return at < 0 ? run.raise('ValueError', 'substring not found', site) : int(at);
  },
  find: (args) => int(text(args.positional[0]).indexOf(text(args.positional[1]))),
  zfill: (args) => string(text(args.positional[0]).padStart(Math.min(1000, asNumber(argument(args, 1)) ?? 0), '0')),
};

const filling = (args: Arguments): string => (args.positional[2] ? text(args.positional[2]) : ' ');

const capitalized = (word: string): string => word[0]!.toUpperCase() + word.slice(1).toLowerCase();

/** A text without the characters of the argument, or white space, at its ends. */
function stripped(args: Arguments, left: boolean, right: boolean): string {
  const whole = text(args.positional[0]);
  const given = args.positional[1];
  const gone = (c: string): boolean => (given?.type === 'string' ? given.value.includes(c) : /\s/.test(c));
  let [from, to] = [0, whole.length];
  while (left && from < to && gone(whole[from]!)) from++;
  while (right && to > from && gone(whole[to - 1]!)) to--;
  return whole.slice(from, to);
}

function splitting(args: Arguments): { separator: string | undefined; most: number | undefined } {
  const { sep, maxsplit } = bound({ ...args, positional: args.positional.slice(1) }, 'sep', 'maxsplit');
  const most = maxsplit && asNumber(maxsplit);
  return {
    separator: sep?.type === 'string' && sep.value !== '' ? sep.value : undefined,
    most: most === undefined || most < 0 ? undefined : most,
  };
}

const separated = (whole: string, separator: string | undefined): string[] =>
  separator === undefined ? whole.trim().split(/\s+/).filter(Boolean) : whole.split(separator);

const alternatives = (value: Value | undefined): string[] =>
  value?.type === 'tuple' ? value.items.map(text) : [text(value)];
