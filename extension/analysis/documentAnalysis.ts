import type * as vscode from 'vscode';
import type { ProgressParams } from '../../src/engine/protocol';
import type { Report, ReportSource } from '../../src/engine/report/report';
import type { WrongInput } from '../engine';
import type { LineChange } from './lineTracker';
import type { ModelSource, TextPart } from './modelSource';
import { ShownReport } from './shownReport';
import { type Place, TrackedModel } from './trackedModel';
import type { FollowedDocument } from './trackedText';

/** A run under way. */
export interface Run {
  readonly network: string;
  readonly batch: number;
  readonly progress: ProgressParams | undefined;
  cancel(): void;
}

/** Feeds the store from a run. What comes after the run was replaced by another is dropped. */
export interface RunFeed {
  progress(progress: ProgressParams): void;
  partial(report: Report): void;
  finished(report: Report): void;
  cancelled(): void;
  failed(error: Error): void;
}

/** Why the last run gave no report. */
export interface RunFailure {
  readonly error: Error;
  /** Where wrong input stands by now (its column from 1); undefined for other failures and changed lines. */
  place(): (Place & { readonly column: number }) | undefined;
}

/** As many runs of a document are remembered. */
const MOST_RUNS = 6;

/** What is known of one document or notebook: the run under way, the figures that are shown, earlier runs, the last failure. */
export class DocumentAnalysis {
  #run: (Run & { progress: ProgressParams | undefined }) | undefined;
  #shown: ShownReport | undefined;
  #failure: RunFailure | undefined;
  /** The texts that the above are of. */
  readonly #texts = new Map<'run' | 'shown' | 'failure', TrackedModel>();
  readonly #ended: { readonly shown: ShownReport; readonly text: TrackedModel }[] = [];
  #another: boolean | undefined;

  constructor(
    readonly uri: vscode.Uri,
    /** The URI of the document that a source names, as a string. */
    private readonly uriOf: (source: ReportSource) => string,
    private readonly changed: () => void,
    /** Called for progress alone: no figure and no line is another. */
    private readonly progressed: () => void,
  ) {}

  get run(): Run | undefined {
    return this.#run;
  }

  /** The figures that every surface shows: of the run under way as soon as there are some, else of the last or the chosen. */
  get shown(): ShownReport | undefined {
    return this.#shown;
  }

  /** The runs that ended with a report, the newest first. */
  get runs(): readonly ShownReport[] {
    return this.#ended.map(({ shown }) => shown);
  }

