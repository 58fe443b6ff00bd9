import type { SiteNoiseTable } from '../../src/engine/report/advice';
import { countText, figureText } from '../../src/engine/report/figureText';
import { percent } from '../../src/engine/report/words';
import { LineChart } from '../charts/lineChart';
import type { Marker } from '../charts/markers';
import { textTable } from '../charts/textTable';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { legend } from '../page/legend';
import { table } from '../page/table';
import { layerLink } from './links';
import {
  curveOf,
  independentSpread,
  measuredAround,
  measuredRange,
  type SiteAt,
  sitesAt,
  worstFirst,
} from './siteNoise';

/** Sites that have a line of their own over batch sizes. */
const MOST_CURVES = 3;
/** Sites that the table lists at once. */
const MOST_ROWS = 8;

/** BatchNorm's noise by site: over batch sizes at the noisiest, and over the layers at the slider's batch. */
export class SiteNoise {
  readonly curves = element('figure');
  readonly byLayer = element('figure', { class: 'by-layer' });
  readonly #curveChart = new LineChart();
  readonly #layerChart = new LineChart();
  readonly #rows = element('div', { class: 'noise-rows' });
  #table: SiteNoiseTable | undefined;

  constructor(private readonly extension: Extension) {}

  /** Shows the table; gives the batch sizes from the least to the greatest, null where there is nothing to show. */
  show(noise: SiteNoiseTable | undefined): readonly [number, number] | null {
    this.#table = noise;
    const range = noise && measuredRange(noise);
    if (!noise || !range) {
      this.#table = undefined;
      fill(this.curves);
      fill(this.byLayer);
      return null;
    }
    this.#showCurves(noise, range);
    const title = t('BatchNorm’s noise by layer');
    fill(
      this.byLayer,
      element('h3', {}, title),
      element(
        'p',
        { class: 'muted' },
        t(
          'Spread of the batch variance at every place of a norm, from input to output, at the slider’s batch; {0} samples were drawn from. Dashed, √(2/(m−1)): what independent values would scatter by, with m values a channel in a batch. Where neighbouring positions are alike, or few samples differ, it is more.',
          countText(noise.samples),
        ),
      ),
      this.#layerChart.element,
      legend([
        { name: t('measured'), series: 0 },
        { name: '√(2/(m−1))', series: 5, dashed: true },
      ]),
      pictureButton(title, () => this.#layerChart.picture(), this.extension),
      this.#rows,
    );
    return range;
  }

  /** The figures at a batch size. */
  at(batch: number, markers: readonly Marker[]): void {
    if (!this.#table) return;
    const sites = sitesAt(this.#table, batch);
    this.#curveChart.mark(markers);
    this.#showLayers(sites, batch);
    this.#showRows(sites, batch);
  }

  /** The noisiest site in a sentence. */
  sentence(batch: number, ownData: boolean): string {
    const [worst] = this.#table ? worstFirst(sitesAt(this.#table, batch)) : [];
    if (worst === undefined || !this.#table) return '';
    const around = measuredAround(this.#table, worst.index, batch);
    return t(
      'At batch {0} BatchNorm’s variance scatters by {1} of itself at its noisiest place, {2}, where independent values would scatter by {3} ({4}).',
      batch,
      percent(worst.variance),
      worst.layer,
      percent(worst.theory),
      around
        ? t('interpolated between the measured {0} and {1}, on logarithmic scales', around[0], around[1])
        : ownData
          ? t('measured here, on your own data')
          : t('measured here, on synthetic data'),
    );
  }

  themeChanged(): void {
    this.#curveChart.themeChanged();
    this.#layerChart.themeChanged();
  }

  #showCurves(noise: SiteNoiseTable, [low, high]: readonly [number, number]): void {
    const title = t('BatchNorm’s noise by batch size');
    const middle = 2 ** Math.round((Math.log2(low) + Math.log2(high)) / 2);
    const worst = worstFirst(sitesAt(noise, middle)).slice(0, MOST_CURVES);
    const lines = worst.map(({ layer, index }, series) => {
      const site = noise.sites[index]!;
      return { layer, series, curve: curveOf(site), perSample: site.valuesPerSample };
    });
    fill(
      this.curves,
      element('h3', {}, title),
      this.#curveChart.element,
      legend([
        ...lines.map(({ layer, series }) => ({ name: layer, series, code: true })),
        { name: '√(2/(m−1))', series: 0, dashed: true },
      ]),
      pictureButton(title, () => this.#curveChart.picture(), this.extension),
      textTable(title, [t('batch'), ...lines.map(({ layer }) => layer)], () =>
        (lines[0]?.curve ?? []).map(({ batch }) => [
          String(batch),
          ...lines.map(({ curve }) => figureText(curve.find((each) => each.batch === batch)?.variance ?? null)),
        ]),
      ),
    );
    this.#curveChart.show({
      label: t(
        'Spread of BatchNorm’s batch variance at its {0} noisiest places, at batch sizes {1} to {2}, with the spread of independent values. The figures are in the table below.',
        lines.length,
        low,
        high,
      ),
      xTitle: t('batch size'),
      yTitle: t('spread of the variance'),
      xScale: 'powers-of-two',
      yScale: 'logarithmic',
      formatX: String,
      formatY: (y) => percent(y),
      lines: [
        ...lines.map(({ layer, series, curve }) => ({
          name: layer,
          series,
          marked: true,
          width: 2,
          points: curve.map(({ batch, variance }) => ({ x: batch, y: variance > 0 ? variance : null })),
        })),
        ...lines.map(({ layer, series, curve, perSample }) => ({
          name: t('independent values at {0}', layer),
          series,
          dashed: true,
          points: curve.flatMap(({ batch }) => {
            const spread = independentSpread(perSample * batch);
            return [{ x: batch, y: Number.isFinite(spread) ? spread : null }];
          }),
        })),
      ],
    });
  }

  #showLayers(sites: readonly SiteAt[], batch: number): void {
    const [worst] = worstFirst(sites);
    this.#layerChart.show({
      label: t(
        'Spread of BatchNorm’s batch variance at {0} places at batch {1}; the most is {2} at {3}. The figures are in the table below.',
        sites.length,
        batch,
        percent(worst?.variance ?? 0),
        worst?.layer ?? '',
      ),
      xTitle: t('places of a norm, from input to output'),
      yTitle: t('spread of the variance'),
      xScale: 'linear',
      yScale: 'linear',
      named: true,
      formatX: (x) => sites[x]?.layer ?? '',
      formatY: (y) => percent(y),
      lines: [
        {
          name: t('measured'),
          series: 0,
          width: 2,
          marked: sites.length <= 60,
          points: sites.map(({ variance }, x) => ({ x, y: variance })),
        },
        {
          name: '√(2/(m−1))',
          series: 5,
          dashed: true,
          points: sites.map(({ theory }, x) => ({ x, y: Number.isFinite(theory) ? theory : null })),
        },
      ],
    });
  }

  #showRows(sites: readonly SiteAt[], batch: number): void {
    const rows = worstFirst(sites);
    const head = [t('place'), t('line'), t('values a channel'), t('variance'), '√(2/(m−1))', t('mean')];
    const cells = ({ line, values, variance, theory, mean }: SiteAt): string[] => [
      String(line),
      countText(values),
      percent(variance),
      Number.isFinite(theory) ? percent(theory) : '–',
      percent(mean),
    ];
    const name = t('Noisiest places at batch {0}', batch);
    fill(
      this.#rows,
      table(
        name,
        head.map((title) => ({ title })),
        rows.slice(0, MOST_ROWS).map((site) => ({
          cells: [
            layerLink(site.layer, site.line, { kind: 'noise', index: site.index }, this.extension),
            ...cells(site),
          ],
        })),
      ),
      rows.length <= MOST_ROWS
        ? null
        : textTable(t('Every place at batch {0}', batch), head, () => rows.map((site) => [site.layer, ...cells(site)])),
    );
  }
}
