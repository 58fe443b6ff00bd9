import type * as vscode from 'vscode';
import type { Analyses, DocumentAnalysis } from '../analysis';
import { clock } from '../clock';
import type { Configuration } from '../configuration';
import { commands, modelDocuments } from '../identifiers';
import { progressText } from '../progressText';
import type { Vscode } from '../vscodeApi';

/** In the status of the active document's language: the batch, the last run, and whether its figures are stale. */
export class LanguageStatus {
  #item: vscode.LanguageStatusItem | undefined;
  readonly #listening: readonly { dispose(): void }[];

  constructor(
    private readonly vscode: Pick<Vscode, 'languages' | 'window' | 'LanguageStatusSeverity'>,
    private readonly analyses: Analyses,
    private readonly configuration: Configuration,
  ) {
    const updateIfActive = (uri: vscode.Uri) => {
      const active = this.vscode.window.activeTextEditor?.document.uri;
      if (active && uri.toString() === this.analyses.modelOf(active).toString()) this.#update();
    };
    this.#listening = [
      analyses.onDidChange(updateIfActive),
      analyses.onDidProgress(updateIfActive),
      vscode.window.onDidChangeActiveTextEditor(() => this.#update()),
      configuration.onChange(['languageStatus.enabled'], () => this.#update()),
    ];
    this.#update();
  }

  dispose(): void {
    this.#item?.dispose();
    for (const listener of this.#listening) listener.dispose();
  }

  #update(): void {
    const uri = this.vscode.window.activeTextEditor?.document.uri;
    const analysis = uri && this.analyses.get(uri);
    if (analysis === undefined || !this.configuration.get('languageStatus.enabled')) {
      this.#item?.dispose();
      this.#item = undefined;
      return;
    }
    this.#item ??= this.vscode.languages.createLanguageStatusItem('normscope.status', modelDocuments);
    const { text, detail, severity } = statusOf(analysis, this.vscode.LanguageStatusSeverity);
    Object.assign(this.#item, {
      name: 'NormScope',
      text,
      detail,
      severity,
      busy: analysis.run !== undefined,
      command:
        analysis.run === undefined
          ? { title: 'Analyze Network', command: commands.analyzeNetwork, arguments: [analysis.uri] }
          : { title: 'Cancel', command: commands.cancelAnalysis, arguments: [analysis.uri] },
    });
  }
}

/** How what is written now compares with what was measured, where the engine has looked. */
const NETWORK = {
  another: ', the network is another by now',
  same: ', the network is the same',
} as const;

function statusOf(
  { run, shown, failure, another }: DocumentAnalysis,
  severities: Vscode['LanguageStatusSeverity'],
): { text: string; detail: string; severity: vscode.LanguageStatusSeverity } {
  if (run) {
    const detail = run.progress ? progressText(run.progress) : 'waiting for the engine';
    return { text: `NormScope: batch ${run.batch}`, detail, severity: severities.Information };
  }
  if (failure) return { text: 'NormScope: no report', detail: failure.error.message, severity: severities.Warning };
  if (!shown) return { text: 'NormScope: not measured', detail: '', severity: severities.Information };
  const { report, measured, stale } = shown;
  const unmodelled = report.network.unmodelled.length;
  const parts = [
    `measured at ${clock(measured)} by ${report.engine.runtime}`,
    ...(report.status === 'complete' ? [] : [report.status]),
    ...(stale ? [`stale: edited since${another === undefined ? '' : NETWORK[another ? 'another' : 'same']}`] : []),
    ...(unmodelled > 0 ? [`${unmodelled} not modelled`] : []),
  ];
  return {
    text: `NormScope: batch ${report.probe.batch}${stale ? ' (stale)' : ''}`,
    detail: parts.join(', '),
    severity: severities.Information,
  };
}
