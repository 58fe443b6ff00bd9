import type { BatchNoise, PublishedErrors } from '../../src/engine/report/report';

/** A measured batch size: spread of BatchNorm's mean (in standard deviations) and variance (in variances). */
export interface MeasuredNoise {
  readonly batch: number;
  readonly site: string;
  readonly mean: number;
  readonly variance: number;
}

export interface NoiseAt extends MeasuredNoise {
  /** The measured sizes that it lies between; null where it is one of them. */
  readonly between: readonly [number, number] | null;
}

/** The sizes with figures, ascending; one sample has no variance over the batch to speak of. */
export const measuredNoise = (noise: readonly BatchNoise[]): MeasuredNoise[] =>
  noise
    .flatMap(({ batch, site, mean, variance }) =>
      batch >= 2 && typeof mean === 'number' && typeof variance === 'number' ? [{ batch, site, mean, variance }] : [],
    )
    .sort((a, b) => a.batch - b.batch);

/** The noise at a batch size: measured, or on a straight line between its neighbours with both axes in log2. */
export function noiseAt(measured: readonly MeasuredNoise[], batch: number): NoiseAt | null {
  const above = measured.findIndex((each) => each.batch >= batch);
  const right = measured[above];
  if (right === undefined) return null;
  if (right.batch === batch) return { ...right, between: null };
  const left = measured[above - 1];
  if (left === undefined) return null;
  const share = Math.log2(batch / left.batch) / Math.log2(right.batch / left.batch);
  const between = (from: number, to: number): number =>
    from > 0 && to > 0 ? from * (to / from) ** share : from + (to - from) * share;
  return {
    batch,
    // The noisier of the two places is said.
    site: left.site,
    mean: between(left.mean, right.mean),
    variance: between(left.variance, right.variance),
    between: [left.batch, right.batch],
  };
}

/** The sizes that a slider stops at: up to eight each, then four to a doubling, and the network's own. */
export function sliderBatches(low: number, high: number, own: number): number[] {
  const batches = new Set<number>();
  for (let batch = low; batch <= high; batch += 2 ** Math.max(0, Math.floor(Math.log2(batch)) - 2)) batches.add(batch);
  batches.add(high);
  if (own >= low && own <= high) batches.add(own);
  return [...batches].sort((a, b) => a - b);
}

/** The published row for a batch size: the largest not above it; the first below all. */
export const publishedRow = ({ rows }: PublishedErrors, batch: number): PublishedErrors['rows'][number] | undefined =>
  rows.findLast((row) => row.batch <= batch) ?? rows[0];
