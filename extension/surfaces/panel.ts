import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';
import { type ActiveModel, pageHtml, pageLanguage, ReportView, type ReportViewParts } from '../webviews';

/** Type of the panel's editor. */
export const PANEL_TYPE = 'normscope.panel';

/** Under this key the workspace remembers which document the panel shows, for when the window is reloaded. */
const SHOWN = 'normscope.panel.shown';

/** The panel beside the editor: the answer, its reasons, and every figure. One panel, of the document it was opened for. */
export class Panel implements vscode.WebviewPanelSerializer {
  #open: { readonly panel: vscode.WebviewPanel; readonly view: ReportView } | undefined;
  #uri: vscode.Uri | undefined;
  readonly #serializer: { dispose(): void };

  constructor(
    private readonly vscode: Vscode,
    private readonly parts: Pick<ReportViewParts, 'analyses' | 'log' | 'advises' | 'save'> & {
      readonly model: ActiveModel;
      readonly memory: Pick<vscode.Memento, 'get' | 'update'>;
    },
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#serializer = vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, this);
  }

  /** A panel that was open when the window was reloaded: it shows its document again. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    const remembered = this.parts.memory.get<string>(SHOWN);
    if (remembered === undefined || this.#open) {
      panel.dispose();
      return;
    }
    this.#uri = this.vscode.Uri.parse(remembered);
    this.#open = this.#fill(panel);
    panel.title = titleOf(this.#uri);
  }

  /** When the figures were measured that the page last said it has drawn; as `ReportView.drawn`. */
  get drawn(): number | null | undefined {
    return this.#open?.view.drawn;
  }

  /** Shows a document's report, by itself that of the sidebar's, in the panel that is open or a new one beside the editor. */
  show(uri: vscode.Uri | undefined = this.parts.model.shown): void {
    if (uri === undefined) {
      void this.vscode.window.showInformationMessage(
        this.vscode.l10n.t('Open the file that defines the network first.'),
      );
      return;
    }
    this.#uri = uri;
    void this.parts.memory.update(SHOWN, uri.toString());
    this.#open ??= this.#make();
    const { panel, view } = this.#open;
    panel.title = titleOf(uri);
    panel.reveal(undefined, true);
    view.changed();
  }

  dispose(): void {
    this.#serializer.dispose();
    this.#open?.panel.dispose();
  }

  #make(): { readonly panel: vscode.WebviewPanel; readonly view: ReportView } {
    const { vscode } = this;
    return this.#fill(
      vscode.window.createWebviewPanel(
        PANEL_TYPE,
        'NormScope',
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        { retainContextWhenHidden: false, enableFindWidget: true },
      ),
    );
  }

  #fill(panel: vscode.WebviewPanel): { readonly panel: vscode.WebviewPanel; readonly view: ReportView } {
    const { vscode } = this;
    const root = vscode.Uri.joinPath(this.extensionUri, 'dist', 'webview');
    panel.webview.options = { enableScripts: true, localResourceRoots: [root] };
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
    panel.webview.html = pageHtml({
      title: 'NormScope',
      script: address('panel.js'),
      style: address('panel.css'),
      ...pageLanguage(vscode),
    });
    return { panel, view };
  }
}

const titleOf = (uri: vscode.Uri): string => `NormScope: ${uri.path.split('/').pop() ?? ''}`;
