import type { ClassValue, Value } from './value';

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
  /** What a generator has yielded. */
  readonly yields?: Value[];
}

export function newScope(kind: Scope['kind'], parent?: Scope, extra: Pick<Scope, 'method' | 'yields'> = {}): Scope {
  return { kind, names: new Map(), elsewhere: new Map(), ...(parent && { parent }), ...extra };
}

/** The value of a name as seen from a scope. */
export function lookup(scope: Scope, name: string): Value | undefined {
  const first = scope.elsewhere.get(name) ?? scope;
  for (let at: Scope | undefined = first; at; at = at.parent) {
    if (at !== first && at.kind === 'class') continue;
    const value = at.names.get(name);
    if (value) return value;
  }
  return undefined;
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
