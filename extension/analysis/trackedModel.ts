import type * as vscode from 'vscode';
import type { ReportSource } from '../../src/engine/report/report';
import type { LineChange } from './lineTracker';
import type { TextPart } from './modelSource';
import { type FollowedDocument, TrackedText } from './trackedText';

/** A line (from 0) of a document or a cell. */
export interface Place {
  readonly uri: vscode.Uri;
  readonly line: number;
}

/** The texts that were analysed together, followed through edits: a document's one, or those of a notebook's cells. */
export class TrackedModel {
  readonly #texts: ReadonlyMap<string, { readonly uri: vscode.Uri; readonly text: TrackedText }>;
  /** The cells are others by now, or in another order. */
  #rearranged = false;

  constructor(
    readonly parts: readonly TextPart[],
    /** The URI of the document that a source names, as a string. */
    private readonly uriOf: (source: ReportSource) => string,
  ) {
    this.#texts = new Map(parts.map(({ uri, text }) => [uri.toString(), { uri, text: new TrackedText(text) }]));
  }

  /** Whether it has no text, as of a file that is none. */
  get isEmpty(): boolean {
    return this.#texts.size === 0;
  }

  /** Whether any of it is another by now. */
  get stale(): boolean {
    return this.#rearranged || [...this.#texts.values()].some(({ text }) => text.stale);
  }

  /** Whether one of its texts is another by now. */
  staleAt(uri: vscode.Uri): boolean {
    return this.#texts.get(uri.toString())?.text.stale ?? false;
  }

  /** Where a source stands by now; undefined where its line was changed, or is in another file. */
  place(source: ReportSource): Place | undefined {
    const held = this.#texts.get(this.uriOf(source));
    const line = held?.text.line(source.line);
    return held && line !== undefined ? { uri: held.uri, line } : undefined;
  }

  edited(document: FollowedDocument & { readonly uri: vscode.Uri }, changes: readonly LineChange[]): void {
    this.#texts.get(document.uri.toString())?.text.edited(document, changes);
  }

  /** Sees whether a document is what it was (an undo brings everything back), or was edited where nobody watched. */
  compare(document: FollowedDocument & { readonly uri: vscode.Uri }, watched: boolean): void {
    this.#texts.get(document.uri.toString())?.text.compare(document, watched);
  }

  /** Cells came, went or moved: which there are now, in order. */
  rearranged(uris: readonly vscode.Uri[]): void {
    const [before, now] = [[...this.#texts.keys()], uris.map(String)];
    this.#rearranged = before.length !== now.length || before.some((uri, i) => uri !== now[i]);
  }
}
