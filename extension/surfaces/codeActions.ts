import type * as vscode from 'vscode';
import type { Fix } from '../../src/engine/report/report';
import { visibleText } from '../../src/engine/report/visibleText';
import type { Analyses, ShownReport } from '../analysis';
import type { Configuration } from '../configuration';
import { modelDocuments } from '../identifiers';
import { said, saidTitle } from '../said';
import type { Vscode } from '../vscodeApi';
import { normEdits, workspaceEdit } from './sourceEdits';
import { suppressingComment } from './suppressingComment';

type Api = Pick<
  Vscode,
  'languages' | 'l10n' | 'workspace' | 'CodeAction' | 'CodeActionKind' | 'WorkspaceEdit' | 'Range' | 'Uri'
>;

/** The light bulb: a finding's fix on its line, and on a norm's line what could be done about the norms. */
export class CodeActions implements vscode.CodeActionProvider {
  readonly #registered: { dispose(): void };

  constructor(
    private readonly vscode: Api,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
  ) {
    const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;
    this.#registered = vscode.languages.registerCodeActionsProvider(modelDocuments, this, {
      providedCodeActionKinds: [QuickFix, RefactorRewrite],
    });
  }

  dispose(): void {
    this.#registered.dispose();
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    if (!this.configuration.get('codeActions.enabled')) return [];
    const suppressions = context.diagnostics.flatMap((diagnostic) => this.#suppression(document, diagnostic) ?? []);
    const shown = this.analyses.get(document.uri)?.shown;
    if (shown === undefined) return suppressions;
    const here = (line: number | undefined) => line !== undefined && line >= range.start.line && line <= range.end.line;
    return [
      ...this.#quickFixes(document, shown, here, context),
      ...suppressions,
      ...this.#refactorings(document, shown, here),
    ];
  }

  #quickFixes(
    document: vscode.TextDocument,
    shown: ShownReport,
    here: (line: number | undefined) => boolean,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const { QuickFix } = this.vscode.CodeActionKind;
    return shown.report.findings.flatMap(({ rule, fix, noFix, source, causes }) => {
      // The layers of one finding are mended together, from any of their lines.
      const lines = [source, ...causes.filter((cause) => cause.rule === rule).map((cause) => cause.source)];
      if (!lines.some((place) => here(shown.lineIn(document.uri, place)))) return [];
      const own = diagnostics.filter(({ code }) => typeof code === 'object' && code.value === rule);
      if (noFix) return this.#disabled(`Fix ${rule}`, QuickFix, said(noFix, this.vscode.l10n));
      return fix ? [this.#action(document, fix, QuickFix, false, own)] : [];
    });
  }

  /** A comment that leaves a finding out; its diagnostic alone is needed, whoever has found it. */
  #suppression(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction | undefined {
    const { code, source, range } = diagnostic;
    if (source !== 'NormScope' || typeof code !== 'object') return undefined;
    const rule = String(code.value);
    const lines = document.getText().split(/\r?\n/);
    const comment = suppressingComment(lines, range.start.line, rule, document.uri.path);
    if (!comment) return undefined;
    const { line, character, text } = comment;
    const action = new this.vscode.CodeAction(
      this.vscode.l10n.t('Suppress {0} with a comment', visibleText(rule)),
      this.vscode.CodeActionKind.QuickFix,
    );
    action.edit = new this.vscode.WorkspaceEdit();
    action.edit.replace(document.uri, new this.vscode.Range(line, character, line, character), text);
    action.diagnostics = [diagnostic];
    return action;
  }

  #refactorings(
    document: vscode.TextDocument,
    shown: ShownReport,
    here: (line: number | undefined) => boolean,
  ): vscode.CodeAction[] {
    const { network, recommendation } = shown.report;
    const lines = [network.source, ...(recommendation?.sites ?? []).map(({ source }) => source)];
    if (!lines.some((place) => here(shown.lineIn(document.uri, place)))) return [];
    const { t } = this.vscode.l10n;
    const title = (fix: Fix) => saidTitle(fix.title, this.vscode.l10n);
    const { RefactorRewrite } = this.vscode.CodeActionKind;
    // The dots say that a preview comes first.
    const offered = normEdits(shown.report).map(({ fix, recommended }) =>
      this.#action(
        document,
        { ...fix, title: recommended ? t('{0}, as recommended…', title(fix)) : `${title(fix)}…` },
        RefactorRewrite,
        true,
      ),
    );
    const none = recommendation?.noEdit;
    return none
      ? [...this.#disabled(t('Normalize as recommended'), RefactorRewrite, said(none, this.vscode.l10n)), ...offered]
      : offered;
  }

  #action(
    document: vscode.TextDocument,
    fix: Fix,
    kind: vscode.CodeActionKind,
    confirm: boolean,
    diagnostics: vscode.Diagnostic[] = [],
  ): vscode.CodeAction {
    const edit = workspaceEdit(this.vscode, this.analyses.modelOf(document.uri), fix, confirm);
    const action = new this.vscode.CodeAction(visibleText(saidTitle(fix.title, this.vscode.l10n)), kind);
    if (typeof edit === 'string') action.disabled = { reason: edit };
    else action.edit = edit;
    if (diagnostics.length > 0) {
      action.diagnostics = diagnostics;
      action.isPreferred = true;
    }
    return action;
  }

  #disabled(title: string, kind: vscode.CodeActionKind, reason: string): vscode.CodeAction[] {
    const action = new this.vscode.CodeAction(title, kind);
    action.disabled = { reason: visibleText(reason) };
    return [action];
  }
}
