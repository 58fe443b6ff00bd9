import type * as vscode from 'vscode';
import type { OfferedNetwork } from '../../src/engine/protocol';
import { countText } from '../../src/engine/report/figureText';
import { visibleText } from '../../src/engine/report/visibleText';
import { type Analyses, type Follower, type ModelSource, sourceOf } from '../analysis';
import { clock } from '../clock';
import type { Configuration } from '../configuration';
import { commands, modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import { documentsOf } from './documentAt';

type Api = Pick<Vscode, 'languages' | 'l10n' | 'workspace' | 'EventEmitter' | 'CodeLens' | 'Range' | 'Uri'>;

/** What stands above one line, and the line's text by which it is found again. */
interface Lens {
  readonly line: number;
  readonly text: string;
  readonly network: OfferedNetwork;
}

/** Above each network of a file, if that is turned on: its layers, its parameters and the last run; a click analyzes it. */
export class ModelLenses implements vscode.CodeLensProvider {
  readonly onDidChangeCodeLenses: vscode.Event<void>;
  readonly #changed: vscode.EventEmitter<void>;
  readonly #listening: readonly { dispose(): void }[];
  /** What a document had when it could last be read: it stands while half a statement is typed. */
  readonly #last = new Map<string, readonly Lens[]>();

  constructor(
    private readonly vscode: Api,
    private readonly follower: Pick<Follower, 'current' | 'onDidSettle'>,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
  ) {
    this.#changed = new vscode.EventEmitter();
    this.onDidChangeCodeLenses = this.#changed.event;
    const changed = () => this.#changed.fire();
    this.#listening = [
      this.#changed,
      follower.onDidSettle(changed),
      analyses.onDidChange(changed),
      configuration.onChange(['codeLens.enabled'], changed),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void this.#last.delete(uri.toString())),
      vscode.languages.registerCodeLensProvider(modelDocuments, this),
    ];
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!this.configuration.get('codeLens.enabled')) return [];
    const source = sourceOf(this.vscode, document);
    const said = await this.follower.current(source);
    const lenses = said ? this.#lensesOf(said.networks, source, document) : this.#remembered(document);
    this.#last.set(document.uri.toString(), lenses);
    return lenses.map(({ line, network }) => {
      const title = this.#title(source, network);
      const range = new this.vscode.Range(line, 0, line, 0);
      return new this.vscode.CodeLens(range, {
        title,
        command: commands.analyzeNetwork,
        arguments: [source.uri, network.name],
      });
    });
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  #lensesOf(networks: readonly OfferedNetwork[], source: ModelSource, document: vscode.TextDocument): Lens[] {
    const documentAt = documentsOf(this.vscode, source);
    return networks.flatMap((network) => {
      const made = documentAt(network.source);
      const place = made && (classOf(network, made, source) ?? { document: made, line: network.source.line - 1 });
      if (place?.document !== document) return [];
      return [{ line: place.line, text: document.lineAt(place.line).text, network }];
    });
  }

  #remembered(document: vscode.TextDocument): Lens[] {
    const lines = document.getText().split(/\r\n|\r|\n/);
    return (this.#last.get(document.uri.toString()) ?? []).flatMap((lens) => {
      const line = lines[lens.line] === lens.text ? lens.line : lines.indexOf(lens.text);
      return line < 0 ? [] : [{ ...lens, line }];
    });
  }

  #title({ uri }: ModelSource, { name, layers, parameters }: OfferedNetwork): string {
    const { t } = this.vscode.l10n;
    return [
      t('Analyze'),
      [
        layers === 1 ? t('1 layer') : t('{0} layers', countText(layers)),
        parameters === 1 ? t('1 parameter') : t('{0} parameters', countText(parameters)),
      ].join(', '),
      this.#lastRun(uri, visibleText(name)),
    ].join(' · ');
  }

  #lastRun(uri: vscode.Uri, name: string): string {
    const { t } = this.vscode.l10n;
    const analysis = this.analyses.get(uri);
    if (analysis?.run?.network === name) return t('running');
    const { shown } = analysis ?? {};
    if (!shown || visibleText(shown.report.network.name) !== name) return t('not run yet');
    const { length } = shown.report.findings;
    const found = length === 0 ? t('no findings') : length === 1 ? t('1 finding') : t('{0} findings', length);
    const at = clock(shown.measured);
    return shown.stale ? t('last run {0}, {1}, stale', at, found) : t('last run {0}, {1}', at, found);
  }
}

/** Where the class is written that a line makes the network of, as `model = Net()`; undefined where it is in no document of it. */
function classOf(
  { source: { line, column } }: OfferedNetwork,
  made: vscode.TextDocument,
  source: ModelSource,
): { readonly document: vscode.TextDocument; readonly line: number } | undefined {
  const [, name] = /^(\w+)\(/.exec(made.lineAt(line - 1).text.slice(column - 1)) ?? [];
  if (name === undefined) return undefined;
  const written = new RegExp(`^class ${name}\\b`);
  for (const document of source.documents()) {
    const found = document
      .getText()
      .split(/\r\n|\r|\n/)
      .findIndex((text) => written.test(text));
    if (found >= 0) return { document, line: found };
  }
  return undefined;
}
