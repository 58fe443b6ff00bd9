import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';
import { ActiveModel, pageHtml, ReportView, type ReportViewParts } from '../webviews';

/** Id of the view; package.json declares the same. */
export const SIDEBAR_VIEW = 'normscope.sidebar';

/** The view in the side bar: what was measured of the active model, what was found, and what to do. */
export class Sidebar implements vscode.WebviewViewProvider {
  readonly #model: ActiveModel;
  readonly #listening: readonly { dispose(): void }[];
  #view: ReportView | undefined;

  constructor(
    private readonly vscode: Vscode,
    private readonly parts: Pick<ReportViewParts, 'analyses' | 'log' | 'openPanel'>,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#model = new ActiveModel(vscode, parts.analyses);
    this.#listening = [
      // A hidden view's page is thrown away: what it shows is sent again when it is back.
      vscode.window.registerWebviewViewProvider(SIDEBAR_VIEW, this, {
        webviewOptions: { retainContextWhenHidden: false },
      }),
      this.#model.onDidChange(() => this.#view?.changed()),
      this.#model,
    ];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const root = this.vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    const address = (name: string) => view.webview.asWebviewUri(this.vscode.Uri.joinPath(root, name)).toString();
    view.webview.options = { enableScripts: true, localResourceRoots: [root] };
    const page = new ReportView(view.webview, () => view.visible, {
      vscode: this.vscode,
      ...this.parts,
      shown: () => this.#model.shown,
      other: () => this.#model.active,
    });
    this.#view?.dispose();
    this.#view = page;
    view.onDidChangeVisibility(() => (view.visible ? page.changed() : page.hidden()));
    view.onDidDispose(() => {
      page.dispose();
      if (this.#view === page) this.#view = undefined;
    });
    view.webview.html = pageHtml({ title: 'NormScope', script: address('sidebar.js'), style: address('sidebar.css') });
  }

  dispose(): void {
    this.#view?.dispose();
    for (const listener of this.#listening) listener.dispose();
  }
}
