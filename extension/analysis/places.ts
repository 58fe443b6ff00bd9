import type * as vscode from 'vscode';
import type { ReportSource } from '../../src/engine/report/report';
import type { Vscode } from '../vscodeApi';

/**
 * The folder that a document's sources are relative to: its workspace folder, or the folder it lies in. The host writes
 * sources by it (`baseUri` of the protocol), and `sourceUri` reads them back.
 */
export function baseUri(vscode: Pick<Vscode, 'workspace' | 'Uri'>, document: vscode.Uri): vscode.Uri {
  return vscode.workspace.getWorkspaceFolder(document)?.uri ?? vscode.Uri.joinPath(document, '..');
}

/** The document that a report's source names: relative to the base, or a URI of its own. */
export function sourceUri(vscode: Pick<Vscode, 'Uri'>, base: vscode.Uri, source: ReportSource): vscode.Uri {
  // A scheme has two letters at least: `c:/models` is a path.
  return /^[a-z][a-z0-9+.-]+:/i.test(source.file)
    ? vscode.Uri.parse(source.file)
    : vscode.Uri.joinPath(base, source.file);
}
