import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';
import { DocumentAnalysis } from './documentAnalysis';
import { modelUri, notebookSource } from './modelSource';
import { baseUri, sourceUri } from './places';

/** How long after the last edit it is looked whether the text is again what was analysed, in milliseconds. */
const SETTLE = 200;

/**
 * Which document or notebook has which analysis. Follows edits, so that no figure is shown beside a line that it is not of.
 * A cell's analysis is its notebook's.
 */
export class Analyses {
  /** Fires with the document or notebook whose analysis is another by now. */
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
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#reopened(notebook)),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
        if (contentChanges.length > 0) this.get(notebook.uri)?.rearranged(cellsOf(notebook));
      }),
    ];
  }

  get(uri: vscode.Uri): DocumentAnalysis | undefined {
    return this.#analyses.get(this.modelOf(uri).toString());
  }

  /** By which URI the analysis of a document is kept: a cell's by its notebook's. */
  modelOf(uri: vscode.Uri): vscode.Uri {
    return modelUri(this.vscode, uri);
  }

  all(): readonly DocumentAnalysis[] {
    return [...this.#analyses.values()];
  }

  /** A document's or notebook's analysis; one that knows nothing yet where there is none. */
  of(uri: vscode.Uri): DocumentAnalysis {
    const known = this.get(uri);
    if (known) return known;
    const own = this.modelOf(uri);
    const base = baseUri(this.vscode, own);
    const made = new DocumentAnalysis(
      own,
      (source) => sourceUri(this.vscode, base, source).toString(),
      () => this.#changed.fire(own),
      () => this.#progressed.fire(own),
    );
    this.#analyses.set(own.toString(), made);
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
    if (!this.get(document.uri)) return;
    clearTimeout(this.#settling.get(key));
    this.#settling.set(
      key,
      setTimeout(() => {
        this.#settling.delete(key);
        this.get(document.uri)?.compare(document, true);
      }, SETTLE),
    );
  }

  /** While a notebook was closed its file may have been written by anyone. */
  #reopened(notebook: vscode.NotebookDocument): void {
    const analysis = this.get(notebook.uri);
    analysis?.rearranged(cellsOf(notebook));
    for (const document of notebookSource(notebook).documents()) analysis?.compare(document, false);
  }
}

const cellsOf = (notebook: vscode.NotebookDocument): readonly vscode.Uri[] =>
  notebookSource(notebook)
    .documents()
    .map(({ uri }) => uri);
