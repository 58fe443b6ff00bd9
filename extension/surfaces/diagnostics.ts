import type * as vscode from 'vscode';
import type { Finding, ReportSource, Severity } from '../../src/engine/report/report';
import { evidenceIn } from '../../src/engine/report/sentences';
import { visibleText } from '../../src/engine/report/visibleText';
import type { Analyses, DocumentAnalysis, Place, ShownReport } from '../analysis';
import type { Configuration } from '../configuration';
import { WrongInput } from '../engine';
import { grouped } from '../grouped';
import { said, saidWords } from '../said';
import type { Vscode } from '../vscodeApi';

const SOURCE = 'NormScope';

type Api = Pick<
  Vscode,
  | 'languages'
  | 'l10n'
  | 'workspace'
  | 'Diagnostic'
  | 'DiagnosticSeverity'
  | 'DiagnosticRelatedInformation'
  | 'Location'
  | 'Range'
  | 'Uri'
>;

/** A stretch of a document or a cell. */
interface Located {
  readonly uri: vscode.Uri;
  readonly range: vscode.Range;
}

interface Problem {
  readonly at: Located;
  readonly diagnostic: vscode.Diagnostic;
}

/** The findings in Problems, with their rule's page; and wrong input at its place. */
export class Diagnostics {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #listening: readonly { dispose(): void }[];
  /** Where something is listed for each document or notebook. */
  readonly #listed = new Map<string, readonly vscode.Uri[]>();

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
    const found = grouped(wanted ? this.#problemsOf(analysis) : [], ({ at }) => at.uri.toString());
    const key = uri.toString();
    // A notebook's findings stand in its cells: those of cells that have none any more are taken away.
    for (const document of this.#listed.get(key) ?? []) {
      if (!found.has(document.toString())) this.#collection.set(document, []);
    }
    const documents = [...found.values()].map((problems) => {
      const [{ at }] = problems;
      this.#collection.set(
        at.uri,
        problems.map(({ diagnostic }) => diagnostic),
      );
      return at.uri;
    });
    this.#listed.set(key, documents);
  }

  #problemsOf(analysis: DocumentAnalysis): Problem[] {
    const { shown } = analysis;
    // A severity that was chosen since holds for what is shown, too.
    const chosen = new Map(Object.entries(this.configuration.ruleSeverities));
    const found =
      shown?.report.findings.flatMap((finding) => {
        const severity = chosen.get(finding.rule) ?? finding.severity;
        return severity === 'off' ? [] : (this.#finding({ ...finding, severity }, shown) ?? []);
      }) ?? [];
    const unmodelled =
      shown?.report.network.unmodelled.flatMap(({ what, why, source }): Problem[] => {
        const at = this.#located(shown, source);
        if (at === undefined) return [];
        const text = visibleText(this.vscode.l10n.t('{0} is not modelled: {1}', what, why));
        return [
          { at, diagnostic: this.#diagnostic(at.range, text, this.vscode.DiagnosticSeverity.Hint, 'unmodelled') },
        ];
      }) ?? [];
    return [...found, ...unmodelled, ...this.#wrongInput(analysis)];
  }

  #finding(finding: Finding, shown: ShownReport): Problem | undefined {
    const at = this.#located(shown, finding.source);
    if (at === undefined) return undefined;
    const { l10n } = this.vscode;
    const stale = shown.staleAt(at.uri) ? l10n.t(' (measured before the last edit)') : '';
    const text = visibleText(said(finding.message, l10n)) + stale;
    const diagnostic = this.#diagnostic(at.range, text, this.#severity(finding.severity), {
      value: finding.rule,
      target: this.vscode.Uri.joinPath(this.extensionUri, 'docs', 'rules', `${finding.rule}.md`),
    });
    diagnostic.relatedInformation = [...this.#related(finding, shown), ...this.#symptoms(finding, shown)];
    return { at, diagnostic };
  }

  /** Other places that have to do with the finding. */
  #related({ related = [] }: Finding, shown: ShownReport): vscode.DiagnosticRelatedInformation[] {
    return related.flatMap(({ source, message }) => {
      const at = this.#located(shown, source);
      return at ? [this.#information(at, visibleText(said(message, this.vscode.l10n)))] : [];
    });
  }

  /** What the finding explains: one entry a line and rule, where a loop makes many layers. */
  #symptoms({ causes }: Finding, shown: ShownReport): vscode.DiagnosticRelatedInformation[] {
    const groups = grouped(causes, ({ rule, source }) => `${source.file}:${source.line}:${rule}`);
    return [...groups.values()].flatMap(([{ layer, rule, source, evidence }, ...more]) => {
      const at = this.#located(shown, source);
      if (at === undefined) return [];
      const { l10n } = this.vscode;
      const { t } = l10n;
      const figures = evidence.map(evidenceIn(t, (text) => saidWords('figure', text, l10n))).join('; ');
      const others = more.length > 0 ? t(' (and {0} more at this line)', more.length) : '';
      return [
        this.#information(
          at,
          visibleText(`${t('explains {0} at {1}', rule, layer)}${figures && `: ${figures}`}${others}`),
        ),
      ];
    });
  }

  #wrongInput({ failure }: DocumentAnalysis): Problem[] {
    const place = failure?.place();
    if (!(failure?.error instanceof WrongInput) || place === undefined) return [];
    const at = { uri: place.uri, range: this.#rangeAt(place, place.column) };
    const { Error: error } = this.vscode.DiagnosticSeverity;
    return [{ at, diagnostic: this.#diagnostic(at.range, failure.error.message, error, 'wrong-input') }];
  }

  #information({ uri, range }: Located, text: string): vscode.DiagnosticRelatedInformation {
    return new this.vscode.DiagnosticRelatedInformation(new this.vscode.Location(uri, range), text);
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

  #located(shown: ShownReport, source: ReportSource): Located | undefined {
    const place = shown.place(source);
    return place && { uri: place.uri, range: this.#rangeAt(place, source.column) };
  }

  /** From the column (from 1) to the end of what stands on the line. */
  #rangeAt({ uri, line }: Place, column: number): vscode.Range {
    const key = uri.toString();
    const document = this.vscode.workspace.textDocuments.find((each) => each.uri.toString() === key);
    const start = column - 1;
    const text = document !== undefined && line < document.lineCount ? document.lineAt(line).text : '';
    return new this.vscode.Range(line, start, line, Math.max(start + 1, text.trimEnd().length));
  }
}
