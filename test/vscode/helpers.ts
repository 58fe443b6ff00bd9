import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { NormScopeApi } from '../../extension/activate';
import { commands, SETTINGS } from '../../extension/identifiers';
import type { Report } from '../../src/engine/report/report';

export function extension(): vscode.Extension<NormScopeApi> {
  const found = vscode.extensions.getExtension<NormScopeApi>('normscope.normscope');
  assert.ok(found, 'the extension is not there');
  return found;
}

/** Opens a file of the workspace in the editor. */
export async function open(name: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** The command as the palette gives it: no argument. */
export const analyze = async (): Promise<Report | undefined> =>
  vscode.commands.executeCommand<Report | undefined>(commands.analyzeNetwork);

/** Waits for something to become true, and says what did not. */
export async function until<T>(what: string, look: () => T | undefined | Thenable<T | undefined>): Promise<T> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`not within 30 s: ${what}`);
}

/** Every hint of a document as `line: text`, lines from 0. */
export async function hints(document: vscode.TextDocument): Promise<string[]> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const found = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    whole,
  );
  return found
    .filter(({ label }) => typeof label === 'string' && /∇|saturated|dead/.test(label))
    .map(({ position, label }) => `${position.line}: ${label as string}`);
}

/** What NormScope lists in Problems for a document. */
export const problems = (document: vscode.TextDocument): vscode.Diagnostic[] =>
  vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'NormScope');

/** The Markdown of the hovers over a line. */
export async function hoverText(document: vscode.TextDocument, line: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    new vscode.Position(line, document.lineAt(line).firstNonWhitespaceCharacterIndex),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

export async function edit(change: (edit: vscode.WorkspaceEdit) => void): Promise<void> {
  const edits = new vscode.WorkspaceEdit();
  change(edits);
  assert.ok(await vscode.workspace.applyEdit(edits), 'the edit was refused');
}

/** Whether analyses try norms: a suite that does not look at advice is sooner done without. */
export const advise = (wanted: boolean | undefined): Thenable<void> =>
  vscode.workspace.getConfiguration(SETTINGS).update('analysis.advise', wanted, vscode.ConfigurationTarget.Workspace);

/** Throws away what was typed and not saved. */
export async function revert(document: vscode.TextDocument): Promise<void> {
  if (!document.isDirty) return;
  const saved = Buffer.from(await vscode.workspace.fs.readFile(document.uri)).toString();
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('workbench.action.files.revert');
  await until('the document is what was saved', () => document.getText() === saved || undefined);
}
