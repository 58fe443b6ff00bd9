import type * as vscode from 'vscode';
import type { Finding, ReportSource, Severity } from '../../src/engine/report/report';
import { evidenceText } from '../../src/engine/report/sentences';
import { visibleText } from '../../src/engine/report/visibleText';
import type { Analyses, DocumentAnalysis, ShownReport } from '../analysis';
import type { Configuration } from '../configuration';
import { WrongInput } from '../engine';
import { grouped } from '../grouped';
import type { Vscode } from '../vscodeApi';

const SOURCE = 'NormScope';

type Api = Pick<
  Vscode,
  | 'languages'
  | 'workspace'
  | 'Diagnostic'
  | 'DiagnosticSeverity'
  | 'DiagnosticRelatedInformation'
  | 'Location'
  | 'Range'
  | 'Uri'
>;

/** The findings in Problems, with their rule's page; and wrong input at its place. */
export class Diagnostics {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #listening: readonly { dispose(): void }[];

  constructor(
    private readonly vscode: Api,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
    /** Where the extension lies: the rules' pages come with it. */
    private readonly extensionUri: vscode.Uri,
  ) {
    this.#collection = vscode.languages.createDiagnosticCollection('normscope');
    this.#listening = [
      analyses.onDidChange((uri) => this.#update(uri)),
      configuration.onChange(['problems.enabled', 'rules'], () => {
        for (const { uri } of analyses.all()) this.#update(uri);
      }),
      this.#collection,
    ];
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  #update(uri: vscode.Uri): void {
    const analysis = this.analyses.get(uri);
    const wanted = analysis !== undefined && this.configuration.get('problems.enabled');
    this.#collection.set(uri, wanted ? this.#diagnosticsOf(analysis) : []);
  }

  #diagnosticsOf(analysis: DocumentAnalysis): vscode.Diagnostic[] {
    const { shown, uri } = analysis;
    const document = this.vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
    // A severity that was chosen since holds for what is shown, too.
    const chosen = new Map(Object.entries(this.configuration.ruleSeverities));
    const found =
      shown?.report.findings.flatMap((finding) => {
        const severity = chosen.get(finding.rule) ?? finding.severity;
        return severity === 'off' ? [] : (this.#finding({ ...finding, severity }, shown, uri, document) ?? []);
      }) ?? [];
    const unmodelled =
      shown?.report.network.unmodelled.flatMap(({ what, why, source }) => {
        const range = this.#range(shown, source, document);
        if (range === undefined) return [];
        const text = visibleText(`${what} is not modelled: ${why}`);
        return [this.#diagnostic(range, text, this.vscode.DiagnosticSeverity.Hint, 'unmodelled')];
      }) ?? [];
    return [...found, ...unmodelled, ...this.#wrongInput(analysis, document)];
  }

  #finding(
    finding: Finding,
    shown: ShownReport,
    uri: vscode.Uri,
    document: vscode.TextDocument | undefined,
  ): vscode.Diagnostic | undefined {
    const range = this.#range(shown, finding.source, document);
    if (range === undefined) return undefined;
    const stale = shown.stale ? ' (measured before the last edit)' : '';
    const text = visibleText(finding.message.text) + stale;
    const diagnostic = this.#diagnostic(range, text, this.#severity(finding.severity), {
      value: finding.rule,
      target: this.vscode.Uri.joinPath(this.extensionUri, 'docs', 'rules', `${finding.rule}.md`),
    });
    diagnostic.relatedInformation = [
      ...this.#related(finding, shown, uri, document),
      ...this.#symptoms(finding, shown, uri, document),
    ];
    return diagnostic;
  }

  /** Other places in the document that have to do with the finding. */
  #related(
    { related = [] }: Finding,
    shown: ShownReport,
    uri: vscode.Uri,
    document: vscode.TextDocument | undefined,
  ): vscode.DiagnosticRelatedInformation[] {
    return related.flatMap(({ source, message }) => {
      const at = this.#range(shown, source, document);
      if (at === undefined) return [];
      const location = new this.vscode.Location(uri, at);
      return [new this.vscode.DiagnosticRelatedInformation(location, visibleText(message.text))];
    });
  }

  /** What the finding explains: one entry a line and rule, where a loop makes many layers. */
  #symptoms(
    { causes }: Finding,
    shown: ShownReport,
    uri: vscode.Uri,
    document: vscode.TextDocument | undefined,
  ): vscode.DiagnosticRelatedInformation[] {
    const groups = grouped(causes, ({ rule, source }) => `${shown.line(source)}:${rule}`);
    return [...groups.values()].flatMap(([{ layer, rule, source, evidence }, ...more]) => {
      const at = this.#range(shown, source, document);
      if (at === undefined) return [];
      const figures = evidence.map(evidenceText).join('; ');
      const others = more.length > 0 ? ` (and ${more.length} more at this line)` : '';
      const sentence = visibleText(`explains ${rule} at ${layer}${figures && `: ${figures}`}${others}`);
      return [new this.vscode.DiagnosticRelatedInformation(new this.vscode.Location(uri, at), sentence)];
    });
  }

  #wrongInput({ failure, uri }: DocumentAnalysis, document: vscode.TextDocument | undefined): vscode.Diagnostic[] {
    const place = failure?.place();
    if (!(failure?.error instanceof WrongInput) || place === undefined || uri === undefined) return [];
    const range = this.#rangeAt(place.line, place.column, document);
    return [this.#diagnostic(range, failure.error.message, this.vscode.DiagnosticSeverity.Error, 'wrong-input')];
  }

  #diagnostic(
    range: vscode.Range,
    text: string,
    severity: vscode.DiagnosticSeverity,
    code: vscode.Diagnostic['code'],
  ): vscode.Diagnostic {
    const diagnostic = new this.vscode.Diagnostic(range, text, severity);
    diagnostic.source = SOURCE;
    diagnostic.code = code;
    return diagnostic;
  }

  #severity(severity: Severity): vscode.DiagnosticSeverity {
    const { Error: error, Warning: warning, Information: note } = this.vscode.DiagnosticSeverity;
    return { error, warning, note }[severity];
  }

  #range(
    shown: ShownReport,
    source: ReportSource,
    document: vscode.TextDocument | undefined,
  ): vscode.Range | undefined {
    const line = shown.line(source);
    return line === undefined ? undefined : this.#rangeAt(line, source.column, document);
  }

  /** From the column (from 1) to the end of what stands on the line. */
  #rangeAt(line: number, column: number, document: vscode.TextDocument | undefined): vscode.Range {
    const start = column - 1;
    const text = document !== undefined && line < document.lineCount ? document.lineAt(line).text : '';
    return new this.vscode.Range(line, start, line, Math.max(start + 1, text.trimEnd().length));
  }
}
