import * as v from 'valibot';
import { tableLayers } from '../../src/engine/report/figureColumns';
import type { MeasuredLayer } from '../../src/engine/report/report';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { StatusRegion } from '../page/statusRegion';
import type { ReportMessage, StatusMessage, ToView } from '../protocol';
import { depthQuantities, type Quantity, shareQuantities } from '../quantities';
import { advice } from './advice';
import { DepthSection } from './depthSection';
import { findingsSection, flaggedLayers } from './findings';
import { headline } from './headline';
import { welcome } from './welcome';

const remembered = v.object({ quantity: v.optional(v.string()), folds: v.array(v.string()) });

/** A page of the sidebar: what was measured, what to do, what was found, and where. */
export class SidebarPage {
  readonly #head = element('div');
  readonly #status: StatusRegion;
  readonly #advice = element('div');
  readonly #findings = element('div');
  readonly #charts = element('div');
  readonly #sections: readonly DepthSection[];
  readonly #folds: Set<string>;
  #quantity: string | undefined;
  #shown: ReportMessage['shown'] = null;
  #statusMessage: StatusMessage | undefined;

  constructor(
    root: HTMLElement,
    private readonly extension: Extension,
  ) {
    const state = extension.recall(remembered);
    this.#quantity = state?.quantity;
    this.#folds = new Set(state?.folds);
    this.#status = new StatusRegion(extension);
    const reveal = (id: string) => extension.post({ type: 'reveal', target: { kind: 'layer', id } });
    this.#sections = [
      new DepthSection({
        title: 'Gradient along depth',
        quantities: depthQuantities,
        chosen: this.#quantity,
        reveal,
        choose: (quantity) => {
          this.#quantity = quantity;
          this.#remember();
        },
      }),
      ...shareQuantities.map(
        (quantity) =>
          new DepthSection({
            title: TITLES[quantity.name] ?? quantity.name,
            quantities: [quantity],
            instead: noneOf,
            reveal,
          }),
      ),
    ];
    this.#charts.append(...this.#sections.map((section) => section.element));
    root.append(this.#head, this.#status.element, this.#advice, this.#findings, this.#charts);
    root.addEventListener('toggle', () => this.#remember(), { capture: true });
  }

  receive(message: ToView): void {
    if (message.type === 'report') this.#showReport(message.shown);
    else if (message.type === 'status') this.#showStatus(message);
    else if (message.type === 'cursor') for (const section of this.#sections) section.cursor(message.layers);
  }

  themeChanged(): void {
    for (const section of this.#sections) section.themeChanged();
  }

  #showStatus(status: StatusMessage): void {
    const before = this.#statusMessage;
    this.#statusMessage = status;
    this.#status.show(status);
    const heading = ({ file, run, failure }: StatusMessage) => `${file} ${run === null} ${failure === null}`;
    if (before === undefined || heading(before) !== heading(status)) this.#showHead();
  }

  #showReport(shown: ReportMessage['shown']): void {
    this.#shown = shown;
    this.#showHead();
    this.#charts.hidden = shown === null;
    if (shown === null) {
      fill(this.#advice);
      fill(this.#findings);
      return;
    }
    const { report } = shown;
    fill(this.#advice, advice(report, this.extension));
    fill(this.#findings, findingsSection(report, this.extension, this.#folds));
    const figures = { layers: tableLayers(report.layers), flagged: flaggedLayers(report.findings) };
    for (const section of this.#sections) section.show(figures);
  }

  #showHead(): void {
    const running = (this.#statusMessage?.run ?? null) !== null;
    if (this.#shown !== null) fill(this.#head, headline(this.#shown, running));
    else if (running) fill(this.#head, element('h1', {}, 'Measuring'));
    else if (this.#statusMessage?.failure) fill(this.#head, element('h1', {}, 'The analysis gave no figures'));
    else if (this.#statusMessage) fill(this.#head, welcome(this.#statusMessage.file, this.extension));
  }

  #remember(): void {
    this.extension.remember({ quantity: this.#quantity, folds: [...this.#folds] });
  }
}

const TITLES: Readonly<Record<string, string>> = { saturation: 'Saturation', dead: 'Dead channels' };

/** Where nothing is saturated or dead, one sentence says it. */
function noneOf(quantity: Quantity, layers: readonly MeasuredLayer[]): string | undefined {
  if (layers.some((layer) => quantity.value(layer) !== 0)) return undefined;
  return layers.length === 1
    ? `0% at ${layers[0]!.id}, the one layer where this is measured.`
    : `0% at each of the ${layers.length} layers where this is measured.`;
}
