import type * as vscode from 'vscode';
import { notebookOf } from './analysis/modelSource';
import type { Vscode } from './vscodeApi';

type Api = Pick<Vscode, 'window' | 'workspace' | 'Position' | 'Range' | 'NotebookRange'>;

/** Puts the cursor on a place (line from 0, column from 1) in its editor; a cell's is shown in its notebook. */
export async function showPlace(
  vscode: Api,
  { uri, line, column }: { readonly uri: vscode.Uri; readonly line: number; readonly column: number },
): Promise<void> {
  const at = new vscode.Position(line, Math.max(0, column - 1));
  const selection = new vscode.Range(at, at);
  const key = uri.toString();
  const notebook = notebookOf(vscode, uri);
  if (notebook && notebook.uri.toString() !== key) {
    const cell = notebook.getCells().find(({ document }) => document.uri.toString() === key);
    const editor = await vscode.window.showNotebookDocument(notebook);
    if (!cell) return;
    const cells = new vscode.NotebookRange(cell.index, cell.index + 1);
    editor.selections = [cells];
    editor.revealRange(cells);
    await vscode.window.showTextDocument(cell.document, { selection });
    return;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const viewColumn = vscode.window.visibleTextEditors.find(
    (editor) => editor.document.uri.toString() === key,
  )?.viewColumn;
  await vscode.window.showTextDocument(document, { ...(viewColumn && { viewColumn }), selection });
}
