import type { PublishedErrors } from '../../src/engine/report/report';
import { percent } from '../../src/engine/report/words';
import { type NoiseAt, publishedRow } from './noise';

/** What the noise is at a batch size, and how that is known. */
export function noiseSentence({ batch, site, mean, variance, between }: NoiseAt): string {
  const how = between
    ? `interpolated between the measured ${between[0]} and ${between[1]}, on logarithmic scales`
    : 'measured here, on synthetic data';
  return `At batch ${batch} BatchNorm’s variance scatters by ${percent(variance)} of itself and its mean by ${percent(mean)} of a standard deviation, at ${site.replace(/\+norm$/, '')} (${how}).`;
}

/** What a full training came to at that batch, by publication. */
export function publishedSentence(published: PublishedErrors, batch: number): string {
  const row = publishedRow(published, batch);
  if (row === undefined) return '';
  const errors = Object.entries(row.errors)
    .map(([norm, error]) => `${error} ${published.unit} with ${norm}`)
    .join(', ');
  const nearest = row.batch === batch ? '' : ', the nearest row';
  return `Published for batch ${row.batch}${nearest}: ${published.quantity}, ${errors} (${published.source}).`;
}
