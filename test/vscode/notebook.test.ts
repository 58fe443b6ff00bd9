import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import type { Report } from '../../src/engine/report/report';
import { advise, edit, extension, hints, hoverText, problems, until } from './helpers';

/** Cells of cells.ipynb, counted among all of them. */
const [IMPORTS, BLOCK, NET] = [1, 2, 3];
/** Lines (from 0) in their cells. */
const [LINEAR, SIGMOID] = [3, 4];
const [MIX, NORM, HEAD] = [4, 5, 6];

describe('a notebook', () => {
  let notebook: vscode.NotebookDocument;
  const cell = (index: number): vscode.TextDocument => notebook.cellAt(index).document;
  const analyzed = async (argument?: unknown): Promise<Report> => {
    const report = await vscode.commands.executeCommand<Report | undefined>(commands.analyzeNetwork, argument);
    assert.ok(report, 'no report');
    return report;
  };
  before(async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder, 'no folder is open');
    notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.joinPath(folder.uri, 'cells.ipynb'));
    await vscode.window.showNotebookDocument(notebook);
    await advise(false);
  });
  after(async () => {
    await advise(undefined);
    await vscode.window.showNotebookDocument(notebook);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('is analyzed as a whole: from its toolbar, from a cell, from the explorer', async () => {
    const whole = await analyzed();
    assert.equal(whole.status, 'complete');
    assert.equal(whole.network.name, 'model');
    assert.equal(whole.probe.batch, 32);
    const toolbar = await analyzed({ notebookEditor: { notebookUri: notebook.uri } });
    const ofCell = await analyzed(notebook.cellAt(BLOCK));
    const explorer = await analyzed(notebook.uri);
    for (const other of [toolbar, ofCell, explorer]) assert.deepEqual(other.layers, whole.layers);
    assert.deepEqual(extension().exports.reportOf(notebook.uri), explorer);
    assert.deepEqual(extension().exports.reportOf(cell(NET).uri), explorer);
  });

  it('has its hints, hovers and findings in the cells that they are of', async () => {
    await vscode.window.showTextDocument(cell(BLOCK));
    const inBlock = await hints(cell(BLOCK));
    assert.deepEqual(
      inBlock.map((hint) => Number(hint.split(':')[0])),
      [LINEAR, SIGMOID],
    );
    assert.match(inBlock[0] ?? '', /∇ .* … /);
    assert.match(inBlock[1] ?? '', /saturated/);
    assert.deepEqual(
      (await hints(cell(NET))).map((hint) => Number(hint.split(':')[0])),
      [MIX, NORM, HEAD],
    );
    assert.deepEqual(await hints(cell(IMPORTS)), []);
    assert.match(await hoverText(cell(NET), NORM), /norm \| BatchNorm1d/);
    assert.equal(await hoverText(cell(BLOCK), 0), '');
    const found = problems(cell(BLOCK));
    assert.ok(
      found.some(({ code, range }) => codeOf(code) === 'vanishing-gradient' && range.start.line === LINEAR),
      JSON.stringify(found),
    );
    assert.deepEqual(problems(cell(IMPORTS)), []);
  });

  it('marks what was measured before an edit in the cell of the edit, and brings it back', async () => {
    const before = await hints(cell(BLOCK));
    const others = await hints(cell(NET));
    await edit((edits) => edits.insert(cell(BLOCK).uri, new vscode.Position(0, 0), '# one\n'));
    assert.deepEqual(
      await hints(cell(BLOCK)),
      before.map((hint) => hint.replace(/^\d+/, (line) => String(Number(line) + 1)).concat(' · stale')),
    );
    // A comment changes no network: what stands in other cells is as it was.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.deepEqual(await hints(cell(NET)), others);
    await edit((edits) => edits.delete(cell(BLOCK).uri, new vscode.Range(0, 0, 1, 0)));
    await until(
      'the hints are what they were',
      async () => JSON.stringify(await hints(cell(BLOCK))) === JSON.stringify(before) || undefined,
    );
  });

  it('marks other cells too when an edit has made another network', async () => {
    const line = cell(BLOCK).lineAt(SIGMOID);
    const at = line.text.indexOf('Sigmoid');
    await edit((edits) =>
      edits.replace(cell(BLOCK).uri, new vscode.Range(SIGMOID, at, SIGMOID, at + 'Sigmoid'.length), 'ReLU'),
    );
    await until(
      'the other cell is marked',
      async () => (await hints(cell(NET))).every((hint) => hint.endsWith('stale')) || undefined,
    );
    // What is typed and not saved counts.
    const report = await analyzed(notebook.uri);
    assert.ok(report.layers.some(({ kind }) => kind === 'ReLU'));
    assert.ok((await hints(cell(NET))).every((hint) => !hint.endsWith('stale')));
    await edit((edits) =>
      edits.replace(cell(BLOCK).uri, new vscode.Range(SIGMOID, at, SIGMOID, at + 'ReLU'.length), 'Sigmoid'),
    );
    await analyzed(notebook.uri);
  });

  it('offers the fix of a finding in the cell that it is of, and takes it back', async () => {
    await analyzed(notebook.uri);
    const document = cell(NET);
    const original = document.getText();
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      document.lineAt(MIX).range,
    );
    const fix = actions.find(({ title, edit: own }) => own && !title.startsWith('Suppress '));
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(
      document.getText(),
      original.replace('self.mix = nn.Linear(64, 64)', 'self.mix = nn.Linear(64, 64, bias=False)'),
    );
    const report = await analyzed(notebook.uri);
    assert.ok(report.findings.every(({ rule }) => rule !== 'bias-before-batchnorm'));
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    await edit((edits) => edits.replace(document.uri, all, original));
    await analyzed(notebook.uri);
  });

  it('says wrong input in its cell', async () => {
    const line = cell(NET).lineAt(HEAD).text;
    const at = line.indexOf('64');
    await edit((edits) => edits.replace(cell(NET).uri, new vscode.Range(HEAD, at, HEAD, at + 2), '63'));
    await vscode.commands.executeCommand(commands.analyzeNetwork, notebook.uri);
    const wrong = problems(cell(NET));
    await edit((edits) => edits.replace(cell(NET).uri, new vscode.Range(HEAD, at, HEAD, at + 2), '64'));
    assert.ok(wrong.length > 0, 'nothing is said in the cell');
    await analyzed(notebook.uri);
  });
});

const codeOf = (code: vscode.Diagnostic['code']): unknown => (typeof code === 'object' ? code.value : code);
