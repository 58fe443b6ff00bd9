import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { views } from '../../extension/identifiers';
import { analyze, extension, open, until } from './helpers';

describe('sidebar', () => {
  const drawn = () => extension().exports.sidebarDrawn;

  it('is sent what was measured, draws it, and says so; again after it was hidden', async () => {
    await open('deep.normscope.yaml');
    await vscode.commands.executeCommand(`${views.sidebar}.focus`);
    await until('the page speaks', () => (drawn() !== undefined ? true : undefined));
    const before = Date.now();
    const report = await analyze();
    assert.ok(report);
    const first = await until('the page has drawn the new figures', () =>
      (drawn() ?? 0) >= before ? drawn() : undefined,
    );

    await vscode.commands.executeCommand('workbench.view.explorer');
    await until('the page is gone', () => (drawn() === undefined ? true : undefined));
    await vscode.commands.executeCommand(`${views.sidebar}.focus`);
    const again = await until('the page has drawn them again', () => drawn() ?? undefined);
    assert.ok(Number(again) >= Number(first));
    await vscode.commands.executeCommand('workbench.view.explorer');
  });
});
