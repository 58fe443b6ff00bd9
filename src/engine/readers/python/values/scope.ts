import type { SourceDocument } from '../../../network';
import type { ClassValue, FunctionValue, Value } from './value';

/** What one `from … import *` brings. */
export interface Star {
  /** The file's full name. */
  readonly from: string;
  /** Whether the file could have the name, by its text; asked before it is run. */
  mayHave(name: string): boolean;
  find(name: string): Value | undefined;
}

/** More stars than this name a package's parts: then only those that a name begins with are looked into. */
const MANY_STARS = 60;

/** What the stars of a scope bring under a name, the last first; those whose file's name the name begins with before others. */
export function fromStars(stars: readonly Star[], name: string): Value | undefined {
  const plain = name.toLowerCase().replaceAll('_', '');
  const part = ({ from }: Star): string => from.split('.').at(-1)!.toLowerCase().replaceAll('_', '');
  const ordered = [...stars].reverse();
  const likely = ordered.filter((star) => plain.startsWith(part(star))).sort((a, b) => part(b).length - part(a).length);
  const others = stars.length > MANY_STARS ? [] : ordered.filter((star) => !likely.includes(star));
  for (const star of stars.length > MANY_STARS ? likely : [...likely, ...others]) {
    const value = star.mayHave(name) ? star.find(name) : undefined;
    if (value) return value;
  }
  return undefined;
}

/** Names and what they stand for, in one function call, class body or file. */
export interface Scope {
  readonly names: Map<string, Value>;
  /** Where a name is looked up next; a class body is skipped by the functions in it. */
  readonly parent?: Scope;
  readonly kind: 'module' | 'class' | 'function';
  /** Names that `global` or `nonlocal` sends elsewhere. */
  readonly elsewhere: Map<string, Scope>;
  /** The function's own class and first argument, for `super()` without arguments. */
  readonly method?: { readonly owner: ClassValue; readonly receiver: Value };
  /** Of a class body: its functions as they are written, under whatever decorators. */
  readonly methods?: FunctionValue[];
  /** What a generator has yielded. */
  readonly yields?: Value[];
  /** What runs at each `yield` instead: the body of `with`. */
  readonly yieldTo?: (value: Value) => void;
  /** Names that an import brings, found when they are first asked for. */
  readonly deferred: Map<string, () => Value | undefined>;
  /** What each `from … import *` brings, by name. */
  readonly stars: Star[];
  /** The file whose scope this is. */
  readonly file?: SourceDocument;
}

export function newScope(
  kind: Scope['kind'],
  parent?: Scope,
  extra: Pick<Scope, 'method' | 'methods' | 'yields' | 'yieldTo' | 'file'> = {},
): Scope {
  return {
    kind,
    names: new Map(),
    elsewhere: new Map(),
    deferred: new Map(),
    stars: [],
    ...(parent && { parent }),
    ...extra,
  };
}

/** The value of a name as seen from a scope. */
export function lookup(scope: Scope, name: string): Value | undefined {
  const first = scope.elsewhere.get(name) ?? scope;
  for (let at: Scope | undefined = first; at; at = at.parent) {
    if (at !== first && at.kind === 'class') continue;
    const value = at.names.get(name) ?? imported(at, name);
    if (value) return value;
  }
  return undefined;
}

/** A name that an import of this scope brings, kept once it is found. */
function imported(scope: Scope, name: string): Value | undefined {
  const find = scope.deferred.get(name);
  if (!find) return undefined;
  // Taken out first: an import that asks for itself by a detour finds nothing, as in Python.
  scope.deferred.delete(name);
  const value = find();
  if (value) scope.names.set(name, value);
  return value;
}

/** Brings a name by an import that is made when the name is first asked for. */
export function defer(scope: Scope, name: string, find: () => Value | undefined): void {
  const target = scope.elsewhere.get(name) ?? scope;
  target.names.delete(name);
  target.deferred.set(name, find);
}

/** Binds a name in a scope, or where `global` or `nonlocal` says. */
export function bind(scope: Scope, name: string, value: Value): void {
  (scope.elsewhere.get(name) ?? scope).names.set(name, value);
}

/** The scope of the file. */
export function globalScope(scope: Scope): Scope {
  let at = scope;
  while (at.parent) at = at.parent;
  return at;
}

/** Sends a name to the file's scope (`global`) or to the nearest function around that has it (`nonlocal`). */
export function declareElsewhere(scope: Scope, name: string, where: 'global' | 'nonlocal'): void {
  if (where === 'global') {
    scope.elsewhere.set(name, globalScope(scope));
    return;
  }
  for (let at = scope.parent; at; at = at.parent) {
    if (at.kind !== 'function' || !at.names.has(name)) continue;
    scope.elsewhere.set(name, at);
    return;
  }
}
