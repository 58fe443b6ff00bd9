import type { PublishedErrors } from '../../src/engine/report/report';
import { LineChart } from '../charts/lineChart';
import type { Marker } from '../charts/markers';
import { textTable } from '../charts/textTable';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { figureWords, t } from '../page/l10n';
import { legend } from '../page/legend';
import { publishedLines } from './siteNoise';

/** Errors of full trainings by batch size, as published: a line a norm. */
export class PublishedChart {
  readonly element = element('figure');
  readonly #chart = new LineChart();

  constructor(private readonly extension: Extension) {}

  show(published: PublishedErrors | null): void {
    if (published === null || published.rows.length < 2) {
      fill(this.element);
      return;
    }
    const lines = publishedLines(published);
    const title = t('Published: {0}', figureWords(published.quantity));
    const batches = published.rows.map(({ batch }) => batch);
    fill(
      this.element,
      element('h3', {}, title),
      this.#chart.element,
      legend(lines.map(({ norm }, series) => ({ name: norm, series }))),
      pictureButton(title, () => this.#chart.picture(), this.extension),
      textTable(title, [t('batch'), ...lines.map(({ norm }) => norm)], () =>
        published.rows.map(({ batch, errors }) => [
          String(batch),
          ...lines.map(({ norm }) => (errors[norm] === undefined ? '–' : String(errors[norm]))),
        ]),
      ),
    );
    this.#chart.show({
      label: t(
        '{0} by batch size, {1} to {2}, of {3}. The figures are in the table below.',
        figureWords(published.quantity),
        Math.min(...batches),
        Math.max(...batches),
        lines.map(({ norm }) => norm).join(', '),
      ),
      xTitle: t('batch size'),
      yTitle: published.unit,
      xScale: 'powers-of-two',
      yScale: 'linear',
      fromLeast: true,
      formatX: String,
      formatY: String,
      lines: lines.map(({ norm, points }, series) => ({ name: norm, points, series, marked: true })),
    });
  }

  mark(markers: readonly Marker[]): void {
    this.#chart.mark(markers);
  }

  themeChanged(): void {
    this.#chart.themeChanged();
  }
}
