import type * as vscode from 'vscode';
import type { Analyses, ShownReport } from '../analysis';
import type { Configuration } from '../configuration';
import { modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import { hintText } from './hintText';
import { layerMarkdown } from './layerMarkdown';

/** Beside each layer's line, after a run: its gradient and saturation. They move with their line and go when it changes. */
export class LayerHints implements vscode.InlayHintsProvider {
  readonly onDidChangeInlayHints: vscode.Event<void>;
  readonly #changed: vscode.EventEmitter<void>;
  readonly #listening: readonly { dispose(): void }[];

  constructor(
    private readonly vscode: Pick<
      Vscode,
      'EventEmitter' | 'InlayHint' | 'Position' | 'MarkdownString' | 'l10n' | 'languages'
    >,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
  ) {
    this.#changed = new vscode.EventEmitter();
    this.onDidChangeInlayHints = this.#changed.event;
    this.#listening = [
      analyses.onDidChange(() => this.#changed.fire()),
      configuration.onChange(['inlayHints.enabled'], () => this.#changed.fire()),
      vscode.languages.registerInlayHintsProvider(modelDocuments, this),
    ];
  }

  provideInlayHints(document: vscode.TextDocument, range: vscode.Range): vscode.InlayHint[] {
    const shown = this.analyses.get(document.uri)?.shown;
    if (shown === undefined || !this.configuration.get('inlayHints.enabled')) return [];
    return [...shown.layersByLine(document.uri)].flatMap(([line, layers]) => {
      if (line < range.start.line || line > range.end.line || line >= document.lineCount) return [];
      const text = hintText(layers, shown.staleAt(document.uri), this.vscode.l10n.t);
      return text === undefined ? [] : [this.#hint(document, shown, line, text)];
    });
  }

  /** The tooltip is made when someone looks. */
  resolveInlayHint(hint: LayerHint): vscode.InlayHint {
    const layers = hint.shown.layersByLine(hint.uri).get(hint.position.line);
    if (layers) hint.tooltip = layerMarkdown(this.vscode, hint.shown, layers, hint.uri);
    return hint;
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
    this.#changed.dispose();
  }

  #hint(document: vscode.TextDocument, shown: ShownReport, line: number, text: string): LayerHint {
    const end = new this.vscode.Position(line, document.lineAt(line).text.length);
    const hint = Object.assign(new this.vscode.InlayHint(end, text), { shown, uri: document.uri });
    hint.paddingLeft = true;
    return hint;
  }
}

/** A hint that remembers what it is of, for its tooltip. */
type LayerHint = vscode.InlayHint & { readonly shown: ShownReport; readonly uri: vscode.Uri };
