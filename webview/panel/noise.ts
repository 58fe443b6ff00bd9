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
  const at = (figure: 'mean' | 'variance'): number =>
    onStraightLine({ x: left.batch, y: left[figure] }, { x: right.batch, y: right[figure] }, batch);
  return {
    batch,
    // The noisier of the two places is said.
    site: left.site,
    mean: at('mean'),
    variance: at('variance'),
    between: [left.batch, right.batch],
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** On a straight line between two points with both axes in log2; in plain y where one of them is zero. */
function onStraightLine(left: Point, right: Point, x: number): number {
  const share = Math.log2(x / left.x) / Math.log2(right.x / left.x);
  return left.y > 0 && right.y > 0 ? left.y * (right.y / left.y) ** share : left.y + (right.y - left.y) * share;
}

/** The same along points that ascend; null beyond them. */
export function between(points: readonly Point[], x: number): number | null {
  const above = points.findIndex((point) => point.x >= x);
  const right = points[above];
  if (right === undefined) return null;
  if (right.x === x) return right.y;
  const left = points[above - 1];
  return left === undefined ? null : onStraightLine(left, right, x);
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
