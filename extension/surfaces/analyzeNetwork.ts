import type * as vscode from 'vscode';
import type { Report } from '../../src/engine/report/report';
import { findingsCount, recommendationSentence } from '../../src/engine/report/sentences';
import type { Translate } from '../../src/engine/report/translate';
import { visibleText } from '../../src/engine/report/visibleText';
import { type AnalysisOutcome, fileSource, type ModelSource, notebookSource, openSource, sourceOf } from '../analysis';
import { WrongInput } from '../engine';
import { commands, modelDocuments, views } from '../identifiers';
import { progressText } from '../progressText';
import { showPlace } from '../showPlace';
import type { Vscode } from '../vscodeApi';
import { activeUri } from './activeUri';
import type { CommandParts } from './commands';

/**
 * "Analyze Network": of the resource it is called on, else of the active editor. Shows cancellable progress and says how
 * it ended: in the sidebar where that is open, which has both already, else in notifications. Gives the report,
 * undefined where there is none.
 */
export async function analyzeNetwork(
  parts: CommandParts,
  uri: vscode.Uri | undefined,
  name?: string,
): Promise<Report | undefined> {
  const { vscode, analyzer, model: active, sidebar } = parts;
  const model = await modelFor(parts, uri);
  if (model === undefined) return undefined;
  // A file without an editor is shown where reports are.
  if (!hasLines(vscode, model)) active.show(model.uri);
  const outcome = await vscode.window.withProgress(
    sidebar.visible
      ? { location: { viewId: views.sidebar } }
      : { location: vscode.ProgressLocation.Notification, title: 'NormScope', cancellable: true },
    (progress, token) => {
      progress.report({ message: vscode.l10n.t('reading the file') });
      return analyzer.analyze(
        model,
        token,
        (each) => progress.report({ message: progressText(each, vscode.l10n.t) }),
        name,
      );
    },
  );
  // A message stays until someone closes it; the command has ended by then.
  void tell(parts, model, outcome);
  return outcome.kind === 'report' ? outcome.report : undefined;
}

/** Whether there are lines that figures stand beside. */
const hasLines = ({ languages }: Pick<Vscode, 'languages'>, model: ModelSource): boolean =>
  model.documents().some((document) => languages.match(modelDocuments, document) > 0);

/** Files that are no text; the manifest's menus name them too. */
const NO_TEXT = /\.(keras|onnx)$/i;

async function modelFor({ vscode }: CommandParts, uri: vscode.Uri | undefined): Promise<ModelSource | undefined> {
  const active = activeUri(vscode);
  const wanted = uri ?? active;
  if (wanted === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Open the file that defines the network first.'));
    return undefined;
  }
  const isActive = wanted.toString() === active?.toString();
  try {
    const open = openSource(vscode, wanted);
    if (isActive && open) return open;
    if (NO_TEXT.test(wanted.path)) return fileSource(wanted);
    if (wanted.path.toLowerCase().endsWith('.ipynb')) {
      const notebook = await vscode.workspace.openNotebookDocument(open?.uri ?? wanted);
      await vscode.window.showNotebookDocument(notebook, { preserveFocus: true });
      return notebookSource(notebook);
    }
    const document = await vscode.workspace.openTextDocument(wanted);
    await vscode.window.showTextDocument(document, { preserveFocus: true });
    return sourceOf(vscode, document);
  } catch (error) {
    void vscode.window.showErrorMessage(`NormScope: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function tell(parts: CommandParts, model: ModelSource, outcome: AnalysisOutcome): Promise<void> {
  const { vscode, configuration } = parts;
  const { t } = vscode.l10n;
  if (outcome.kind === 'left') return;
  if (outcome.kind === 'report') {
    if (outcome.report.failure !== undefined) {
      const failed = t('NormScope: {0} What was measured before stands.', visibleText(outcome.report.failure));
      await tellWithLog(vscode, failed);
      return;
    }
    if (!hasLines(vscode, model)) {
      await tellWithoutLines(parts, model, outcome.report);
      return;
    }
    if (!configuration.get('summary.enabled') || parts.sidebar.visible) return;
    const show =
      outcome.report.findings.length > 0 && configuration.get('problems.enabled') ? [t('Show Problems')] : [];
    const chosen = await vscode.window.showInformationMessage(summary(outcome.report, t), ...show);
    if (chosen !== undefined) await vscode.commands.executeCommand('workbench.actions.view.problems');
    return;
  }
  const { error } = outcome;
  const sentence = `NormScope: ${visibleText(error.message)}`;
  if (error instanceof WrongInput) {
    const place = parts.analyses.get(model.uri)?.failure?.place();
    const go = place ? [t('Go to Line {0}', place.line + 1)] : [];
    const chosen = await vscode.window.showErrorMessage(sentence, ...go);
    if (chosen === undefined || place === undefined) return;
    await showPlace(vscode, place);
    return;
  }
  await tellWithLog(vscode, error.ended ? t('{0} Run the analysis again.', sentence) : sentence);
}

/** A failure of the engine: what it said meanwhile is in the log. */
async function tellWithLog(vscode: Vscode, sentence: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(sentence, vscode.l10n.t('Show Log'));
  if (chosen !== undefined) await vscode.commands.executeCommand(commands.showLog);
}

/** A saved model has no line for a hint: what was found is in the report alone. */
async function tellWithoutLines(
  { vscode, sidebar }: CommandParts,
  { uri }: ModelSource,
  report: Report,
): Promise<void> {
  if (sidebar.visible) return;
  const { t } = vscode.l10n;
  const show = t('Show Report');
  const chosen = await vscode.window.showInformationMessage(
    t('{0} This kind of file has no lines that figures stand beside: it is all in the report.', summary(report, t)),
    show,
  );
  if (chosen === show) await vscode.commands.executeCommand(commands.showReport, uri);
}

/** The report in one line. */
function summary({ status, network, findings, suppressed, recommendation }: Report, t: Translate): string {
  const words = { complete: '', partial: t(' (partial)'), cancelled: t(' (cancelled)') };
  const parts = [
    `${visibleText(network.name)}: ${findingsCount(findings, suppressed, t)}${words[status]}.`,
    ...(recommendation ? [recommendationSentence(recommendation, t)] : []),
  ];
  return parts.join(' ');
}
