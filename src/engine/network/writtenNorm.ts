import type { ValueId } from './network';
import type { Span } from './span';

/** What a norm written out of means, variances and roots is. */
export const WRITTEN_NORM_KINDS = [
  'BatchNorm',
  'LayerNorm',
  'InstanceNorm',
  'GroupNorm',
  'RMSNorm',
  'FilterResponseNorm',
  'GlobalResponseNorm',
] as const;
export type WrittenNormKind = (typeof WRITTEN_NORM_KINDS)[number];

/** How a written norm differs from the standard form of its kind. */
export type NormDifference =
  /** The variance divides by n − 1: `torch.var` and `torch.std` do by default. */
  | 'unbiased'
  /** eps is added to the root and not below it. */
  | 'eps-outside'
  /** Nothing keeps the divisor from zero. */
  | 'no-eps'
  /** The divisor is cut off below at eps, and not shifted by it. */
  | 'clamped'
  /** Mean and spread are taken over different axes. */
  | 'axes-differ';

/** A norm that a forward computes by hand. */
export interface WrittenNorm {
  readonly kind: WrittenNormKind;
  /** The module in whose forward it stands; empty for the network's own. */
  readonly scope: string;
  /** What is normalized, and what comes out, before gain and shift. */
  readonly input: ValueId;
  readonly output: ValueId;
  /** The axes of the input over which it normalizes, from 0, in order. */
  readonly axes: readonly number[];
  /** For GroupNorm. */
  readonly groups?: number;
  readonly eps: number | null;
  readonly differences: readonly NormDifference[];
  /** The calls that compute it, in their order. */
  readonly calls: readonly string[];
  /** Where it divides. */
  readonly source: Span;
}

const WORDS: Readonly<Record<NormDifference, (norm: WrittenNorm) => string>> = {
  unbiased: () => 'its variance is the unbiased one, divided by n − 1',
  'eps-outside': ({ eps }) => `eps (${eps}) is added to the root and not below it`,
  'no-eps': () => 'it has no eps',
  clamped: ({ eps }) => `its divisor is cut off at ${eps}, and eps not added below the root`,
  'axes-differ': () => 'its mean and its spread are taken over different axes',
};

/** `LayerNorm over axis 2, written by hand; its variance is the unbiased one, divided by n − 1`. */
export function describeWrittenNorm(norm: WrittenNorm): string {
  const { kind, axes, groups } = norm;
  const name = groups === undefined ? kind : `${kind} in ${groups} groups`;
  const over = groups === undefined ? ` over ${axes.length === 1 ? 'axis' : 'axes'} ${axes.join(', ')}` : '';
  const differing = norm.differences.map((difference) => WORDS[difference](norm));
  return [`${name}${over}, written by hand`, ...differing].join('; ');
}
