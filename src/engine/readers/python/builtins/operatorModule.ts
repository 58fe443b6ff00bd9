import { comparison, unary } from '../evaluator/operators';
import { ownComparison } from '../evaluator/ownOperators';
import { argument, bool, builtin, NO_ARGUMENTS, positional, tuple, unknown, type Value } from '../values';
import type { BuiltinRow, BuiltinTable } from './row';

const BINARY: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  truediv: '/',
  floordiv: '//',
  mod: '%',
  pow: '**',
  matmul: '@',
  and_: '&',
  or_: '|',
  xor: '^',
  lshift: '<<',
  rshift: '>>',
  concat: '+',
  iadd: '+',
  imul: '*',
};

const COMPARISONS: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };

const binary =
  (operator: string): BuiltinRow =>
  (args, site, run) =>
    run.binary(operator, argument(args, 0), argument(args, 1), site);

const compared =
  (operator: string): BuiltinRow =>
  (args, site, run) => {
    const [a, b] = [argument(args, 0), argument(args, 1)];
    const tensors = a.type === 'tensor' || b.type === 'tensor' ? run.operate(operator, a, b, site) : undefined;
    const own = tensors ?? ownComparison(operator, a, b, site, run);
    if (own) return own;
    const known = comparison(operator, a, b);
    return known === undefined ? unknown('this comparison is not known before running', site) : bool(known);
  };

/** One of several keys, or all of them as a tuple. */
const getter =
  (
    get: (value: Value, key: Value, ...rest: Parameters<BuiltinRow> extends [unknown, ...infer R] ? R : never) => Value,
  ): BuiltinRow =>
  (args, _, run) =>
    builtin('getter', (more, site) => {
      const found = args.positional.map((key) => get(argument(more, 0), key, site, run));
      return found.length === 1 ? found[0]! : tuple(found);
    });

/** Python's operator module. */
export const operatorModule: BuiltinTable = {
  ...Object.fromEntries(Object.entries(BINARY).map(([name, operator]) => [`operator.${name}`, binary(operator)])),
  ...Object.fromEntries(Object.entries(COMPARISONS).map(([name, each]) => [`operator.${name}`, compared(each)])),
  'operator.not_': (args, site, run) => {
    const known = run.truth(argument(args, 0), site);
    return known === undefined ? unknown('its truth is not known before running', site) : bool(!known);
  },
  'operator.neg': (args, site, run) => {
    const value = argument(args, 0);
    return unary('-', value) ?? (value.type === 'tensor' ? run.tensorUnary('-', value, site) : undefined) ?? value;
  },
  'operator.contains': (args, site, run) => {
    const known = run.contains(argument(args, 0), argument(args, 1), site);
    return known === undefined ? unknown('this is not known before running', site) : bool(known);
  },
  'operator.getitem': (args, site, run) => run.subscript(argument(args, 0), argument(args, 1), site),
  'operator.itemgetter': getter((value, key, site, run) => run.subscript(value, key, site)),
  'operator.attrgetter': getter((value, key, site, run) =>
    key.type === 'string'
      ? key.value.split('.').reduce((at, name) => run.attribute(at, name, site), value)
      : unknown('the name of an attribute is not known', site),
  ),
  'operator.methodcaller': (args, _, run) => {
    const [name, ...rest] = args.positional;
    return builtin('methodcaller', (more, site) => {
      if (name?.type !== 'string') return unknown('the name of a method is not known', site);
      const method = run.attribute(argument(more, 0), name.value, site);
      return run.call(method, { ...NO_ARGUMENTS, ...positional(...rest), keywords: args.keywords }, site);
    });
  },
};
