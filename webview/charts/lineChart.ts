import type { ChartConfiguration, ChartDataset, Tick } from 'chart.js';
import { visibleText } from '../../src/engine/report/visibleText';
import { element } from '../page/element';
import { mayMove, readTheme, type Theme } from '../theme';
import { bands } from './bands';
import { Chart } from './chartJs';
import { type Marker, markerPlugin } from './markers';
import { pictureOf } from './picture';

/** One line of a chart. */
export interface Line {
  readonly name: string;
  /** A y that is null breaks the line. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
  /** Which of the theme's colours. */
  readonly series: number;
  readonly width?: number;
  readonly dashed?: boolean;
  /** Whether each point is marked: where they are measured and few. */
  readonly marked?: boolean;
  /** Whether points stand by themselves: neighbours are of different kinds. */
  readonly apart?: boolean;
  /** Least and greatest y at each point's x, as an area behind the line. */
  readonly band?: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

export interface LineFigures {
  /** What the chart shows, in a sentence, for who does not see it. */
  readonly label: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xScale: 'linear' | 'powers-of-two';
  readonly yScale: 'linear' | 'logarithmic';
  readonly formatX: (x: number) => string;
  readonly formatY: (y: number) => string;
  readonly lines: readonly Line[];
  /** Whether x stands for things with names, as layers have: few of the marks are named then. */
  readonly named?: boolean;
  /** Begins the axis of a linear y near its least figure instead of at 0. */
  readonly fromLeast?: boolean;
}

const DASH = [5, 4];

/** Lines over a common x. */
export class LineChart {
  readonly element: HTMLElement;
  readonly #canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  #chart: Chart | undefined;
  #theme: Theme = readTheme();
  #figures: LineFigures | undefined;
  #markers: readonly Marker[] = [];

  constructor() {
    this.element = element('div', { class: 'line-chart', role: 'img' }, this.#canvas);
  }

  show(figures: LineFigures): void {
    this.#figures = figures;
    this.element.setAttribute('aria-label', visibleText(figures.label));
    this.#make();
  }

  /** The chart as a PNG file in base64, on the page's background. */
  picture(): string {
    return pictureOf(this.#canvas, this.#theme.background);
  }

  mark(markers: readonly Marker[]): void {
    this.#markers = markers;
    this.#chart?.draw();
  }

  themeChanged(): void {
    this.#theme = readTheme();
    if (this.#figures) this.#make();
  }

  #make(): void {
    this.#chart?.destroy();
    this.#chart = new Chart(this.#canvas, this.#configuration(this.#figures!));
  }

  #configuration(figures: LineFigures): ChartConfiguration {
    const theme = this.#theme;
    const font = { family: theme.font.family, size: theme.font.size };
    const [low, high] = xRange(figures.lines);
    const axis = {
      grid: { color: theme.grid, drawTicks: false },
      border: { display: false },
    };
    return {
      type: 'line',
      data: { datasets: figures.lines.map((line) => this.#dataset(line)) },
      options: {
        responsive: true,
        maintainAspectRatio: false,
        animation: mayMove() ? { duration: 150 } : false,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        layout: { padding: { top: 18, right: 16 } },
        scales: {
          x: {
            type: figures.xScale === 'linear' ? 'linear' : 'logarithmic',
            min: low,
            max: high,
            ...axis,
            grid: { display: false },
            title: { display: true, text: figures.xTitle, color: theme.muted, font },
            ticks: {
              color: theme.muted,
              font,
              padding: 4,
              maxRotation: 0,
              autoSkip: figures.xScale === 'linear',
              ...(figures.xScale === 'linear' ? { precision: 0 } : {}),
              ...(figures.named ? { maxTicksLimit: 8 } : {}),
              callback: (value) => figures.formatX(Number(value)),
            },
            ...(figures.xScale === 'powers-of-two'
              ? {
                  afterBuildTicks: (scale: { ticks: Tick[] }) => {
                    scale.ticks = powersOfTwo(low, high).map((value) => ({ value }));
                  },
                }
              : {}),
          },
          y: {
            type: figures.yScale,
            ...(figures.yScale === 'linear'
              ? { beginAtZero: !figures.fromLeast }
              : { suggestedMax: 1.5 * greatest(figures.lines), ...bandMinimum(figures.lines) }),
            ...axis,
            title: { display: true, text: figures.yTitle, color: theme.muted, font },
            ticks: {
              color: theme.muted,
              font,
              padding: 8,
              maxTicksLimit: 6,
              callback: (value) => figures.formatY(Number(value)),
            },
          },
        },
        plugins: {
          tooltip: {
            backgroundColor: theme.tooltip.background,
            titleColor: theme.tooltip.foreground,
            bodyColor: theme.tooltip.foreground,
            borderColor: theme.tooltip.border,
            borderWidth: 1,
            cornerRadius: 3,
            boxWidth: 8,
            boxHeight: 2,
            animation: false,
            mode: 'index',
            titleFont: { ...font, weight: 'bold' },
            bodyFont: font,
            callbacks: {
              title: ([item]) =>
                item
                  ? visibleText(`${figures.named ? '' : `${figures.xTitle} `}${figures.formatX(item.parsed.x ?? 0)}`)
                  : '',
              label: (item) => `${visibleText(item.dataset.label ?? '')}: ${figures.formatY(item.parsed.y ?? 0)}`,
            },
          },
        },
      },
      plugins: [
        bands(figures.lines, () => this.#theme),
        markerPlugin(
          () => this.#markers,
          () => this.#theme,
        ),
      ],
    };
  }

  #dataset({ name, points, series, width = 1.5, dashed, marked, apart }: Line): ChartDataset<'line'> {
    const colour = this.#theme.series[series] ?? this.#theme.foreground;
    return {
      label: name,
      data: points.map(({ x, y }) => ({ x, y: y ?? Number.NaN })),
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: width,
      borderDash: dashed ? DASH : [],
      showLine: !apart,
      // Points of a dashed line are hollow.
      ...(apart && dashed ? { pointBackgroundColor: this.#theme.background, pointBorderWidth: 1.5 } : {}),
      pointRadius: marked ? 3 : apart ? 2 : 0,
      pointHoverRadius: 4,
      clip: 6,
    };
  }
}

/** The least and the greatest x of all lines. */
function xRange(lines: readonly Line[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { points } of lines) {
    for (const { x } of points) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  return [low, high];
}

const greatest = (lines: readonly Line[]): number =>
  lines.reduce((most, { points }) => points.reduce((so, { y }) => Math.max(so, y ?? 0), most), 0);

/** The least of all bands, so that a logarithmic axis holds them. */
function bandMinimum(lines: readonly Line[]): { readonly suggestedMin?: number } {
  const lows = lines.flatMap(({ band = [] }) => band.map(({ low }) => low));
  return lows.length === 0 ? {} : { suggestedMin: Math.min(...lows) };
}

/** The powers of two from `low` to `high`. */
const powersOfTwo = (low: number, high: number): number[] => {
  const first = Math.ceil(Math.log2(low));
  return Array.from({ length: Math.floor(Math.log2(high)) - first + 1 }, (_, index) => 2 ** (first + index));
};
