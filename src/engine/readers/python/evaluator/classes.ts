import { field, type SyntaxNode } from '../syntax';
import {
  type Arguments,
  builtin,
  type ClassValue,
  type FunctionParameter,
  NONE,
  newScope,
  type Scope,
  type UnknownValue,
  type Value,
} from '../values';
import type { Evaluation } from './evaluation';
import { evaluateArguments } from './expressions';
import { bindArguments } from './functions';

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
  const given = evaluateArguments(field(node, 'superclasses'), scope, run).positional;
  const bases: ClassValue[] = [];
  let unknownBase: UnknownValue | undefined;
  for (const base of given) {
    if (base.type === 'class') {
      bases.push(base);
      unknownBase ??= base.unknownBase;
    } else {
      const why = base.type === 'library' ? `the class ${base.path} is not modelled` : 'a base class is not known';
      unknownBase ??= base.type === 'unknown' ? base : { type: 'unknown', why, source: run.span(node) };
    }
  }
  const order = linearize(bases);
  if (!order) run.raise('TypeError', `Cannot create a consistent method resolution order for ${name}`, run.span(node));
  const body = newScope('class', scope);
  const resolution: ClassValue[] = [];
  const value: ClassValue = {
    type: 'class',
    name,
    resolution,
    attributes: body.names,
    source: run.span(node),
    ...(unknownBase && { unknownBase }),
  };
  resolution.push(value, ...order!);
  run.execute(field(node, 'body')!, body);
  for (const attribute of body.names.values()) own(attribute, value);
  return value;
}

/** Tells the functions of a class body their class. */
function own(attribute: Value, owner: ClassValue): void {
  if (attribute.type === 'function') attribute.owner ??= owner;
  else if (attribute.type === 'property') own(attribute.getter, owner);
  else if (attribute.type === 'staticmethod' || attribute.type === 'classmethod') own(attribute.callee, owner);
}

/** Decorators that the reader knows; others that wrap (`torch.no_grad()`, `functools.wraps`) leave the function as it is. */
export function decorate(decorator: SyntaxNode, value: Value, scope: Scope, run: Evaluation): Value {
  const expression = decorator.children[0]!;
  const callee = expression.type === 'call' ? field(expression, 'function')! : expression;
  const name = callee.text.split('.').at(-1)!;
  if (name === 'property' || name === 'cached_property') return { type: 'property', getter: value };
  if (name === 'staticmethod') return { type: 'staticmethod', callee: value };
  if (name === 'classmethod') return { type: 'classmethod', callee: value };
  if (name === 'setter') return scope.names.get(callee.text.split('.')[0]!) ?? value;
  if (name === 'dataclass' && value.type === 'class') {
    value.fields = dataclassFields(value);
    // The one that a dataclass gets where it writes none: a class below it may call it by super().
    if (!value.attributes.has('__init__')) value.attributes.set('__init__', dataclassInit(value, value.fields, run));
    return value;
  }
  const known = run.evaluate(expression, scope);
  if (known.type === 'function' || known.type === 'class') {
    const wrapped = run.call(known, { positional: [value], keywords: new Map() }, run.span(decorator));
    return wrapped.type === 'none' ? value : wrapped;
  }
  return value;
}

function dataclassInit(of: ClassValue, fields: readonly FunctionParameter[], run: Evaluation): Value {
  return builtin(`${of.name}.__init__`, (args, site) => {
    const [self, ...positional] = args.positional;
    const given = { ...args, positional };
    const values = bindArguments(of.name, fields, given, (text) => run.raise('TypeError', text, site));
    if (self?.type === 'instance') for (const [name, value] of values) self.attributes.set(name, value);
    return NONE;
  });
}

/** A dataclass's fields: annotated names in order, bases first, defaults from the class body. */
function dataclassFields(value: ClassValue): FunctionParameter[] {
  const fields = new Map<string, FunctionParameter>();
  for (const base of [...value.resolution].reverse()) {
    const names = base.attributes.get('__annotations__');
    if (names?.type !== 'list') continue;
    for (const name of names.items) {
      if (name.type !== 'string') continue;
      const fallback = base.attributes.get(name.value);
      fields.set(name.value, { name: name.value, kind: 'positional', ...(fallback && { fallback }) });
    }
  }
  return [...fields.values()];
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
