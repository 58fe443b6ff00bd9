import type { ModuleValue, StoredTensor } from '../values';

export interface NamedModule {
  /** Dotted; empty for the root. */
  readonly id: string;
  readonly module: ModuleValue;
  readonly aliases: string[];
}

const join = (prefix: string, name: string): string => (prefix ? `${prefix}.${name}` : name);

/** `named_modules()`: every module once, root first, in registration order; further names are its aliases. */
export function namedModules(root: ModuleValue): NamedModule[] {
  const seen = new Map<ModuleValue, NamedModule>();
  const visit = (module: ModuleValue, id: string): void => {
    const known = seen.get(module);
    if (known) {
      known.aliases.push(id);
      return;
    }
    seen.set(module, { id, module, aliases: [] });
    for (const [name, child] of module.children) if (child) visit(child, join(id, name));
  };
  visit(root, '');
  return [...seen.values()];
}

/** Names of parameters (`named_parameters()`) or buffers: a tied one has the first of its names. Constants are neither. */
export function namedTensors(modules: readonly NamedModule[], of: 'parameters' | 'buffers'): Map<StoredTensor, string> {
  const names = new Map<StoredTensor, string>();
  for (const { id, module } of modules) {
    for (const [name, stored] of module[of])
      if (stored && !stored.known && !names.has(stored)) names.set(stored, join(id, name));
  }
  return names;
}
