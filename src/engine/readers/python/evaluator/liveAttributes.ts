import { storedValue } from '../modules/moduleValue';
import { type DictValue, type ModuleValue, NONE, type StoredTensor, string, type Value } from '../values';

type Entry = { readonly key: Value; value: Value };

/** How what a table keeps is shown as a value, and the other way round; undefined for what it cannot keep. */
interface Kept<T> {
  show(kept: T): Value;
  keep(value: Value): T | undefined;
}

/** The entries of a table of an object's: what is written into them the object has. Only texts are its keys. */
class AttributeEntries<T> extends Map<string, Entry> {
  readonly #of: Map<string, T>;
  readonly #kept: Kept<T>;

  constructor(of: Map<string, T>, kept: Kept<T>) {
    super();
    this.#of = of;
    this.#kept = kept;
  }

  override get size(): number {
    return this.#of.size;
  }
  override has(key: string): boolean {
    return this.#of.has(key.slice(1));
  }
  override get(key: string): Entry | undefined {
    const value = this.#of.get(key.slice(1));
    return value === undefined ? undefined : { key: string(key.slice(1)), value: this.#kept.show(value) };
  }
  override set(key: string, { value }: Entry): this {
    const kept = this.#kept.keep(value);
    if (kept !== undefined) this.#of.set(key.slice(1), kept);
    return this;
  }
  override delete(key: string): boolean {
    return this.#of.delete(key.slice(1));
  }
  override clear(): void {
    this.#of.clear();
  }
  override *entries(): MapIterator<[string, Entry]> {
    for (const [name, value] of this.#of) yield [`s${name}`, { key: string(name), value: this.#kept.show(value) }];
  }
  override *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }
  override *values(): MapIterator<Entry> {
    for (const [, entry] of this.entries()) yield entry;
  }
  override [Symbol.iterator](): MapIterator<[string, Entry]> {
    return this.entries();
  }
  override forEach(work: (entry: Entry, key: string, map: Map<string, Entry>) => void): void {
    for (const [key, entry] of this.entries()) work(entry, key, this);
  }
}

/** `object.__dict__`. */
export const liveAttributes = (of: Map<string, Value>): DictValue => ({
  type: 'dict',
  entries: new AttributeEntries(of, { show: (value) => value, keep: (value) => value }),
});

const stored: Kept<StoredTensor | null> = {
  show: (tensor) => (tensor ? storedValue(tensor) : NONE),
  keep: (value) =>
    value.type === 'none'
      ? null
      : value.type === 'tensor' && value.place.kind === 'stored'
        ? value.place.tensor
        : undefined,
};

/** `module._modules`, `_parameters` and `_buffers`: what a module keeps, by the names that PyTorch keeps it under. */
export function liveTable(module: ModuleValue, name: string): DictValue | undefined {
  if (name === '_parameters') return { type: 'dict', entries: new AttributeEntries(module.parameters, stored) };
  if (name === '_buffers') return { type: 'dict', entries: new AttributeEntries(module.buffers, stored) };
  if (name !== '_modules') return undefined;
  const children: Kept<ModuleValue | null> = {
    show: (child) => child ?? NONE,
    keep: (value) => (value.type === 'none' ? null : value.type === 'module' ? value : undefined),
  };
  return { type: 'dict', entries: new AttributeEntries(module.children, children) };
}
