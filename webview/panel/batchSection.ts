import { figureText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import { percent } from '../../src/engine/report/words';
import { LineChart } from '../charts/lineChart';
import type { Marker } from '../charts/markers';
import { textTable } from '../charts/textTable';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { legend } from '../page/legend';
import { prose } from '../page/prose';
import { noiseSentence, publishedSentence } from './batchSentences';
import { batchSlider } from './batchSlider';
import { type MeasuredNoise, measuredNoise, noiseAt, sliderBatches } from './noise';
import { PublishedChart } from './publishedChart';
import { SiteNoise } from './siteNoiseCharts';

const MEAN = 1;
const VARIANCE = 0;

/** BatchNorm's own noise over batch sizes, for this network, with a slider that says it at one size. */
export class BatchSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'batch' } });
  readonly #chart = new LineChart();
  readonly #sites: SiteNoise;
  readonly #publishedChart: PublishedChart;
  readonly #sentence = element('p', { id: 'noise', attributes: { 'aria-live': 'polite' } });
  readonly #published = element('p', { class: 'muted' });
  #report: Report | undefined;
  #measured: readonly MeasuredNoise[] = [];
  #batch: number | undefined;

  constructor(
    batch: number | undefined,
    private readonly choose: (batch: number) => void,
    private readonly extension: Extension,
  ) {
    this.#batch = batch;
    this.#sites = new SiteNoise(extension);
    this.#publishedChart = new PublishedChart(extension);
  }

  show(report: Report): void {
    this.#report = report;
    const { siteNoise } = report.probe;
    this.#measured = measuredNoise(report.probe.batchNoise);
    const range = this.#sites.show(siteNoise) ?? rangeOf(this.#measured);
    this.element.hidden = range === null;
    if (range === null) {
      fill(this.element);
      return;
    }
    const own = report.probe.batch;
    const batches = sliderBatches(range[0], range[1], own);
    const wanted = this.#batch ?? own;
    const at = batches.reduce(
      (best, batch, index) => (Math.abs(batch - wanted) < Math.abs(batches[best]! - wanted) ? index : best),
      0,
    );
    const published = report.recommendation?.published ?? null;
    this.#publishedChart.show(published);
    fill(
      this.element,
      element('h2', { id: 'batch' }, t('The batch')),
      element(
        'p',
        { class: 'muted' },
        t(
          'How far BatchNorm’s own statistics scatter from batch to batch in this network: less is steadier. GroupNorm and LayerNorm do not depend on the batch.',
        ),
      ),
      batchSlider(batches, at, {
        move: (batch) => {
          this.#batch = batch;
          this.#say(batch);
        },
        rest: this.choose,
      }),
      this.#sentence,
      element(
        'div',
        { class: published === null ? '' : 'side-by-side' },
        siteNoise ? this.#sites.curves : this.#worst(),
        published === null ? null : this.#publishedChart.element,
      ),
      this.#published,
      siteNoise ? this.#sites.byLayer : null,
    );
    if (!siteNoise) this.#drawWorst();
    this.#say(batches[at]!);
  }

  themeChanged(): void {
    if (this.element.hidden) return;
    this.#chart.themeChanged();
    this.#sites.themeChanged();
    this.#publishedChart.themeChanged();
  }

  /** Where the report has no figures by site: the noisiest place at each size. */
  #worst(): HTMLElement {
    const title = t('BatchNorm’s noise by batch size');
    return element(
      'figure',
      {},
      element('h3', {}, title),
      this.#chart.element,
      legend([
        { name: t('variance, in variances'), series: VARIANCE },
        { name: t('mean, in standard deviations'), series: MEAN, dashed: true },
      ]),
      pictureButton(title, () => this.#chart.picture(), this.extension),
      textTable(title, [t('batch'), t('mean'), t('variance'), t('noisiest layer')], () =>
        this.#measured.map(({ batch, mean, variance, site }) => [
          String(batch),
          figureText(mean),
          figureText(variance),
          site,
        ]),
      ),
    );
  }

  #drawWorst(): void {
    const [first, last] = [this.#measured[0]!, this.#measured.at(-1)!];
    this.#chart.show({
      label: t(
        'Spread of BatchNorm’s batch variance and batch mean at batch sizes {0} to {1}: the variance goes from {2} to {3}. The figures are in the table below.',
        first.batch,
        last.batch,
        percent(first.variance),
        percent(last.variance),
      ),
      xTitle: t('batch size'),
      yTitle: t('spread'),
      xScale: 'powers-of-two',
      yScale: 'linear',
      formatX: String,
      formatY: (y) => percent(y),
      lines: [
        {
          name: t('variance, in variances'),
          series: VARIANCE,
          points: this.#measured.map(({ batch, variance }) => ({ x: batch, y: variance })),
          marked: true,
        },
        {
          name: t('mean, in standard deviations'),
          series: MEAN,
          points: this.#measured.map(({ batch, mean }) => ({ x: batch, y: mean })),
          marked: true,
          dashed: true,
        },
      ],
    });
  }

  #say(batch: number): void {
    const { probe, recommendation } = this.#report!;
    const markers = markersAt(batch, probe.batch);
    const at = noiseAt(this.#measured, batch);
    this.#chart.mark(
      markers.map((marker) =>
        marker.x === batch && at
          ? {
              ...marker,
              on: [
                { y: at.variance, series: VARIANCE },
                { y: at.mean, series: MEAN },
              ],
            }
          : marker,
      ),
    );
    this.#sites.at(batch, markers);
    this.#publishedChart.mark(markers);
    this.#sentence.textContent = probe.siteNoise
      ? this.#sites.sentence(batch, probe.data.files !== undefined)
      : at
        ? noiseSentence(at, probe.data.files !== undefined)
        : '';
    fill(
      this.#published,
      ...(recommendation?.published ? prose(publishedSentence(recommendation.published, batch)) : []),
    );
  }
}

const rangeOf = (measured: readonly MeasuredNoise[]): readonly [number, number] | null => {
  const [first, last] = [measured[0], measured.at(-1)];
  return first === undefined || last === undefined || first === last ? null : [first.batch, last.batch];
};

/** The batch that the slider stands at, and the network's own. */
const markersAt = (batch: number, own: number): Marker[] => [
  ...(own === batch ? [] : [{ x: own, name: t('yours'), dashed: true }]),
  { x: batch, name: own === batch ? t('batch {0}, yours', batch) : t('batch {0}', batch) },
];
