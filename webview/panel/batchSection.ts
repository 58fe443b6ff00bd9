import { figureText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import { percent } from '../../src/engine/report/words';
import { LineChart } from '../charts/lineChart';
import { textTable } from '../charts/textTable';
import { element, fill } from '../page/element';
import { legend } from '../page/legend';
import { prose } from '../page/prose';
import { noiseSentence, publishedSentence } from './batchSentences';
import { type MeasuredNoise, measuredNoise, noiseAt, sliderBatches } from './noise';

const MEAN = { name: 'mean, in standard deviations', series: 0 };
const VARIANCE = { name: 'variance, in variances', series: 1 };

/** BatchNorm's own noise over batch sizes, for this network, with a slider that says it at one size. */
export class BatchSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'batch' } });
  readonly #chart = new LineChart();
  readonly #sentence = element('p', { id: 'noise', attributes: { 'aria-live': 'polite' } });
  readonly #published = element('p', { class: 'muted' });
  #report: Report | undefined;
  #measured: readonly MeasuredNoise[] = [];
  #batch: number | undefined;

  constructor(
    batch: number | undefined,
    private readonly choose: (batch: number) => void,
  ) {
    this.#batch = batch;
  }

  show(report: Report): void {
    this.#report = report;
    this.#measured = measuredNoise(report.probe.batchNoise);
    const [first, last] = [this.#measured[0], this.#measured.at(-1)];
    this.element.hidden = first === undefined || last === undefined || first === last;
    if (this.element.hidden) {
      fill(this.element);
      return;
    }
    const own = report.probe.batch;
    const batches = sliderBatches(first!.batch, last!.batch, own);
    const wanted = this.#batch ?? own;
    const at = batches.reduce(
      (best, batch, index) => (Math.abs(batch - wanted) < Math.abs(batches[best]! - wanted) ? index : best),
      0,
    );
    fill(
      this.element,
      element('h2', { id: 'batch' }, 'The batch'),
      element(
        'p',
        { class: 'muted' },
        'How far BatchNorm’s own statistics scatter from batch to batch in this network, at its noisiest layer: less is steadier. GroupNorm and LayerNorm do not depend on the batch.',
      ),
      this.#chart.element,
      legend([VARIANCE, { ...MEAN, dashed: true }]),
      this.#slider(batches, at),
      this.#sentence,
      this.#published,
      textTable('BatchNorm’s noise by batch size', ['batch', 'mean', 'variance', 'noisiest layer'], () =>
        this.#measured.map(({ batch, mean, variance, site }) => [
          String(batch),
          figureText(mean),
          figureText(variance),
          site,
        ]),
      ),
    );
    this.#chart.show({
      label: `Spread of BatchNorm's batch variance and batch mean at batch sizes ${first!.batch} to ${last!.batch}: the variance goes from ${percent(first!.variance)} to ${percent(last!.variance)}. The figures are in the table below.`,
      xTitle: 'batch size',
      yTitle: 'spread',
      xScale: 'powers-of-two',
      yScale: 'linear',
      formatX: String,
      formatY: (y) => percent(y),
      lines: [
        {
          ...VARIANCE,
          points: this.#measured.map(({ batch, variance }) => ({ x: batch, y: variance })),
          marked: true,
        },
        {
          ...MEAN,
          points: this.#measured.map(({ batch, mean }) => ({ x: batch, y: mean })),
          marked: true,
          dashed: true,
        },
      ],
    });
    this.#say(batches[at]!);
  }

  themeChanged(): void {
    if (!this.element.hidden) this.#chart.themeChanged();
  }

  #slider(batches: readonly number[], at: number): HTMLElement {
    const output = element('output', { class: 'figure', attributes: { for: 'batch-slider' } }, String(batches[at]));
    const slider = element('input', {
      id: 'batch-slider',
      key: 'batch-slider',
      attributes: {
        type: 'range',
        min: 0,
        max: batches.length - 1,
        step: 1,
        value: at,
        'aria-valuetext': `batch ${batches[at]}`,
      },
    });
    slider.addEventListener('input', () => {
      const batch = batches[slider.valueAsNumber]!;
      slider.setAttribute('aria-valuetext', `batch ${batch}`);
      output.textContent = String(batch);
      this.#batch = batch;
      this.#say(batch);
    });
    // Remembered once it has come to rest.
    slider.addEventListener('change', () => this.choose(batches[slider.valueAsNumber]!));
    return element(
      'div',
      { class: 'slider' },
      element('label', { attributes: { for: 'batch-slider' } }, 'Batch'),
      slider,
      output,
    );
  }

  #say(batch: number): void {
    const { probe, recommendation } = this.#report!;
    const at = noiseAt(this.#measured, batch);
    const own = { x: probe.batch, name: 'yours', dashed: true };
    const first = this.#measured[0]!.batch;
    const last = this.#measured.at(-1)!.batch;
    this.#chart.mark([
      ...(probe.batch >= first && probe.batch <= last && probe.batch !== batch ? [own] : []),
      ...(at
        ? [
            {
              x: batch,
              name: `batch ${batch}${batch === probe.batch ? ', yours' : ''}`,
              on: [
                { y: at.variance, series: VARIANCE.series },
                { y: at.mean, series: MEAN.series },
              ],
            },
          ]
        : []),
    ]);
    this.#sentence.textContent = at ? noiseSentence(at) : '';
    fill(
      this.#published,
      ...(recommendation?.published ? prose(publishedSentence(recommendation.published, batch)) : []),
    );
  }
}
