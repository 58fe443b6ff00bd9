import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';
import { type ActiveModel, pageHtml, ReportView, type ReportViewParts } from '../webviews';

/** Type of the panel's editor. */
export const PANEL_TYPE = 'normscope.panel';

/** The panel beside the editor: the answer, its reasons, and every figure. One panel, of the document it was opened for. */
export class Panel {
  #open: { readonly panel: vscode.WebviewPanel; readonly view: ReportView } | undefined;
  #uri: vscode.Uri | undefined;

  constructor(
    private readonly vscode: Vscode,
    private readonly parts: Pick<ReportViewParts, 'analyses' | 'log'> & { readonly model: ActiveModel },
    private readonly extensionUri: vscode.Uri,
  ) {}

  /** Shows a document's report, by itself that of the sidebar's, in the panel that is open or a new one beside the editor. */
  show(uri: vscode.Uri | undefined = this.parts.model.shown): void {
    if (uri === undefined) {
      void this.vscode.window.showInformationMessage('Open the file that defines the network first.');
      return;
    }
    this.#uri = uri;
    this.#open ??= this.#make();
    const { panel, view } = this.#open;
    panel.title = `NormScope: ${uri.path.split('/').pop() ?? ''}`;
    panel.reveal(undefined, true);
    view.changed();
  }

  dispose(): void {
    this.#open?.panel.dispose();
  }

  #make(): { readonly panel: vscode.WebviewPanel; readonly view: ReportView } {
    const { vscode } = this;
    const root = vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    const panel = vscode.window.createWebviewPanel(
      PANEL_TYPE,
      'NormScope',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, localResourceRoots: [root], retainContextWhenHidden: false, enableFindWidget: true },
    );
    const address = (name: string) => panel.webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
    const view = new ReportView(panel.webview, () => panel.visible, {
      vscode,
      ...this.parts,
      shown: () => this.#uri,
      openPanel: () => panel.reveal(),
    });
    panel.onDidChangeViewState(() => (panel.visible ? view.changed() : view.hidden()));
    panel.onDidDispose(() => {
      view.dispose();
      this.#open = undefined;
    });
    panel.webview.html = pageHtml({ title: 'NormScope', script: address('panel.js'), style: address('panel.css') });
    return { panel, view };
  }
}
