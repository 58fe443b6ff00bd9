import type { VariantFigures } from '../../src/engine/report/advice';
import { figureText, NO_FIGURE } from '../../src/engine/report/figureText';
import type { Figure, Report } from '../../src/engine/report/report';
import { LineChart } from '../charts/lineChart';
import { textTable } from '../charts/textTable';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { legend } from '../page/legend';
import { table } from '../page/table';
import { type DepthLines, depthLines, type LossLine, lossLines, type VariantRow, variantRows } from './variants';
import { healthSection, rateSection } from './variantTables';

/** What was tried: a row each, their losses by step, their gradients along depth, their learning rates. */
export class VariantsSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'variants' } });
  readonly #losses = new LineChart();
  readonly #gradients = new LineChart();

  constructor(private readonly extension: Extension) {}

  show(report: Report): void {
    const { recommendation, probe } = report;
    const rows = recommendation ? variantRows(recommendation) : [];
    const tried = rows.filter((row) => row.tried || row.recommended);
    const untried = rows.filter((row) => !tried.includes(row));
    const lines = lossLines(report);
    const depth = depthLines(rows);
    this.element.hidden = rows.length === 0 && lines.length === 0;
    if (this.element.hidden) {
      fill(this.element);
      return;
    }
    fill(
      this.element,
      element('h2', { id: 'variants' }, rows.length > 0 ? t('What was tried') : t('Training loss')),
      tried.length === 0 ? null : variantTable(tried),
      untried.length === 0 ? null : untriedFold(untried),
      ...(lines.length === 0 ? [] : this.#lossParts(lines, probe.batch)),
      ...(depth === null ? [] : this.#gradientParts(depth)),
      ...healthSection(rows),
      ...rateSection(rows),
    );
    if (lines.length > 0) this.#drawLosses(lines);
    if (depth !== null) this.#drawGradients(depth);
  }

  themeChanged(): void {
    if (this.element.hidden) return;
    this.#losses.themeChanged();
    this.#gradients.themeChanged();
  }

  #lossParts(lines: readonly LossLine[], batch: number): HTMLElement[] {
    const title = t('Training loss by step');
    return [
      element('h3', {}, title),
      element(
        'p',
        { class: 'muted' },
        t(
          'On synthetic data, median over the seeds, each variant at its best learning rate of the same small sweep; dashed, the network at batch {0} with the optimizer that its file says. A short training compares how signal gets through, not how well a norm generalizes.',
          batch,
        ),
        lines.some(({ band }) => band) ? t(' The areas span the seeds.') : null,
      ),
      this.#losses.element,
      legend(lines.map(({ name, own }, index) => ({ name, series: seriesOf(index), dashed: own }))),
      pictureButton(title, () => this.#losses.picture(), this.extension),
      textTable(title, [t('step'), ...lines.map(({ name }) => name)], () =>
        Array.from({ length: longest(lines) }, (_, step) => [
          String(step),
          ...lines.map(({ losses }) => figureText(losses[step] ?? null)),
        ]),
      ),
    ];
  }

  #drawLosses(lines: readonly LossLine[]): void {
    const all = lines.flatMap(({ losses }) => losses.filter((loss) => typeof loss === 'number'));
    const least = Math.min(...all);
    const logarithmic = least > 0 && Math.max(...all) / least > 20;
    const [first] = lines;
    this.#losses.show({
      label: t(
        'Training loss by step of {0} variants; {1} ends at {2}. The figures are in the table below.',
        lines.length,
        first?.name ?? '',
        figureText(first?.losses.at(-1) ?? null),
      ),
      xTitle: t('step'),
      yTitle: logarithmic ? t('loss, logarithmic') : t('loss'),
      xScale: 'linear',
      yScale: logarithmic ? 'logarithmic' : 'linear',
      formatX: String,
      formatY: figureText,
      lines: lines.map(({ name, losses, recommended, own, band }, index) => ({
        name,
        points: losses.map((loss, step) => ({ x: step, y: drawable(loss, logarithmic) })),
        series: seriesOf(index),
        width: recommended ? 3 : 1.5,
        dashed: own,
        ...(band && { band: bandOf(band, logarithmic) }),
      })),
    });
  }

  #gradientParts({ layers, lines }: DepthLines): HTMLElement[] {
    const title = t('Gradient along depth, each variant');
    return [
      element('h3', {}, title),
      element(
        'p',
        { class: 'muted' },
        t(
          'At initialization, the norm of each layer’s gradient times that of its weights, from input to output, on a logarithmic scale. Scaling the weights cannot change it. A line that falls to the left vanishes; one that rises to the left explodes.',
        ),
      ),
      this.#gradients.element,
      legend(lines.map(({ name, own }, index) => ({ name, series: seriesOf(index), dashed: own }))),
      pictureButton(title, () => this.#gradients.picture(), this.extension),
      textTable(title, [t('layer'), ...lines.map(({ name }) => name)], () =>
        layers.map((layer, at) => [layer, ...lines.map(({ values }) => figureText(values[at] ?? null))]),
      ),
    ];
  }

  #drawGradients({ layers, lines }: DepthLines): void {
    const [first] = lines;
    this.#gradients.show({
      label: t(
        'Gradient norm times weight norm of {0} layers of {1} variants; {2} goes from {3} to {4}. The figures are in the table below.',
        layers.length,
        lines.length,
        first?.name ?? '',
        figureText(first?.values[0] ?? null),
        figureText(first?.values.at(-1) ?? null),
      ),
      xTitle: t('layers with weights, from input to output'),
      yTitle: '‖g‖·‖W‖',
      xScale: 'linear',
      yScale: 'logarithmic',
      named: true,
      formatX: (x) => layers[x] ?? '',
      formatY: figureText,
      lines: lines.map(({ name, own, values }, index) => ({
        name,
        points: values.map((value, x) => ({ x, y: drawable(value, true) })),
        series: seriesOf(index),
        width: index === 0 ? 3 : 1.5,
        dashed: own,
        marked: layers.length <= 40,
      })),
    });
  }
}

