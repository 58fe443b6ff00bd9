import { figureText, NO_FIGURE, shareText } from '../../src/engine/report/figureText';
import type { Figure } from '../../src/engine/report/report';
import { element } from '../page/element';
import { t } from '../page/l10n';
import { table } from '../page/table';
import { rateTable, type VariantRow } from './variants';

/** How signal and gradient got through each variant, and what a step of it holds in memory. */
export function healthSection(rows: readonly VariantRow[]): HTMLElement[] {
  const having = rows.flatMap(({ name, recommended, figures }) => (figures ? [{ name, recommended, figures }] : []));
  if (having.length === 0) return [];
  const title = t('Signal and gradient in each variant');
  const share = (figure: Figure | null) => (figure === null ? NO_FIGURE : shareText(figure));
  return [
    element('h3', {}, title),
    table(
      title,
      [
        { title: t('variant') },
        {
          title: t('first/last gradient'),
          definition: t('output gradient RMS of the first layer over that of the last of its role'),
        },
        { title: t('saturated'), definition: t('mean share over its bounded activations') },
        { title: t('dead channels'), definition: t('share of channels that are inactive for every sample seen') },
        {
          title: t('effective rank'),
          definition: t('smallest effective rank of a layer’s output over the most that it could have'),
        },
        { title: t('memory'), definition: t('of a training step, estimated before the run') },
      ],
      having.map(({ name, recommended, figures }) => ({
        class: recommended ? 'recommended' : '',
        cells: [
          name,
          figureText(figures.gradientRatio),
          share(figures.saturated),
          share(figures.dead),
          share(figures.effectiveRank),
          bytesText(figures.memoryBytes),
        ],
      })),
    ),
  ];
}

const bytesText = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Which learning rates each variant bears, and how much its start matters. */
export function rateSection(rows: readonly VariantRow[]): HTMLElement[] {
  const rates = rateTable(rows);
  const scales = rows.filter(({ figures }) => figures && figures.initScale.length > 0);
  return [
    ...(rates === null
      ? []
      : [
          element('h3', {}, t('Learning rates')),
          element(
            'p',
            { class: 'muted' },
            t(
              'Training loss at the end at each rate that was tried with the first seed, and the step at which {0} was reached; a dash where it was not.',
              figureText(rates.rows[0]?.reach ?? null),
            ),
          ),
          table(
            t('Learning rates'),
            [{ title: t('variant') }, ...rates.rates.map((rate) => ({ title: t('rate {0}', figureText(rate)) }))],
            rates.rows.map(({ name, cells }) => ({
              cells: [
                name,
                ...cells.map(({ loss, reachedAt }) =>
                  reachedAt === null
                    ? t('{0} (–)', figureText(loss))
                    : t('{0} (step {1})', figureText(loss), reachedAt),
                ),
              ],
            })),
          ),
        ]),
    ...(scales.length === 0
      ? []
      : [
          element('h3', {}, t('Scale of the initial weights')),
          element(
            'p',
            { class: 'muted' },
            t(
              'Training loss at the end with all initial weights times a factor: the less it changes, the less the start matters.',
            ),
          ),
          table(
            t('Scale of the initial weights'),
            [
              { title: t('variant') },
              ...(scales[0]?.figures?.initScale ?? []).map(({ scale }) => ({ title: `× ${figureText(scale)}` })),
            ],
            scales.map(({ name, figures }) => ({
              cells: [name, ...(figures?.initScale ?? []).map(({ loss }) => figureText(loss))],
            })),
          ),
        ]),
  ];
}
