import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { zipSync } from 'fflate';
import * as vscode from 'vscode';
import { commands } from '../../extension/identifiers';
import type { Report } from '../../src/engine/report/report';
import { advise, extension, open, until } from './helpers';

const dense = (name: string, units: number, activation: string) => ({
  class_name: 'Dense',
  module: 'keras.layers',
  config: { name, units, activation, use_bias: true },
});
const KERAS = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'small',
    layers: [
      { class_name: 'InputLayer', module: 'keras.layers', config: { batch_shape: [null, 6], name: 'x' } },
      dense('first', 8, 'relu'),
      dense('second', 3, 'softmax'),
    ],
  },
});

/** What the explorer's menu does: the command with the file's URI. What is asked is answered with what it offers. */
async function analyzed(uri: vscode.Uri): Promise<Report | undefined> {
  const asked = vscode.commands.executeCommand<Report | undefined>(commands.analyzeNetwork, uri);
  let ended = false;
  void asked.then(() => {
    ended = true;
  });
  await until('the run ends', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return ended || undefined;
  });
  return asked;
}

describe('a saved model, from the explorer', () => {
  const write = async (name: string, bytes: Uint8Array): Promise<vscode.Uri> => {
    const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, name);
    await vscode.workspace.fs.writeFile(uri, bytes);
    return uri;
  };
  const text = (json: string) => new TextEncoder().encode(json);

  before(() => advise(false));
  after(() => advise(undefined));

  it('is measured without an editor where it is no text: ONNX and .keras', async () => {
    const fixture = path.resolve(__dirname, '../../../test/fixtures/onnx/mlp.dynamo.onnx');
    const files = [
      await write('mlp.onnx', await readFile(fixture)),
      await write('small.keras', zipSync({ 'config.json': text(KERAS) })),
    ];
    const before = await open('deep.normscope.yaml');
    for (const uri of files) {
      const report = await analyzed(uri);
      assert.ok(report, uri.path);
      assert.equal(report.status, 'complete');
      assert.ok(report.layers.some(({ gradientNorm }) => typeof gradientNorm === 'number' && gradientNorm > 0));
      assert.deepEqual(extension().exports.reportOf(uri), report);
      assert.deepEqual(vscode.languages.getDiagnostics(uri), []);
      assert.equal(
        vscode.window.activeTextEditor?.document.uri.toString(),
        before.uri.toString(),
        'an editor was opened',
      );
    }
  });

  it('is measured from a JSON file, and that has no hints', async () => {
    const uri = await write('small.json', text(KERAS));
    const report = await analyzed(uri);
    assert.deepEqual(
      report?.layers.filter(({ kind }) => kind === 'Dense').map(({ id }) => id),
      ['first', 'second'],
    );
  });

  it('says in one sentence what is wrong with a file', async () => {
    const uri = await write('broken.onnx', text('no model'));
    assert.equal(await analyzed(uri), undefined);
    assert.equal(extension().exports.reportOf(uri), undefined);
  });
});
