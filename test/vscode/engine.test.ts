import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import { analyze, extension, hints, open, until } from './helpers';

describe('engine', () => {
  it('shows first numbers while it goes on, and cancels at once', async () => {
    const document = await open('wide.normscope.yaml');
    const running = analyze();
    await until('first numbers', async () => (await hints(document)).length > 0 || undefined);
    const cancelled = Date.now();
    await vscode.commands.executeCommand(commands.cancelAnalysis);
    const report = await running;
    assert.ok(Date.now() - cancelled < 1000, `cancelling took ${Date.now() - cancelled} ms`);
    assert.equal(report?.status, 'cancelled');
    assert.equal(report.recommendation, null);
  });

  it('fails the run when its process is killed, and does the next', async () => {
    const document = await open('wide.normscope.yaml');
    const before = extension().exports.reportOf(document.uri);
    const running = analyze();
    await until('a run of its own', () => extension().exports.reportOf(document.uri) !== before || undefined);
    const pid = extension().exports.enginePid;
    assert.ok(pid, 'there is no engine process');
    process.kill(pid, 'SIGKILL');
    assert.equal(await running, undefined);
    await open('deep.normscope.yaml');
    assert.equal((await analyze())?.status, 'complete');
    assert.notEqual(extension().exports.enginePid, pid);
  });
});
