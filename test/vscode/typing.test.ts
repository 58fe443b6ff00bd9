import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { SETTINGS } from '../../extension/identifiers';
import { edit, extension, open, problems, revert, until } from './helpers';

const configuration = () => vscode.workspace.getConfiguration(SETTINGS);
const set = (key: string, value: boolean | undefined) =>
  configuration().update(key, value, vscode.ConfigurationTarget.Workspace);

const lensesOf = async (document: vscode.TextDocument) =>
  (
    await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100)
  ).flatMap(({ command, range }) =>
    command?.title.startsWith('Analyze ·') ? [`${range.start.line}: ${command.title}`] : [],
  );

describe('while typing', () => {
  let document: vscode.TextDocument;
  before(async () => {
    document = await open('typed.py');
    await extension().activate();
  });
  after(async () => {
    for (const key of ['problems.whileTyping', 'codeLens.enabled']) await set(key, undefined);
    await revert(document);
  });

  it('shows nothing before it is asked for', async () => {
    await edit((edits) => edits.insert(document.uri, new vscode.Position(0, 0), '# one\n'));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.deepEqual([problems(document), await lensesOf(document)], [[], []]);
    await revert(document);
  });

  it('lists what the structure shows, follows the typing, and survives half a statement', async () => {
    await set('problems.whileTyping', true);
    const lines = () => problems(document).map(({ range, code }) => `${range.start.line}: ${codeOf(code)}`);
    await until('the finding is there', () => lines().includes('8: bias-before-batchnorm') || undefined);
    await edit((edits) => edits.insert(document.uri, new vscode.Position(0, 0), '# one\n'));
    await until('the finding is a line further down', () => lines().includes('9: bias-before-batchnorm') || undefined);
    const bias = document.lineAt(9).text.indexOf(')');
    await edit((edits) => edits.insert(document.uri, new vscode.Position(9, bias), ', bias=False'));
    await until('the finding is gone', () => lines().length === 0 || undefined);
    await edit((edits) => edits.insert(document.uri, new vscode.Position(document.lineCount - 1, 0), '\ndef half(\n'));
    await revert(document);
    await until('the finding is back', () => lines().includes('8: bias-before-batchnorm') || undefined);
    await set('problems.whileTyping', undefined);
    await until('nothing is listed any more', () => lines().length === 0 || undefined);
  });

  it('lists it in the cell of a notebook, from its opening on', async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri;
    await set('problems.whileTyping', true);
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.joinPath(folder, 'typed.ipynb'));
    await vscode.window.showNotebookDocument(notebook);
    const lines = (cell: number) =>
      problems(notebook.cellAt(cell).document).map(({ range, code }) => `${range.start.line}: ${codeOf(code)}`);
    await until('the finding is there', () => lines(1).includes('3: bias-before-batchnorm') || undefined);
    assert.deepEqual(lines(0), []);
    const cell = notebook.cellAt(1).document;
    await edit((edits) => edits.insert(cell.uri, new vscode.Position(0, 0), '# one\n'));
    await until('the finding is a line further down', () => lines(1).includes('4: bias-before-batchnorm') || undefined);
    await set('problems.whileTyping', undefined);
    await until('nothing is listed any more', () => lines(1).length === 0 || undefined);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('has lenses above classes when they are turned on', async () => {
    await set('codeLens.enabled', true);
    const [lens, ...more] = await until('a lens', async () => {
      const found = await lensesOf(document);
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(more, []);
    assert.match(lens!, /^5: Analyze · 5 layers, [\d,]+ parameters · not run yet$/);
    await set('codeLens.enabled', undefined);
    assert.deepEqual(await lensesOf(document), []);
  });
});

const codeOf = (code: vscode.Diagnostic['code']): unknown => (typeof code === 'object' ? code.value : code);
