import { element } from './element';
import { t } from './l10n';

/** One entry of a legend. */
export interface LegendEntry {
  readonly name: string;
  readonly series: number;
  readonly dashed?: boolean;
  /** Whether the name is one of code. */
  readonly code?: boolean;
}

/** Which line is what. */
export const legend = (entries: readonly LegendEntry[]): HTMLElement =>
  element(
    'ul',
    { class: 'legend', attributes: { 'aria-label': t('Lines of the chart') } },
    ...entries.map(({ name, series, dashed, code }) =>
      element(
        'li',
        {},
        element('span', { class: `swatch series-${series}${dashed ? ' dashed' : ''}` }),
        element(code ? 'code' : 'span', {}, name),
      ),
    ),
  );
