import type * as vscode from 'vscode';
import type { ProgressParams } from '../../src/engine/protocol';
import type { Report, ReportSource } from '../../src/engine/report/report';
import type { WrongInput } from '../engine';
import type { LineChange } from './lineTracker';
import { ShownReport } from './shownReport';
import { type FollowedDocument, TrackedText } from './trackedText';

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
  /** Where wrong input stands by now (line from 0, column from 1); undefined for other failures and changed lines. */
  place(): { readonly line: number; readonly column: number } | undefined;
}

/** What is known of one document: the run under way, the newest figures, the last failure. */
export class DocumentAnalysis {
  #run: (Run & { progress: ProgressParams | undefined }) | undefined;
  #shown: ShownReport | undefined;
  #failure: RunFailure | undefined;
  /** The texts that the above are of. */
  readonly #texts = new Map<'run' | 'shown' | 'failure', TrackedText>();

  constructor(
    readonly uri: vscode.Uri,
    private readonly isOwn: (source: ReportSource) => boolean,
    private readonly changed: () => void,
    /** Called for progress alone: no figure and no line is another. */
    private readonly progressed: () => void,
  ) {}

  get run(): Run | undefined {
    return this.#run;
  }

  /** The newest figures: of the run under way as soon as there are some, else of the last. */
  get shown(): ShownReport | undefined {
    return this.#shown;
  }

  get failure(): RunFailure | undefined {
    return this.#failure;
  }

  /** Begins a run of a text; one under way is cancelled. */
  begin(text: string, network: { readonly name: string; readonly batch: number }, cancel: () => void): RunFeed {
    this.#run?.cancel();
    const tracked = new TrackedText(text, this.isOwn);
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
          this.#show(report, tracked);
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

  /** Takes note that the text cannot be analysed, before any run. */
  refuse(text: string, error: Error): void {
    this.#fail(error, new TrackedText(text, this.isOwn));
    this.changed();
  }

  edited(document: FollowedDocument, changes: readonly LineChange[]): void {
    for (const text of new Set(this.#texts.values())) text.edited(document, changes);
    this.changed();
  }

  /** Looks at the document anew; `watched` says that no edit can have been missed. */
  compare(document: FollowedDocument, watched: boolean): void {
    for (const text of new Set(this.#texts.values())) text.compare(document, watched);
    this.changed();
  }

  #show(report: Report, text: TrackedText): void {
    this.#shown = new ShownReport(report, new Date(), text);
    this.#texts.set('shown', text);
    this.#failure = undefined;
    this.#texts.delete('failure');
  }

  #fail(error: Error, text: TrackedText): void {
    const source = sourceOf(error);
    this.#texts.set('failure', text);
    this.#failure = {
      error,
      place: () => {
        const line = source && text.line(source);
        return source && line !== undefined ? { line, column: source.column } : undefined;
      },
    };
  }
}

const noProgress = (): ProgressParams | undefined => undefined;

/** Where wrong input stands, for the errors that say so. */
const sourceOf = (error: Error): ReportSource | undefined =>
  'source' in error ? ((error as WrongInput).source ?? undefined) : undefined;
