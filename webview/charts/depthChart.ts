import type { ChartConfiguration, ChartDataset, ScriptableContext, Tick } from 'chart.js';
import { shapeText } from '../../src/engine/report/figureText';
import type { Figure, MeasuredLayer, Severity } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import { element } from '../page/element';
import type { Quantity } from '../quantities';
import { mayMove, readTheme, type Theme } from '../theme';
import { Chart } from './chartJs';
import { type Axis, axisFor, type Placed, place, tickText } from './depthScale';
import { type KindGroup, kindGroups } from './kindGroups';
import { pictureOf } from './picture';
import { type RowMarks, rowMarks } from './rowMarks';
import { shortenLeft } from './shortenLeft';
import { wrapText } from './wrapText';

/** What a chart along depth shows. */
export interface DepthFigures {
  readonly quantity: Quantity;
  /** In order of computation; those without the figure are left out. */
  readonly layers: readonly MeasuredLayer[];
  /** Layers that a finding names, with the gravest. */
  readonly flagged: ReadonlyMap<string, Severity>;
}

interface Row {
  readonly layer: MeasuredLayer;
  readonly figure: Figure;
  readonly placed: Placed;
}

const ROW = 18;
const LOW_ROW = 14;
/** More rows than this make them lower, so that the whole stays in sight. */
const MANY = 32;
const TALLEST = 1200;
const AXIS = 24;
const POINTS_FROM = 5;
/** The most of the width that the ids may take. */
const LABELS = 0.45;

/** A chart with a row for each layer, from the first at the top to the last: told, clicked and walked by its rows. */
export class DepthChart {
  /** A list box: each layer is an option that says what its row shows. */
  readonly element: HTMLElement;
  readonly #canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  readonly #options = element('div', { class: 'visually-hidden', role: 'none' });
  #chart: Chart | undefined;
  #theme: Theme = readTheme();
  #rows: readonly Row[] = [];
  #groups: readonly KindGroup[] = [];
  #figures: DepthFigures | undefined;
  #axis: Axis = axisFor([], 'share');
  #cursor: ReadonlySet<string> = new Set();
  #marks: RowMarks = { cursor: new Set(), active: null };

