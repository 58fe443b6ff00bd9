import type { PublishedErrors } from '../../src/engine/report/report';
import { percent } from '../../src/engine/report/words';
import { figureWords, t } from '../page/l10n';
import { type NoiseAt, publishedRow } from './noise';

/** What the noise is at a batch size, and how that is known. */
export function noiseSentence({ batch, site, mean, variance, between }: NoiseAt, ownData = false): string {
  const how = between
    ? t('interpolated between the measured {0} and {1}, on logarithmic scales', between[0], between[1])
    : ownData
      ? t('measured here, on your own data')
      : t('measured here, on synthetic data');
  return t(
    'At batch {0} BatchNorm’s variance scatters by {1} of itself and its mean by {2} of a standard deviation, at {3} ({4}).',
    batch,
    percent(variance),
    percent(mean),
    site.replace(/\+norm$/, ''),
    how,
  );
}

/** What a full training came to at that batch, by publication. */
export function publishedSentence(published: PublishedErrors, batch: number): string {
  const row = publishedRow(published, batch);
  if (row === undefined) return '';
  const errors = Object.entries(row.errors)
    .map(([norm, error]) => t('{0} {1} with {2}', error, published.unit, norm))
    .join(', ');
  return row.batch === batch
    ? t(
        'Published for batch {0}: {1}, {2} ({3}).',
        row.batch,
        figureWords(published.quantity),
        errors,
        published.source,
      )
    : t(
        'Published for batch {0}, the nearest row: {1}, {2} ({3}).',
        row.batch,
        figureWords(published.quantity),
        errors,
        published.source,
      );
}
