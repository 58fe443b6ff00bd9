import type * as vscode from 'vscode';
import type { CommandParts } from './commands';
import { askFormat, save } from './saveReport';

/** "Export Report…": asks in which form, then where. */
export async function exportReport(
  { vscode, analyses, model }: Pick<CommandParts, 'vscode' | 'analyses' | 'model'>,
  uri: vscode.Uri | undefined,
): Promise<void> {
  const wanted = uri ?? model.shown;
  const shown = wanted && analyses.get(wanted)?.shown;
  if (wanted === undefined || shown === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Analyze the network first.'));
    return;
  }
  const format = await askFormat(vscode);
  if (format) await save(vscode, wanted, { shown, format });
}
