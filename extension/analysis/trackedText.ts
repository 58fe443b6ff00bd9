import { contentHash } from '../../src/engine/network/span';
import type { ReportSource } from '../../src/engine/report/report';
import { type LineChange, LineTracker } from './lineTracker';

/** What of a document is needed to follow it. */
export interface FollowedDocument {
  readonly lineCount: number;
  getText(): string;
  lineAt(line: number): { readonly text: string };
}

/** A document's text as it was analysed, followed through edits: what has moved where, and whether it is stale. */
export class TrackedText {
  readonly hash: string;
  readonly #lines: LineTracker;
  #stale = false;

  constructor(
    readonly text: string,
    /** Whether a source lies in this document. */
    private readonly isOwn: (source: ReportSource) => boolean,
  ) {
    this.hash = contentHash(text);
    this.#lines = new LineTracker(text);
  }

  /** Whether the document says something else by now. */
  get stale(): boolean {
    return this.#stale;
  }

  /** The line (from 0) that a source stands on by now; undefined where that line was changed, or is in another file. */
  line(source: ReportSource): number | undefined {
    return this.isOwn(source) ? this.#lines.current(source.line - 1) : undefined;
  }

  edited(document: FollowedDocument, changes: readonly LineChange[]): void {
    this.#stale = true;
    this.#lines.apply(changes, (line) => (line < document.lineCount ? document.lineAt(line).text : ''));
  }

  /** Sees whether the document is what it was (an undo brings everything back), or was edited where nobody watched. */
  compare(document: FollowedDocument, watched: boolean): void {
    const same = contentHash(document.getText()) === this.hash;
    if (same && this.#stale) this.#lines.reset();
    if (!same && !this.#stale && !watched) this.#lines.lose();
    this.#stale = !same;
  }
}
