import type { Span } from '../../../network';
import { field, type SyntaxNode } from '../syntax';
import {
  type Arguments,
  type ClassValue,
  FALSE,
  globalScope,
  newScope,
  positional,
  type Scope,
  string,
  truth,
  type UnknownValue,
  type Value,
} from '../values';
import { completeClass } from './classKinds';
import { becomeDataclass } from './dataclasses';
import type { Evaluation } from './evaluation';
import { evaluateArguments } from './expressions';
import { completeByMeta } from './metaclasses';
import { special } from './ownOperators';

/** C3 linearization of a class over its bases; undefined where they contradict each other. */
function linearize(bases: readonly ClassValue[]): ClassValue[] | undefined {
  const queues = [...bases.map((base) => [...base.resolution]), [...bases]];
  const order: ClassValue[] = [];
  for (;;) {
    const left = queues.filter((queue) => queue.length > 0);
    if (left.length === 0) return order;
    const head = left
      .map((queue) => queue[0]!)
      .find((candidate) => left.every((queue) => !queue.slice(1).includes(candidate)));
    if (!head) return undefined;
    order.push(head);
    for (const queue of left) if (queue[0] === head) queue.shift();
  }
}

/** A class statement: its bases, and its body run in a scope of its own. */
export function defineClass(node: SyntaxNode, scope: Scope, run: Evaluation): ClassValue {
  const name = field(node, 'name')!.text;
  const { positional: given, keywords } = evaluateArguments(field(node, 'superclasses'), scope, run);
  const bases: ClassValue[] = [];
  let unknownBase: UnknownValue | undefined;
  for (const each of given) {
    // What is a function here may be a class of its library.
    const base = each.type === 'builtin' ? (run.libraryClass(each.name) ?? each) : each;
    if (base.type === 'class') {
      bases.push(base);
      unknownBase ??= base.unknownBase;
    } else {
      const why = base.type === 'library' ? `the class ${base.path} is not modelled` : 'a base class is not known';
      unknownBase ??= base.type === 'unknown' ? base : { type: 'unknown', why, source: run.span(node) };
    }
  }
  const order = linearize(bases);
  const metaclass = keywords.get('metaclass');
  const meta = metaclass?.type === 'class' && metaclass.source ? metaclass : bases.find((base) => base.meta)?.meta;
  if (!order) run.raise('TypeError', `Cannot create a consistent method resolution order for ${name}`, run.span(node));
  const body = newScope('class', scope, { methods: [] });
  const resolution: ClassValue[] = [];
  const value: ClassValue = {
    type: 'class',
    name,
    resolution,
    attributes: body.names,
    source: run.span(node),
    ...(unknownBase && { unknownBase }),
    ...(meta && { meta }),
  };
  resolution.push(value, ...order!);
  for (const base of bases) if (base.source) base.derived = [...(base.derived ?? []), value];
  run.execute(field(node, 'body')!, body);
  body.names.set('__module__', string(moduleName(scope)));
  for (const method of body.methods ?? []) method.owner ??= value;
  for (const attribute of body.names.values()) own(attribute, value);
  completeClass(value, run);
  for (const [name, attribute] of value.attributes) {
    const named = special(attribute, '__set_name__');
    if (named) run.call(named, positional(value, string(name)), value.source!);
  }
  const settings = new Map([...keywords].filter(([name]) => name !== 'metaclass'));
  initSubclass(value, settings, run);
  return completeByMeta(value, settings, run);
}

/** `type(name, bases, attributes)`. */
export function classOf(name: Value, bases: Value, attributes: Value, site: Span, run: Evaluation): Value {
  const given = run.iterate(bases, site)?.filter((base) => base.type === 'class');
  const order = given && linearize(given);
  if (name.type !== 'string' || !order || attributes.type !== 'dict')
    return run.unmodelled('type', 'the class that it makes is not known', site);
  const resolution: ClassValue[] = [];
  const meta = given.find((base) => base.meta)?.meta;
  const made: ClassValue = {
    type: 'class',
    name: name.value,
    resolution,
    attributes: new Map(
      [...attributes.entries.values()].flatMap(({ key, value }) => (key.type === 'string' ? [[key.value, value]] : [])),
    ),
    source: site,
    ...(meta && { meta }),
  };
  resolution.push(made, ...order);
  for (const attribute of made.attributes.values()) own(attribute, made);
  completeClass(made, run);
  return made;
}

