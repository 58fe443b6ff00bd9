import * as v from 'valibot';
import { tableLayers } from '../../src/engine/report/figureColumns';
import type { Figure, MeasuredLayer } from '../../src/engine/report/report';
import { hasHistory } from '../histories';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { StatusRegion } from '../page/statusRegion';
import type { EarlierRun, HistoryMessage, ReportMessage, StatusMessage, ToView } from '../protocol';
import { depthQuantities, type Quantity, shareQuantities } from '../quantities';
import { advice } from './advice';
import { DepthSection } from './depthSection';
import { findingsSection, flaggedLayers } from './findings';
import { headline } from './headline';
import { runsSection } from './runsSection';
import { StepControl } from './stepControl';
import { welcome } from './welcome';

const remembered = v.object({ quantity: v.optional(v.string()), folds: v.array(v.string()) });

/** A page of the sidebar: what was measured, what to do, what was found, and where. */
export class SidebarPage {
  readonly #head = element('div');
  readonly #status: StatusRegion;
  readonly #advice = element('div');
  readonly #findings = element('div');
  readonly #runs = element('div');
  readonly #charts = element('div');
  readonly #steps = new StepControl((step) => this.#showStep(step));
  readonly #sections: readonly DepthSection[];
  readonly #folds: Set<string>;
  #quantity: string | undefined;
  #shown: ReportMessage['shown'] = null;
  #earlier: readonly EarlierRun[] = [];
  #step = 0;
  /** Quantities by step of the figures that are shown, as far as they were asked for. */
  readonly #histories = new Map<
    string,
    { readonly layers: HistoryMessage['layers']; readonly all: readonly Figure[] }
  >();
  readonly #asked = new Set<string>();
  #statusMessage: StatusMessage | undefined;

  constructor(
    root: HTMLElement,
    private readonly extension: Extension,
  ) {
    const state = extension.recall(remembered);
    this.#quantity = state?.quantity;
    this.#folds = new Set(state?.folds);
    this.#status = new StatusRegion(extension);
    this.#sections = [
      new DepthSection({
        title: t('Gradient along depth'),
        quantities: depthQuantities,
        chosen: this.#quantity,
        extension,
        choose: (quantity) => {
          this.#quantity = quantity;
          this.#remember();
          this.#showStep(this.#step);
        },
      }),
      ...shareQuantities.map(
        (quantity) =>
          new DepthSection({
            title: quantity.name === 'saturation' ? t('Saturation') : t('Dead channels'),
            quantities: [quantity],
            instead: noneOf,
            extension,
          }),
      ),
    ];
    const [gradient, ...shares] = this.#sections.map((section) => section.element);
    this.#charts.append(gradient!, this.#steps.element, ...shares);
    root.append(this.#head, this.#status.element, this.#advice, this.#findings, this.#charts, this.#runs);
    root.addEventListener('toggle', () => this.#remember(), { capture: true });
  }

  receive(message: ToView): void {
    if (message.type === 'report') this.#showReport(message.shown);
    else if (message.type === 'status') this.#showStatus(message);
    else if (message.type === 'history') this.#takeHistory(message);
    else if (message.type === 'runs') {
      this.#earlier = message.runs;
      this.#showRuns();
    } else if (message.type === 'cursor') for (const section of this.#sections) section.cursor(message.layers);
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
    this.#showRuns();
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
    this.#histories.clear();
    this.#asked.clear();
    this.#step = 0;
    this.#steps.reset(report.status === 'complete' ? report.probe.steps : 0);
  }

  #showRuns(): void {
    fill(this.#runs, runsSection(this.#earlier, this.#shown?.measured, this.extension));
  }

  /** Shows every chart at a training step; what is not here yet is asked for, once. */
  #showStep(step: number): void {
    this.#step = step;
    for (const section of this.#sections) {
      const name = section.quantity?.name;
      if (name === undefined || !hasHistory(name)) continue;
      const history = this.#histories.get(name);
      if (step === 0) section.atStep(undefined);
      else if (history) section.atStep({ quantity: name, step, ...history });
      else if (!this.#asked.has(name)) {
        this.#asked.add(name);
        this.extension.post({ type: 'askHistory', quantity: name });
      }
    }
  }

  #takeHistory({ measured, quantity, layers }: HistoryMessage): void {
    if (measured !== this.#shown?.measured) return;
    this.#histories.set(quantity, { layers, all: Object.values(layers).flat() });
    this.#showStep(this.#step);
  }

  #showHead(): void {
    const running = (this.#statusMessage?.run ?? null) !== null;
    if (this.#shown !== null) fill(this.#head, headline(this.#shown, running));
    else if (running) fill(this.#head, element('h1', {}, t('Measuring')));
    else if (this.#statusMessage?.failure) fill(this.#head, element('h1', {}, t('The analysis gave no figures')));
    else if (this.#statusMessage) fill(this.#head, welcome(this.#statusMessage.file, this.extension));
  }

  #remember(): void {
    this.extension.remember({ quantity: this.#quantity, folds: [...this.#folds] });
  }
}

/** Where nothing is saturated or dead, one sentence says it. */
function noneOf(quantity: Quantity, layers: readonly MeasuredLayer[]): string | undefined {
  if (layers.some((layer) => quantity.value(layer) !== 0)) return undefined;
  return layers.length === 1
    ? t('0% at {0}, the one layer where this is measured.', layers[0]!.id)
    : t('0% at each of the {0} layers where this is measured.', layers.length);
}
