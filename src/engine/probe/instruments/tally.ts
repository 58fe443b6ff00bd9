import { elementCount } from '../../network';
import { concat, mul, reshape, slice, sub, sum, sumSquare, type Tensor } from '../../tensor';

/** Tensors of so many values leave little room for others in the cache. */
const LARGE = 2 ** 15;

/** A sum that the program takes at every step, by its place among the numbers that a step gives. */
export type SumIndex = number;

/**
 * The sums that a step's instruments ask for, each taken once. A step hands over sums alone: what they amount to is
 * worked out afterwards in double precision, since each small node costs a program more than its arithmetic.
 */
export class Tally {
  readonly #sums: Tensor[] = [];
  readonly #known = { sum: new Map<Tensor, SumIndex>(), sumSquare: new Map<Tensor, SumIndex>() };
  readonly #scaled = new Map<Tensor, Map<number, Tensor>>();

  /** Σx */
  sum(x: Tensor): SumIndex {
    return this.#add('sum', x, () => sum(x, undefined, true));
  }

  /** Σx² */
  sumSquare(x: Tensor): SumIndex {
    return this.#add('sumSquare', x, () => sumSquare(x, undefined, true));
  }

  /** Σ(c·x)²; c should be a power of two, so that scaling is exact. */
  scaledSumSquare(x: Tensor, scale: number): SumIndex {
    const byScale = this.#scaled.get(x) ?? new Map<number, Tensor>();
    this.#scaled.set(x, byScale);
    const scaled = byScale.get(scale) ?? mul(x, scale);
    byScale.set(scale, scaled);
    return this.sumSquare(scaled);
  }

  /** Σ(x − x̄)², in two passes. */
  centeredSumSquare(x: Tensor): SumIndex {
    const count = x.shape.reduce((product, dim) => product * dim, 1);
    const average = mul(sum(x, undefined, true), 1 / count);
    return this.sumSquare(sub(x, average));
  }

  /**
   * Has a large tensor computed at this place among the sums, by asking for one value of it: an updated weight while
   * its gradient is in the cache, which can be forgotten then.
   */
  touch(x: Tensor): void {
    if (elementCount(x.shape) < LARGE) return;
    const zeros = x.shape.map(() => 0);
    this.#sums.push(
      slice(
        x,
        zeros,
        zeros.map(() => 1),
      ),
    );
  }

  /** All sums as one vector, in the order of their places; undefined where none was asked for. */
  vector(): { readonly values: Tensor; readonly places: readonly number[] } | undefined {
    if (this.#sums.length === 0) return undefined;
    // Sums of one rank stand together, so that they need no reshaping one by one.
    const byRank = new Map<number, SumIndex[]>();
    this.#sums.forEach(({ shape }, i) => {
      byRank.set(shape.length, [...(byRank.get(shape.length) ?? []), i]);
    });
    const places: number[] = [];
    let next = 0;
    // onnxruntime computes the last part first, and each part from the back: sums of whole activations and weights are
    // then taken beside what they are taken of, layer by layer, while it is in the cache.
    const parts = [...byRank]
      .sort(([a], [b]) => a - b)
      .map(([rank, indices]) => {
        for (const index of indices) places[index] = next++;
        const sums = indices.map((index) => (rank === 0 ? reshape(this.#sums[index]!, [1]) : this.#sums[index]!));
        return reshape(concat(sums, 0), [indices.length]);
      });
    return { values: concat(parts, 0), places };
  }

  #add(kind: 'sum' | 'sumSquare', x: Tensor, make: () => Tensor): SumIndex {
    const known = this.#known[kind].get(x);
    if (known !== undefined) return known;
    const index = this.#sums.push(make()) - 1;
    this.#known[kind].set(x, index);
    return index;
  }
}
