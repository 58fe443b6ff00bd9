import { mul, sub, sum, sumSquare, type Tensor } from '../../tensor';

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

  /** Every sum that was asked for, at its place; single numbers of any rank. */
  get sums(): readonly Tensor[] {
    return this.#sums;
  }

  #add(kind: 'sum' | 'sumSquare', x: Tensor, make: () => Tensor): SumIndex {
    const known = this.#known[kind].get(x);
    if (known !== undefined) return known;
    const index = this.#sums.push(make()) - 1;
    this.#known[kind].set(x, index);
    return index;
  }
}
