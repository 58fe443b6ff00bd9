import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { analyze, hints, open } from './helpers';

describe('Restricted Mode', () => {
  it('analyzes as anywhere else: nothing of the workspace is run', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const document = await open('examples/deep_sigmoid.py');
    const report = await analyze();
    assert.equal(report?.status, 'complete');
    assert.ok((await hints(document)).length > 0);
  });
});