  /** Shows the figures of an earlier run again, on every surface; not while another runs. */
  choose(measured: number): void {
    const chosen = this.#ended.find(({ shown }) => shown.measured.getTime() === measured);
    if (chosen === undefined || this.#run !== undefined) return;
    this.#another = undefined;
    this.#shown = chosen.shown;
    this.#texts.set('shown', chosen.text);
    this.changed();
  }

  /** Takes up a run of an earlier session, of those texts; the newest is shown where nothing else is. */
  restore(report: Report, measured: Date, parts: readonly TextPart[], open: ModelSource | undefined): void {
    const tracked = new TrackedModel(parts, this.uriOf);
    const documents = open?.documents() ?? [];
    if (documents.length > 0) tracked.rearranged(documents.map(({ uri }) => uri));
    for (const document of documents) tracked.compare(document, false);
    this.#remember({ shown: this.#shownOf(report, measured, tracked), text: tracked });
    const [newest] = this.#ended;
    if (this.#run || (this.#shown && !this.runs.includes(this.#shown)) || !newest) return;
    this.#shown = newest.shown;
    this.#texts.set('shown', newest.text);
    this.changed();
  }

  get failure(): RunFailure | undefined {
    return this.#failure;
  }

  /** Whether the network that was measured is known to be another by now; undefined where nobody has looked. */
  get another(): boolean | undefined {
    return this.#another;
  }

  /** Takes note of how the network that is written now compares with the one that was measured. */
  compared(another: boolean | undefined): void {
    if (this.#another === another) return;
    this.#another = another;
    this.changed();
  }

  /** Whether the editor holds the text that is analysed; false for a file that is no text. */
  get hasText(): boolean {
    return [...this.#texts.values()].some(({ isEmpty }) => !isEmpty);
  }

  /** Begins a run of texts; one under way is cancelled. */
  begin(
    parts: readonly TextPart[],
    network: { readonly name: string; readonly batch: number },
    cancel: () => void,
  ): RunFeed {
    this.#run?.cancel();
    const tracked = new TrackedModel(parts, this.uriOf);
    const run = { network: network.name, batch: network.batch, progress: noProgress(), cancel };
    this.#run = run;
    this.#texts.set('run', tracked);
    this.changed();

    const feed = (change: () => void, tell = this.changed): void => {
      if (this.#run !== run) return;
      change();
      tell();
    };
    const end = () => {
      this.#run = undefined;
      this.#texts.delete('run');
    };
    return {
      progress: (progress) =>
        feed(() => {
          run.progress = progress;
        }, this.progressed),
      partial: (report) => feed(() => this.#show(report, tracked)),
      finished: (report) =>
        feed(() => {
          end();
          this.#remember({ shown: this.#show(report, tracked), text: tracked });
        }),
      cancelled: () =>
        feed(() => {
          end();
          // First numbers stand; what they wanted to become they are not.
          if (this.#texts.get('shown') === tracked && this.#shown) {
            this.#show({ ...this.#shown.report, status: 'cancelled' }, tracked);
          }
        }),
      failed: (error) =>
        feed(() => {
          end();
          this.#fail(error, tracked);
        }),
    };
  }

  /** Takes note that the texts cannot be analysed, before any run. */
  refuse(parts: readonly TextPart[], error: Error): void {
    this.#fail(error, new TrackedModel(parts, this.uriOf));
    this.changed();
  }

  edited(document: FollowedDocument & { readonly uri: vscode.Uri }, changes: readonly LineChange[]): void {
    for (const text of this.#followed()) text.edited(document, changes);
    this.changed();
  }

  /** Looks at the document anew; `watched` says that no edit can have been missed. */
  compare(document: FollowedDocument & { readonly uri: vscode.Uri }, watched: boolean): void {
    for (const text of this.#followed()) text.compare(document, watched);
    this.changed();
  }

  /** A notebook's cells came, went or moved: which there are now, in order. */
  rearranged(uris: readonly vscode.Uri[]): void {
    for (const text of this.#followed()) text.rearranged(uris);
    this.changed();
  }

  #followed(): ReadonlySet<TrackedModel> {
    return new Set([...this.#texts.values(), ...this.#ended.map(({ text }) => text)]);
  }

  #shownOf(report: Report, measured: Date, text: TrackedModel): ShownReport {
    const shown: ShownReport = new ShownReport(
      report,
      measured,
      text,
      () => this.#another === true && this.#shown === shown,
    );
    return shown;
  }

  #show(report: Report, text: TrackedModel): ShownReport {
    if (this.#texts.get('shown') !== text) this.#another = undefined;
    this.#shown = this.#shownOf(report, new Date(), text);
    this.#texts.set('shown', text);
    this.#failure = undefined;
    this.#texts.delete('failure');
    return this.#shown;
  }

  #remember(run: { readonly shown: ShownReport; readonly text: TrackedModel }): void {
    this.#ended.push(run);
    this.#ended.sort((a, b) => b.shown.measured.getTime() - a.shown.measured.getTime());
    this.#ended.length = Math.min(MOST_RUNS, this.#ended.length);
  }

  #fail(error: Error, text: TrackedModel): void {
    const source = sourceOf(error);
    this.#texts.set('failure', text);
    this.#failure = {
      error,
      place: () => {
        const place = source && text.place(source);
        return place && { ...place, column: source.column };
      },
    };
  }
}

const noProgress = (): ProgressParams | undefined => undefined;

/** Where wrong input stands, for the errors that say so. */
const sourceOf = (error: Error): ReportSource | undefined =>
  'source' in error ? ((error as WrongInput).source ?? undefined) : undefined;
