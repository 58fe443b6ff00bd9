import type * as vscode from 'vscode';
import type { Translate } from '../../src/engine/report/translate';
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
    private readonly vscode: Pick<Vscode, 'languages' | 'window' | 'l10n' | 'LanguageStatusSeverity'>,
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
    const { text, detail, severity } = statusOf(analysis, this.vscode);
    Object.assign(this.#item, {
      name: 'NormScope',
      text,
      detail,
      severity,
      busy: analysis.run !== undefined,
      command:
        analysis.run === undefined
          ? {
              title: this.vscode.l10n.t('Analyze Network'),
              command: commands.analyzeNetwork,
              arguments: [analysis.uri],
            }
          : { title: this.vscode.l10n.t('Cancel'), command: commands.cancelAnalysis, arguments: [analysis.uri] },
    });
  }
}

/** That the file was edited, and how its network compares with what was measured, where the engine has looked. */
const staleText = (another: boolean | undefined, t: Translate): string =>
  another === undefined
    ? t('stale: edited since')
    : another
      ? t('stale: edited since, the network is another by now')
      : t('stale: edited since, the network is the same');

function statusOf(
  { run, shown, failure, another }: DocumentAnalysis,
  { LanguageStatusSeverity: severities, l10n: { t } }: Pick<Vscode, 'LanguageStatusSeverity' | 'l10n'>,
): { text: string; detail: string; severity: vscode.LanguageStatusSeverity } {
  if (run) {
    const detail = run.progress ? progressText(run.progress, t) : t('waiting for the engine');
    return { text: t('NormScope: batch {0}', run.batch), detail, severity: severities.Information };
  }
  if (failure) return { text: t('NormScope: no report'), detail: failure.error.message, severity: severities.Warning };
  if (!shown) return { text: t('NormScope: not measured'), detail: '', severity: severities.Information };
  const { report, measured, stale } = shown;
  const unmodelled = report.network.unmodelled.length;
  const parts = [
    t('measured at {0} by {1}', clock(measured), report.engine.runtime),
    ...(report.status === 'complete' ? [] : [report.status === 'partial' ? t('partial') : t('cancelled')]),
    ...(stale ? [staleText(another, t)] : []),
    ...(unmodelled > 0 ? [t('{0} not modelled', unmodelled)] : []),
  ];
  return {
    text: stale ? t('NormScope: batch {0} (stale)', report.probe.batch) : t('NormScope: batch {0}', report.probe.batch),
    detail: parts.join(', '),
    severity: severities.Information,
  };
}
