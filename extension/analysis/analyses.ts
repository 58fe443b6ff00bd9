import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';
import { DocumentAnalysis } from './documentAnalysis';
import { baseUri, sourceUri } from './places';

/** How long after the last edit it is looked whether the text is again what was analysed, in milliseconds. */
const SETTLE = 200;

/** Which document has which analysis. Follows edits, so that no figure is shown beside a line that it is not of. */
export class Analyses {
  /** Fires with the document whose analysis is another by now. */
  readonly onDidChange: vscode.Event<vscode.Uri>;
  /** Fires with the document whose run has come further, and nothing else. */
  readonly onDidProgress: vscode.Event<vscode.Uri>;
  readonly #progressed: vscode.EventEmitter<vscode.Uri>;
  readonly #changed: vscode.EventEmitter<vscode.Uri>;
  readonly #analyses = new Map<string, DocumentAnalysis>();
  readonly #settling = new Map<string, NodeJS.Timeout>();
  readonly #listening: readonly vscode.Disposable[];

  constructor(private readonly vscode: Pick<Vscode, 'workspace' | 'Uri' | 'EventEmitter'>) {
    this.#changed = new vscode.EventEmitter();
    this.onDidChange = this.#changed.event;
    this.#progressed = new vscode.EventEmitter();
    this.onDidProgress = this.#progressed.event;
    this.#listening = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0) return;
        this.get(document.uri)?.edited(document, contentChanges);
        this.#settle(document);
      }),
      // While a document was closed its file may have been written by anyone.
      vscode.workspace.onDidOpenTextDocument((document) => this.get(document.uri)?.compare(document, false)),
    ];
  }

  get(uri: vscode.Uri): DocumentAnalysis | undefined {
    return this.#analyses.get(uri.toString());
  }

  all(): readonly DocumentAnalysis[] {
    return [...this.#analyses.values()];
  }

  /** A document's analysis; one that knows nothing yet where there is none. */
  of(uri: vscode.Uri): DocumentAnalysis {
    const known = this.get(uri);
    if (known) return known;
    const base = baseUri(this.vscode, uri);
    const own = uri.toString();
    const made = new DocumentAnalysis(
      uri,
      (source) => sourceUri(this.vscode, base, source).toString() === own,
      () => this.#changed.fire(uri),
      () => this.#progressed.fire(uri),
    );
    this.#analyses.set(own, made);
    return made;
  }

  dispose(): void {
    for (const { run } of this.#analyses.values()) run?.cancel();
    for (const timer of this.#settling.values()) clearTimeout(timer);
    for (const listener of this.#listening) listener.dispose();
    this.#changed.dispose();
    this.#progressed.dispose();
  }

  /** Compares a document with what was analysed once its edits have settled: an undo makes nothing stale. */
  #settle(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (!this.#analyses.has(key)) return;
    clearTimeout(this.#settling.get(key));
    this.#settling.set(
      key,
      setTimeout(() => {
        this.#settling.delete(key);
        this.get(document.uri)?.compare(document, true);
      }, SETTLE),
    );
  }
}
