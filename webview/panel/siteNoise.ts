import type { SiteNoiseTable } from '../../src/engine/report/advice';
import type { PublishedErrors } from '../../src/engine/report/report';
import { between } from './noise';

type Site = SiteNoiseTable['sites'][number];

/** BatchNorm's own noise at one site and one batch size; spreads as shares. */
export interface SiteAt {
  /** Its index in the report's table. */
  readonly index: number;
  readonly layer: string;
  readonly line: number;
  /** Values a channel that the statistics are of. */
  readonly values: number;
  readonly mean: number;
  readonly variance: number;
  /** √(2/(m−1)): the variance's spread if the values were independent and Gaussian. */
  readonly theory: number;
}

/** A site's measured sizes with finite figures, ascending. */
export const curveOf = ({ noise }: Site) =>
  noise
    .flatMap(({ batch, mean, variance, theory }) =>
      typeof mean === 'number' && typeof variance === 'number'
        ? [{ batch, mean, variance, theory: typeof theory === 'number' ? theory : Number.NaN }]
        : [],
    )
    .sort((a, b) => a.batch - b.batch);

/** √(2/(m−1)) for m values a channel; infinite for one. */
export const independentSpread = (values: number): number => Math.sqrt(2 / (values - 1));

/** Every site at a batch size, in the order of the report; those that were not measured around it are left out. */
export const sitesAt = ({ sites }: SiteNoiseTable, batch: number): SiteAt[] =>
  sites.flatMap((site, index) => {
    const curve = curveOf(site);
    const variance = between(
      curve.map((each) => ({ x: each.batch, y: each.variance })),
      batch,
    );
    const mean = between(
      curve.map((each) => ({ x: each.batch, y: each.mean })),
      batch,
    );
    if (variance === null || mean === null) return [];
    const values = site.valuesPerSample * batch;
    return [
      { index, layer: site.layer, line: site.source.line, values, mean, variance, theory: independentSpread(values) },
    ];
  });

/** The measured sizes that a batch lies between at a site; null where it is one of them. */
export function measuredAround(
  { sites }: SiteNoiseTable,
  index: number,
  batch: number,
): readonly [number, number] | null {
  const site = sites[index];
  const sizes = site ? curveOf(site).map((each) => each.batch) : [];
  const above = sizes.find((size) => size >= batch);
  const below = sizes.findLast((size) => size < batch);
  return above === undefined || above === batch || below === undefined ? null : [below, above];
}

/** The noisiest first. */
export const worstFirst = (sites: readonly SiteAt[]): SiteAt[] => [...sites].sort((a, b) => b.variance - a.variance);

/** The batch sizes from the least to the greatest that any site was measured at; null where there are fewer than two. */
export function measuredRange({ sites }: SiteNoiseTable): readonly [number, number] | null {
  const batches = sites.flatMap((site) => curveOf(site).map(({ batch }) => batch));
  if (batches.length === 0) return null;
  const [low, high] = [Math.min(...batches), Math.max(...batches)];
  return low < high ? [low, high] : null;
}

/** The published errors as lines: a norm each, over the batch. */
export const publishedLines = ({ rows }: PublishedErrors) => {
  const norms = [...new Set(rows.flatMap(({ errors }) => Object.keys(errors)))];
  return norms.map((norm) => ({
    norm,
    points: rows.flatMap(({ batch, errors }) => {
      const error = errors[norm];
      return error === undefined ? [] : [{ x: batch, y: error }];
    }),
  }));
};
