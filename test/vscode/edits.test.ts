import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import { analyze, edit, extension, open, problems, revert } from './helpers';

/** Lines (from 0) of normed.py. */
const [CLASS, CONVOLUTION, NORM] = [3, 7, 8];

/** What the light bulb offers on a line. */
const offered = (document: vscode.TextDocument, line: number): Thenable<vscode.CodeAction[]> =>
  vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    document.lineAt(line).range,
  );

describe('edits', () => {
  let document: vscode.TextDocument;
  let original: string;
  before(async () => {
    document = await open('normed.py');
    original = document.getText();
    await analyze();
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closePanel');
    await revert(document);
  });

  it('fixes a finding by its quick fix, undo gives the file back byte for byte, and the finding is gone once mended', async () => {
    const found = problems(document).filter(
      ({ code }) => typeof code === 'object' && code.value === 'bias-before-batchnorm',
    );
    assert.deepEqual(
      found.map(({ range }) => range.start.line),
      [CONVOLUTION],
    );
    const actions = await offered(document, CONVOLUTION);
    const fix = actions.find(({ kind }) => kind?.value === vscode.CodeActionKind.QuickFix.value);
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    const mended = original
      .replace('nn.Conv2d(3, width, 3),', 'nn.Conv2d(3, width, 3, bias=False),')
      .replace('nn.Conv2d(width, 2 * width, 3)', 'nn.Conv2d(width, 2 * width, 3, bias=False)');
    assert.equal(document.getText(), mended);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), mended);
    const report = await analyze();
    assert.ok(report && !report.findings.some(({ rule }) => rule === 'bias-before-batchnorm'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), original);
    await analyze();
  });

  it('offers nothing for a text that is another by now', async () => {
    await edit((edits) => edits.insert(document.uri, new vscode.Position(0, 0), '# one\n'));
    const actions = await offered(document, CONVOLUTION + 1);
    // A comment stands where the finding is by now, whatever the rest says.
    const edits = actions.filter(({ title }) => !title.startsWith('Suppress '));
    assert.ok(
      edits.every(({ edit: own }) => own === undefined),
      actions.map(({ title }) => title).join(),
    );
  });

  it('offers other norms at the class and at each norm, and the edit makes them', async () => {
    for (const line of [CLASS, NORM]) {
      const actions = await offered(document, line);
      const replace = actions.find(({ title }) => /^Replace every BatchNorm with GroupNorm/.test(title));
      const { recommendation } = extension().exports.reportOf(document.uri)!;
      if (line === NORM && recommendation?.action === 'keep') continue;
      assert.ok(replace?.edit, `line ${line}: ${actions.map(({ title }) => title).join()}`);
    }
  });

  it('opens the refactor preview for a command, and changes nothing before it is confirmed', async () => {
    const asked = vscode.commands.executeCommand<boolean>(commands.replaceNorms, document.uri);
    const within = (milliseconds: number) =>
      Promise.race([
        asked.then(() => 'answered'),
        new Promise<string>((resolve) => setTimeout(() => resolve('open'), milliseconds)),
      ]);
    assert.equal(await within(700), 'open', 'nothing was asked');
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    assert.equal(await within(1500), 'open', 'no preview is open');
    await vscode.commands.executeCommand('refactorPreview.discard');
    assert.equal(await within(5000), 'answered', 'the preview stays open');
    assert.equal(document.getText(), original);
  });
});
