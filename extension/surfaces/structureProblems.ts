import type * as vscode from 'vscode';
import type { Finding } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import {
  type Analyses,
  type Follower,
  isCell,
  type ModelSource,
  notebookSource,
  openSource,
  openSources,
  sourceOf,
} from '../analysis';
import type { Configuration } from '../configuration';
import { grouped } from '../grouped';
import { modelDocuments } from '../identifiers';
import { said } from '../said';
import type { Vscode } from '../vscodeApi';
import { documentsOf } from './documentAt';

type Api = Pick<Vscode, 'languages' | 'l10n' | 'workspace' | 'Diagnostic' | 'DiagnosticSeverity' | 'Range' | 'Uri'>;

/**
 * What the rules on the structure find without a probe, in Problems: where an analysis has failed, and while someone types
 * if that is turned on. A report that is of the present text says it itself.
 */
export class StructureProblems {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #listening: readonly { dispose(): void }[];
  /** Where something is listed for each document or notebook. */
  readonly #listed = new Map<string, readonly vscode.Uri[]>();

  constructor(
    private readonly vscode: Api,
    private readonly follower: Pick<Follower, 'current' | 'onDidSettle'>,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#collection = vscode.languages.createDiagnosticCollection('normscope structure');
    this.#listening = [
      follower.onDidSettle((source) => {
        if (this.#wanted(source)) void this.#look(source);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        // Cells are looked at with their notebook, which may be told of behind them.
        if (isCell(document.uri) || !this.#isTyped(document)) return;
        void this.#look(sourceOf(vscode, document));
      }),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => {
        const source = notebookSource(notebook);
        if (source.documents().some(this.#isTyped)) void this.#look(source);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.#forget(uri)),
      analyses.onDidChange((uri) => this.#analysed(uri)),
      configuration.onChange(['problems.enabled', 'problems.whileTyping', 'rules'], () => this.#switched()),
      this.#collection,
    ];
    this.#switched();
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  get #enabled(): boolean {
    return this.configuration.get('problems.enabled');
  }

  readonly #isTyped = (document: vscode.TextDocument): boolean =>
    this.#enabled &&
    this.configuration.get('problems.whileTyping') &&
    this.vscode.languages.match(modelDocuments, document) > 0;

  /** Whether a model is looked at when its text is another. */
  #wanted(source: ModelSource): boolean {
    const analysis = this.analyses.get(source.uri);
    return source.documents().some(this.#isTyped) || (this.#enabled && analysis?.failure !== undefined);
  }

  #switched(): void {
    this.#collection.clear();
    this.#listed.clear();
    for (const source of openSources(this.vscode, this.#isTyped)) void this.#look(source);
  }

  /** A run that gave no figures leaves what needs none; a report says it itself. */
  #analysed(uri: vscode.Uri): void {
    const analysis = this.analyses.get(uri);
    if (!analysis || analysis.run) return;
    if (analysis.shown && !analysis.shown.stale) {
      this.#forget(uri);
      return;
    }
    const source = openSource(this.vscode, uri);
    if (source && analysis.failure && this.#enabled) void this.#look(source);
  }

  async #look(source: ModelSource): Promise<void> {
    const said = await this.follower.current(source);
    // Undefined for what is half written too: what stood there before it stands until it can be read.
    if (!said || !this.#wanted(source)) return;
    const { shown } = this.analyses.get(source.uri) ?? {};
    if (shown && !shown.stale) return;
    // What a report of an older text says is there already.
    const known = new Set(shown?.report.findings.map(({ rule, layer }) => `${rule} ${layer}`));
    this.#list(
      source,
      said.findings.filter(({ rule, layer }) => !known.has(`${rule} ${layer}`)),
    );
  }

  #list(source: ModelSource, findings: readonly Finding[]): void {
    const documentAt = documentsOf(this.vscode, source);
    const found = grouped(
      findings.flatMap((finding) => {
        const document = documentAt(finding.source);
        return document ? [{ uri: document.uri, diagnostic: this.#diagnostic(finding, document) }] : [];
      }),
      ({ uri }) => uri.toString(),
    );
    this.#forget(source.uri);
    const uris = [...found.values()].map((problems) => {
      const [{ uri }] = problems;
      this.#collection.set(
        uri,
        problems.map(({ diagnostic }) => diagnostic),
      );
      return uri;
    });
    this.#listed.set(source.uri.toString(), uris);
  }

  #forget(uri: vscode.Uri): void {
    for (const listed of this.#listed.get(uri.toString()) ?? []) this.#collection.delete(listed);
    this.#listed.delete(uri.toString());
  }

  #diagnostic(finding: Finding, document: vscode.TextDocument): vscode.Diagnostic {
    const line = finding.source.line - 1;
    const start = finding.source.column - 1;
    const end = Math.max(start + 1, document.lineAt(line).text.trimEnd().length);
    const { Error: error, Warning: warning, Information: note } = this.vscode.DiagnosticSeverity;
    const diagnostic = new this.vscode.Diagnostic(
      new this.vscode.Range(line, start, line, end),
      visibleText(said(finding.message, this.vscode.l10n)),
      { error, warning, note }[finding.severity],
    );
    diagnostic.source = 'NormScope';
    diagnostic.code = {
      value: finding.rule,
      target: this.vscode.Uri.joinPath(this.extensionUri, 'docs', 'rules', `${finding.rule}.md`),
    };
    return diagnostic;
  }
}
