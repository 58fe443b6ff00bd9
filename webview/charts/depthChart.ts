import type { ChartConfiguration, ChartDataset, ScriptableContext, Tick } from 'chart.js';
import { shapeText } from '../../src/engine/report/figureText';
import type { Figure, MeasuredLayer, Severity } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import { element } from '../page/element';
import { t } from '../page/l10n';
import type { Quantity, Scale } from '../quantities';
import { mayMove, readTheme, type Theme } from '../theme';
import { Chart } from './chartJs';
import { type Axis, axisFor, type Placed, place, tickText } from './depthScale';
import { type KindGroup, kindGroups } from './kindGroups';
import { pictureOf } from './picture';
import { type RowMarks, rowMarks } from './rowMarks';
import { shortenLeft } from './shortenLeft';
import { type Dot, thinned } from './thinned';
import { wrapText } from './wrapText';

/** What a chart along depth shows. */
export interface DepthFigures {
  readonly quantity: Quantity;
  /** In order of computation; those without the figure are left out. */
  readonly layers: readonly MeasuredLayer[];
  /** Layers that a finding names, with the gravest. */
  readonly flagged: ReadonlyMap<string, Severity>;
  /** Figures that the axis must hold beside those that are shown: of other training steps. */
  readonly alsoHolds?: readonly Figure[];
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
/** Of longer charts only the rows around the active one are options; each says its place among all. */
const MOST_OPTIONS = 300;

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
  /** The scale that the chart was made for: another wants another kind of chart. */
  #drawnAs: Scale | undefined;
  /** Shortened ids, for the room and the font that they were measured with: there are thousands, drawn again at each step. */
  #labels: { readonly measured: string; readonly texts: Map<string, string> } = { measured: '', texts: new Map() };

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
    this.#axis = axisFor([...layers.map(quantity.value), ...(figures.alsoHolds ?? [])], quantity.scale);
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
    for (const option of this.#options.children) {
      if (this.#marks.cursor.has(Number(option.getAttribute('aria-posinset')) - 1))
        option.setAttribute('aria-current', 'true');
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
    const configuration = this.#configuration(this.#figures!);
    const { scale } = this.#figures!.quantity;
    if (this.#chart && this.#drawnAs === scale) {
      this.#chart.data = configuration.data;
      this.#chart.options = configuration.options!;
      this.#chart.update('none');
      return;
    }
    this.#chart?.destroy();
    this.#chart = new Chart(this.#canvas, configuration);
    this.#drawnAs = scale;
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
        : this.#groups.map(({ kinds, series }): ChartDataset<'line', Dot[]> => {
            const own = series === null ? theme.muted : theme.series[series]!;
            const rowOf = ({ raw }: ScriptableContext<'line'>): number => (raw as Dot | undefined)?.y ?? -1;
            const point = (context: ScriptableContext<'line'>): string => flag(rowOf(context)) ?? own;
            return {
              type: 'line',
              data: thinned(
                rows.flatMap(({ layer, placed }, y) => (kinds.includes(layer.kind) ? [{ x: placed.at, y }] : [])),
                rowHeight,
                (y) => flagged.has(rows[y]!.layer.id),
              ),
              parsing: false,
              showLine: series !== null,
              borderColor: own,
              borderWidth: 1.5,
              pointRadius: rowHeight < POINTS_FROM ? 0 : rowHeight < LOW_ROW ? 2 : 3.5,
              pointHoverRadius: 5,
              pointHitRadius: 0,
              // A point at an end of the scale is whole.
              clip: 8,
              pointBorderColor: point,
              pointBorderWidth: 1.5,
              // Hollow where the figure has no place on the scale: it stands at the end it belongs to.
              pointBackgroundColor: (context: ScriptableContext<'line'>) =>
                rows[rowOf(context)]?.placed.off ? theme.background : point(context),
              pointStyle: (context: ScriptableContext<'line'>) => {
                const row = rows[rowOf(context)];
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
              title: ([item]) => wrapText(item ? (labels[rowOfItem(item)] ?? '') : '', 30),
              label: (item) => {
                const row = rows[rowOfItem(item)];
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
    const room = this.#canvas.clientWidth * LABELS - 14;
    const measured = `${room} ${font.size} ${font.family}`;
    if (this.#labels.measured !== measured) this.#labels = { measured, texts: new Map() };
    const known = this.#labels.texts.get(id);
    if (known !== undefined) return known;
    const context = this.#canvas.getContext('2d');
    if (context === null) return id;
    context.save();
    context.font = `${font.size}px ${font.family}`;
    const shortened = shortenLeft(id, (text) => context.measureText(text).width <= room);
    context.restore();
    this.#labels.texts.set(id, shortened);
    return shortened;
  }

  #fillOptions(quantity: Quantity): void {
    this.element.setAttribute(
      'aria-label',
      t(
        '{0}: {1} of {2} layers, from the first to the last. Arrow keys move, Enter shows the line.',
        this.name,
        quantity.label(),
        this.#rows.length,
      ),
    );
    this.element.removeAttribute('aria-activedescendant');
    const [from, to] = this.#optionRange();
    this.#options.replaceChildren(
      ...this.#rows.slice(from, to).map((row, at) =>
        element(
          'div',
          {
            id: this.#optionId(from + at),
            role: 'option',
            attributes: {
              'aria-selected': 'false',
              'aria-posinset': from + at + 1,
              'aria-setsize': this.#rows.length,
              'aria-current': this.#marks.cursor.has(from + at) && 'true',
            },
          },
          [row.layer.id, ...rowLines(row, quantity)].join(', '),
        ),
      ),
    );
    if (this.#marks.active !== null) this.#tell();
  }

  /** The rows that are options: all of them, or those around the active one. */
  #optionRange(): readonly [from: number, to: number] {
    const count = this.#rows.length;
    if (count <= MOST_OPTIONS) return [0, count];
    const from = Math.max(0, Math.min(count - MOST_OPTIONS, (this.#marks.active ?? 0) - MOST_OPTIONS / 2));
    return [from, from + MOST_OPTIONS];
  }

  #optionId(row: number): string {
    return `${this.name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${row}`;
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
    if (!document.getElementById(id) && this.#figures) {
      this.#fillOptions(this.#figures.quantity);
      return;
    }
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

const rowOfItem = ({ raw, dataIndex }: { readonly raw: unknown; readonly dataIndex: number }): number =>
  (raw as Dot | null)?.y ?? dataIndex;

/** What a row says, after its layer's id. */
function rowLines({ layer, figure }: Row, quantity: Quantity): string[] {
  return [
    `${quantity.label()} ${quantity.format(figure)}`,
    t(
      '{0}, line {1}',
      `${layer.kind}${layer.outputShape === null ? '' : ` ${shapeText(layer.outputShape)}`}`,
      layer.source.line,
    ),
  ];
}
