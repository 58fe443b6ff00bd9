import type { FileValue, Value } from '../values';

/** A container that a file keeps under a name, and the names by which other files fill it. */
interface Kept {
  readonly writers: RegExp;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Finds the files that fill a registry. Python runs a file when it is imported, and `@register` in it puts its models into
 * a dictionary; the reader runs a file when something of it is needed, and so asks here where such a dictionary lacks a key.
 */
export class Registries {
  readonly #kept = new WeakMap<Value, { readonly files: number; readonly kept: Kept | undefined }>();
  readonly #defined = new WeakMap<FileValue, Set<string>>();

  constructor(
    private readonly found: ReadonlyMap<string, FileValue>,
    private readonly ran: ReadonlySet<FileValue>,
  ) {}

  /** Files that have not run, that fill the container, and that define the key or say it. */
  filesFor(container: Value, key: string): readonly FileValue[] {
    if (this.ran.size === this.found.size || !/^\w[\w.-]*$/.test(key)) return [];
    const kept = this.#keptAs(container);
    if (!kept) return [];
    const waiting = [...this.found.values()].filter((file) => !this.ran.has(file));
    const defining = waiting.filter((file) => this.#definedIn(file).has(key));
    const chosen = defining.length > 0 ? defining : waiting.filter((file) => says(file, key));
    return chosen.filter(({ scope }) => kept.writers.test(scope.file!.text));
  }

  /** Under which name a file keeps the container, itself or in an object, and what of that file writes into it. */
  #keptAs(container: Value): Kept | undefined {
    const before = this.#kept.get(container);
    if (before && (before.kept || before.files === this.ran.size)) return before.kept;
    const kept = this.#search(container);
    this.#kept.set(container, { files: this.ran.size, kept });
    return kept;
  }

  #search(container: Value): Kept | undefined {
    for (const { scope } of this.ran) {
      for (const [name, value] of scope.names) {
        if (value === container) return { writers: oneOf([name, ...writersOf(name, scope.file!.text)]) };
        if (value.type !== 'instance' && value.type !== 'class') continue;
        if ([...value.attributes.values()].includes(container)) return { writers: oneOf([name]) };
      }
    }
    return undefined;
  }

  #definedIn(file: FileValue): Set<string> {
    let names = this.#defined.get(file);
    if (!names) {
      names = new Set([...file.scope.file!.text.matchAll(/^(?:def|class)\s+(\w+)/gm)].map(([, name]) => name!));
      this.#defined.set(file, names);
    }
    return names;
  }
}

const oneOf = (names: readonly string[]): RegExp => new RegExp(`\\b(?:${names.map(escaped).join('|')})\\b`);

const says = ({ scope }: FileValue, key: string): boolean =>
  scope.file!.text.includes(`'${key}'`) || scope.file!.text.includes(`"${key}"`);

/** The functions and classes of a file that write into a container of that name. */
function writersOf(container: string, text: string): string[] {
  const name = escaped(container);
  const writes = new RegExp(`\\b${name}(?:\\[.*\\]\\s*=(?!=)|.*\\.(?:add|update|setdefault|append)\\()`);
  return text.split(/^(?=def |class )/m).flatMap((part) => {
    const [, defined] = /^(?:def|class)\s+(\w+)/.exec(part) ?? [];
    return defined && writes.test(part) ? [defined] : [];
  });
}
