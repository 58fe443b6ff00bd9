import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { SETTINGS } from '../../extension/identifiers';
import { analyze, hints, open } from './helpers';

describe('Restricted Mode', () => {
  it('analyzes as anywhere else: nothing of the workspace is run', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const document = await open('examples/deep_sigmoid.py');
    const report = await analyze();
    assert.equal(report?.status, 'complete');
    assert.ok((await hints(document)).length > 0);
  });

  it('takes folders of packages from nothing that the workspace sets', async () => {
    const key = 'python.sitePackages';
    const configuration = vscode.workspace.getConfiguration(SETTINGS);
    await configuration.update(key, '/somewhere', vscode.ConfigurationTarget.Workspace);
    try {
      assert.equal(vscode.workspace.getConfiguration(SETTINGS).get(key), 'auto');
    } finally {
      await configuration.update(key, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
