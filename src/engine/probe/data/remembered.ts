import type { TensorData } from '../../runtime';
import type { Source } from '../../runtime/child';

/** Bytes of values that stay, and of one value at most: all weights and samples of small networks, nothing of large ones. */
export const REMEMBERED = { total: 32e6, each: 2e6 } as const;

/**
 * What sources made of late, by what they were asked for: a sweep begins from the same weights again and again, and drawing
 * them takes longer than a step of a small network. The values that were not asked for longest go first.
 */
export class Remembered {
  readonly #values = new Map<string, TensorData>();
  #bytes = 0;

  constructor(private readonly most: { readonly total: number; readonly each: number } = REMEMBERED) {}

  /** The source with this memory. Who asks gets values of their own: programs write new weights over the old. */
  of(name: string, source: Source): Source {
    return (spec) => {
      const key = `${name} ${JSON.stringify(spec)}`;
      const known = this.#values.get(key);
      if (known) {
        this.#values.delete(key);
        this.#values.set(key, known);
        return copied(known);
      }
      const made = source(spec);
      if (made.values.byteLength > this.most.each) return made;
      this.#values.set(key, copied(made));
      this.#bytes += made.values.byteLength;
      for (const [oldest, { values }] of this.#values) {
        if (this.#bytes <= this.most.total) break;
        this.#values.delete(oldest);
        this.#bytes -= values.byteLength;
      }
      return made;
    };
  }
}

const copied = ({ values, ...data }: TensorData): TensorData => ({ ...data, values: values.slice() });
