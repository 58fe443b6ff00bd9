import { NO_FIGURE } from '../../src/engine/report/figureText';
import type { MeasuredLayer } from '../../src/engine/report/report';
import { DepthChart, type DepthFigures } from '../charts/depthChart';
import { textTable } from '../charts/textTable';
import { dropdown } from '../controls';
import { element, fill } from '../page/element';
import { legend } from '../page/legend';
import type { Quantity } from '../quantities';

export interface DepthSectionOptions {
  readonly title: string;
  readonly quantities: readonly Quantity[];
  /** Name of the quantity to begin with. */
  readonly chosen?: string;
  /** Says in a sentence what needs no chart; undefined where it does. */
  readonly instead?: (quantity: Quantity, layers: readonly MeasuredLayer[]) => string | undefined;
  readonly reveal: (layer: string) => void;
  readonly choose?: (quantity: string) => void;
}

/** A chart along depth with its title, the choice of what it shows, and the same figures as a table. */
export class DepthSection {
  readonly element: HTMLElement;
  readonly #chart: DepthChart;
  readonly #head = element('div', { class: 'chart-head' });
  readonly #body = element('div');
  readonly #tail = element('div');
  #figures: Omit<DepthFigures, 'quantity'> = { layers: [], flagged: new Map() };
  #chosen: string | undefined;

  constructor(private readonly options: DepthSectionOptions) {
    this.#chosen = options.chosen;
    this.#chart = new DepthChart(options.title, options.reveal);
    this.element = element(
      'section',
      { attributes: { 'aria-label': options.title } },
      this.#head,
      this.#body,
      this.#tail,
    );
  }

  show(figures: Omit<DepthFigures, 'quantity'>): void {
    this.#figures = figures;
    const { title, quantities, choose } = this.options;
    const filled = quantities.filter((quantity) => figures.layers.some((layer) => quantity.value(layer) !== null));
    const quantity = filled.find(({ name }) => name === this.#chosen) ?? filled[0];
    this.element.hidden = quantity === undefined;
    if (quantity === undefined) return;
    fill(
      this.#head,
      element('h2', {}, title),
      filled.length > 1 && choose
        ? dropdown({
            label: `What ${title.toLowerCase()} shows`,
            choices: filled.map(({ name }) => name),
            chosen: quantity.name,
            key: `choice ${title}`,
            onChoose: (name) => {
              this.#chosen = name;
              choose(name);
              this.show(this.#figures);
            },
          })
        : null,
    );
    const having = figures.layers.filter((layer) => quantity.value(layer) !== null);
    const instead = this.options.instead?.(quantity, having);
    if (instead !== undefined) {
      fill(this.#body, element('p', {}, instead));
      fill(this.#tail, element('p', { class: 'muted' }, sentence(quantity.definition)));
      return;
    }
    // The chart stays where it is: taken out of the page it would lose the focus.
    if (!this.#body.contains(this.#chart.element)) fill(this.#body, this.#chart.element);
    this.#chart.show({ ...figures, quantity });
    const { lines } = this.#chart;
    fill(
      this.#tail,
      lines.length < 2 ? null : legend(lines.map(({ kind, series }) => ({ name: kind, series, code: true }))),
      element(
        'p',
        { class: 'muted' },
        ...caption(
          quantity,
          having,
          having.some(({ id }) => figures.flagged.has(id)),
        ),
      ),
      textTable(`${title}: ${quantity.name}`, ['layer', 'kind', 'line', quantity.name], () =>
        figures.layers.map((layer) => [
          layer.id,
          layer.kind,
          String(layer.source.line),
          quantity.value(layer) === null ? NO_FIGURE : quantity.format(quantity.value(layer)),
        ]),
      ),
    );
  }

  cursor(layers: readonly string[]): void {
    this.#chart.cursor(layers);
  }

  themeChanged(): void {
    this.#chart.themeChanged();
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What the figures are, and what the marks mean that are there. */
function caption(quantity: Quantity, layers: readonly MeasuredLayer[], flagged: boolean): string[] {
  const parts = [sentence(quantity.definition)];
  if (quantity.scale === 'logarithmic') {
    parts.push(' Logarithmic scale.');
    if (flagged) parts.push(' Triangles: named in a finding.');
    const figures = layers.map(quantity.value);
    if (figures.some((figure) => typeof figure === 'number' && figure <= 0))
      parts.push(' Hollow, at the left end: zero.');
    if (figures.some((figure) => typeof figure === 'string')) parts.push(' Cross: NaN or infinite.');
  }
  return parts;
}
