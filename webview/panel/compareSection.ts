import { countText, figureText } from '../../src/engine/report/figureText';
import type { Figure, Report } from '../../src/engine/report/report';
import { recommendationSentence } from '../../src/engine/report/sentences';
import { LineChart } from '../charts/lineChart';
import { dropdown } from '../controls';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { legend } from '../page/legend';
import { runName } from '../page/runs';
import { table } from '../page/table';
import type { ComparisonMessage, EarlierRun, ReportMessage } from '../protocol';
import { depthQuantities, type Quantity, shareQuantities } from '../quantities';
import { type ComparedLayer, comparedLayers } from './comparison';
import { layerLink } from './links';

const quantities: readonly Quantity[] = [...depthQuantities, ...shareQuantities];
/** Rows that are made at once. */
const MOST_ROWS = 300;

/** The figures that are shown beside those of an earlier run, layer by layer. */
export class CompareSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'compare' } });
  readonly #head = element('div', { class: 'chart-head' });
  readonly #body = element('div');
  readonly #chart = new LineChart();
  #runs: readonly EarlierRun[] = [];
  #shown: ReportMessage['shown'] = null;
  #before: ComparisonMessage['before'] = null;
  #quantity = quantities[0]!;

  constructor(
    private readonly extension: Extension,
    /** The run to compare with, by when it was measured; null for none. */
    private chosen: number | null,
    private readonly choose: (measured: number | null) => void,
  ) {
    this.element.append(element('h2', { id: 'compare' }, t('Compare with an earlier run')), this.#head, this.#body);
    this.element.hidden = true;
  }

  runs(runs: readonly EarlierRun[]): void {
    this.#runs = runs;
    this.#showHead();
    if (this.chosen !== null && this.#before === null) this.extension.post({ type: 'compare', measured: this.chosen });
  }

  show(shown: ReportMessage['shown']): void {
    this.#shown = shown;
    this.#showHead();
    this.#showBody();
  }

  comparison({ before }: ComparisonMessage): void {
    this.#before = before;
    this.#showBody();
  }

  themeChanged(): void {
    if (this.#before) this.#chart.themeChanged();
  }

  get #others(): readonly EarlierRun[] {
    return this.#runs.filter(({ measured }) => measured !== this.#shown?.measured);
  }

  #showHead(): void {
    const others = this.#others;
    this.element.hidden = others.length === 0;
    const none = t('no run');
    const names = new Map(others.map((run) => [runName(run), run.measured]));
    const chosen = [...names].find(([, measured]) => measured === this.chosen)?.[0] ?? none;
    fill(
      this.#head,
      dropdown({
        label: t('Compare with'),
        choices: [none, ...names.keys()],
        chosen,
        key: 'compare with',
        onChoose: (name) => {
          this.chosen = names.get(name) ?? null;
          this.#before = null;
          this.choose(this.chosen);
          this.extension.post({ type: 'compare', measured: this.chosen });
          if (this.chosen === null) this.#showBody();
        },
      }),
      this.#before === null
        ? null
        : dropdown({
            label: t('What is compared'),
            choices: quantities.map(({ label }) => label()),
            chosen: this.#quantity.label(),
            key: 'compared quantity',
            onChoose: (name) => {
              this.#quantity = quantities.find(({ label }) => label() === name) ?? this.#quantity;
              this.#showBody();
            },
          }),
    );
  }

  #showBody(): void {
    if (this.#before === null || this.#shown === null || this.#before.measured === this.#shown.measured) {
      fill(this.#body);
      return;
    }
    this.#showHead();
    const [before, now] = [this.#before.report, this.#shown.report];
    const layers = comparedLayers(before, now, this.#quantity);
    const quantity = this.#quantity;
    const title = t('{0}, before and now', quantity.label());
    fill(
      this.#body,
      summary(before, now),
      layers.length > 1 ? this.#chart.element : null,
      layers.length > 1
        ? legend([
            { name: t('now'), series: 0 },
            { name: t('before'), series: 2, dashed: true },
          ])
        : null,
      layers.length > 1 ? pictureButton(title, () => this.#chart.picture(), this.extension) : null,
      this.#table(layers.slice(0, MOST_ROWS), title),
      layers.length > MOST_ROWS
        ? element('p', { class: 'muted' }, t('The first {0} of {1} layers.', MOST_ROWS, layers.length))
        : null,
    );
    if (layers.length > 1) this.#draw(layers);
  }

  #draw(layers: readonly ComparedLayer[]): void {
    const quantity = this.#quantity;
    const logarithmic = quantity.scale === 'logarithmic';
    const line = (pick: (layer: ComparedLayer) => Figure | null) =>
      layers.flatMap((layer, x) => {
        const y = pick(layer);
        return typeof y === 'number' && (!logarithmic || y > 0) ? [{ x, y }] : [];
      });
    this.#chart.show({
      label: t(
        '{0} of {1} layers, before and now. The figures are in the table below.',
        quantity.label(),
        layers.length,
      ),
      xTitle: t('layers, from input to output'),
      yTitle: quantity.label(),
      xScale: 'linear',
      yScale: logarithmic ? 'logarithmic' : 'linear',
      named: true,
      formatX: (x) => layers[x]?.id ?? '',
      formatY: (y) => quantity.format(y),
      lines: [
        { name: t('now'), points: line(({ now }) => now), series: 0, apart: true, marked: layers.length <= 60 },
        {
          name: t('before'),
          points: line(({ before }) => before),
          series: 2,
          dashed: true,
          apart: true,
          marked: layers.length <= 60,
        },
      ],
    });
  }

  #table(layers: readonly ComparedLayer[], title: string): HTMLElement {
    const lines = new Map(this.#shown?.report.layers.map(({ id, source }) => [id, source.line]));
    const { format } = this.#quantity;
    return table(
      title,
      [
        { title: t('layer') },
        { title: t('kind'), words: true },
        { title: t('before') },
        { title: t('now') },
        { title: t('now / before') },
      ],
      layers.map(({ id, kindBefore, kindNow, before, now, ratio }) => {
        const line = lines.get(id);
        return {
          class: kindNow === null ? 'quiet' : '',
          cells: [
            kindNow === null || line === undefined
              ? element('code', {}, id)
              : layerLink(id, line, { kind: 'layer', id }, this.extension),
            kindNow === null
              ? t('{0}, gone', kindBefore ?? '')
              : kindBefore === null
                ? t('{0}, new', kindNow)
                : kindBefore === kindNow
                  ? kindNow
                  : t('{0}, was {1}', kindNow, kindBefore),
            format(before),
            format(now),
            ratio === null ? '–' : `× ${figureText(ratio)}`,
          ],
        };
      }),
    );
  }
}

/** The two runs in a line each. */
const summary = (before: Report, now: Report): HTMLElement =>
  table(
    t('The two runs'),
    [
      { title: t('run') },
      { title: t('batch') },
      { title: t('parameters') },
      { title: t('loss at the end') },
      { title: t('findings') },
      { title: t('advice'), words: true },
    ],
    [
      [t('before'), before],
      [t('now'), now],
    ].map(([name, report]) => {
      const { probe, network, findings, recommendation } = report as Report;
      return {
        cells: [
          name as string,
          String(probe.batch),
          countText(network.parameters.total),
          figureText(probe.loss?.training.at(-1) ?? null),
          String(findings.length),
          recommendation ? recommendationSentence(recommendation, t) : '–',
        ],
      };
    }),
  );
