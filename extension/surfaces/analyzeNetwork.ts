import type * as vscode from 'vscode';
import type { Report } from '../../src/engine/report/report';
import { findingsCount, recommendationSentence } from '../../src/engine/report/sentences';
import { visibleText } from '../../src/engine/report/visibleText';
import type { AnalysisOutcome } from '../analysis';
import { WrongInput } from '../engine';
import { commands, views } from '../identifiers';
import { progressText } from '../progressText';
import type { CommandParts } from './commands';

/**
 * "Analyze Network": of the resource it is called on, else of the active editor. Shows cancellable progress and says how
 * it ended: in the sidebar where that is open, which has both already, else in notifications. Gives the report,
 * undefined where there is none.
 */
export async function analyzeNetwork(parts: CommandParts, uri: vscode.Uri | undefined): Promise<Report | undefined> {
  const { vscode, analyzer, sidebar } = parts;
  const document = await documentFor(parts, uri);
  if (document === undefined) return undefined;
  const outcome = await vscode.window.withProgress(
    sidebar.visible
      ? { location: { viewId: views.sidebar } }
      : { location: vscode.ProgressLocation.Notification, title: 'NormScope', cancellable: true },
    (progress, token) => {
      progress.report({ message: 'reading the file' });
      return analyzer.analyze(document, token, (each) => progress.report({ message: progressText(each) }));
    },
  );
  // A message stays until someone closes it; the command has ended by then.
  void tell(parts, document, outcome);
  return outcome.kind === 'report' ? outcome.report : undefined;
}

async function documentFor(
  { vscode }: CommandParts,
  uri: vscode.Uri | undefined,
): Promise<vscode.TextDocument | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  if (uri === undefined || uri.toString() === active?.uri.toString()) {
    if (active === undefined)
      void vscode.window.showInformationMessage('Open the file that defines the network first.');
    return active;
  }
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preserveFocus: true });
    return document;
  } catch (error) {
    void vscode.window.showErrorMessage(`NormScope: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function tell(parts: CommandParts, document: vscode.TextDocument, outcome: AnalysisOutcome): Promise<void> {
  const { vscode, configuration } = parts;
  if (outcome.kind === 'left') return;
  if (outcome.kind === 'report') {
    if (!configuration.get('summary.enabled') || parts.sidebar.visible) return;
    const show = outcome.report.findings.length > 0 && configuration.get('problems.enabled') ? ['Show Problems'] : [];
    const chosen = await vscode.window.showInformationMessage(summary(outcome.report), ...show);
    if (chosen !== undefined) await vscode.commands.executeCommand('workbench.actions.view.problems');
    return;
  }
  const { error } = outcome;
  const sentence = `NormScope: ${visibleText(error.message)}`;
  if (error instanceof WrongInput) {
    const place = parts.analyses.get(document.uri)?.failure?.place();
    const go = place ? [`Go to Line ${place.line + 1}`] : [];
    const chosen = await vscode.window.showErrorMessage(sentence, ...go);
    if (chosen === undefined || place === undefined) return;
    const at = new vscode.Position(place.line, place.column - 1);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    return;
  }
  const chosen = await vscode.window.showErrorMessage(`${sentence} Run the analysis again.`, 'Show Log');
  if (chosen !== undefined) await vscode.commands.executeCommand(commands.showLog);
}

/** The report in one line. */
function summary({ status, network, findings, suppressed, recommendation }: Report): string {
  const parts = [
    `${visibleText(network.name)}: ${findingsCount(findings, suppressed)}${status === 'complete' ? '' : ` (${status})`}.`,
    ...(recommendation ? [recommendationSentence(recommendation)] : []),
  ];
  return parts.join(' ');
}
