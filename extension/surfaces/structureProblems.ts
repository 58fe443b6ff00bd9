import type * as vscode from 'vscode';
import type { Finding } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import type { Analyses, Analyzer } from '../analysis';
import type { Configuration } from '../configuration';
import { modelDocuments } from '../identifiers';
import type { Vscode } from '../vscodeApi';
import { ownLines } from './ownLines';

/** How long nothing must have been typed, in milliseconds. */
const SETTLE = 400;

type Api = Pick<
  Vscode,
  'languages' | 'workspace' | 'Diagnostic' | 'DiagnosticSeverity' | 'Range' | 'Uri' | 'CancellationTokenSource'
>;

/**
 * What the rules on the structure find without a probe, in Problems: where an analysis has failed, and while someone types
 * if that is turned on. A report that is of the present text says it itself.
 */
export class StructureProblems {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #listening: readonly { dispose(): void }[];
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #looking = new Map<string, vscode.CancellationTokenSource>();

  constructor(
    private readonly vscode: Api,
    private readonly analyzer: Pick<Analyzer, 'inspect'>,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#collection = vscode.languages.createDiagnosticCollection('normscope structure');
    this.#listening = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.#typed(document)) this.#soon(document);
      }),
      vscode.workspace.onDidOpenTextDocument((document) => {
        if (this.#typed(document)) this.#soon(document);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document.uri)),
      analyses.onDidChange((uri) => this.#analysed(uri)),
      configuration.onChange(['problems.enabled', 'problems.whileTyping', 'rules'], () => this.#switched()),
      this.#collection,
    ];
    this.#switched();
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    for (const source of this.#looking.values()) source.cancel();
    for (const listener of this.#listening) listener.dispose();
  }

  get #enabled(): boolean {
    return this.configuration.get('problems.enabled');
  }

  /** Whether a document is followed while it is typed. */
  #typed(document: vscode.TextDocument): boolean {
    return (
      this.#enabled &&
      this.configuration.get('problems.whileTyping') &&
      this.vscode.languages.match(modelDocuments, document) > 0
    );
  }

  #switched(): void {
    this.#collection.clear();
    for (const document of this.vscode.workspace.textDocuments) if (this.#typed(document)) this.#soon(document);
  }

  /** A run that gave no figures leaves what needs none; a report says it itself. */
  #analysed(uri: vscode.Uri): void {
    const analysis = this.analyses.get(uri);
    if (!analysis || analysis.run) return;
    if (analysis.shown && !analysis.shown.stale) {
      this.#forget(uri);
      return;
    }
    const document = this.vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    if (document && analysis.failure && this.#enabled) this.#soon(document);
  }

  #soon(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(
      key,
      setTimeout(() => void this.#look(document), SETTLE),
    );
  }

  async #look(document: vscode.TextDocument): Promise<void> {
    const key = document.uri.toString();
    this.#waiting.delete(key);
    this.#looking.get(key)?.cancel();
    const source = new this.vscode.CancellationTokenSource();
    this.#looking.set(key, source);
    const version = document.version;
    const findings = await this.analyzer.inspect(document, source.token);
    const current = this.#looking.get(key) === source;
    if (current) this.#looking.delete(key);
    source.dispose();
    if (!current || source.token.isCancellationRequested || document.version !== version || !this.#enabled) return;
    const { shown } = this.analyses.get(document.uri) ?? {};
    // What a report of an older text says is there already.
    const said = new Set(shown?.report.findings.map(({ rule, layer }) => `${rule} ${layer}`));
    const fresh = findings.filter(({ rule, layer }) => !said.has(`${rule} ${layer}`));
    this.#collection.set(
      document.uri,
      fresh.flatMap((finding) => this.#diagnostic(finding, document) ?? []),
    );
  }

  #forget(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    this.#looking.get(key)?.cancel();
    this.#looking.delete(key);
    this.#collection.delete(uri);
  }

  #diagnostic(finding: Finding, document: vscode.TextDocument): vscode.Diagnostic | undefined {
    const line = ownLines(this.vscode, document.uri)(finding.source);
    if (line === undefined || line >= document.lineCount) return undefined;
    const start = finding.source.column - 1;
    const end = Math.max(start + 1, document.lineAt(line).text.trimEnd().length);
    const { Error: error, Warning: warning, Information: note } = this.vscode.DiagnosticSeverity;
    const diagnostic = new this.vscode.Diagnostic(
      new this.vscode.Range(line, start, line, end),
      visibleText(finding.message.text),
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
