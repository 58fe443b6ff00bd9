import { NO_FIGURE } from '../../src/engine/report/figureText';
import type { Figure, MeasuredLayer } from '../../src/engine/report/report';
import { DepthChart, type DepthFigures } from '../charts/depthChart';
import { textTable } from '../charts/textTable';
import { dropdown } from '../controls';
import { pictureButton } from '../page/chartFoot';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { legend } from '../page/legend';
import type { Quantity } from '../quantities';

export interface DepthSectionOptions {
  readonly title: string;
  readonly quantities: readonly Quantity[];
  /** Name of the quantity to begin with. */
  readonly chosen?: string;
  /** Says in a sentence what needs no chart; undefined where it does. */
  readonly instead?: (quantity: Quantity, layers: readonly MeasuredLayer[]) => string | undefined;
  readonly extension: Extension;
  readonly choose?: (quantity: string) => void;
}

/** A quantity at one training step. */
export interface StepFigures {
  readonly quantity: string;
  readonly step: number;
  /** By layer id and step. */
  readonly layers: Readonly<Record<string, readonly Figure[]>>;
  /** Every figure of every step, for an axis that stays where it is while training is played. */
  readonly all: readonly Figure[];
}

const quantityAt = (quantity: Quantity, { layers, step }: StepFigures): Quantity => ({
  ...quantity,
  value: ({ id }) => layers[id]?.[step] ?? null,
});

/** A chart along depth with its title, the choice of what it shows, and the same figures as a table. */
export class DepthSection {
  readonly element: HTMLElement;
  readonly #chart: DepthChart;
  readonly #head = element('div', { class: 'chart-head' });
  readonly #body = element('div');
  readonly #tail = element('div');
  #figures: Omit<DepthFigures, 'quantity' | 'alsoHolds'> = { layers: [], flagged: new Map() };
  #chosen: string | undefined;
  #at: StepFigures | undefined;

  constructor(private readonly options: DepthSectionOptions) {
    this.#chosen = options.chosen;
    this.#chart = new DepthChart(options.title, (id) =>
      options.extension.post({ type: 'reveal', target: { kind: 'layer', id } }),
    );
    this.element = element(
      'section',
      { attributes: { 'aria-label': options.title } },
      this.#head,
      this.#body,
      this.#tail,
    );
  }

  /** The quantity that is shown; undefined where no layer has any of them. */
  get quantity(): Quantity | undefined {
    const filled = this.#filled();
    return filled.find(({ name }) => name === this.#chosen) ?? filled[0];
  }

  show(figures: Omit<DepthFigures, 'quantity' | 'alsoHolds'>): void {
    this.#figures = figures;
    this.#at = undefined;
    this.#showAll();
  }

  /** Shows the figures of a training step; undefined: those at initialization. */
  atStep(at: StepFigures | undefined): void {
    this.#at = at;
    const { quantity } = this;
    if (quantity) this.#showFigures(quantity);
  }

  #filled(): readonly Quantity[] {
    const { layers } = this.#figures;
    return this.options.quantities.filter((quantity) => layers.some((layer) => quantity.value(layer) !== null));
  }

  #showAll(): void {
    const { title, choose } = this.options;
    const filled = this.#filled();
    const { quantity } = this;
    this.element.hidden = quantity === undefined;
    if (quantity === undefined) return;
    fill(
      this.#head,
      element('h2', {}, title),
      filled.length > 1 && choose
        ? dropdown({
            label: t('What is shown: {0}', title),
            choices: filled.map(({ label }) => label()),
            chosen: quantity.label(),
            key: `choice ${title}`,
            onChoose: (name) => {
              this.#chosen = filled.find(({ label }) => label() === name)?.name ?? name;
              this.#at = undefined;
              this.#showAll();
              choose(this.#chosen);
            },
          })
        : null,
    );
    this.#showFigures(quantity);
  }

  #showFigures(initial: Quantity): void {
    const { title, extension } = this.options;
    const figures = this.#figures;
    const at = this.#at?.quantity === initial.name ? this.#at : undefined;
    const quantity = at ? quantityAt(initial, at) : initial;
    const having = figures.layers.filter((layer) => quantity.value(layer) !== null);
    const instead = at ? undefined : this.options.instead?.(quantity, having);
    const means = element('p', { class: 'muted' }, sentence(quantity.means()));
    if (instead !== undefined) {
      fill(this.#body, element('p', {}, instead));
      fill(this.#tail, means);
      return;
    }
    // The chart stays where it is: taken out of the page it would lose the focus.
    if (!this.#body.contains(this.#chart.element)) fill(this.#body, this.#chart.element);
    this.#chart.show({ ...figures, quantity, ...(at && { alsoHolds: at.all }) });
    const { lines } = this.#chart;
    const flagged = having.some(({ id }) => figures.flagged.has(id));
    fill(
      this.#tail,
      lines.length < 2 ? null : legend(lines.map(({ kind, series }) => ({ name: kind, series, code: true }))),
      element('p', { class: 'muted' }, ...caption(quantity, having, flagged)),
      pictureButton(title, () => this.#chart.picture(), extension),
      textTable(`${title}: ${quantity.label()}`, [t('layer'), t('kind'), t('line'), quantity.label()], () =>
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

const sentence = (text: string): string => t('{0}.', `${text.charAt(0).toUpperCase()}${text.slice(1)}`);

/** What the figures are, and what the marks mean that are there. */
function caption(quantity: Quantity, layers: readonly MeasuredLayer[], flagged: boolean): string[] {
  const parts = [sentence(quantity.means())];
  if (quantity.scale === 'logarithmic') {
    parts.push(t(' Logarithmic scale.'));
    if (flagged) parts.push(t(' Triangles: named in a finding.'));
    const figures = layers.map(quantity.value);
    if (figures.some((figure) => typeof figure === 'number' && figure <= 0))
      parts.push(t(' Hollow, at the left end: zero.'));
    if (figures.some((figure) => typeof figure === 'string')) parts.push(t(' Cross: NaN or infinite.'));
  }
  return parts;
}
