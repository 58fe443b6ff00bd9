import { figureText } from '../../src/engine/report/figureText';
import type { Figure, Report } from '../../src/engine/report/report';
import { LineChart } from '../charts/lineChart';
import { textTable } from '../charts/textTable';
import { element, fill } from '../page/element';
import { legend } from '../page/legend';
import { type LossLine, lossLines, type VariantRow, variantRows } from './variants';

/** What was tried: a row each, and their losses by step. */
export class VariantsSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'variants' } });
  readonly #chart = new LineChart();

  show(report: Report): void {
    const { recommendation, probe } = report;
    const rows = recommendation ? variantRows(recommendation) : [];
    const lines = lossLines(report);
    this.element.hidden = rows.length === 0 && lines.length === 0;
    if (this.element.hidden) {
      fill(this.element);
      return;
    }
    fill(
      this.element,
      element('h2', { id: 'variants' }, rows.length > 0 ? 'Alternatives' : 'Training loss'),
      rows.length === 0 ? null : variantTable(rows),
      ...(lines.length === 0 ? [] : this.#losses(lines, probe.batch)),
    );
    if (lines.length > 0) this.#draw(lines);
  }

  themeChanged(): void {
    if (!this.element.hidden) this.#chart.themeChanged();
  }

  #losses(lines: readonly LossLine[], batch: number): HTMLElement[] {
    return [
      element('h3', {}, 'Training loss by step'),
      element(
        'p',
        { class: 'muted' },
        `On synthetic data, median over the seeds, each variant at its best learning rate of the same small sweep; dashed, the network at batch ${batch} with the optimizer that its file says. A short training compares how signal gets through, not how well a norm generalizes.`,
      ),
      this.#chart.element,
      legend(lines.map(({ name, own }, index) => ({ name, series: seriesOf(index), dashed: own }))),
      textTable('Training loss by step', ['step', ...lines.map(({ name }) => name)], () =>
        Array.from({ length: longest(lines) }, (_, step) => [
          String(step),
          ...lines.map(({ losses }) => figureText(losses[step] ?? null)),
        ]),
      ),
    ];
  }

  #draw(lines: readonly LossLine[]): void {
    const all = lines.flatMap(({ losses }) => losses.filter((loss) => typeof loss === 'number'));
    const least = Math.min(...all);
    const logarithmic = least > 0 && Math.max(...all) / least > 20;
    const [first] = lines;
    this.#chart.show({
      label: `Training loss by step of ${lines.length} variants; ${first ? `${first.name} ends at ${figureText(first.losses.at(-1) ?? null)}` : ''}. The figures are in the table below.`,
      xTitle: 'step',
      yTitle: logarithmic ? 'loss, logarithmic' : 'loss',
      xScale: 'linear',
      yScale: logarithmic ? 'logarithmic' : 'linear',
      formatX: String,
      formatY: figureText,
      lines: lines.map(({ name, losses, recommended, own }, index) => ({
        name,
        points: losses.map((loss, step) => ({ x: step, y: drawable(loss, logarithmic) })),
        series: seriesOf(index),
        width: recommended ? 3 : 1.5,
        dashed: own,
      })),
    });
  }
}

/** The theme has six colours for lines. */
const seriesOf = (index: number): number => index % 6;

const drawable = (loss: Figure, logarithmic: boolean): number | null =>
  typeof loss === 'number' && (!logarithmic || loss > 0) ? loss : null;

const longest = (lines: readonly LossLine[]): number => Math.max(...lines.map(({ losses }) => losses.length));

const variantTable = (rows: readonly VariantRow[]): HTMLElement =>
  element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      { class: 'variants' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...['variant', 'evaluation loss', 'learning rate'].map((title) =>
            element('th', { attributes: { scope: 'col' } }, title),
          ),
          element('th', { class: 'words', attributes: { scope: 'col' } }, 'what it came to'),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map(({ name, recommended, tried, loss, learningRate, words }) =>
          element(
            'tr',
            { class: recommended ? 'recommended' : '' },
            element('th', { attributes: { scope: 'row' } }, name),
            element('td', {}, tried ? figureText(loss) : 'not tried'),
            element('td', {}, figureText(learningRate)),
            element('td', { class: 'words' }, words),
          ),
        ),
      ),
    ),
  );