  constructor(
    private readonly name: string,
    private readonly reveal: (layer: string) => void,
  ) {
    this.element = element('div', {
      class: 'depth-chart',
      role: 'listbox',
      key: `chart ${name}`,
      attributes: { tabindex: 0 },
    });
    this.element.append(this.#canvas, this.#options);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focus', () => {
      if (this.#isWalked) this.#move(this.#marks.active ?? this.#firstOfCursor());
    });
    this.element.addEventListener('blur', () => this.#draw());
    this.#canvas.addEventListener('click', (event) => {
      const row = this.#rowAt(event);
      if (row === undefined) return;
      this.#marks = { ...this.#marks, active: row };
      this.#tell();
      this.reveal(this.#rows[row]!.layer.id);
    });
    this.#canvas.addEventListener('mousemove', (event) => {
      const area = this.#chart?.chartArea;
      const row = area && event.offsetX < area.left ? this.#rowAt(event) : undefined;
      // Over a shortened label; over the figures the chart's own tip says it.
      this.#canvas.title = row === undefined ? '' : visibleText(this.#rows[row]!.layer.id);
    });
  }

  /** Which kinds of layers are joined by a line, and in which of the theme's colours; none where there are bars. */
  get lines(): readonly { readonly kind: string; readonly series: number }[] {
    if (this.#figures?.quantity.scale === 'share') return [];
    return this.#groups.flatMap(({ kinds, series }) => (series === null ? [] : [{ kind: kinds[0]!, series }]));
  }

  show(figures: DepthFigures): void {
    const active = this.#marks.active === null ? undefined : this.#rows[this.#marks.active]?.layer.id;
    const { quantity, layers } = figures;
    this.#figures = figures;
    this.#axis = axisFor(layers.map(quantity.value), quantity.scale);
    this.#rows = layers.flatMap((layer) => {
      const figure = quantity.value(layer);
      const placed = place(figure, this.#axis, quantity.scale);
      return figure === null || placed === null ? [] : [{ layer, figure, placed }];
    });
    this.#groups = kindGroups(this.#rows.map(({ layer }) => layer.kind));
    const again = this.#rows.findIndex(({ layer }) => layer.id === active);
    this.#marks = { cursor: this.#cursorRows(), active: again < 0 ? null : again };
    this.#fillOptions(quantity);
    this.element.style.height = `${this.#height()}px`;
    this.#make();
  }

  /** Marks the layers of the cursor's line. */
  cursor(layers: readonly string[]): void {
    this.#cursor = new Set(layers);
    this.#marks = { ...this.#marks, cursor: this.#cursorRows() };
    for (const [index, option] of [...this.#options.children].entries()) {
      if (this.#marks.cursor.has(index)) option.setAttribute('aria-current', 'true');
      else option.removeAttribute('aria-current');
    }
    this.#draw();
  }

  /** Takes the theme's colours again. */
  themeChanged(): void {
    this.#theme = readTheme();
    if (this.#figures) this.#make();
  }

  /** The chart as a PNG file in base64, on the page's background. */
  picture(): string {
    return pictureOf(this.#canvas, this.#theme.background);
  }

  dispose(): void {
    this.#chart?.destroy();
    this.#chart = undefined;
  }

  /** Whether the keyboard is at the chart: a click shows no ring. */
  get #isWalked(): boolean {
    return this.element.matches(':focus-visible');
  }

  #make(): void {
    this.#chart?.destroy();
    const configuration = this.#configuration(this.#figures!);
    this.#chart = new Chart(this.#canvas, configuration);
  }

  #draw(): void {
    this.#chart?.draw();
  }

  #height(): number {
    const row = this.#rows.length > MANY ? LOW_ROW : ROW;
    return Math.min(TALLEST, this.#rows.length * row) + AXIS;
  }

  #configuration({ quantity, flagged }: DepthFigures): ChartConfiguration {
    const theme = this.#theme;
    const rows = this.#rows;
    const rowHeight = (this.#height() - AXIS) / Math.max(1, rows.length);
    const font = { family: theme.font.family, size: theme.font.size };
    const idFont = { family: theme.mono, size: theme.font.size };
    const flag = (index: number): string | undefined => {
      const severity = flagged.get(rows[index]?.layer.id ?? '');
      return severity && theme.severity[severity];
    };
    const datasets =
      quantity.scale === 'share'
        ? [
            {
              type: 'bar' as const,
              data: rows.map(({ placed }) => placed.at),
              backgroundColor: rows.map((_, index) => flag(index) ?? theme.series[0]!),
              barPercentage: 0.7,
              categoryPercentage: 1,
              // A share of nothing is seen as well.
              minBarLength: 2,
            },
          ]
        : this.#groups.map(({ kinds, series }): ChartDataset => {
            const own = series === null ? theme.muted : theme.series[series]!;
            const point = (index: number): string => flag(index) ?? own;
            return {
              type: 'line',
              data: rows.map(({ layer, placed }) => (kinds.includes(layer.kind) ? placed.at : null)),
              spanGaps: true,
              showLine: series !== null,
              borderColor: own,
              borderWidth: 1.5,
              pointRadius: rowHeight < POINTS_FROM ? 0 : rowHeight < LOW_ROW ? 2 : 3.5,
              pointHoverRadius: 5,
              pointHitRadius: 0,
              // A point at an end of the scale is whole.
              clip: 8,
              pointBorderColor: (context: ScriptableContext<'line'>) => point(context.dataIndex),
              pointBorderWidth: 1.5,
              // Hollow where the figure has no place on the scale: it stands at the end it belongs to.
              pointBackgroundColor: (context: ScriptableContext<'line'>) =>
                rows[context.dataIndex]?.placed.off ? theme.background : point(context.dataIndex),
              pointStyle: (context: ScriptableContext<'line'>) => {
                const row = rows[context.dataIndex];
                if (row?.placed.off === 'not-finite') return 'crossRot';
                return row && flagged.has(row.layer.id) ? 'triangle' : 'circle';
              },
            };
          });
    const labels = rows.map(({ layer }) => visibleText(layer.id));
    return {
      type: quantity.scale === 'share' ? 'bar' : 'line',
      data: { labels, datasets },
      options: {
        indexAxis: 'y',
        responsive: true,
        maintainAspectRatio: false,
        animation: mayMove() && rows.length <= 200 ? { duration: 150 } : false,
        interaction: { mode: 'nearest', axis: 'y', intersect: false },
        layout: { padding: { left: 4, right: 12, top: 0, bottom: 2 } },
        scales: {
          x: {
            type: quantity.scale === 'share' ? 'linear' : 'logarithmic',
            position: 'top',
            min: this.#axis.low,
            max: this.#axis.high,
            grid: { color: theme.grid, drawTicks: false },
            border: { display: false },
            ticks: {
              color: theme.muted,
              font,
              padding: 4,
              maxRotation: 0,
              autoSkip: false,
              align: 'inner',
              callback: (value) => tickText(Number(value), quantity.scale),
            },
            afterBuildTicks: (scale) => {
              scale.ticks = this.#axis.ticks.map((value): Tick => ({ value }));
            },
          },
          y: {
            type: 'category',
            // Every row is as high as the next, the first and the last as well.
            offset: true,
            grid: { display: false },
            border: { display: false },
            afterFit: (scale) => {
              scale.width = Math.min(scale.width, Math.round(scale.chart.width * LABELS));
              // Labels stand in the middle of their rows and need no room beyond them.
              scale.paddingTop = 0;
              scale.paddingBottom = 0;
            },
            ticks: {
              color: ({ index }) => (this.#marks.cursor.has(index) ? theme.foreground : theme.muted),
              font: idFont,
              padding: 6,
              autoSkip: rowHeight < LOW_ROW - 1,
              autoSkipPadding: 2,
              sampleSize: 40,
              callback: (_, index) => this.#label(labels[index] ?? '', idFont),
            },
          },
        },
        plugins: {
          tooltip: {
            displayColors: false,
            animation: false,
            backgroundColor: theme.tooltip.background,
            titleColor: theme.tooltip.foreground,
            bodyColor: theme.tooltip.foreground,
            borderColor: theme.tooltip.border,
            borderWidth: 1,
            cornerRadius: 3,
            titleFont: { ...idFont, weight: 'bold' },
            bodyFont: font,
            callbacks: {
              title: ([item]) => wrapText(item ? (labels[item.dataIndex] ?? '') : '', 30),
              label: (item) => {
                const row = rows[item.dataIndex];
                return row ? rowLines(row, quantity).flatMap((line) => wrapText(visibleText(line), 34)) : [];
              },
            },
          },
        },
      },
      plugins: [
        rowMarks(
          () => ({ ...this.#marks, active: this.#isWalked ? this.#marks.active : null }),
          () => this.#theme,
        ),
      ],
    };
  }

  #label(id: string, font: { readonly family: string; readonly size: number }): string {
    const context = this.#canvas.getContext('2d');
    if (context === null) return id;
    const room = this.#canvas.clientWidth * LABELS - 14;
    context.save();
    context.font = `${font.size}px ${font.family}`;
    const shortened = shortenLeft(id, (text) => context.measureText(text).width <= room);
    context.restore();
    return shortened;
  }

  #fillOptions(quantity: Quantity): void {
    this.element.setAttribute(
      'aria-label',
      `${this.name}: ${quantity.name} of ${this.#rows.length} layers, from the first to the last. Arrow keys move, Enter shows the line.`,
    );
    this.element.removeAttribute('aria-activedescendant');
    this.#options.replaceChildren(
      ...this.#rows.map((row, index) =>
        element(
          'div',
          {
            id: this.#optionId(index),
            role: 'option',
            attributes: {
              'aria-selected': 'false',
              'aria-current': this.#marks.cursor.has(index) && 'true',
            },
          },
          [row.layer.id, ...rowLines(row, quantity)].join(', '),
        ),
      ),
    );
    if (this.#marks.active !== null) this.#tell();
  }

  #optionId(row: number): string {
    return `${this.name.replace(/\W+/g, '-')}-${row}`;
  }

  #cursorRows(): ReadonlySet<number> {
    return new Set(this.#rows.flatMap(({ layer }, index) => (this.#cursor.has(layer.id) ? [index] : [])));
  }

  #firstOfCursor(): number {
    return Math.min(...this.#marks.cursor, Number.POSITIVE_INFINITY) === Number.POSITIVE_INFINITY
      ? 0
      : Math.min(...this.#marks.cursor);
  }

  #rowAt({ offsetY }: MouseEvent): number | undefined {
    const scale = this.#chart?.scales.y;
    if (scale === undefined || offsetY < scale.top || this.#rows.length === 0) return undefined;
    const row = scale.getValueForPixel(Math.min(offsetY, scale.bottom)) ?? 0;
    return Math.max(0, Math.min(this.#rows.length - 1, row));
  }

  #onKey(event: KeyboardEvent): void {
    const at = this.#marks.active ?? 0;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: this.#rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) this.#move(to);
    else if (event.key === 'Enter' && this.#rows[at]) this.reveal(this.#rows[at].layer.id);
    else return;
    event.preventDefault();
  }

  #move(row: number): void {
    if (this.#rows.length === 0) return;
    this.#marks = { ...this.#marks, active: Math.max(0, Math.min(this.#rows.length - 1, row)) };
    this.#tell();
    this.#draw();
    this.#scrollTo(this.#marks.active!);
  }

  /** Names the active row to who hears the page. */
  #tell(): void {
    const { active } = this.#marks;
    if (active === null) return;
    const id = this.#optionId(active);
    const before = this.element.getAttribute('aria-activedescendant');
    if (before) document.getElementById(before)?.setAttribute('aria-selected', 'false');
    this.element.setAttribute('aria-activedescendant', id);
    document.getElementById(id)?.setAttribute('aria-selected', 'true');
  }

  #scrollTo(row: number): void {
    const scale = this.#chart?.scales.y;
    if (scale === undefined) return;
    const at = this.#canvas.getBoundingClientRect().top + scale.getPixelForValue(row);
    const beyond = at < 40 ? at - 40 : at > innerHeight - 24 ? at - innerHeight + 24 : 0;
    if (beyond !== 0) scrollBy({ top: beyond });
  }
}

/** What a row says, after its layer's id. */
function rowLines({ layer, figure }: Row, quantity: Quantity): string[] {
  return [
    `${quantity.name} ${quantity.format(figure)}`,
    `${layer.kind}${layer.outputShape === null ? '' : ` ${shapeText(layer.outputShape)}`}, line ${layer.source.line}`,
  ];
}