/** `__init_subclass__` of a base of the file's, called with the new class. */
function initSubclass(of: ClassValue, keywords: ReadonlyMap<string, Value>, run: Evaluation): void {
  const hook = classAttribute(of, '__init_subclass__', of);
  const callee = hook?.type === 'classmethod' ? hook.callee : hook;
  if (callee?.type === 'function') run.call(callee, { positional: [of], keywords }, of.source!);
}

/** `__name__` of the file that a scope is in. */
export function moduleName(scope: Scope): string {
  const name = globalScope(scope).names.get('__name__');
  return name?.type === 'string' ? name.value : '__main__';
}

/** Tells the functions of a class body their class. */
function own(attribute: Value, owner: ClassValue): void {
  if (attribute.type === 'function') attribute.owner ??= owner;
  else if (attribute.type === 'property') {
    own(attribute.getter, owner);
    if (attribute.setter) own(attribute.setter, owner);
  } else if (attribute.type === 'staticmethod' || attribute.type === 'classmethod') own(attribute.callee, owner);
}

/** Decorators that write documentation or warn: what they decorate does the same without them. */
const HARMLESS = /docstring|deprecat/i;

/** Decorators that the reader knows; others that wrap (`torch.no_grad()`, `functools.wraps`) leave the function as it is. */
export function decorate(
  decorator: SyntaxNode,
  value: Value,
  before: Value | undefined,
  scope: Scope,
  run: Evaluation,
): Value {
  const expression = decorator.children[0]!;
  const callee = expression.type === 'call' ? field(expression, 'function')! : expression;
  const name = callee.text.split('.').at(-1)!;
  if (name === 'property') return { type: 'property', getter: value };
  if (name === 'cached_property') return { type: 'property', getter: value, cached: true };
  if (name === 'staticmethod') return { type: 'staticmethod', callee: value };
  if (name === 'classmethod') return { type: 'classmethod', callee: value };
  if (name === 'setter' && before?.type === 'property') return { ...before, setter: value };
  if (name === 'deleter' && before?.type === 'property') return { ...before, deleter: value };
  if (name === 'deleter' && before) return before;
  if (name === 'getter' && before?.type === 'property') return { ...before, getter: value };
  if (name === 'dataclass' && value.type === 'class') {
    const settings = evaluateArguments(
      expression.type === 'call' ? field(expression, 'arguments') : undefined,
      scope,
      run,
    ).keywords;
    becomeDataclass(value, run, truth(settings.get('kw_only') ?? FALSE) === true);
    if (truth(settings.get('frozen') ?? FALSE) === true) value.frozen = true;
    return value;
  }
  if (HARMLESS.test(name)) return value;
  const known = run.evaluate(expression, scope);
  if (known.type === 'class' && known.source && known.resolution.some(({ path }) => path === 'builtins.property'))
    return { type: 'property', getter: value, ofClass: true };
  if (known.type !== 'function' && known.type !== 'class' && known.type !== 'builtin' && known.type !== 'method')
    return value;
  const wrapped = run.call(known, { positional: [value], keywords: new Map() }, run.span(decorator));
  return wrapped.type === 'none' || wrapped.type === 'unknown' ? value : wrapped;
}

/** The first thing of that name along a class's resolution order, after `after` where given. */
export function classAttribute(of: ClassValue, name: string, after?: ClassValue): Value | undefined {
  const from = after ? of.resolution.indexOf(after) + 1 : 0;
  for (const base of of.resolution.slice(from)) {
    const value = base.attributes.get(name);
    if (value) return value;
  }
  return undefined;
}

export const isSubclass = (of: ClassValue, base: ClassValue): boolean => of.resolution.includes(base);

/** Rebinds the arguments with a receiver in front. */
export const withReceiver = (receiver: Value, args: Arguments): Arguments => ({
  ...args,
  positional: [receiver, ...args.positional],
});
