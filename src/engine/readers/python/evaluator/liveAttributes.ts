import { type DictValue, string, type Value } from '../values';

type Entry = { readonly key: Value; value: Value };

/** The entries of `object.__dict__`: what is written into them the object has. Only texts are its keys. */
class AttributeEntries extends Map<string, Entry> {
  readonly #of: Map<string, Value>;

  constructor(of: Map<string, Value>) {
    super();
    this.#of = of;
  }

  override get size(): number {
    return this.#of.size;
  }
  override has(key: string): boolean {
    return this.#of.has(key.slice(1));
  }
  override get(key: string): Entry | undefined {
    const value = this.#of.get(key.slice(1));
    return value && { key: string(key.slice(1)), value };
  }
  override set(key: string, { value }: Entry): this {
    this.#of.set(key.slice(1), value);
    return this;
  }
  override delete(key: string): boolean {
    return this.#of.delete(key.slice(1));
  }
  override clear(): void {
    this.#of.clear();
  }
  override *entries(): MapIterator<[string, Entry]> {
    for (const [name, value] of this.#of) yield [`s${name}`, { key: string(name), value }];
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
  entries: new AttributeEntries(of),
});