/** The theme has six colours for lines. */
const seriesOf = (index: number): number => index % 6;

const drawable = (figure: Figure | null, logarithmic: boolean): number | null =>
  typeof figure === 'number' && (!logarithmic || figure > 0) ? figure : null;

const bandOf = ({ low, high }: VariantFigures['lossBand'], logarithmic: boolean) =>
  low.flatMap((least, x) => {
    const [from, to] = [drawable(least, logarithmic), drawable(high[x] ?? null, logarithmic)];
    return from === null || to === null ? [] : [{ x, low: from, high: to }];
  });

const longest = (lines: readonly LossLine[]): number => Math.max(...lines.map(({ losses }) => losses.length));

function variantTable(rows: readonly VariantRow[]): HTMLElement {
  const known = rows.some(({ figures }) => figures?.difference);
  return table(
    t('What was tried'),
    [
      { title: t('variant') },
      { title: t('evaluation loss') },
      ...(known ? [DIFFERENCE()] : []),
      { title: t('learning rate') },
      { title: t('what it came to'), words: true },
    ],
    rows.map(({ name, recommended, tried, loss, learningRate, words, figures }) => ({
      class: recommended ? 'recommended' : '',
      cells: [
        name,
        tried ? figureText(loss) : t('not tried'),
        ...(known ? [differenceText(figures)] : []),
        figureText(learningRate),
        words,
      ],
    })),
  );
}

/** What was not tried, and why not. */
const untriedFold = (rows: readonly VariantRow[]): HTMLElement =>
  element(
    'details',
    {},
    element('summary', { key: 'untried' }, t('Not tried: {0}', rows.length)),
    table(
      t('Not tried: {0}', rows.length),
      [{ title: t('variant') }, { title: t('why not'), words: true }],
      rows.map(({ name, words }) => ({ cells: [name, words] })),
    ),
  );

const DIFFERENCE = () => ({
  title: t('difference'),
  definition: t(
    'evaluation loss less that of the network as it is, paired by seed: median, and an interval that holds for all variants together',
  ),
});

function differenceText(figures: VariantFigures | undefined): string {
  const difference = figures?.difference;
  if (!difference) return NO_FIGURE;
  const [median, low, high] = [difference.median, difference.low, difference.high].map(figureText);
  if (typeof difference.low !== 'number' || typeof difference.high !== 'number')
    return t('{0}, too few seeds for an interval', median!);
  return difference.equal ? t('equal: {0} [{1}, {2}]', median!, low!, high!) : `${median} [${low}, ${high}]`;
}
