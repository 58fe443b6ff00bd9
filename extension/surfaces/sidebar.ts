import type * as vscode from 'vscode';
import { views } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import { type ActiveModel, pageHtml, pageLanguage, ReportView, type ReportViewParts } from '../webviews';

/** The view in the side bar: what was measured of the active model, what was found, and what to do. */
export class Sidebar implements vscode.WebviewViewProvider {
  readonly #listening: readonly { dispose(): void }[];
  #view: ReportView | undefined;
  #isVisible: () => boolean = () => false;

  constructor(
    private readonly vscode: Vscode,
    private readonly parts: Pick<ReportViewParts, 'analyses' | 'log' | 'openPanel' | 'advises' | 'save'> & {
      readonly model: ActiveModel;
    },
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#listening = [
      // A hidden view's page is thrown away: what it shows is sent again when it is back.
      vscode.window.registerWebviewViewProvider(views.sidebar, this, {
        webviewOptions: { retainContextWhenHidden: false },
      }),
      parts.model.onDidChange(() => this.#view?.changed()),
    ];
  }

  /** Whether the view is open and on screen. */
  get visible(): boolean {
    return this.#isVisible();
  }

  /** As `ReportView.drawn`. */
  get drawn(): number | null | undefined {
    return this.#view?.drawn;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const root = this.vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    const address = (name: string) => view.webview.asWebviewUri(this.vscode.Uri.joinPath(root, name)).toString();
    view.webview.options = { enableScripts: true, localResourceRoots: [root] };
    const page = new ReportView(view.webview, () => view.visible, {
      vscode: this.vscode,
      ...this.parts,
      shown: () => this.parts.model.shown,
      other: () => this.parts.model.active,
    });
    this.#view?.dispose();
    this.#view = page;
    this.#isVisible = () => view.visible;
    view.onDidChangeVisibility(() => (view.visible ? page.changed() : page.hidden()));
    view.onDidDispose(() => {
      page.dispose();
      if (this.#view !== page) return;
      this.#view = undefined;
      this.#isVisible = () => false;
    });
    view.webview.html = pageHtml({
      title: 'NormScope',
      script: address('sidebar.js'),
      style: address('sidebar.css'),
      ...pageLanguage(this.vscode),
    });
  }

  dispose(): void {
    this.#view?.dispose();
    for (const listener of this.#listening) listener.dispose();
  }
}
