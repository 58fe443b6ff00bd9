import type * as vscode from 'vscode';
import { type Analyses, notebookSource } from '../analysis';
import { modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';

/**
 * Which document the sidebar shows: the active editor's where something is known of it, else the last one that something
 * was known of, so that a look at another file takes no figures away; before any, the active editor's, or the one that
 * figures were kept of.
 */
export class ActiveModel {
  readonly onDidChange: vscode.Event<void>;
  readonly #changed: vscode.EventEmitter<void>;
  readonly #listening: readonly { dispose(): void }[];
  #last: vscode.Uri | undefined;
  #chosen: vscode.Uri | undefined;

  constructor(
    private readonly vscode: Pick<Vscode, 'window' | 'workspace' | 'languages' | 'EventEmitter'>,
    private readonly analyses: Analyses,
  ) {
    this.#changed = new vscode.EventEmitter();
    this.onDidChange = this.#changed.event;
    this.#listening = [
      vscode.window.onDidChangeActiveTextEditor((editor) => this.#moved(editor)),
      vscode.window.onDidChangeActiveNotebookEditor((editor) => this.#moved(editor)),
      analyses.onDidChange((uri) => {
        const key = uri.toString();
        if (key === this.#chosen?.toString() || key === this.active?.toString()) this.#changed.fire();
      }),
      this.#changed,
    ];
  }

  /** The active editor's document where it can be analysed; a cell's notebook. */
  get active(): vscode.Uri | undefined {
    const { activeTextEditor, activeNotebookEditor } = this.vscode.window;
    const document = activeTextEditor?.document;
    if (document) return this.#isModel(document) ? this.analyses.modelOf(document.uri) : undefined;
    const notebook = activeNotebookEditor?.notebook;
    return notebook &&
      notebookSource(notebook)
        .documents()
        .some((cell) => this.#isModel(cell))
      ? notebook.uri
      : undefined;
  }

  /** Shows what has no editor, until another editor is chosen. */
  show(uri: vscode.Uri): void {
    this.#chosen = uri;
    this.#last = uri;
    this.#changed.fire();
  }

  get shown(): vscode.Uri | undefined {
    if (this.#chosen) return this.#chosen;
    const { active } = this;
    if (active && this.#isKnown(active)) this.#last = active;
    return this.#last ?? active ?? this.#knownOnly();
  }

  /** After a reload no editor may have the focus yet: what is known of a document is shown all the same. */
  #knownOnly(): vscode.Uri | undefined {
    return this.analyses.all().find(({ shown }) => shown)?.uri;
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  /** A panel that opens takes the editor away and chooses none. */
  #moved(editor: unknown): void {
    if (editor) this.#chosen = undefined;
    this.#changed.fire();
  }

  #isModel(document: vscode.TextDocument): boolean {
    return this.vscode.languages.match(modelDocuments, document) > 0;
  }

  #isKnown(uri: vscode.Uri): boolean {
    const analysis = this.analyses.get(uri);
    return Boolean(analysis?.run ?? analysis?.shown ?? analysis?.failure);
  }
}
