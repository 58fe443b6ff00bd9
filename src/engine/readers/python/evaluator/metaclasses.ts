import type { Span } from '../../../network';
import { type Arguments, builtin, type ClassValue, dict, NONE, positional, string, tuple, type Value } from '../values';
import type { Evaluation } from './evaluation';

/** A method that the file's own metaclass of a class defines, bound to the class. */
export function metaMethod(of: ClassValue, name: string): Value | undefined {
  for (const base of of.meta?.resolution ?? []) {
    const callee = base.attributes.get(name);
    if (callee?.type === 'function') return { type: 'method', receiver: of, callee };
  }
  return undefined;
}

/** What a class's metaclass does once its body has run: `__new__`, which may give another, and `__init__`. */
export function completeByMeta(made: ClassValue, keywords: ReadonlyMap<string, Value>, run: Evaluation): ClassValue {
  const { meta } = made;
  if (!meta) return made;
  const site = made.source!;
  const space = dict([...made.attributes].map(([name, value]) => [string(name), value] as const));
  const given: Arguments = {
    positional: [string(made.name), tuple(made.resolution.slice(1)), space],
    keywords,
  };
  const own = meta.resolution.map((base) => base.attributes.get('__new__')).find(Boolean);
  const creator = own?.type === 'staticmethod' ? own.callee : own;
  let result = made;
  if (creator?.type === 'function') {
    making.push(made);
    try {
      const value = run.call(creator, { ...given, positional: [meta, ...given.positional] }, site);
      if (value.type === 'class') result = value;
    } finally {
      making.pop();
    }
  }
  const init = metaMethod(result, '__init__');
  if (init) run.call(init, given, site);
  return result;
}

/** The classes whose metaclass's `__new__` runs: `type.__new__` gives the last of them. */
const making: ClassValue[] = [];

/** What `super()` has inside of a metaclass's methods: `type`'s own. */
export function ofMetaclass(receiver: ClassValue, after: ClassValue, name: string, run: Evaluation): Value | undefined {
  if (!after.resolution.some(({ path }) => path === 'builtins.type')) return undefined;
  const inherited = (receiver.meta ?? receiver).resolution;
  for (const base of inherited.slice(inherited.indexOf(after) + 1)) {
    const callee = base.attributes.get(name);
    if (callee?.type !== 'function') continue;
    return name === '__new__' ? callee : { type: 'method', receiver, callee };
  }
  if (name === '__new__')
    return builtin(name, (args) => {
      const made = making.at(-1);
      const space = args.positional[3];
      if (!made) return NONE;
      // What the metaclass put into the body.
      if (space?.type === 'dict')
        for (const { key, value } of space.entries.values())
          if (key.type === 'string') made.attributes.set(key.value, value);
      return made;
    });
  if (name === '__init__') return builtin(name, () => NONE);
  if (name === '__call__') return builtin(name, (args, site) => run.construct(receiver, args, site));
  return undefined;
}

/** `Class(…)` where its metaclass says what that does; undefined where it does not. */
export function callByMeta(of: ClassValue, args: Arguments, site: Span, run: Evaluation): Value | undefined {
  const method = metaMethod(of, '__call__');
  return method && run.call(method, args, site);
}

/** What an operation on a class gives by its metaclass: `Class[…]`, `len(Class)`. */
export function byMeta(of: Value, name: string, args: readonly Value[], site: Span, run: Evaluation) {
  const method = of.type === 'class' ? metaMethod(of, name) : undefined;
  return method && run.call(method, positional(...args), site);
}
