import type * as vscode from 'vscode';
import type { Vscode } from '../vscodeApi';

/** What is in front: the document of the text editor, a cell's too, or a notebook whose cells are not being edited. */
export const activeUri = ({ window }: Pick<Vscode, 'window'>): vscode.Uri | undefined =>
  window.activeTextEditor?.document.uri ?? window.activeNotebookEditor?.notebook.uri;

/**
 * The URI that a menu gives with its command: a file of the explorer or an editor's title, the cell of a notebook, the
 * notebook of a toolbar; undefined for a command without one, and for whatever a key binding may give.
 */
export function uriOf({ Uri }: Pick<Vscode, 'Uri'>, argument: unknown): vscode.Uri | undefined {
  if (argument instanceof Uri) return argument;
  const entry = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  const candidates = [
    entry(entry(argument, 'document'), 'uri'),
    entry(entry(argument, 'notebookEditor'), 'notebookUri'),
    entry(entry(argument, 'notebook'), 'uri'),
  ];
  return candidates.find((candidate): candidate is vscode.Uri => candidate instanceof Uri);
}
