import type * as vscode from 'vscode';
import type { Analyses } from '../analysis';
import { modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';

/**
 * Which document the sidebar shows: the active editor's where something is known of it, else the last one that something
 * was known of, so that a look at another file takes no figures away; before any, the active editor's.
 */
export class ActiveModel {
  readonly onDidChange: vscode.Event<void>;
  readonly #changed: vscode.EventEmitter<void>;
  readonly #listening: readonly { dispose(): void }[];
  #last: vscode.Uri | undefined;

  constructor(
    private readonly vscode: Pick<Vscode, 'window' | 'languages' | 'EventEmitter'>,
    private readonly analyses: Analyses,
  ) {
    this.#changed = new vscode.EventEmitter();
    this.onDidChange = this.#changed.event;
    this.#listening = [
      vscode.window.onDidChangeActiveTextEditor(() => this.#changed.fire()),
      analyses.onDidChange((uri) => {
        if (uri.toString() === this.active?.toString()) this.#changed.fire();
      }),
      this.#changed,
    ];
  }

  /** The active editor's document where it can be analysed. */
  get active(): vscode.Uri | undefined {
    const document = this.vscode.window.activeTextEditor?.document;
    return document && this.vscode.languages.match(modelDocuments, document) > 0 ? document.uri : undefined;
  }

  get shown(): vscode.Uri | undefined {
    const { active } = this;
    if (active && this.#isKnown(active)) this.#last = active;
    return this.#last ?? active;
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  #isKnown(uri: vscode.Uri): boolean {
    const analysis = this.analyses.get(uri);
    return Boolean(analysis?.run ?? analysis?.shown ?? analysis?.failure);
  }
}
