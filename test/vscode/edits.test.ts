import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import { analyze, edit, extension, open, problems, revert, until } from './helpers';
import { quickFixCases } from './quickFixes';

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

describe('quick fixes of every kind', () => {
  let document: vscode.TextDocument;
  /** What is measured is no matter here: as little as may be. */
  const settings = { 'analysis.advise': false, 'analysis.budgetSeconds': 4 };
  const configure = async (given: boolean) => {
    const configuration = vscode.workspace.getConfiguration('normscope');
    for (const [key, value] of Object.entries(settings))
      await configuration.update(key, given ? value : undefined, vscode.ConfigurationTarget.Global);
  };
  before(async () => {
    await configure(true);
    document = await open('fixes.py');
  });
  after(async () => {
    await configure(false);
    await revert(document);
  });

  const fill = async (text: string) => {
    await vscode.window.showTextDocument(document);
    await vscode.window.activeTextEditor!.edit((builder) => {
      builder.setEndOfLine(text.includes('\r\n') ? vscode.EndOfLine.CRLF : vscode.EndOfLine.LF);
      builder.replace(new vscode.Range(0, 0, document.lineCount, 0), text);
    });
    assert.equal(document.getText(), text);
    const report = await analyze();
    assert.ok(report, 'it was not analyzed');
    return report;
  };
  const found = (rule: string) =>
    problems(document).find(({ code }) => typeof code === 'object' && code.value === rule);
  /** Applies an action, and sees that undo gives back every byte of what was there. */
  const tried = async (action: vscode.CodeAction, text: string, expected: string) => {
    assert.ok(action.edit, action.disabled?.reason);
    assert.ok(await vscode.workspace.applyEdit(action.edit));
    assert.equal(document.getText(), expected);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), text);
  };

  for (const { rule, kind, text, edits } of quickFixCases) {
    it(`${rule}: ${kind}`, async () => {
      await fill(text);
      const diagnostic = found(rule);
      assert.ok(
        diagnostic,
        problems(document)
          .map(({ message }) => message)
          .join(),
      );
      const line = diagnostic.range.start.line;
      const actions = await offered(document, line);
      const { QuickFix } = vscode.CodeActionKind;
      const fix = actions.find(({ kind: of, title }) => of?.value === QuickFix.value && !title.startsWith('Suppress '));
      assert.ok(fix, actions.map(({ title, disabled }) => `${title}: ${disabled?.reason}`).join());
      await tried(
        fix,
        text,
        edits.reduce((all, [from, to]) => all.replace(from, to), text),
      );
      const suppress = actions.find(({ title }) => title === `Suppress ${rule} with a comment`);
      const lines = text.split('\n');
      const end = lines[line]!.endsWith('\r') ? '\r' : '';
      lines[line] = `${lines[line]!.trimEnd()}  # normscope: ignore[${rule}]${end}`;
      assert.ok(suppress, 'no comment is offered');
      await tried(suppress, text, lines.join('\n'));
    });
  }

  it('a finding that a comment leaves out is in no Problem, and counted', async () => {
    const { rule, text } = quickFixCases[0]!;
    const { suppressed, findings } = await fill(text.replace('# kept', `# normscope: ignore[${rule}]`));
    assert.deepEqual([findings.length, suppressed?.length], [0, 1]);
    assert.equal(found(rule), undefined);
  });

  it('a severity that is chosen holds in Problems at once', async () => {
    const { rule, text } = quickFixCases[0]!;
    await fill(text);
    const rules = (value: object | undefined) =>
      vscode.workspace.getConfiguration('normscope').update('rules', value, vscode.ConfigurationTarget.Global);
    const { Information, Error: error } = vscode.DiagnosticSeverity;
    assert.equal(found(rule)?.severity, Information);
    await rules({ [rule]: 'error' });
    await until('it is an error', () => found(rule)?.severity === error || undefined);
    await rules({ [rule]: 'off' });
    await until('it is gone', () => found(rule) === undefined || undefined);
    await rules(undefined);
    await until('it is there again', () => found(rule)?.severity === Information || undefined);
  });
});
