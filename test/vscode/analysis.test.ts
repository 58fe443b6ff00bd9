import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import type { Report } from '../../src/engine/report/report';
import { analyze, edit, extension, hints, open, problems, revert, until } from './helpers';

describe('Analyze Network', () => {
  it('needs no activation before someone asks', async () => {
    const document = await open('deep.normscope.yaml');
    assert.equal(extension().isActive, false);
    assert.deepEqual(await hints(document), []);
    assert.deepEqual(problems(document), []);
  });

  it('measures the network of the active editor', async () => {
    const document = await open('deep.normscope.yaml');
    const report = await analyze();
    assert.equal(report?.status, 'complete');
    assert.equal(report.probe.batch, 16);
    assert.ok(report.recommendation);
    assert.deepEqual(extension().exports.reportOf(document.uri), report);
  });

  it('measures the resource that the explorer gives, and opens it', async () => {
    const other = await open('silent.normscope.yaml');
    const uri = vscode.Uri.joinPath(other.uri, '..', 'deep.normscope.yaml');
    const report = await vscode.commands.executeCommand<Report>(commands.analyzeNetwork, uri);
    assert.equal(report.network.source.file, 'deep.normscope.yaml');
    assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), uri.toString());
  });

  it('counts what is typed and not saved', async () => {
    const document = await open('deep.normscope.yaml');
    const line = document.getText().split('\n').indexOf('batch: 16');
    await edit((edits) => edits.replace(document.uri, new vscode.Range(line, 7, line, 9), '8'));
    assert.equal((await analyze())?.probe.batch, 8);
    await revert(document);
    assert.equal((await analyze())?.probe.batch, 16);
  });

  it('asks for what the file does not say, once', async () => {
    await open('silent.normscope.yaml');
    const accepted = async () => {
      const asked = analyze();
      let ended = false;
      void asked.then(() => {
        ended = true;
      });
      await until('the run ends with its question answered', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return ended || undefined;
      });
      return asked;
    };
    assert.equal((await accepted())?.probe.batch, 32);
    // Nobody answers this time.
    assert.equal((await analyze())?.probe.batch, 32);

    await vscode.commands.executeCommand(commands.forgetAnswers);
    const again = analyze();
    let left = false;
    void again.then(() => {
      left = true;
    });
    await until('the question that is left', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return left || undefined;
    });
    assert.equal(await again, undefined);
  });

  it('says wrong input at its place', async () => {
    const document = await open('wrong.normscope.yaml');
    assert.equal(await analyze(), undefined);
    const [problem, ...more] = problems(document);
    assert.deepEqual(more, []);
    assert.match(problem?.message ?? '', /Sigmoyd.*Sigmoid/);
    assert.equal(problem?.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(problem.range.start.line, 4);
    assert.equal(document.getText(problem.range).trim().endsWith('Sigmoyd'), true);
  });

  it('reads a PyTorch file', async () => {
    const document = await open('examples/deep_sigmoid.py');
    const report = await analyze();
    assert.equal(report?.status, 'complete');
    assert.ok(problems(document).some(({ code }) => codeOf(code) === 'vanishing-gradient'));
    assert.ok((await hints(document)).length > 0);
  });
});

const codeOf = (code: vscode.Diagnostic['code']): unknown => (typeof code === 'object' ? code.value : code);
