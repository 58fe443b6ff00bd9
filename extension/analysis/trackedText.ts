import { contentHash } from '../../src/engine/network/span';
import { type LineChange, LineTracker } from './lineTracker';

/** What of a document is needed to follow it. */
export interface FollowedDocument {
  readonly lineCount: number;
  getText(): string;
  lineAt(line: number): { readonly text: string };
}

/** A text as it was analysed, followed through edits: what has moved where, and whether it is stale. */
export class TrackedText {
  readonly #hash: string;
  readonly #lines: LineTracker;
  #stale = false;

  constructor(text: string) {
    this.#hash = contentHash(text);
    this.#lines = new LineTracker(text);
  }

  /** Whether the text is another by now. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Where a line (from 1) of the text as it was is by now (from 0); undefined where it was changed. */
  line(line: number): number | undefined {
    return this.#lines.current(line - 1);
  }

  edited(document: FollowedDocument, changes: readonly LineChange[]): void {
    this.#stale = true;
    this.#lines.apply(changes, (line) => (line < document.lineCount ? document.lineAt(line).text : ''));
  }

  /** Sees whether the document is what it was (an undo brings everything back), or was edited where nobody watched. */
  compare(document: FollowedDocument, watched: boolean): void {
    const same = contentHash(document.getText()) === this.#hash;
    if (same && this.#stale) this.#lines.reset();
    if (!same && !this.#stale && !watched) this.#lines.lose();
    this.#stale = !same;
  }
}
