import type * as vscode from 'vscode';
import type { Analyses } from '../analysis';
import type { Configuration } from '../configuration';
import { modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import { layerMarkdown } from './layerMarkdown';

/** The figures of the layers that a line makes. */
export class LayerHover implements vscode.HoverProvider {
  readonly #registered: { dispose(): void };

  constructor(
    private readonly vscode: Pick<Vscode, 'Hover' | 'MarkdownString' | 'l10n' | 'languages'>,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
  ) {
    this.#registered = vscode.languages.registerHoverProvider(modelDocuments, this);
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    const shown = this.analyses.get(document.uri)?.shown;
    if (shown === undefined || !this.configuration.get('hover.enabled')) return undefined;
    const layers = shown.layersByLine(document.uri).get(position.line);
    return layers && new this.vscode.Hover(layerMarkdown(this.vscode, shown, layers, document.uri));
  }

  dispose(): void {
    this.#registered.dispose();
  }
}
