import { createHash } from 'node:crypto';
import type { Attributes } from '../../src/engine/network';

/** A seeded source of choices: the same parts draw the same on any machine. */
export class Draw {
  private state: number;

  /** @param parts what the draw is for: a seed, a kind, a number */
  constructor(...parts: readonly (string | number)[]) {
    this.state = createHash('sha256').update(parts.join('\n')).digest().readUInt32LE();
  }

  /** Uniform in [low, high). */
  float(low: number, high: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    const { state } = this;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return low + ((high - low) * ((mixed ^ (mixed >>> 14)) >>> 0)) / 2 ** 32;
  }

  /** A whole number from low to high, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.float(0, high - low + 1));
  }

  /** A number as a person writes it: two digits after the point, in [low, high]. */
  decimal(low: number, high: number): number {
    return this.int(Math.round(low * 100), Math.round(high * 100)) / 100;
  }

  /** True with probability p. */
  chance(p = 0.5): boolean {
    return this.float(0, 1) < p;
  }

  pick<const T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.int(0, list.length - 1)] as T;
  }

  /** `count` whole numbers from low to high. */
  ints(count: number, low: number, high: number): number[] {
    return Array.from({ length: count }, () => this.int(low, high));
  }

  /** A shape of `rank` sizes from low to high (default 1 to 5). */
  shape(rank: number, low = 1, high = 5): number[] {
    return this.ints(rank, low, high);
  }

  /** Each entry with probability p: attributes that are given in some cases and left to their defaults in others. */
  some(entries: Attributes, p = 0.5): Attributes {
    return Object.fromEntries(Object.entries(entries).filter(() => this.chance(p)));
  }

  /** A divisor of n, one and n itself among them. */
  divisor(n: number): number {
    return this.pick(Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0));
  }

  /** The items in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.int(0, left.length - 1), 1)[0]!);
  }

  /** One number for all of `rank` axes, or one for each. */
  perAxis(rank: number, low: number, high: number): number | number[] {
    return this.chance() ? this.int(low, high) : this.ints(rank, low, high);
  }

  /** An axis of a rank, counted from the front or from the end. */
  axis(rank: number): number {
    return this.int(-rank, rank - 1);
  }
}
