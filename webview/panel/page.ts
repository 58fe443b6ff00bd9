import * as v from 'valibot';
import { button } from '../controls';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { StatusRegion } from '../page/statusRegion';
import type { ReportMessage, StatusMessage, ToView } from '../protocol';
import { answer } from './answer';
import { axesSection } from './axesSection';
import { BatchSection } from './batchSection';
import { CompareSection } from './compareSection';
import { LayersSection, type Sorting } from './layersSection';
import { notesSection } from './notes';
import { placementSection, placesSection } from './placesSection';
import { reasonsSection } from './reasons';
import { referencesSection } from './references';
import { VariantsSection } from './variantsSection';

const remembered = v.object({
  batch: v.optional(v.number()),
  compared: v.optional(v.nullable(v.number())),
  sorting: v.nullable(v.object({ column: v.string(), direction: v.picklist(['ascending', 'descending']) })),
});

/** What the page remembers while it is hidden. */
interface Memory {
  readonly batch?: number;
  /** The run that is compared with. */
  readonly compared?: number | null;
  readonly sorting: Sorting | null;
}

/** The panel's page: the answer, why, the batch, what was tried, where, every layer, how it was measured, and sources. */
export class PanelPage {
  readonly #status: StatusRegion;
  readonly #answer = element('div');
  readonly #reasons = element('div');
  readonly #batch: BatchSection;
  readonly #variants: VariantsSection;
  readonly #places = element('div');
  readonly #compare: CompareSection;
  readonly #layers: LayersSection;
  readonly #notes = element('div');
  readonly #report = element('div', { class: 'report' });
  #memory: Memory;
  #shown: ReportMessage['shown'] = null;
  #message: StatusMessage | undefined;

  constructor(
    root: HTMLElement,
    private readonly extension: Extension,
  ) {
    this.#memory = extension.recall(remembered) ?? { sorting: null };
    const remember = (change: Partial<Memory>) => {
      this.#memory = { ...this.#memory, ...change };
      extension.remember(this.#memory);
    };
    this.#status = new StatusRegion(extension);
    this.#batch = new BatchSection(this.#memory.batch, (batch) => remember({ batch }), extension);
    this.#variants = new VariantsSection(extension);
    this.#compare = new CompareSection(extension, this.#memory.compared ?? null, (compared) => remember({ compared }));
    this.#layers = new LayersSection(extension, this.#memory.sorting, (sorting) => remember({ sorting }));
    this.#report.append(
      this.#reasons,
      this.#batch.element,
      this.#variants.element,
      this.#places,
      this.#compare.element,
      this.#layers.element,
      this.#notes,
    );
    root.append(this.#answer, this.#status.element, this.#report);
  }

  receive(message: ToView): void {
    if (message.type === 'report') this.#showReport(message.shown);
    else if (message.type === 'status') this.#showStatus(message);
    else if (message.type === 'cursor') this.#layers.cursor(message.layers);
    else if (message.type === 'runs') this.#compare.runs(message.runs);
    else if (message.type === 'comparison') this.#compare.comparison(message);
  }

  themeChanged(): void {
    this.#variants.themeChanged();
    this.#batch.themeChanged();
    this.#compare.themeChanged();
  }

  get #running(): boolean {
    return (this.#message?.run ?? null) !== null;
  }

  #showStatus(status: StatusMessage): void {
    const before = this.#running;
    this.#message = status;
    this.#status.show(status);
    if (before !== this.#running || this.#shown === null) this.#showAnswer();
  }

  #showReport(shown: ReportMessage['shown']): void {
    this.#shown = shown;
    this.#showAnswer();
    this.#report.hidden = shown === null;
    if (shown === null) return;
    const { report } = shown;
    fill(this.#reasons, report.recommendation ? reasonsSection(report.recommendation) : null);
    this.#batch.show(report);
    this.#variants.show(report);
    fill(this.#places, placementSection(report), placesSection(report, this.extension));
    this.#compare.show(shown);
    this.#layers.show(report);
    fill(this.#notes, notesSection(report, this.extension), axesSection(report), referencesSection(report));
  }

  #showAnswer(): void {
    if (this.#shown) fill(this.#answer, answer(this.#shown.report, this.#running, this.extension));
    else {
      fill(
        this.#answer,
        element('h1', {}, this.#running ? t('Measuring') : t('Nothing is measured yet')),
        this.#running
          ? null
          : button({
              label: t('Analyze Network'),
              key: 'run',
              onClick: () => this.extension.post({ type: 'run', file: 'shown' }),
            }),
      );
    }
  }
}
