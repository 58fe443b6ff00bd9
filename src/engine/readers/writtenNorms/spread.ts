import type { ValueId } from '../../network';
import { base, type Graph, numberOf, plain, valueAt } from './graph';

/** A spread of values: a root of their variance or of their mean square. */
export interface Spread {
  /** Of what. */
  readonly of: ValueId;
  readonly axes: readonly number[];
  /** Whether the mean is taken off first. */
  readonly centred: boolean;
  readonly unbiased: boolean;
  readonly eps: number | null;
  readonly where: 'inside' | 'outside' | 'clamped' | 'none';
}

type Found = Spread | undefined;

/** The axes of a reduction, from 0 and in order; all of them where none are named. */
export function axesOf(dim: unknown, rank: number): number[] {
  const given = dim === null || dim === undefined ? Array.from({ length: rank }, (_, i) => i) : [dim].flat();
  return given.map((axis) => ((axis as number) + rank) % rank).sort((a, b) => a - b);
}

const same = (a: readonly number[], b: readonly number[]): boolean => `${a}` === `${b}`;

/** Reads the arithmetic of statistics; every call that it goes through is added to `seen`. */
export class Statistics {
  constructor(private readonly graph: Graph) {}

  /** The axes of `mean(x)`, and its x. */
  mean(value: ValueId, seen: string[]): { readonly of: ValueId; readonly axes: readonly number[] } | undefined {
    const at = plain(value, this.graph, seen);
    const made = this.graph.made(at);
    if (!made) return undefined;
    const { call, output } = made;
    const isMean = call.kind === 'mean' || ((call.kind === 'var_mean' || call.kind === 'std_mean') && output === 1);
    const of = valueAt(call, 0);
    if (!isMean || of === undefined) return undefined;
    seen.push(call.id);
    return { of: base(of, this.graph), axes: this.#axes(of, call.attributes.dim) };
  }

  /** x where the value is x − mean(x); the mean's axes with it. */
  centred(value: ValueId, seen: string[]): { readonly of: ValueId; readonly axes: readonly number[] } | undefined {
    const call = this.graph.made(value)?.call;
    if (call?.kind !== 'sub') return undefined;
    const [x, mean] = [valueAt(call, 0), valueAt(call, 1)];
    if (x === undefined || mean === undefined) return undefined;
    const inner: string[] = [];
    const found = this.mean(mean, inner);
    if (!found || found.of !== base(x, this.graph)) return undefined;
    seen.push(...inner, call.id);
    return found;
  }

  /** A root of a variance or mean square, eps and all. */
  root(value: ValueId, seen: string[]): Found {
    const at = plain(value, this.graph, seen);
    const made = this.graph.made(at);
    const of = made && valueAt(made.call, 0);
    if (!made || of === undefined) return undefined;
    const { call, output } = made;
    const number = numberOf(call);
    const keep = (found: Found): Found => {
      if (found) seen.push(call.id);
      return found;
    };
    const bare = (found: Found): Found => (found?.where === 'none' ? found : undefined);
    if (call.kind === 'add' && number) {
      const inner = bare(this.root(of, seen));
      return keep(inner && { ...inner, eps: number.value, where: 'outside' });
    }
    if (call.kind === 'clamp' && typeof call.attributes.min === 'number') {
      const inner = bare(this.root(of, seen));
      return keep(inner && { ...inner, eps: call.attributes.min, where: 'clamped' });
    }
    if (call.kind === 'sqrt' || (call.kind === 'pow' && number?.value === 0.5)) return keep(this.variance(of, seen));
    if (call.kind === 'std' || (call.kind === 'std_mean' && output === 0))
      return keep(this.#ofRow(of, call.attributes));
    // ‖x‖/√n is the root of the mean square.
    if (number && !number.first && (call.kind === 'div' || call.kind === 'mul')) {
      const norm = this.#norm(of, seen);
      const factor = call.kind === 'div' ? number.value : 1 / number.value;
      if (norm && Math.abs(factor / Math.sqrt(norm.count) - 1) < 1e-6) return keep(norm.spread);
    }
    return undefined;
  }

  /** A variance or mean square, eps and all. */
  variance(value: ValueId, seen: string[]): Found {
    const at = plain(value, this.graph, seen);
    const made = this.graph.made(at);
    const of = made && valueAt(made.call, 0);
    if (!made || of === undefined) return undefined;
    const { call, output } = made;
    const number = numberOf(call);
    const keep = (found: Found): Found => {
      if (found) seen.push(call.id);
      return found;
    };
    if (call.kind === 'add' && number) {
      const inner = this.variance(of, seen);
      return keep(inner?.where === 'none' ? { ...inner, eps: number.value, where: 'inside' } : undefined);
    }
    if (call.kind === 'clamp' && typeof call.attributes.min === 'number') {
      const inner = this.variance(of, seen);
      return keep(inner?.where === 'none' ? { ...inner, eps: call.attributes.min, where: 'clamped' } : undefined);
    }
    if (call.kind === 'var' || (call.kind === 'var_mean' && output === 0))
      return keep(this.#ofRow(of, call.attributes));
    if (call.kind === 'mean') return keep(this.#meanSquare(of, this.#axes(of, call.attributes.dim), seen));
    if (call.kind === 'sub') return keep(this.#difference(of, valueAt(call, 1), seen));
    return undefined;
  }

  /** The square of a value: `x.pow(2)`, `x ** 2`, `x * x`, `x.square()`. */
  squared(value: ValueId, seen: string[]): ValueId | undefined {
    const call = this.graph.made(plain(value, this.graph, seen))?.call;
    const of = call && valueAt(call, 0);
    if (!call || of === undefined) return undefined;
    const square =
      (call.kind === 'pow' && numberOf(call)?.value === 2) ||
      call.kind === 'square' ||
      (call.kind === 'mul' && call.inputs.length === 2 && valueAt(call, 1) === of);
    if (square) seen.push(call.id);
    return square ? of : undefined;
  }

  /** ‖x‖ over some axes. */
  norm(value: ValueId, seen: string[]): { readonly of: ValueId; readonly axes: readonly number[] } | undefined {
    const found = this.#norm(value, seen);
    return found && { of: found.spread.of, axes: found.spread.axes };
  }

  #norm(value: ValueId, seen: string[]): { spread: Spread; count: number } | undefined {
    const call = this.graph.made(plain(value, this.graph, seen))?.call;
    const of = call && valueAt(call, 0);
    if (!call || of === undefined || !/^(norm|vector_norm)$/.test(call.kind)) return undefined;
    const order = call.attributes.p ?? call.attributes.ord ?? 2;
    if (order !== 2 && order !== 'fro') return undefined;
    const axes = this.#axes(of, call.attributes.dim);
    const shape = this.graph.shape(of) ?? [];
    const count = axes.reduce((product, axis) => product * Number(shape[axis]), 1);
    seen.push(call.id);
    const at = base(of, this.graph);
    return { spread: { of: at, axes, centred: false, unbiased: false, eps: null, where: 'none' }, count };
  }

  #axes(of: ValueId, dim: unknown): number[] {
    return axesOf(dim, this.graph.shape(of)?.length ?? 0);
  }

  #ofRow(of: ValueId, attributes: Readonly<Record<string, unknown>>): Spread {
    // `unbiased` is the older word, and where it is said it holds.
    const unbiased = typeof attributes.unbiased === 'boolean' ? attributes.unbiased : attributes.correction !== 0;
    const at = base(of, this.graph);
    return { of: at, axes: this.#axes(of, attributes.dim), centred: true, unbiased, eps: null, where: 'none' };
  }

  #meanSquare(square: ValueId, axes: readonly number[], seen: string[]): Found {
    const of = this.squared(square, seen);
    if (of === undefined) return undefined;
    const rest = { unbiased: false, eps: null, where: 'none' } as const;
    const about = this.centred(of, seen);
    if (about) return same(about.axes, axes) ? { of: about.of, axes, centred: true, ...rest } : undefined;
    return { of: base(of, this.graph), axes, centred: false, ...rest };
  }

  /** E[x²] − E[x]². */
  #difference(square: ValueId, other: ValueId | undefined, seen: string[]): Found {
    const inner: string[] = [];
    const first = this.variance(square, inner);
    const mean = other === undefined ? undefined : this.squared(other, inner);
    const second = mean === undefined ? undefined : this.mean(mean, inner);
    const fits = first && second && !first.centred && first.of === second.of && same(first.axes, second.axes);
    if (!fits || first.where !== 'none') return undefined;
    seen.push(...inner);
    return { ...first, centred: true };
  }
}
